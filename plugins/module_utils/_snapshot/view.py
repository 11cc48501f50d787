# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reading from libvirt: a snapshot, and a domain with all of its snapshots."""

from __future__ import annotations

from typing import Any

from .._deps import libvirt
from .._domain import states
from .._libvirt.connection import is_local
from .._libvirt.errors import explained
from .._libvirt.lookup import find, inactive_xml, unless_gone
from .._xml import document
from . import model
from .errors import NO_DOMAIN_SNAPSHOT, snapshot_explained
from .model import Snapshot
from .plan import View


def lookup(domain: Any, name: str) -> Any:
    """The snapshot (libvirt.virDomainSnapshot), None where the domain has none of that name."""
    return find(domain.snapshotLookupByName, name, NO_DOMAIN_SNAPSHOT, f"looking up snapshot {name}")


def facts(handle: Any) -> Snapshot:
    """The snapshot as libvirt has it; one that is gone meanwhile raises NOT_FOUND."""
    with snapshot_explained(f"reading snapshot {handle.getName()}"):
        return model.parse(handle.getXMLDesc(0))


def everything(domain: Any) -> list[Snapshot]:
    """All snapshots of the domain: one call for the list, one for each."""
    with explained(f"listing the snapshots of domain {domain.name()}"):
        handles = domain.listAllSnapshots(0)
    found = []
    for handle in handles:
        with unless_gone():
            found.append(facts(handle))
    return sorted(found, key=lambda each: (each.created or "", each.name))


def current(domain: Any) -> str | None:
    """The name of the snapshot that the domain is at or came from last."""
    handle = find(
        lambda _name: domain.snapshotCurrent(0),
        domain.name(),
        NO_DOMAIN_SNAPSHOT,
        f"asking for the current snapshot of domain {domain.name()}",
    )
    return None if handle is None else str(handle.getName())


def definition(domain: Any, live: bool) -> Any:
    """The domain's document, as it runs or as it is stored. libvirt gives the latter where it does not run."""
    with explained(f"reading domain {domain.name()}"):
        text = domain.XMLDesc(0) if live else inactive_xml(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_INACTIVE)
    return document.parse(text, "domain")


def state(domain: Any) -> str:
    """The domain's state as a word."""
    with explained(f"reading domain {domain.name()}"):
        return states.state(domain)[0]


def read(connection: Any, domain: Any, live: bool) -> View:
    """The domain with all that its snapshots depend on."""
    with explained(f"reading domain {domain.name()}"):
        saved = bool(domain.isPersistent()) and bool(domain.hasManagedSaveImage(0))
    return View(
        name=domain.name(),
        state=state(domain),
        document=definition(domain, live),
        snapshots={each.name: each for each in everything(domain)},
        current=current(domain),
        managed_save=saved,
        local=is_local(connection),
    )
