# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A guest from a saved machine: restored under its own name, given its own identity, then connected."""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Mapping, Sequence

from .._deps import libvirt
from .._errors import HypervisorError, attempted
from .._guest import wait
from .._image.store import explained_space
from .._libvirt.connection import is_local
from .._libvirt.errors import NO_DOMAIN, explained
from .._libvirt.lookup import find, inactive_xml
from .._lock import domain_locked
from .._names import check_name
from .._progress import Progress
from .._xml import document
from .._xml.document import Element
from . import documents, inside, overlay
from .agent import Agent
from .host import host_facts
from .memory import copy_as, read_head
from .overlay import RunCommand
from .place import Place

_ENTROPY = 512
PHASES = ("restored", "agent", "identity", "connected")


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool, run: RunCommand) -> dict[str, Any]:
    """Have the guest restored (or tell what would be done); the module's result."""
    name = check_name("Domain", options["name"])
    if not is_local(connection):
        raise HypervisorError(
            "A saved machine lies in files of the hypervisor: run the module there, with a URI without a host.",
            "NOT_LOCAL",
        )
    place = Place(options["directory"], options["saved"])
    if check_mode:
        domain = find(connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")
        return _result(name, domain is None or _is_new(domain, place, run), None, {})
    with domain_locked(name, options["timeout"]):
        domain = find(connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")
        if domain is None:
            raise HypervisorError(
                f"There is no domain {name}: define it first (mini.hypervisor.virt_domain with state: present), as the"
                " saved machine was defined.",
                "NO_DOMAIN",
                name=name,
            )
        if not _is_new(domain, place, run):
            return _result(name, False, None, {})
        restoring = _Restoring(connection, domain, place, options)
        result = _result(name, True, restoring.restore(run), restoring.took)
    if options["wait"]:
        _await_ready(connection, options, result, restoring.start)
    return result


def _is_new(domain: Any, place: Place, run: RunCommand) -> bool:
    """Whether the domain has never run with an identity of its own: only then may its disk be made anew."""
    with explained(f"reading domain {domain.name()}"):
        if place.marker(domain.UUIDString()).exists():
            return True
        if domain.isActive():
            return False
    return overlay.is_fresh(Path(documents.disk(_definition(domain))), run)


def _await_ready(connection: Any, options: Mapping[str, Any], result: dict[str, Any], start: float) -> None:
    """Wait for its SSH server, and tell of that in the result."""
    # It was booted before it was a guest of its own, and told its keys already.
    asked = {**options, "console_log": None, "cloud_init": False, "host_keys": False}
    with attempted(result):
        seen = wait.wait(connection, asked, False, start)["guest"]
    result["guest"].update(address=seen["address"], phases=seen["phases"])


class _Restoring:
    """One guest on its way from the saved machine."""

    def __init__(self, connection: Any, domain: Any, place: Place, options: Mapping[str, Any]) -> None:
        self._connection, self._domain, self._place, self._options = connection, domain, place, options
        self._name = domain.name()
        self.start = time.monotonic()
        self._progress = Progress(options["progress_file"])
        self.took: dict[str, float] = {}

    def restore(self, run: RunCommand) -> dict[str, Any]:
        """All of it, again from its beginning where a run was interrupted."""
        defined = _definition(self._domain)
        document_text, network, disks = documents.restored(defined)
        marker = self._place.marker(self._domain.UUIDString())
        # One at a time: the copies of many would fill the disk, and be read no faster. Nor is the machine removed
        # before the guest lies on its disk, which keeps it.
        with self._place.locked(self._options["deadline"], self._wait):
            record = self._record()
            macs = documents.changed_macs(record["macs"], documents.macs(defined))
            with explained("listing the domains"):
                self._place.sweep([each.UUIDString() for each in self._connection.listAllDomains(0)])
            marker.touch(0o600)
            with explained(f"stopping domain {self._name}, which an interrupted run left"):
                if self._domain.isActive():
                    self._domain.destroy()
            overlay.make_fresh(Path(documents.disk(defined)), Path(record["disk"]["path"]), run)
            self._load(defined, document_text)
        # Finding a card takes a guest as long as the rest of its identity. One that starts its network itself, once it
        # knows who it is, has its cards when it goes on, and does both at a time.
        early = network if record.get("network") else []
        self._plug([documents.without_link(each) for each in early])
        with explained(f"resuming domain {self._name}"):
            self._domain.resume()
        self._reach("restored")
        agent = Agent(self._domain, self.start + self._options["deadline"])
        agent.wait()
        self._reach("agent")
        self._ask(agent, macs)
        answer = self._answer(agent)
        self._link(early)
        self._reach("identity")
        self._plug([each for each in (*network, *disks) if each not in early])
        marker.unlink()
        self._reach("connected")
        return answer

    def _record(self) -> dict[str, Any]:
        record = self._place.record()
        if record is None:
            raise HypervisorError(
                f"There is no saved machine {self._place.name} in {self._place.directory.parent}, or one of its files"
                " was changed: make it with mini.hypervisor.guest_save.",
                "NOT_SAVED",
                name=self._place.name,
            )
        here = host_facts(self._connection)
        different = sorted(what for what, value in record["host"].items() if here.get(what) != value)
        if different:
            raise HypervisorError(
                f"The saved machine {self._place.name} does not fit this host: {', '.join(different)} changed since."
                " Have one saved here with mini.hypervisor.guest_save.",
                "SAVE_FOREIGN",
                before={what: record["host"][what] for what in different},
                after={what: here.get(what) for what in different},
            )
        return record

    def _load(self, defined: Element, document_text: str) -> None:
        """libvirt itself compares the definition with what was saved, and refuses where a device would differ.

        The guest waits until it has its cards.
        """
        head = read_head(self._place.memory)
        own = replace(head, document=documents.renamed(head.document, defined))
        copy = self._place.copy(self._domain.UUIDString())
        try:
            with explained_space(self._place.directory, copy):
                copy_as(self._place.memory, copy, own)
            with explained(f"restoring domain {self._name} from {self._place.name}"):
                self._connection.restoreFlags(str(copy), document_text, libvirt.VIR_DOMAIN_SAVE_PAUSED)
        except HypervisorError as error:
            if "does not match source" not in str(error):
                raise
            raise HypervisorError(
                f"{error} The guest is defined otherwise than the machine that was saved.", "SAVE_DIFFERS"
            ) from error
        finally:
            copy.unlink(missing_ok=True)

    def _plug(self, devices: Sequence[str]) -> None:
        with explained(f"plugging in the cards of domain {self._name}"):
            for each in devices:
                self._domain.attachDeviceFlags(each, libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def _link(self, cards: Sequence[str]) -> None:
        with explained(f"giving the cards of domain {self._name} their link"):
            for each in cards:
                self._domain.updateDeviceFlags(each, libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def _ask(self, agent: Agent, macs: Mapping[str, str]) -> None:
        question = {
            "time": time.time(),
            "entropy": base64.b64encode(os.urandom(_ENTROPY)).decode(),
            "cards": macs,
            **{key: self._options[key] for key in ("hostname", "instance_id", "user", "authorized_keys")},
        }
        agent.write(inside.QUESTION, json.dumps(question) + "\n")

    def _answer(self, agent: Agent) -> dict[str, Any]:
        answer = json.loads(agent.await_file(inside.ANSWER, "it has not taken its identity"))
        if "error" in answer:
            raise HypervisorError(
                f"Guest {self._name} could not take its identity: {answer['error'].strip()[-800:]}", "IDENTITY_FAILED"
            )
        return dict(answer)

    def _wait(self) -> None:
        self._progress.say(f"guest {self._name}: waiting for another guest that is restored from {self._place.name}")

    def _reach(self, phase: str) -> None:
        self.took[phase] = round(time.monotonic() - self.start, 2)
        self._progress.reach(f"guest {self._name}: {phase} after {self.took[phase]:.1f} s")


def _definition(domain: Any) -> Element:
    flags = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
    with explained(f"reading domain {domain.name()}"):
        try:
            return document.parse(inactive_xml(domain.XMLDesc, flags), "domain")
        except libvirt.libvirtError:
            # A read-only connection, as in check mode, is told no secrets.
            return document.parse(inactive_xml(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_INACTIVE), "domain")


def _result(name: str, changed: bool, answer: Mapping[str, Any] | None, took: Mapping[str, float]) -> dict[str, Any]:
    told = answer or {}
    change = {"path": "state", "before": "new", "after": "restored", "applied": "live"}
    return {
        "changed": changed,
        "changes": [change] if changed else [],
        "guest": {
            "name": name,
            "hostname": told.get("hostname"),
            "machine_id": told.get("machine_id"),
            "host_keys": told.get("host_keys", []),
            "address": None,
            "phases": {},
            "took": {phase: took.get(phase) for phase in PHASES},
        },
        "diff": {"before": "" if changed else f"guest: {name}\n", "after": f"guest: {name}\n"},
    }
