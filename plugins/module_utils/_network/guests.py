# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Running guests on a network: found, and plugged in again after the network was away.

libvirt does not do the latter: it makes the bridge anew, and leaves the cards of running guests without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Sequence

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import NO_DOMAIN, explain, explained
from .._xml import document
from .conflicts import RunCommand


@dataclass(frozen=True)
class Card:
    """A network card of a running guest; C(device) is the hypervisor's end of it, None where it has none."""

    domain: str
    device: str | None
    isolated: bool


def cards(connection: Any, name: str) -> list[Card]:
    """The cards that running domains have on the network."""
    with explained("listing the running domains"):
        domains = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
    found = []
    for domain in domains:
        try:
            element = document.parse(domain.XMLDesc(0), "domain")
        except libvirt.libvirtError as error:
            if error.get_error_code() == NO_DOMAIN:
                continue
            raise explain(error, f"reading domain {domain.name()}") from error
        for interface in document.children(element, "devices/interface"):
            if document.get(interface, "source/@network") == name:
                isolated = document.get(interface, "port/@isolated") == "yes"
                found.append(Card(domain.name(), document.get(interface, "target/@dev"), isolated))
    return found


def names(found: Iterable[Card]) -> list[str]:
    """The domains that have the cards."""
    return list(dict.fromkeys(card.domain for card in found))


def plug_in(run_command: RunCommand, name: str, bridge: str, found: Sequence[Card], isolated: bool) -> None:
    """Put the cards on the bridge, as libvirt did when the guests started; they have to be on this machine."""
    for card in found:
        if card.device is None:
            continue
        commands = [["ip", "link", "set", "dev", card.device, "master", bridge]]
        if isolated or card.isolated:
            commands.append(["bridge", "link", "set", "dev", card.device, "isolated", "on"])
        for command in commands:
            code, _out, error = run_command(command)
            if code != 0:
                raise HypervisorError(
                    f"Network {name} runs again, and '{' '.join(command)}' failed: {error.strip()}. Guest {card.domain}"
                    " stays cut off from it: restart it, or run the command by hand.",
                    "NOT_ATTACHED",
                    domain=card.domain,
                    device=card.device,
                )
