# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
# pylint does not see the fields that a dataclass inherits from another file.
# pylint: disable=redundant-keyword-arg
"""What a network has, declared: bridge, forwarding, addresses, DHCP, DNS, port groups.

A property whose change is LIVE belongs to one of the C(sections) that libvirt updates while the network runs.
"""

from __future__ import annotations

from .._xml import document
from .._xml.document import Element
from .._xml.kinds import HandedOn
from .._xml.properties import LIVE, Group, Integer, Items, OnOff, Property, Text, YesNo
from .lists import ForwardDevices, Records, Values, tags
from .values import OWN_BRIDGE, Address, Amount, Destination, ForwardMode, HostName, Ip, Mac

RESTART = "restart"
"""How a change takes effect that only a restart of the network can bring about."""

IPV4, IPV6 = "ip[@family='ipv4']", "ip[@family='ipv6']"
_REQUIRED = {"required": True}
_DNSMASQ = "{http://libvirt.org/schemas/network/dnsmasq/1.0}"


def _ranges(name: str, place: str, version: int) -> Records:
    ends = (
        Ip("start", "@start", LIVE, _REQUIRED, version=version),
        Ip("end", "@end", LIVE, _REQUIRED, version=version),
    )
    return Records(name, f"{place}/dhcp/range", LIVE, members=ends, key=("start", "end"))


def _bandwidth(change: str) -> Group:
    rates = tuple(Amount(name, f"@{name}", change) for name in ("average", "peak", "burst"))
    return Group("bandwidth", (Group("inbound", rates, "inbound"), Group("outbound", rates, "outbound")), "bandwidth")


MODES = (*OWN_BRIDGE, "bridge", "private", "vepa", "passthrough")
FORWARD = ForwardMode("forward_mode", "forward", RESTART, {"choices": list(MODES)})
FORWARD_DEVICES = ForwardDevices("forward_devices", "forward/interface", LIVE, member=Text("dev", "@dev"))
ADDRESS = Address("address", IPV4, RESTART)
ADDRESS6 = Address("address6", IPV6, RESTART, version=6)
RANGES = _ranges("dhcp_ranges", IPV4, 4)
RANGES6 = _ranges("dhcp6_ranges", IPV6, 6)
HOSTS = Items(
    "dhcp_hosts",
    f"{IPV4}/dhcp/host",
    ("mac",),
    (
        Mac("mac", "@mac", LIVE, _REQUIRED),
        Ip("ip", "@ip", LIVE, _REQUIRED, version=4),
        HostName("name", "@name", LIVE),
    ),
    LIVE,
)
HOSTS6 = Items(
    "dhcp6_hosts",
    f"{IPV6}/dhcp/host",
    ("name",),
    (
        HostName("name", "@name", LIVE, _REQUIRED),
        Ip("ip", "@ip", LIVE, _REQUIRED, version=6),
        Text("duid", "@id", LIVE),
    ),
    LIVE,
)
DNS_HOSTS = Records(
    "hosts",
    "host",
    LIVE,
    members=(
        Ip("ip", "@ip", LIVE, _REQUIRED),
        Values("names", "hostname", LIVE, _REQUIRED, member=HostName("names", ".")),
    ),
    key=("ip",),
)
DNS_TXT = Records(
    "txt",
    "txt",
    LIVE,
    members=(Property("name", "@name", LIVE, _REQUIRED), Property("value", "@value", LIVE, _REQUIRED)),
    key=("name",),
)
DNS_SRV = Records(
    "srv",
    "srv",
    LIVE,
    members=(
        Property("service", "@service", LIVE, _REQUIRED),
        Property("protocol", "@protocol", LIVE, _REQUIRED),
        Property("domain", "@domain", LIVE),
        Property("target", "@target", LIVE),
        Amount("port", "@port", LIVE),
        Amount("priority", "@priority", LIVE),
        Amount("weight", "@weight", LIVE),
    ),
    key=("service", "protocol", "domain", "target"),
)
PORTGROUPS = Items(
    "portgroups",
    "portgroup",
    ("name",),
    (
        Property("name", "@name", LIVE, _REQUIRED),
        YesNo("default", "@default", LIVE, missing=False),
        YesNo("trust_guest_rx_filters", "@trustGuestRxFilters", LIVE, missing=False),
        tags("vlan", LIVE),
        Text("virtualport_type", "virtualport/@type", LIVE),
        _bandwidth(LIVE),
    ),
    LIVE,
    removable=True,
)

PROPERTIES = (
    Group(
        "bridge",
        (
            Text("name", "@name", RESTART),
            OnOff("stp", "@stp", RESTART),
            Integer("delay", "@delay", RESTART),
            Text("zone", "@zone", RESTART),
        ),
        "bridge",
    ),
    Mac("mac", "mac/@address", RESTART),
    Amount("mtu", "mtu/@size", RESTART),
    HostName("domain", "domain/@name", RESTART),
    YesNo("domain_local_only", "domain/@localOnly", RESTART, missing=False),
    FORWARD,
    FORWARD_DEVICES,
    Group(
        "nat",
        (
            YesNo("ipv6", "@ipv6", RESTART, missing=False),
            Ip("address_start", "address/@start", RESTART, version=4),
            Ip("address_end", "address/@end", RESTART, version=4),
            Integer("port_start", "port/@start", RESTART),
            Integer("port_end", "port/@end", RESTART),
        ),
        "forward/nat",
    ),
    ADDRESS,
    RANGES,
    HOSTS,
    ADDRESS6,
    RANGES6,
    HOSTS6,
    YesNo("ipv6", "@ipv6", RESTART, missing=False),
    Text("tftp_root", f"{IPV4}/tftp/@root", RESTART),
    Group(
        "bootp",
        (Text("file", "@file", RESTART), Ip("server", "@server", RESTART, version=4)),
        f"{IPV4}/dhcp/bootp",
    ),
    Group(
        "dns",
        (
            YesNo("enable", "@enable", RESTART, missing=True),
            YesNo("forward_plain_names", "@forwardPlainNames", RESTART),
            Records(
                "forwarders",
                "forwarder",
                RESTART,
                members=(Ip("address", "@addr", RESTART), Property("domain", "@domain", RESTART)),
                key=("address", "domain"),
            ),
            DNS_HOSTS,
            DNS_TXT,
            DNS_SRV,
        ),
        "dns",
    ),
    Records(
        "routes",
        "route",
        RESTART,
        members=(
            Destination("to", "", RESTART, _REQUIRED),
            Ip("gateway", "@gateway", RESTART, _REQUIRED),
            Amount("metric", "@metric", RESTART),
        ),
        key=("to",),
    ),
    _bandwidth(RESTART),
    YesNo("trust_guest_rx_filters", "@trustGuestRxFilters", RESTART, missing=False),
    YesNo("port_isolated", "port/@isolated", RESTART, missing=False),
    tags("vlan", RESTART),
    Text("virtualport_type", "virtualport/@type", RESTART),
    PORTGROUPS,
    HandedOn("dnsmasq_options", f"{_DNSMASQ}options", RESTART, word=f"{_DNSMASQ}option", prefix="dnsmasq"),
)


def parse(text: str) -> Element:
    """A network's document in which two things are said in the one way that libvirt itself writes, or may write.

    Each IPv4 C(<ip>) says that it is one, so that paths can tell it from IPv6, and a forward device is an element.
    """
    element = document.parse(text, "network")
    device = document.get(element, "forward/@dev")
    if device and document.find(element, "forward/interface") is None:
        document.put(element, "forward/interface/@dev", device)
    for ip in document.children(element, "ip"):
        ip.set("family", ip.get("family") or "ipv4")
    return element
