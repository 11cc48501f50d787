# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab host around a scenario: its beginning, what is left after it, and the guest that must not notice."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Iterator, TypeVar

import libvirt
from support import fork, module

from .scenarios import COPY, SOURCE, SSH_PORT, STOCK, STOCK_DIRECTORY, Scenario

Result = TypeVar("Result")

DIRECT = "qemu:///system"
_BYSTANDER = {"name": "bystander", "type": "qemu", "memory": "32MiB", "interfaces": [{"network": "default"}]}
_MINE = "fault"
_SETTLES = 10
# What differs between two runs that do the same.
_VOLATILE = re.compile(
    r"\s*<(uuid|allocation|available|physical|capacity|timestamps|atime|mtime|ctime|btime)\b.*?</\1>", re.DOTALL
)


class BrokenError(Exception):
    """A promise that was not kept."""


def furnish() -> None:
    """Bring up what is always there."""
    threading.Thread(target=_greet, daemon=True).start()
    Path(SOURCE).write_bytes(os.urandom(4 << 20))
    for name, options in (
        ("virt_net", {"name": "default"}),
        ("virt_pool", {"name": STOCK, "path": STOCK_DIRECTORY}),
        ("virt_domain", _BYSTANDER),
    ):
        converge(name, options)


def _greet() -> None:
    """As sshd greets, for the module that waits for it."""
    with socket.create_server(("127.0.0.1", SSH_PORT)) as server:
        while True:
            client = server.accept()[0]
            with contextlib.suppress(OSError), client:
                client.sendall(b"SSH-2.0-Fault\r\n")


@lru_cache(maxsize=None)
def modules() -> fork.Parent:
    """What runs modules."""
    return fork.Parent()


def converge(name: str, options: Any, uri: str = DIRECT, timeout: int = 30) -> module.Outcome:
    """A module's run that is not disturbed."""
    try:
        outcome = modules().run(f"{module.OWN}.{name}", {"uri": uri, "timeout": timeout, **options})
    except module.ModuleError as error:
        raise BrokenError(f"on a healthy daemon: {error}") from None
    if outcome.failed:
        raise BrokenError(f"{name} failed on a healthy daemon: {outcome.result['msg']}")
    return outcome


@contextlib.contextmanager
def connected() -> Iterator[Any]:
    """A connection of our own."""
    connection = libvirt.open(DIRECT)
    try:
        yield connection
    finally:
        connection.close()


def begin(scenario: Scenario) -> None:
    """Remove what an earlier run left, and make the scenario's beginning."""
    _settled(_remove_all)
    for name, options in scenario.begin:
        converge(name, options)


def _settled(work: Callable[[Any], Result]) -> Result:
    """Do it when libvirt has come to rest: it may still be about to find its guests, or carry out an old call."""
    deadline = time.monotonic() + _SETTLES
    while True:
        try:
            with connected() as connection:
                return work(connection)
        except libvirt.libvirtError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _remove_all(connection: Any) -> None:
    for domain in connection.listAllDomains():
        if domain.name().startswith(_MINE):
            if domain.isActive():
                domain.destroy()
            if domain.isPersistent():
                domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)
    for objects in (connection.listAllNetworks(), connection.listAllStoragePools()):
        for each in objects:
            if each.name().startswith(_MINE):
                if each.isActive():
                    each.destroy()
                each.undefine()
    # Where a daemon died while it removed a network, the bridge is left.
    subprocess.run(["ip", "link", "delete", "virbr-fault"], stderr=subprocess.DEVNULL, check=False)
    for path in Path(STOCK_DIRECTORY).iterdir():
        path.unlink()
    Path(COPY).unlink(missing_ok=True)
    shutil.rmtree("/var/lib/libvirt/fault", ignore_errors=True)
    connection.storagePoolLookupByName(STOCK).refresh()


def picture() -> dict[str, str]:
    """All objects and files of the lab host, as far as two runs that do the same agree on them."""
    directories = (Path(STOCK_DIRECTORY), Path("/var/lib/libvirt/fault"))
    files = [path for directory in directories if directory.is_dir() for path in directory.iterdir()]
    files += [Path(COPY)] if Path(COPY).exists() else []
    return {**_settled(_objects), **{f"file {path}": _content(path) for path in files}, "bridges": _bridges()}


def _bridges() -> str:
    """How many ports each bridge has; not from /sys, which a lab host has of the machine."""
    ports = subprocess.run(["ip", "-o", "link", "show"], capture_output=True, text=True, check=True).stdout
    counted = Counter(re.findall(r"\bmaster (\S+)", ports))
    return ", ".join(f"{bridge}: {number}" for bridge, number in sorted(counted.items()))


def _objects(connection: Any) -> dict[str, str]:
    stock = connection.storagePoolLookupByName(STOCK)
    stock.refresh()
    objects = {}
    for kind, listed, flag in (
        ("domain", connection.listAllDomains(), libvirt.VIR_DOMAIN_XML_INACTIVE),
        ("network", connection.listAllNetworks(), libvirt.VIR_NETWORK_XML_INACTIVE),
        ("pool", connection.listAllStoragePools(), libvirt.VIR_STORAGE_XML_INACTIVE),
    ):
        for each in listed:
            state = f"active={each.isActive()} persistent={each.isPersistent()} autostart={each.autostart()}"
            objects[f"{kind} {each.name()}"] = f"{state}\n{_constant(each.XMLDesc(flag))}"
    for domain in connection.listAllDomains():
        for snapshot in domain.listAllSnapshots():
            objects[f"snapshot {snapshot.getName()}"] = f"of {domain.name()}, current={snapshot.isCurrent()}"
    for volume in stock.listAllVolumes():
        objects[f"volume {volume.name()}"] = f"{volume.info()[1]} {_constant(volume.XMLDesc())}"
    return objects


def _constant(text: str) -> str:
    """Without what changes, and without permissions.

    A pool's are those of its directory until the daemon is restarted, and a daemon that dies while it makes a volume
    may not have come to them; whoever does not ask for some takes what is there.
    """
    return re.sub(r"\s*<permissions>.*?</permissions>", "", _VOLATILE.sub("", text), flags=re.DOTALL)


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.suffix == ".raw" else ""


@dataclass(frozen=True)
class Bystander:
    """The guest that runs through all faults: its process, and its card's place on the bridge."""

    process: str
    port: str

    @classmethod
    def look(cls) -> Bystander:
        """The guest as it is now."""
        process = Path("/run/libvirt/qemu/bystander.pid").read_text().strip()
        if not Path(f"/proc/{process}").is_dir():
            raise BrokenError("the running guest died")
        with connected() as connection:
            card = re.search(r"<target dev='(vnet\d+)'", connection.lookupByName("bystander").XMLDesc())
        ports = subprocess.run(
            ["ip", "-o", "link", "show", "master", "virbr0"], capture_output=True, text=True, check=True
        )
        if not card or f" {card[1]}:" not in ports.stdout:
            raise BrokenError(f"the running guest is not on its bridge any more: {ports.stdout}")
        return cls(process, card[1])
