# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command C(labhost): the life of a lab host as its owner leads it, from taking a slot to leaving no trace."""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn, Sequence

from . import cgroups, host, inside, network, slots
from .slots import Slot
from .system import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUTS,
    LabError,
    die_with_parent,
    setns,
    unshare,
)

REQUESTS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE = 10  # seconds a command has to end after the owner was asked to


def main() -> int:
    """Entry point."""
    options = _options()
    try:
        if os.geteuid() != 0:
            raise LabError("Namespaces and interfaces need root: run it with sudo.")
        with slots.registry():
            sweep()
        if not options.command:
            return 0
        return live(options)
    except (LabError, OSError) as error:
        print(f"labhost: {error}", file=sys.stderr)
        return 125


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="labhost",
        usage="labhost [OPTIONS] CMD... | labhost --sweep",
        description="Runs CMD as on a fresh host of its own: network with an uplink, processes, and libvirt's state. "
        "Nothing of it is left when CMD ends. Exits with CMD's status, or with 125 where there was no lab host.",
    )
    parser.add_argument("--name", help="the lab host's host name (default: labN)")
    parser.add_argument(
        "--link", metavar="NAME", action="append", default=[], help="a running lab host to join by a cable"
    )
    parser.add_argument(
        "--share",
        metavar="DIR[:TARGET]",
        action="append",
        default=[],
        type=_share,
        help="a directory of the machine that shall be seen at TARGET, which is below one of the private directories",
    )
    parser.add_argument("--libvirtd", action="store_true", help="start virtlogd and libvirtd first")
    parser.add_argument("--sweep", action="store_true", help="only remove what killed lab hosts left (any start does)")
    parser.add_argument("command", metavar="CMD", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if bool(options.command) == options.sweep:
        parser.error("give either a command or --sweep")
    if options.name and not re.fullmatch(r"[a-z][a-z0-9-]{0,11}", options.name):
        parser.error(f"{options.name!r} is no name: at most 12 of a-z, 0-9 and -, a letter first")
    return options


def _share(text: str) -> tuple[Path, Path]:
    source, *target = text.split(":", 1)
    share = Path(source).resolve(), Path(target[0] if target else source)
    if not share[0].is_dir():
        raise argparse.ArgumentTypeError(f"{source} is no directory")
    if not any(own in share[1].parents for own in inside.OWN_DIRECTORIES):
        own = ", ".join(map(str, inside.OWN_DIRECTORIES))
        raise argparse.ArgumentTypeError(f"{share[1]} is not below a private directory ({own})")
    return share


def sweep() -> None:
    """Remove what dead owners left, within the registry."""
    for slot in slots.dead():
        remove(slot)
    host.restore()


def remove(slot: Slot) -> None:
    """Remove every trace of a lab host whose processes are dead; none of it need be there."""
    network.disconnect(slot)
    cgroups.remove(slot)
    slot.discard()


def live(options: argparse.Namespace) -> int:
    """Build a lab host, run the command in it, remove it."""
    for request in REQUESTS:
        signal.signal(request, lambda number, frame: sys.exit(128 + number))
    slot = None
    try:
        with slots.registry():
            linked = [_running(name) for name in options.link]
            slot = slots.take(network.free_number())
            pid = _start(slot, options, linked)
        return _wait(pid)
    finally:
        for request in REQUESTS:
            signal.signal(request, signal.SIG_IGN)
        if slot:
            with slots.registry():
                remove(slot)
                host.restore()


def _running(name: str) -> Slot:
    for slot in slots.taken():
        if slot.read("name") == name:
            return slot
    raise LabError(f"No lab host named {name} is running.")


def _start(slot: Slot, options: argparse.Namespace, linked: Sequence[Slot]) -> int:
    """The process ID of the lab host's first process, which is on its way to the command."""
    wish = inside.Wish(options.name or f"lab{slot.number}", options.share, options.libvirtd)
    if any(other.read("name") == wish.name for other in slots.taken()):
        raise LabError(f"A lab host named {wish.name} is running already.")
    slot.write("name", wish.name)
    host.prepare(inside.OWN_DIRECTORIES)
    inside.furnish(slot, wish)
    ours, theirs = socket.socketpair()
    pid = _fork_into_new_pids()
    if pid == 0:
        ours.close()
        _first_process(slot, wish, options.command, theirs)
    theirs.close()
    try:
        if ours.recv(1):  # it has its namespaces; otherwise it said why not, and is dead
            slot.write("pid", str(pid))
            network.connect(slot, pid)
            for other in linked:
                network.link(slot, other)
            ours.send(b"!")
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    return pid


def _fork_into_new_pids() -> int:
    """Fork a child that is the first process of a PID namespace; this process stays in its own."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    unshare(CLONE_NEWPID)
    pid = os.fork()
    if pid:
        setns(own, CLONE_NEWPID)
    os.close(own)
    return pid


def _first_process(slot: Slot, wish: inside.Wish, command: Sequence[str], owner: socket.socket) -> NoReturn:
    """Build the lab host around this process, and become the init that runs the command and reaps orphans."""
    try:
        die_with_parent()
        cgroups.enter(slot)
        unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)
        owner.send(b"!")
        if not owner.recv(1):
            os._exit(125)  # the owner gave up
        for number in (*REQUESTS, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        inside.build(slot, wish)
        # The lock is held for as long as anything lives in here.
        os.set_inheritable(slot.lock, True)
        os.execvp("tini", ["tini", "-g", "--", *command])
    except FileNotFoundError as error:
        print(f"labhost: {error.filename or 'tini'} is missing: install tini first", file=sys.stderr)
    except (LabError, OSError) as error:
        print(f"labhost: {error}", file=sys.stderr)
    os._exit(125)


def _wait(pid: int) -> int:
    """The command's exit status. A request to end is passed on; what has not ended in time is killed."""

    def pass_on(number: int, frame: object) -> None:
        os.kill(pid, number)
        signal.alarm(GRACE)

    for request in REQUESTS:
        signal.signal(request, pass_on)
    signal.signal(signal.SIGALRM, lambda *signalled: os.kill(pid, signal.SIGKILL))
    status = os.waitpid(pid, 0)[1]
    signal.alarm(0)
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.exit(main())
