# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Removing a domain, its addresses, and of its storage exactly what is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._libvirt.errors import NO_STORAGE_VOL, explained
from .._libvirt.lookup import find
from .._network import leases
from .._xml import document
from .._xml.document import Element
from .devices import DISKS
from .model import CRASHED, SHUTDOWN, DomainFacts
from .states import stop

_KNOWS_TPM = 8_009_000


def _disks(found: DomainFacts, targets: list[str]) -> dict[str, str]:
    """The files of the listed disks, by target; those that may belong to others are refused."""
    files = {}
    elements: dict[str, Element] = {
        str(document.get(each, "target/@dev")): each for each in document.children(found.document, "devices/disk")
    }
    name = document.get(found.document, "name")
    for target in targets:
        if target not in elements:
            raise HypervisorError(
                f"Domain {name} has no disk {target}: remove_storage can list {', '.join(elements) or 'nothing'}.",
                "NO_SUCH_DISK",
            )
        disk = elements[target]
        values = {item.name: item.read(disk) for item in DISKS.properties}
        if values["device"] != "disk" or values["readonly"] or document.find(disk, "shareable") is not None:
            raise HypervisorError(
                f"Disk {target} of domain {name} is a CD-ROM, read-only or shared, so others may need it:"
                " take it out of remove_storage, and remove its file by itself.",
                "SHARED_DISK",
            )
        if values["source"]:
            files[target] = values["source"]
    return files


def check(domain: Any, found: DomainFacts, options: Mapping[str, Any]) -> None:
    """Refuse what would be lost without an option that names it. Asks libvirt, changes nothing."""
    _disks(found, options["remove_storage"])
    with explained(f"reading domain {domain.name()}"):
        losses = {
            "managed_save": found.persistent and bool(domain.hasManagedSaveImage(0)),
            "snapshots": domain.snapshotNum(0) > 0,
            "nvram": document.find(found.document, "os/nvram") is not None,
            "tpm": document.find(found.document, "devices/tpm/backend[@type='emulator']") is not None,
        }
    lost = [what for what, there in losses.items() if there and what not in options["discard"]]
    if lost:
        raise HypervisorError(
            f"Domain {domain.name()} has what would be lost with it: {', '.join(lost)}."
            f" Allow it with discard: [{', '.join(lost)}].",
            "WOULD_LOSE",
            losses=lost,
        )


def _flags(connection: Any, options: Mapping[str, Any]) -> int:
    flags = {
        "managed_save": libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,
        "snapshots": libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
        "nvram": libvirt.VIR_DOMAIN_UNDEFINE_NVRAM,
        # Daemons before 8.9 know no flag, and always remove what a TPM remembers.
        "tpm": getattr(libvirt, "VIR_DOMAIN_UNDEFINE_TPM", 0) if connection.getLibVersion() >= _KNOWS_TPM else 0,
    }
    return sum(flags[what] for what in options["discard"])


def remove(connection: Any, domain: Any, found: DomainFacts, options: Mapping[str, Any]) -> None:
    """Stop, delete the listed disks, and undefine last.

    What would keep the domain from being undefined C(check) has refused before. Where a run is interrupted, or a disk
    cannot be deleted, the domain is still there, and the next run learns from it which disks are left.
    """
    files = _disks(found, options["remove_storage"])
    name = domain.name()
    if found.state not in (SHUTDOWN, CRASHED):
        stop(connection, domain, options)
    for target, path in files.items():
        _delete(connection, path, f"removing disk {target} of domain {name}")
    leases.give_back(connection, found.document)
    if found.persistent:
        with explained(f"removing domain {name}"):
            domain.undefineFlags(_flags(connection, options))


def _delete(connection: Any, path: str, doing: str) -> None:
    """Delete by libvirt where a pool knows the file; else by ourselves, on this machine only."""
    volume = find(connection.storageVolLookupByPath, path, NO_STORAGE_VOL, doing)
    if volume is not None:
        with explained(doing):
            volume.delete(0)
    elif not is_local(connection):
        raise HypervisorError(f"Error while {doing}: no pool has {path}, and it lies on another machine.", "NOT_FOUND")
    elif Path(path).is_file():
        try:
            Path(path).unlink()
        except OSError as error:
            raise HypervisorError(f"Error while {doing}: {path}: {error.strerror}.", "NOT_ALLOWED") from error
