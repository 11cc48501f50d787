# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command: three tables, an assertion for every count, and a closing line with their number."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Iterable, Sequence

import libvirt

from . import harness, measure, objects
from .cases import CASES, LISTINGS, SETTING_UP, Case, Listing
from .measure import Figure

NUMBERS = (1, 4, 16)
"""Of objects to list."""
GROWTH = (125, 250, 500, 1000)
"""Of domains on the test driver."""
GOAL = 1.0
"""Seconds that reading the most of them shall take inside the module."""
_REPEAT = 3

_COLUMNS = "{:46} {:>9} {:>8} {:>7} {:>7}   {:>6} {:>7}   {:>6} {:>7}"


class Verdicts:
    """How many assertions held; each that did not is told with the calls that were made."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[str] = []

    def judge(self, held: bool, what: str) -> str:
        """A mark for the table."""
        if held:
            self.passed += 1
            return "ok"
        self.failures.append(what)
        return "FAIL"


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench", description="Measures what the modules cost. Run it in a lab host.")
    parser.add_argument("--quick", action="store_true", help="the assertions alone, without the others beside them")
    quick = parser.parse_args().quick
    verdicts = Verdicts()
    _explain(quick)
    unchanged(verdicts, quick)
    listings(verdicts, quick)
    growth(verdicts, GROWTH[-1:] if quick else GROWTH)
    measuring(quick)
    for failure in verdicts.failures:
        print(f"FAIL {failure}")
    print(f"{verdicts.passed} passed, {len(verdicts.failures)} failed")
    return int(bool(verdicts.failures))


def _explain(quick: bool) -> None:
    version = measure.peer_version()
    print(
        "RPC: calls that libvirt's client sent, by its own log; opening a connection (a conversation of several\n"
        "messages) counts as one, and so does closing it. Seconds are of whole processes, 'inside' is in the\n"
        "module's main()."
    )
    if not quick:
        print(
            "virsh: the commands that a careful shell script needs, a process each; community: the nearest tasks of\n"
            f"community.libvirt ({version or 'not installed'}); the times of both are in multiples of ours."
        )


def unchanged(verdicts: Verdicts, quick: bool) -> None:
    """Runs that have nothing to change."""
    print()
    _heading("a run with nothing to change")
    for name, options in SETTING_UP:
        measure.own(name, options)
    for case in CASES:
        measure.own(case.module, case.options)
        ours = measure.own(case.module, case.options)
        what = f"{case.what} ({case.module})"
        assert ours.result is not None
        verdicts.judge(not ours.result["changed"], f"{what}: the second run changed it")
        others = [] if quick else [measure.virsh(case.virsh), _peer(case)]
        _row(verdicts, what, ours, case.limit, others)


def _peer(case: Case | Listing) -> Figure | None:
    if measure.peer_version() is None or not case.peer:
        return None
    if isinstance(case, Listing):
        return measure.peer([case.peer], "")
    return measure.peer(case.peer, case.definition)


def listings(verdicts: Verdicts, quick: bool) -> None:
    """Reading N objects, for several N. Some networks are active, and a guest runs."""
    print()
    _heading("N objects: a few + N")
    connection = libvirt.open(measure.URI)
    for listing in LISTINGS:
        points = []
        made = 0
        for number in NUMBERS:
            objects.add(connection, listing.what, range(made, number))
            made = number
            ours = measure.own(listing.module, listing.options)
            assert ours.result is not None
            found = len(ours.result[listing.what])
            points.append((found, ours.calls.count))
            others = [] if quick else [measure.virsh(_script(listing, number)), _peer(listing)]
            _row(verdicts, f"{found} {listing.what} ({listing.module})", ours, listing.base + found, others)
        print(f"  {listing.module}: {_formula(points)} RPC")
    connection.close()


def _script(listing: Listing, number: int) -> list[str]:
    names = [objects.name(each) for each in range(number)]
    return [listing.names, *(f"{command} {name}" for name in names for command in listing.each)]


def _formula(points: Sequence[tuple[int, int]]) -> str:
    """The straight line through the counts, or the counts where there is none."""
    (first, low), *_between, (last, high) = points
    slope = (high - low) / (last - first)
    base = low - slope * first
    if any(calls != base + slope * number for number, calls in points):
        return " / ".join(f"N={number}: {calls}" for number, calls in points)
    return f"{base:g} + {slope:g} N"


def growth(verdicts: Verdicts, numbers: Iterable[int]) -> None:
    """Reading very many domains, with libvirt's test driver in the same process."""
    print("\nvirt_domain_info on the test driver, the best of three:")
    print(f"{'N':>6} {'inside':>9} {'busy':>9} {'busy each':>10} {'parsed':>8}")
    each = []
    with tempfile.TemporaryDirectory() as directory:
        for number in numbers:
            uri = objects.write_test_host(Path(directory) / "host.xml", number)
            figures = [measure.own("virt_domain_info", {"uri": uri}, counts=False) for _again in range(_REPEAT)]
            best = min(figures, key=lambda figure: figure.inside)
            assert best.result is not None
            each.append(best.busy / number)
            mark = verdicts.judge(
                len(best.result["domains"]) == number and best.parsed <= number,
                f"{number} domains: {len(best.result['domains'])} read, {best.parsed} documents parsed",
            )
            milliseconds = f"{1000 * each[-1]:.2f} ms"
            print(f"{number:6} {best.inside:7.2f} s {best.busy:7.2f} s {milliseconds:>10} {best.parsed:8}  {mark}")
    # By the clock it is a matter of what else the machine does, so it is told and not asserted.
    met = "met" if best.inside < GOAL else f"NOT met (a processor was busy with it for {best.busy:.2f} s)"
    print(f"{number} domains in less than {GOAL:g} s: {met}")
    if len(each) > 1:
        print(f"time for each, the most to the fewest: {each[-1] / each[0]:.2f} (linear is 1)")


def measuring(quick: bool) -> None:
    """The benchmark's own cost. By the clock it is a matter of what else the machine does: told and not asserted."""
    cost = harness.compare(*((1, 1) if quick else (12, 5)))
    if cost is not None and not quick:
        print(f"under {100 * harness.GOAL:g} % of the rate: {'met' if cost < harness.GOAL else 'NOT met'}")


def _heading(what: str) -> None:
    print(_COLUMNS.format("", "RPC/limit", "messages", "seconds", "inside", "virsh", "", "community", "").rstrip())
    print(_COLUMNS.format(what, "", "", "", "", "RPC", "time", "RPC", "time").rstrip())


def _row(verdicts: Verdicts, what: str, ours: Figure, limit: int, others: Sequence[Figure | None]) -> None:
    mark = verdicts.judge(ours.calls.count <= limit, f"{what}: {ours.calls.count} RPC, at most {limit}: {ours.calls}")
    cells = [f"{ours.calls.count}/{limit}", ours.calls.messages, f"{ours.seconds:.2f}", f"{ours.inside:.3f}"]
    for other in others:
        cells += ["-", "-"] if other is None else [other.calls.count, f"x {other.seconds / ours.seconds:.1f}"]
    cells += [""] * (8 - len(cells))
    print(f"{_COLUMNS.format(what, *cells).rstrip()}  {mark}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
