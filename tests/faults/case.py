# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One fault: a scenario that is disturbed at one call, and all that has to hold during and after it."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from support import module, protocol

from . import daemon
from .host import BrokenError, Bystander, begin, converge, modules, picture
from .scenarios import Scenario
from .wire import AFTER, BEFORE, DURING, Wire

SOCKET = Path("/run/fault-sock")
URI = f"qemu+unix:///system?socket={SOCKET}"

KILLED, DEAD, STOPPED = "killed", "dead", "stopped"
"""The daemon is back a moment after it was killed; only when the module has ended; it hangs until then."""
TIMEOUT = {KILLED: 60, DEAD: 3, STOPPED: 2}
_GRACE = 5
"""Seconds after its timeout in which a module has to end."""
_PROCESS = 20
"""Seconds that a process may take beside that on a busy machine, before it hangs at its exit."""
_DOWN = 0.2
"""Seconds until a killed daemon is started again."""
_RETURN = 90
"""Seconds in which it has to be back; what kept it from it is on stderr then."""
_CODES = {"DISCONNECTED", "CONNECTION_FAILED", "CONNECTION_TIMEOUT"}
_READING = re.compile("_get_|_lookup_|_list_all_")
_HARMLESS = re.compile("open|close|auth|supports|get|lookup|list|_is_|_num|_has_|_current|register")


@dataclass(frozen=True)
class Fault:
    """What happens to the daemon at which call, counted from 1."""

    kind: str
    when: str
    number: int
    call: str

    def __str__(self) -> str:
        return f"{self.kind:7} {self.when:6} {self.number:3} {self.call}"


@dataclass(frozen=True)
class Course:
    """A scenario as it goes undisturbed: its calls, what is there at its end, and the seconds until then."""

    calls: Sequence[str]
    end: dict[str, str]
    seconds: float

    @property
    def opening(self) -> int:
        """How many calls it takes to open the connection, but for questions after it that need no answer."""
        return self.calls.index("connect_open") + 1


def rehearse(scenario: Scenario, wire: Wire) -> Course:
    """Let the scenario go undisturbed."""
    begin(scenario)
    wire.disarm()
    outcome = converge(scenario.module, scenario.options, URI)
    if outcome.result.get("changed", False) == scenario.reads:
        raise BrokenError(f"changed is {outcome.result.get('changed')} in an undisturbed run")
    calls = [protocol.name(*call) for call in wire.calls]
    _settle(scenario)
    return Course(calls, picture(), outcome.inside)


def _settle(scenario: Scenario) -> None:
    outcome = converge(scenario.module, scenario.options)
    if outcome.result.get("changed", False) != scenario.repeats:
        raise BrokenError(f"a second run changes again: {outcome.result.get('changes')}")


def every(course: Course, whole: bool) -> list[Fault]:
    """All faults of a scenario; C(whole) has those of opening the connection too."""
    faults = []
    first = 1 if whole else course.opening + 1
    for number, call in enumerate(course.calls[first - 1 :], first):
        faults.append(Fault(KILLED, BEFORE, number, call))
        faults.append(Fault(STOPPED, BEFORE, number, call))
        if not _HARMLESS.search(call):
            faults += [Fault(KILLED, AFTER, number, call), Fault(DEAD, AFTER, number, call)]
        # What a daemon makes of half a call is its own matter, but for content, which must never look whole.
        if "_vol_" in call and not _HARMLESS.search(call):
            faults.append(Fault(KILLED, DURING, number, call))
    return faults


def telling(course: Course) -> list[Fault]:
    """Those that tell most for their time: at the first call, at each that changes something, and at the one after."""
    calls = dict(enumerate(course.calls, 1))
    changing = [number for number, call in calls.items() if not _HARMLESS.search(call)]
    first = next(number for number, call in calls.items() if _READING.search(call))
    faults = [Fault(KILLED, BEFORE, number, calls[number]) for number in (first, *changing)]
    faults += [Fault(KILLED, AFTER, number, calls[number]) for number in changing]
    faults += [Fault(KILLED, BEFORE, number + 1, calls[number + 1]) for number in changing[-1:]]
    return faults + [Fault(kind, BEFORE, number, calls[number]) for kind in (DEAD, STOPPED) for number in changing[:1]]


def play(scenario: Scenario, course: Course, fault: Fault, wire: Wire) -> str:
    """Disturb the scenario; what the module said, in a word. Raises BrokenError where a promise is not kept."""
    begin(scenario)
    bystander = Bystander.look()
    over = threading.Event()
    wire.arm(fault.number, fault.when, lambda: _strike(fault, wire, over))
    try:
        outcome = _disturbed(scenario, course, fault)
    finally:
        came = wire.disarm()
        if came:
            if not over.wait(_RETURN):
                raise TimeoutError("the daemon did not come back")
            _heal(fault, wire)
    if not came:
        raise BrokenError("the module did not come as far as this call")
    said = _judge(scenario, course, fault, outcome)
    if Bystander.look() != bystander:
        raise BrokenError(f"the running guest was {bystander}, and is {Bystander.look()}")
    converge(scenario.module, scenario.options)
    _settle(scenario)
    # A network that the daemon starts when it goes on, long after the module gave up, comes back without its guests.
    _compare(course.end, picture(), ignored="bridges" if fault.kind == STOPPED else "")
    return f"{said}, {outcome.inside:.1f} s"


def _strike(fault: Fault, wire: Wire, over: threading.Event) -> None:
    """Do it; C(over) is set when nothing more happens by itself."""
    if fault.kind == STOPPED:
        daemon.stop()
        over.set()
        return
    daemon.kill()
    wire.refuse()
    if fault.kind == DEAD:
        over.set()
    else:
        threading.Thread(target=_revive, args=(wire, over)).start()


def _revive(wire: Wire, over: threading.Event) -> None:
    time.sleep(_DOWN)
    daemon.start()
    wire.listen()
    over.set()


def _heal(fault: Fault, wire: Wire) -> None:
    if fault.kind == STOPPED:
        daemon.go_on()
    elif fault.kind == DEAD:
        daemon.start()
        wire.listen()


def _disturbed(scenario: Scenario, course: Course, fault: Fault) -> module.Outcome:
    timeout = TIMEOUT[fault.kind]
    options = {**scenario.options, "uri": URI, "timeout": timeout}
    try:
        outcome = modules().run(f"{module.OWN}.{scenario.module}", options, deadline=timeout + _GRACE + _PROCESS)
    except module.ModuleError as error:
        raise BrokenError(str(error)) from None
    # Beside waiting for the daemon it may do its work, perhaps twice.
    if outcome.inside > timeout + _GRACE + 2 * course.seconds:
        raise BrokenError(f"it took {outcome.inside:.1f} s, and its timeout is {timeout} s")
    return outcome


def _judge(scenario: Scenario, course: Course, fault: Fault, outcome: module.Outcome) -> str:
    """The code of a clear error, or "success" that is none but the truth."""
    if not outcome.failed:
        if not scenario.reads and not outcome.result["changed"]:
            raise BrokenError("it succeeded and changed something, but says that it did not")
        return "success"
    code, message = outcome.result.get("code", "no code"), outcome.result["msg"]
    if fault.kind == KILLED and fault.number > course.opening:
        raise BrokenError(f"it did not survive a restart of the daemon: {message}")
    if code not in _CODES:
        raise BrokenError(f"it failed with {code}: {message}")
    if str(SOCKET) not in message:
        raise BrokenError(f"the error does not name the URI: {message}")
    return str(code)


def _compare(expected: dict[str, str], found: dict[str, str], ignored: str) -> None:
    differing = [key for key in sorted({*expected, *found} - {ignored}) if expected.get(key) != found.get(key)]
    if differing:
        key = differing[0]
        raise BrokenError(f"{', '.join(differing)} differ: expected {expected.get(key)}, found {found.get(key)}")
