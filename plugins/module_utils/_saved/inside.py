# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The program that a guest to be saved is given: it runs inside of the guest, with nothing but Python's own library.

It quiets the guest, stays in its memory, and after each restore gives the guest the identity that it finds in a file.
As it is loaded already, and hardly starts another program, that takes a fraction of what a script would.
"""

from __future__ import annotations

import base64
import fcntl
import json
import mmap
import os
import pwd
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, Mapping, Sequence

PLACE = "/run/mini-hypervisor"
QUESTION, ANSWER, WAITING = f"{PLACE}/identity", f"{PLACE}/answer", f"{PLACE}/waiting"
HELD = f"{PLACE}/held"
"""Has the number of the process that is the network's service, where that is held."""

CARDS = (
    "etc/systemd/network/*",
    "run/systemd/network/*",
    "etc/netplan/*",
    "etc/network/interfaces",
    "etc/network/interfaces.d/*",
    "etc/NetworkManager/system-connections/*",
    "etc/sysconfig/network-scripts/ifcfg-*",
    "etc/udev/rules.d/*",
)
"""Where cloud-init writes the configuration of a card, with its MAC address."""

LEASES = ("run/systemd/netif/leases/*", "var/lib/dhcp/*.leases")

NETWORKD = "systemd-networkd.service"
STOPPED = ("systemd-networkd.socket", NETWORKD, "NetworkManager.service")
"""What keeps the network's identity in its memory. It is started again with the new one."""

NETWORKS = ("etc/systemd/network/*.network", "run/systemd/network/*.network")
BY_NAME = "saved-name.conf"
"""What is added to a configuration of systemd-networkd until its card has the new MAC address."""

CLOUD = Path("/var/lib/cloud")

Makers = Dict[Path, "subprocess.Popen[bytes]"]
"""Private keys, and who makes each."""

_ADD_ENTROPY, _RESEED = 0x40085203, 0x5207  # RNDADDENTROPY, RNDRESEEDCRNG of linux/random.h
_PAUSE, _PATIENCE = 0.02, 30.0
_MOMENT = 1.0
"""Seconds that a card may take to be switched on."""
_NETWORK, _ATTEMPTS = 60.0, 3
"""Seconds for the network to come up, and how often they are given."""
_MIB = 1 << 20
_SPARED, _EMPTIED = 32, 1024
"""MiB of free memory that the guest is left, and how many are filled at most: it takes as much of the host's."""
_REST = 5.0
"""Seconds for whoever waits for the guest to come in first."""


def quiet() -> None:
    """Before the card is taken away."""
    Path(PLACE).mkdir(mode=0o700, exist_ok=True)
    for old in (QUESTION, ANSWER, WAITING, HELD):
        _unlink(Path(old))
    stopped = [unit for unit in STOPPED if _run("systemctl", "is-active", "--quiet", unit) == 0]
    if stopped:
        subprocess.check_call(["systemctl", "stop", *stopped])
    for path in Path("/etc/systemd/network").glob("*cloud-init*.network"):
        # DHCP shall tell guests apart by their cards, and not name them: that wakes a service which takes seconds.
        directory = path.with_name(f"{path.name}.d")
        directory.mkdir(exist_ok=True)
        _write(directory / "saved.conf", "[DHCPv4]\nClientIdentifier=mac\nUseHostname=no\n")
    if NETWORKD in stopped:
        match_by_name(Path("/"))
    kinds = hold_sshd()
    _run("fstrim", "/")
    os.sync()
    services = [unit for unit in stopped if unit.endswith(".service")]
    sys.stdout.write(json.dumps({"network": services}) + "\n")
    sys.stdout.flush()  # before there are two of this process
    stay(services, kinds)


def match_by_name(root: Path) -> None:
    """Have systemd-networkd know the cards by what does not change: it reads this before they have new addresses."""
    addresses = root.glob("sys/class/net/*/address")
    cards_at = {path.read_text(encoding="ascii").strip(): path.parent.name for path in addresses}
    for path in _files(root, NETWORKS):
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        matches = re.findall(r"^((?:Permanent)?MACAddress)=(.*)$", text, re.MULTILINE)
        names = {cards_at[each] for _key, value in matches for each in value.lower().split() if each in cards_at}
        if names:
            reset = "".join(f"{key}=\n" for key, _value in matches)
            directory = path.with_name(f"{path.name}.d")
            directory.mkdir(exist_ok=True)
            _write(directory / BY_NAME, f"[Match]\n{reset}Name={' '.join(sorted(names))}\n")


def hold(*services: str) -> None:
    """After the cards are gone, before the machine is saved.

    A service of the network that runs already is there in a fraction of the time that a start takes. It reads the
    machine ID when it meets its first card, which is after it goes on.
    """
    if NETWORKD in services:
        subprocess.check_call(["systemctl", "start", NETWORKD])
        process = subprocess.check_output(["systemctl", "show", "--property=MainPID", "--value", NETWORKD])
        os.kill(int(process), signal.SIGSTOP)
        _write(Path(HELD), process.decode("ascii"))
    os.sync()
    empty_memory()


def hold_sshd() -> list[str]:
    """Let the server answer nobody until it has keys that no other guest has; the types of those that it had."""
    private = sorted(Path("/etc/ssh").glob("ssh_host_*_key"))
    for path in private:
        _unlink(path)
        _unlink(path.with_name(f"{path.name}.pub"))
    _signal_sshd(signal.SIGSTOP)
    return [path.name.split("_")[2] for path in private]


def empty_memory() -> None:
    """Fill what is free with zeros: each guest would have to load what was in it."""
    count = to_empty(Path("/proc/meminfo").read_text(encoding="ascii"))
    if count:
        zeros = bytes(_MIB)
        with mmap.mmap(-1, count * _MIB, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as room:
            for _number in range(count):
                room.write(zeros)


def to_empty(meminfo: str) -> int:
    """How many MiB that is."""
    free = next(int(line.split()[1]) // 1024 for line in meminfo.splitlines() if line.startswith("MemFree:"))
    return max(0, min(free, _EMPTIED) - _SPARED)


def stay(stopped: Sequence[str], kinds: Sequence[str]) -> None:
    """Leave a process behind that waits for the identity."""
    if os.fork():
        until = time.monotonic() + _PATIENCE
        while not Path(WAITING).exists():
            if time.monotonic() > until:
                raise SystemExit("The process that waits for an identity did not start.")
            time.sleep(0.05)
        return
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    _write(Path(WAITING), f"{os.getpid()}\n")
    while not Path(QUESTION).exists():
        time.sleep(_PAUSE)
    try:
        answer = take(_question(), stopped, kinds)
    except Exception:  # whatever it is, the host has to be told
        answer = {"error": traceback.format_exc()}
    for path in (QUESTION, WAITING):
        _unlink(Path(path))
    part = Path(f"{ANSWER}.part")
    _write(part, json.dumps(answer))
    part.rename(ANSWER)
    settle(stopped)


def settle(network: Sequence[str]) -> None:
    """Have systemd and the journal go on under the new machine ID, which they had read before.

    Nobody waits for it. While the network comes up, it would only be in the way. One that does not is started again:
    on a host that was busy with many guests, its service was seen to answer nobody.
    """
    for _attempt in range(_ATTEMPTS):
        if routed(Path("/proc/net"), _NETWORK):
            break
        if network:
            _run("systemctl", "restart", *network)
    time.sleep(_REST)
    _run("systemctl", "daemon-reexec")
    _run("systemctl", "restart", "--no-block", "systemd-journald.service")


def routed(tables: Path, patience: float) -> bool:
    """Whether there is a route within that many seconds."""
    until = time.monotonic() + patience
    while not has_route(tables):
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True


def has_route(tables: Path) -> bool:
    """Whether the guest has an address that leads anywhere."""
    return len((tables / "route").read_text(encoding="ascii").splitlines()) > 1


def _question() -> dict[str, Any]:
    """What the host writes, complete where it ends in a new line."""
    while True:
        text = Path(QUESTION).read_text(encoding="ascii")
        if text.endswith("\n"):
            return dict(json.loads(text))
        time.sleep(0.01)


def take(identity: Mapping[str, Any], stopped: Sequence[str], kinds: Sequence[str]) -> dict[str, Any]:
    """Become the guest of that identity. The random numbers come first: the others are made with them.

    What takes a guest longest is begun as soon as it can be: keys, and the network once it knows who it is. The card
    may be there already.
    """
    time.clock_settime(time.CLOCK_REALTIME, identity["time"])
    reseed(base64.b64decode(identity["entropy"]))
    makers = make_keys(kinds, f"root@{identity['hostname']}")
    machine_id = number_machine(Path("/"))
    before = socket.gethostname()
    socket.sethostname(identity["hostname"])
    cards(Path("/"), identity["cards"])
    held = connect(stopped)
    name(Path("/"), before, identity["hostname"])
    instance(CLOUD, identity["instance_id"], identity["hostname"])
    authorize(identity["user"], identity["authorized_keys"])
    keys = have_keys(makers)
    os.sync()
    if held:
        await_up(Path("/"), identity["cards"].values())
    return {"host_keys": keys, "machine_id": machine_id, "hostname": socket.gethostname()}


def connect(services: Sequence[str]) -> bool:
    """Have the network come up, and tell whether its service was held.

    Nobody waits for it: where it fails, the guest gets no address, which is told.
    """
    held = Path(HELD)
    was_held = held.exists()
    if was_held:
        os.kill(int(held.read_text(encoding="ascii")), signal.SIGCONT)
        _unlink(held)
        services = [unit for unit in services if unit != NETWORKD]
    if services:
        _start("systemctl", "start", "--no-block", *services)
    return was_held


def await_up(root: Path, addresses: Iterable[str]) -> None:
    """Until the cards are switched on, for a moment at most: only then shall the host give them their link.

    Linux looks once in a second whether a card's link has changed, and at once only where the card is on.
    """
    until = time.monotonic() + _MOMENT
    while not set(addresses) <= switched_on(root) and time.monotonic() < until:
        time.sleep(_PAUSE)


def switched_on(root: Path) -> set[str]:
    """The addresses of the cards that are on."""
    found = set()
    for path in root.glob("sys/class/net/*/flags"):
        if int(path.read_text(encoding="ascii"), 16) & 1:  # IFF_UP
            found.add((path.parent / "address").read_text(encoding="ascii").strip())
    return found


def reseed(entropy: bytes) -> None:
    """Have random numbers that the other guests of the same save cannot have."""
    with Path("/dev/urandom").open("wb", buffering=0) as device:
        fcntl.ioctl(device, _ADD_ENTROPY, struct.pack("ii", 8 * len(entropy), len(entropy)) + entropy)
        fcntl.ioctl(device, _RESEED)
    seed = Path("/var/lib/systemd/random-seed")
    if seed.exists():
        seed.write_bytes(os.urandom(512))


def number_machine(root: Path) -> str:
    """A new machine ID, for systemd and D-Bus."""
    machine_id = os.urandom(16).hex()
    _write(root / "etc/machine-id", machine_id + "\n")
    other = root / "var/lib/dbus/machine-id"
    if other.is_file() and not other.is_symlink():
        _write(other, machine_id + "\n")
    return machine_id


def name(root: Path, before: str, hostname: str) -> None:
    """The host name, in the files that have it."""
    _write(root / "etc/hostname", hostname + "\n")
    replace([root / "etc/hosts"], {before: hostname})


def cards(root: Path, changed: Mapping[str, str]) -> None:
    """The configuration of the cards, from the old MAC addresses to the new ones."""
    replace(_files(root, CARDS), changed)
    for path in _files(root, (*LEASES, *(f"{pattern}.d/{BY_NAME}" for pattern in NETWORKS))):
        path.unlink()


def _files(root: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from (path for path in root.glob(pattern) if path.is_file())


def replace(paths: Iterable[Path], changed: Mapping[str, str]) -> None:
    """Replace whole words in the files."""
    for path in paths:
        before = after = path.read_text(encoding="utf-8", errors="surrogateescape")
        for old, new in changed.items():
            after = re.sub(rf"(?<![\w:.-]){re.escape(old)}(?![\w:.-])", new, after, flags=re.IGNORECASE)
        if after != before:
            _write(path, after)


def instance(cloud: Path, instance_id: str, hostname: str) -> None:
    """Tell cloud-init that this instance has had its first boot, so that the next boot is not one."""
    data = cloud / "data"
    before = (data / "instance-id").read_text(encoding="utf-8").strip()
    old, new = cloud / "instances" / before, cloud / "instances" / instance_id
    if old != new:
        old.rename(new)
        _unlink(cloud / "instance")
        (cloud / "instance").symlink_to(new)
    # What it remembers is the seed of the saved machine: it reads its own again.
    _unlink(new / "obj.pkl")
    for path in (data / "instance-id", data / "previous-instance-id"):
        _write(path, instance_id + "\n")
    _write(data / "previous-hostname", hostname + "\n")
    remembered = data / "set-hostname"
    if remembered.exists():
        _write(remembered, json.dumps({"hostname": hostname, "fqdn": hostname}) + "\n")


def authorize(user: str, keys: Sequence[str]) -> None:
    """The public keys that may log in."""
    account = pwd.getpwnam(user)
    path = Path(account.pw_dir) / ".ssh/authorized_keys"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write(path, "".join(f"{key}\n" for key in keys), 0o600)
    for each in (path.parent, path):
        os.chown(each, account.pw_uid, account.pw_gid)


def make_keys(kinds: Sequence[str], comment: str) -> Makers:
    """Begin with new keys of the SSH server, of these types."""
    paths = {kind: Path(f"/etc/ssh/ssh_host_{kind}_key") for kind in kinds}
    return {
        path: _start("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", str(path))
        for kind, path in paths.items()
    }


def have_keys(makers: Makers) -> list[str]:
    """The public keys, once they are made. The server reads them, and the console tells them as cloud-init does."""
    for path, maker in makers.items():
        if maker.wait():
            raise RuntimeError(f"ssh-keygen made no {path} ({maker.returncode}).")
    public = [path.with_name(f"{path.name}.pub") for path in makers]
    told = [" ".join(path.read_text(encoding="utf-8").split()[:2]) for path in public]
    for number in (signal.SIGHUP, signal.SIGCONT):
        _signal_sshd(number)
    lines = ["-----BEGIN SSH HOST KEY KEYS-----", *told, "-----END SSH HOST KEY KEYS-----"]
    with Path("/dev/console").open("w", encoding="ascii") as console:
        console.write("".join(f"{line}\r\n" for line in lines))
    return told


def _signal_sshd(number: int) -> None:
    """Where it runs; on some systems each connection starts one."""
    running = Path("/run/sshd.pid")
    if running.exists():
        os.kill(int(running.read_text(encoding="ascii")), number)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """In place where the file is there, so that it keeps its owner and mode."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def _unlink(path: Path) -> None:
    if path.exists() or path.is_symlink():
        path.unlink()


def _start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run(*command: str) -> int:
    return _start(*command).wait()


if __name__ == "__main__":
    {"quiet": quiet, "hold": hold}[sys.argv[1]](*sys.argv[2:])
