# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab host's network, seen from outside: its uplink with masquerade, and links between lab hosts."""

from __future__ import annotations

import ipaddress
import json
import shutil
from typing import Iterator

from .slots import NUMBERS, Slot, taken
from .system import LabError, run

# A range set aside for tests of networks (RFC 2544): nobody's real network.
UPLINKS = ipaddress.ip_network("198.19.0.0/24")
LINKS = ipaddress.ip_network("198.19.64.0/18")
UPLINK = "uplink"


def interface(slot: Slot) -> str:
    """The outer end of the uplink."""
    return f"lab{slot.number}"


def _pair(network: ipaddress.IPv4Network, index: int) -> tuple[str, str]:
    """The two addresses of the network's /30 number C(index)."""
    base = int(network.network_address) + 4 * index
    return str(ipaddress.ip_address(base + 1)), str(ipaddress.ip_address(base + 2))


def uplink_addresses(slot: Slot) -> tuple[str, str]:
    """The addresses of the uplink, outside and inside."""
    return _pair(UPLINKS, slot.number)


def free_number() -> int:
    """The first number without a slot whose addresses nothing on this machine uses (as an outer lab host may)."""
    used = {slot.number for slot in taken()}
    here = {
        ipaddress.ip_interface(f"{address['local']}/{address['prefixlen']}").network
        for link in json.loads(run("ip", "-json", "-4", "address", "show"))
        for address in link["addr_info"]
    }
    for number in NUMBERS:
        ours = [ipaddress.ip_address(address) for address in uplink_addresses(Slot(number))]
        if number not in used and not any(address in network for address in ours for network in here):
            return number
    raise LabError(f"All {len(NUMBERS)} lab hosts of this machine are taken.")


def _iptables_rules(slot: Slot) -> Iterator[list[str]]:
    """Masquerade what comes from inside; and let it pass where the machine forwards nothing by default."""
    inside = uplink_addresses(slot)[1]
    yield ["nat", "POSTROUTING", "-s", inside, "!", "-o", interface(slot), "-j", "MASQUERADE"]
    yield ["filter", "FORWARD", "-i", interface(slot), "-j", "ACCEPT"]
    yield ["filter", "FORWARD", "-o", interface(slot), "-j", "ACCEPT"]


def _nft_table(slot: Slot) -> str:
    rule = f"ip saddr {uplink_addresses(slot)[1]} oifname != {interface(slot)} masquerade"
    return f"table ip {interface(slot)} {{ chain out {{ type nat hook postrouting priority 100; {rule}; }}; }}"


def connect(slot: Slot, pid: int) -> None:
    """Give the network namespace of C(pid) its uplink; its inner end is configured from inside."""
    route = json.loads(run("ip", "-json", "-4", "route", "show", "default"))
    if not route:
        raise LabError("This machine has no default route: a lab host's uplink would lead nowhere.")
    mtu = json.loads(run("ip", "-json", "link", "show", "dev", route[0]["dev"]))[0]["mtu"]
    peer = ["peer", "name", UPLINK, "mtu", str(mtu), "netns", str(pid)]
    run("ip", "link", "add", interface(slot), "mtu", str(mtu), "type", "veth", *peer)
    run("ip", "address", "add", f"{uplink_addresses(slot)[0]}/30", "dev", interface(slot))
    run("ip", "link", "set", interface(slot), "up")
    if shutil.which("iptables"):
        for table, chain, *rule in _iptables_rules(slot):
            run("iptables", "--wait", "-t", table, "-I", chain, *rule)
    else:
        run("nft", _nft_table(slot))


def disconnect(slot: Slot) -> None:
    """Remove all that C(connect) may have made; nothing of it need be there."""
    run("ip", "link", "delete", interface(slot), check=False)
    if shutil.which("iptables"):
        for table, chain, *rule in _iptables_rules(slot):
            run("iptables", "--wait", "-t", table, "-D", chain, *rule, check=False)
    if shutil.which("nft"):
        run("nft", "delete", "table", "ip", interface(slot), check=False)


def link(slot: Slot, other: Slot) -> None:
    """Join two lab hosts by a cable. Each end is named after the host it leads to, which /etc/hosts knows too."""
    run("ip", "link", "add", *_plug(slot, other), "type", "veth", "peer", *_plug(other, slot))
    addresses = _pair(LINKS, slot.number * 64 + other.number)
    for here, far, (address, far_address) in ((slot, other, addresses), (other, slot, addresses[::-1])):
        enter = ["nsenter", f"--net=/proc/{here.read('pid')}/ns/net", "ip"]
        run(*enter, "address", "add", f"{address}/30", "dev", _plug(here, far)[1])
        run(*enter, "link", "set", _plug(here, far)[1], "up")
        with (here.root / "etc/hosts").open("a") as hosts:
            hosts.write(f"{far_address} {far.read('name')}\n")


def _plug(here: Slot, far: Slot) -> list[str]:
    """The end of the cable to C(far), as ip names it."""
    return ["name", f"to-{far.read('name')}", "netns", here.read("pid")]
