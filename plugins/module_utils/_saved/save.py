# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Saving a booted machine, from which guests are then made in seconds."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any, Mapping

from .._deps import libvirt
from .._errors import HypervisorError, attempted
from .._guest import wait
from .._libvirt.connection import is_local
from .._libvirt.errors import NO_DOMAIN, NO_STORAGE_VOL, explained
from .._libvirt.lookup import find, inactive_xml
from .._names import check_name
from .._network import leases
from .._progress import Progress
from .._xml import document
from .._xml.document import Element
from . import documents, inside, overlay
from .agent import Agent
from .host import host_facts
from .memory import read_head
from .overlay import RunCommand
from .place import Place, digest

_UNPLUG = 60.0
"""Seconds that a guest may take to let go of its cards."""
_SAVING = 180
"""Seconds for which another run is waited longer than for a boot: it has as long for that, and then saves."""


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool, run: RunCommand) -> dict[str, Any]:
    """Have the saved machine (or not); the module's result."""
    if not is_local(connection):
        raise HypervisorError(
            "A machine is saved in files of the hypervisor: run the module there, with a URI without a host.",
            "NOT_LOCAL",
        )
    if options["state"] == "absent":
        return _remove(connection, options, check_mode)
    facts = host_facts(connection)
    inputs = {"inputs": options["inputs"], "host": facts}
    name = f"{check_name('Saved machine', options['name'])}-{digest(inputs)[:10]}"
    place = Place(options["directory"], name)
    record = place.record()
    if record is None and check_mode:
        return _result(place, None, "present", True)
    progress = Progress(options["progress_file"])
    if record is None:
        patience = options["deadline"] + _SAVING
        with place.locked(patience, lambda: progress.say(f"waiting for another run that saves {name}")):
            record = place.record()  # another run may have saved it in the meantime
            if record is None:
                with attempted(_result(place, None, "present", True)):
                    _Saving(connection, place, options, progress).save(inputs, run)
                return _result(place, place.record(), "present", True)
    if not check_mode:
        place.quieting.unlink(missing_ok=True)
        _forget(connection, name)
    return _result(place, record, "present", False)


class _Saving:
    """One machine on its way into its files."""

    def __init__(self, connection: Any, place: Place, options: Mapping[str, Any], progress: Progress) -> None:
        self._connection, self._place, self._options, self._progress = connection, place, options, progress
        self._start = time.monotonic()

    def save(self, inputs: Mapping[str, Any], run: RunCommand) -> None:
        """From a domain that is defined to a saved machine. What an interrupted run left is done again."""
        name = self._place.name
        domain = find(self._connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")
        if domain is None:
            raise HypervisorError(
                f"There is no domain {name} to save: define it (mini.hypervisor.virt_domain with state: present), with"
                " the name that this module tells in check mode.",
                "NO_DOMAIN",
                name=name,
            )
        defined = _definition(domain)
        disk = Path(documents.disk(defined))
        _refuse_used(self._connection, self._place, disk, "saved anew")
        self._place.create()
        self._place.discard()
        if self._place.quieting.exists():
            self._begin_anew(domain, disk, run)
        self._boot(domain)
        self._place.begin_quieting()
        told = self._quiet(domain)
        self._say("saving its memory")
        with explained(f"saving domain {name}"):
            domain.saveFlags(str(self._place.part), None, libvirt.VIR_DOMAIN_SAVE_RUNNING)
        read_head(self._place.part)
        leases.give_back(self._connection, defined)
        self._place.publish(disk, {**inputs, **told, "macs": documents.macs(defined)})
        self._place.quieting.unlink()
        _forget(self._connection, name)

    def _begin_anew(self, domain: Any, disk: Path, run: RunCommand) -> None:
        """An interrupted run took its keys and its network, without which it cannot be reached: it boots afresh."""
        with explained(f"stopping domain {domain.name()}, which an interrupted run left"):
            if domain.isActive():
                domain.destroy()
        overlay.renew(disk, run)
        self._place.quieting.unlink()

    def _boot(self, domain: Any) -> None:
        """Until its first boot is done."""
        with explained(f"starting domain {domain.name()}"):
            if not domain.isActive():
                self._say("starting it")
                domain.create()
        options = {
            **dict.fromkeys(("address", "console_log")),
            "name": domain.name(),
            "deadline": self._options["deadline"],
            "ssh_port": 22,
            "cloud_init": True,
            "host_keys": False,
            "progress_file": self._options["progress_file"],
        }
        wait.wait(self._connection, options, False, self._start)

    def _quiet(self, domain: Any) -> dict[str, Any]:
        """Without identity, cards and seed, and with the program that will give them back; what that tells."""
        self._say("quieting it")
        agent = Agent(domain, self._start + self._options["deadline"])
        agent.wait()
        program = inspect.getsource(inside)
        told = dict(json.loads(agent.run(["python3", "-", "quiet"], program)))
        with explained(f"unplugging the cards of domain {domain.name()}"):
            for each in documents.pluggable(_live(domain)):
                domain.detachDeviceFlags(document.to_text(each), libvirt.VIR_DOMAIN_AFFECT_LIVE)
            until = time.monotonic() + _UNPLUG
            while documents.pluggable(_live(domain)):
                if time.monotonic() > until:
                    raise HypervisorError(
                        f"Domain {domain.name()} does not let go of its cards within {_UNPLUG:.0f} s: its kernel needs"
                        " PCI hot-plug.",
                        "UNSUPPORTED_MACHINE",
                    )
                time.sleep(0.1)
        agent.run(["python3", "-", "hold", *told["network"]], program)
        return told

    def _say(self, what: str) -> None:
        self._progress.reach(f"saving {self._place.name}: {what} ({time.monotonic() - self._start:.0f} s)")


def _definition(domain: Any) -> Element:
    with explained(f"reading domain {domain.name()}"):
        return document.parse(inactive_xml(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_INACTIVE), "domain")


def _live(domain: Any) -> Element:
    return document.parse(domain.XMLDesc(0), "domain")


def _forget(connection: Any, name: str) -> None:
    """Undefine the domain that was saved: started again, it would write to the disk below its guests."""
    domain = find(connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")
    if domain is None:
        return
    with explained(f"removing domain {name}"):
        if domain.isActive():
            domain.destroy()
        if domain.isPersistent():
            domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)


def _remove(connection: Any, options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Remove it, or what an interrupted run left of it."""
    place = Place(options["directory"], options["name"])
    there, _disk = _remains(connection, place)
    if there and not check_mode:
        with place.locked(options["deadline"], lambda: None):
            there, disk = _remains(connection, place)  # another run may have removed it, or begun a guest from it
            if there:
                with attempted(_result(place, None, "absent", True)):
                    _delete(connection, disk)
                    # Last, as both tell of the disk.
                    _forget(connection, place.name)
                    place.remove()
    return _result(place, None, "absent", there)


def _remains(connection: Any, place: Place) -> tuple[bool, Path | None]:
    """Whether there is anything of it, and its disk if it has one, on which nothing may lie."""
    domain = find(connection.lookupByName, place.name, NO_DOMAIN, f"looking up domain {place.name}")
    if not place.directory.is_dir():  # any other domain is not this module's
        return False, None
    disk = place.disk() or (Path(documents.disk(_definition(domain))) if domain is not None else None)
    if disk is not None:
        _refuse_used(connection, place, disk, "removed")
    return True, disk


def _delete(connection: Any, disk: Path | None) -> None:
    if disk is None:
        return
    overlay.sweep(disk)
    volume = find(connection.storageVolLookupByPath, str(disk), NO_STORAGE_VOL, f"looking up {disk}")
    with explained(f"removing {disk}"):
        if volume is not None:
            volume.delete(0)
        else:
            disk.unlink(missing_ok=True)


def _refuse_used(connection: Any, place: Place, disk: Path, what: str) -> None:
    used = overlay.users(connection, disk, place.name)
    if used:
        raise HypervisorError(
            f"The saved machine {place.name} cannot be {what}: on its disk {disk} lie"
            f" {', '.join(used)}. Remove them first.",
            "SAVE_IN_USE",
            users=used,
        )


def _result(place: Place, record: Mapping[str, Any] | None, state: str, changed: bool) -> dict[str, Any]:
    there = record is not None
    other = "absent" if state == "present" else "present"
    change = {"path": "state", "before": other, "after": state, "applied": "live"}
    text = {"present": f"saved: {place.name}\n", "absent": ""}
    return {
        "changed": changed,
        "changes": [change] if changed else [],
        "saved": {
            "name": place.name,
            "memory": str(place.memory) if there else None,
            "disk": record["disk"]["path"] if record else None,
            "completed": record["completed"] if record else None,
        },
        "diff": {"before": text[other if changed else state], "after": text[state]},
    }
