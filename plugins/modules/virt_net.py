#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: virt_net
short_description: Converge a libvirt network
description:
  - Defines, starts, stops and removes a libvirt network, and changes it in place.
  - Options that are not given are left as they are. The UUID and the MAC address of the bridge always stay.
  - What libvirt can change below running guests reaches a running network at once, and cuts nobody off. It is DHCP
    ranges and reservations, DNS hosts, TXT and SRV records, O(forward_devices) and O(portgroups).
  - All other changes wait until the network is restarted, because a restart would cut off the guests that are on it;
    RV(restart_required) tells.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description: The name of the network.
    type: str
    required: true
  state:
    description:
      - V(active) defines the network where it is missing, and starts it.
      - V(inactive) defines it where it is missing, and stops it.
      - V(present) defines it where it is missing, and neither starts nor stops it.
      - V(absent) stops it and removes its definition.
    type: str
    choices: [active, inactive, present, absent]
    default: active
  autostart:
    description: Whether libvirt starts the network when the hypervisor boots.
    type: bool
  bridge:
    description: The bridge of the network. libvirt chooses a free name for a new network where none is given.
    type: dict
    suboptions:
      name:
        description:
          - The name of the bridge, such as V(virbr0).
          - With O(forward_mode=bridge) it is a bridge of the hypervisor that exists already.
        type: str
      stp:
        description: Whether the bridge runs the spanning tree protocol, which holds back a new guest for 2 s at least.
        type: bool
      delay:
        description: The forward delay of the bridge in seconds.
        type: int
      zone:
        description: The zone of firewalld that the bridge is put in. An empty one leaves it to libvirt.
        type: str
  mac:
    description:
      - The MAC address of the bridge. One that another network or interface of the hypervisor has is refused (code
        V(MAC_IN_USE)).
      - A new network without it gets one that is computed from the names of the hypervisor and of the network.
    type: str
  mtu:
    description: The MTU of the bridge and of the guests' cards on it; V(0) leaves it to the kernel.
    type: int
  domain:
    description: The DNS domain of the network.
    type: str
  domain_local_only:
    description: Whether names of O(domain) are never asked for outside of the network.
    type: bool
  forward_mode:
    description:
      - How guests reach the world. V(isolated) is not at all, V(open) adds no firewall rules, and V(bridge) puts guests
        directly on a bridge of the hypervisor, or by macvtap on O(forward_devices).
      - V(private), V(vepa) and V(passthrough) are the other modes of macvtap.
      - A new network is V(nat) where neither this nor O(xml) is given.
    type: str
    choices: [nat, route, open, isolated, bridge, private, vepa, passthrough]
  forward_devices:
    description:
      - The interfaces of the hypervisor that lead to the world. The list is complete, an empty one removes all.
      - V(nat) and V(route) take one, to which they confine what guests send. The modes of macvtap put guests on them.
    type: list
    elements: str
  nat:
    description: How addresses are translated with O(forward_mode=nat).
    type: dict
    suboptions:
      ipv6:
        description: Whether those of IPv6 are translated too, instead of routed.
        type: bool
      address_start:
        description: The first of the hypervisor's addresses that guests appear with.
        type: str
      address_end:
        description: The last one.
        type: str
      port_start:
        description: The first port that is used.
        type: int
      port_end:
        description: The last port that is used.
        type: int
  address:
    description:
      - The IPv4 address of the bridge and the length of its prefix, such as V(192.168.122.1/24). An empty one removes
        IPv4 from the network.
      - A subnet that overlaps one of another network, or an address or route of the hypervisor, is refused
        (code V(SUBNET_IN_USE)).
    type: str
  dhcp_ranges:
    description: The ranges of dynamic addresses. The list is complete, an empty one removes all.
    type: list
    elements: dict
    suboptions:
      start:
        description: The first address.
        type: str
        required: true
      end:
        description: The last address.
        type: str
        required: true
  dhcp_hosts:
    description:
      - DHCP reservations, each known by its MAC address. Those that are not listed are left alone.
      - The plays of several guests may each add theirs at the same time.
    type: list
    elements: dict
    suboptions:
      mac:
        description: The MAC address of the guest's network card.
        type: str
        required: true
      ip:
        description: The IPv4 address that it gets.
        type: str
        required: true
      name:
        description: The host name that the network's DNS gives to the address.
        type: str
  dhcp_hosts_absent:
    description: The MAC addresses whose reservations are removed.
    type: list
    elements: str
  address6:
    description:
      - The IPv6 address of the bridge and the length of its prefix, such as V(fd00:122::1/64). An empty one removes
        IPv6 from the network.
      - It is checked like O(address).
    type: str
  dhcp6_ranges:
    description: The ranges of dynamic IPv6 addresses. The list is complete, an empty one removes all.
    type: list
    elements: dict
    suboptions:
      start:
        description: The first address.
        type: str
        required: true
      end:
        description: The last address.
        type: str
        required: true
  dhcp6_hosts:
    description: DHCPv6 reservations, each known by the guest's host name. Those that are not listed are left alone.
    type: list
    elements: dict
    suboptions:
      name:
        description: The host name that the guest asks with, and that the network's DNS gives to the address.
        type: str
        required: true
      ip:
        description: The IPv6 address that it gets.
        type: str
        required: true
      duid:
        description: The DHCP unique identifier that the guest has to ask with, such as V(0:3:0:1:52:54:0:12:34:56).
        type: str
  dhcp6_hosts_absent:
    description: The host names whose DHCPv6 reservations are removed.
    type: list
    elements: str
  ipv6:
    description: Whether guests may talk IPv6 to each other in a network without O(address6).
    type: bool
  tftp_root:
    description: The directory of the hypervisor that the network serves by TFTP; an empty one is none.
    type: str
  bootp:
    description: What guests are told to boot from the network.
    type: dict
    suboptions:
      file:
        description: The file that they load, below O(tftp_root) where the network itself serves it.
        type: str
      server:
        description: The IPv4 address of another server that they load it from.
        type: str
  dns:
    description: The name server of the network.
    type: dict
    suboptions:
      enable:
        description: Whether there is one.
        type: bool
      forward_plain_names:
        description: Whether names without a dot are asked for outside of the network.
        type: bool
      forwarders:
        description: The servers that are asked for other names. The list is complete, an empty one removes all.
        type: list
        elements: dict
        suboptions:
          address:
            description: The address of the server; the usual ones are asked where none is given.
            type: str
          domain:
            description: The domain that it is asked for; all where none is given.
            type: str
      hosts:
        description: Addresses with their names. The list is complete, an empty one removes all.
        type: list
        elements: dict
        suboptions:
          ip:
            description: The IPv4 or IPv6 address.
            type: str
            required: true
          names:
            description: Its names. The first one is what the address is resolved to.
            type: list
            elements: str
            required: true
      txt:
        description: TXT records. The list is complete, an empty one removes all.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name of the record.
            type: str
            required: true
          value:
            description: Its text.
            type: str
            required: true
      srv:
        description: SRV records. The list is complete, an empty one removes all.
        type: list
        elements: dict
        suboptions:
          service:
            description: The service, such as V(ldap).
            type: str
            required: true
          protocol:
            description: The protocol, such as V(tcp).
            type: str
            required: true
          domain:
            description: The domain, where it is not that of the network.
            type: str
          target:
            description: The host that has the service; there is none where it is not given.
            type: str
          port:
            description: The port of the service.
            type: int
          priority:
            description: The priority of the target. Lower ones are tried first.
            type: int
          weight:
            description: The share of the target among those of its priority.
            type: int
  routes:
    description:
      - Static routes of the hypervisor through guests of the network. The list is complete, an empty one removes all.
    type: list
    elements: dict
    suboptions:
      to:
        description: The subnet behind the gateway, such as V(10.20.0.0/16) or V(fd00:20::/48).
        type: str
        required: true
      gateway:
        description: The address of the guest, in the subnet of the network.
        type: str
        required: true
      metric:
        description: The metric of the route.
        type: int
  bandwidth:
    description:
      - What the network as a whole may send and receive, in KiB/s and KiB. Inbound is what comes to the guests.
    type: dict
    suboptions: &bandwidth
      inbound: &rate
        description: The limit of one direction.
        type: dict
        suboptions:
          average:
            description: The rate in the long run in KiB/s; V(0) removes the limit.
            type: int
          peak:
            description: The highest rate in KiB/s.
            type: int
          burst:
            description: How much may be sent at the peak rate, in KiB.
            type: int
      outbound: *rate
  trust_guest_rx_filters:
    description: Whether guests may change the MAC address and the filters of their cards, for macvtap.
    type: bool
  port_isolated:
    description: Whether guests on the network are kept from talking to each other.
    type: bool
  vlan:
    description:
      - The VLAN tags of the guests' cards; several make a trunk. An empty list removes them.
      - libvirt tags on Open vSwitch (O(forward_mode=bridge) with O(virtualport_type=openvswitch)) and with
        O(forward_mode=passthrough).
    type: list
    elements: int
  virtualport_type:
    description: How cards are plugged into a switch that is more than a bridge, such as V(openvswitch).
    type: str
  portgroups:
    description: Classes of cards that guests may ask for, each known by its name. Those not listed are left alone.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the port group.
        type: str
        required: true
      state:
        description: Whether there is such a port group.
        type: str
        choices: [present, absent]
        default: present
      default:
        description: Whether cards that ask for none are of this one.
        type: bool
      trust_guest_rx_filters:
        description: As O(trust_guest_rx_filters), for its cards.
        type: bool
      vlan:
        description: As O(vlan), for its cards.
        type: list
        elements: int
      virtualport_type:
        description: As O(virtualport_type), for its cards.
        type: str
      bandwidth:
        description: As O(bandwidth), for each of its cards.
        type: dict
        suboptions: *bandwidth
  dnsmasq_options:
    description:
      - Options of dnsmasq beside those of libvirt, as dnsmasq's configuration file has them, for what libvirt has no
        way for. They replace those that the network has; an empty list removes them.
      - libvirt does not check them. A network with one that dnsmasq refuses does not start.
    type: list
    elements: str
  xml:
    description:
      - A whole C(<network>) document, for what has no option. The other options refine it.
      - The network becomes what defining the document would make of it, so that what the document does not state is
        removed, or as libvirt has it by default.
      - Where the document is silent, the UUID, the MAC address and the name of the bridge stay, and so do reservations
        that collide with none of the document.
    type: str
  restart:
    description:
      - V(never) leaves a running network as it is until somebody restarts it.
      - V(if_needed) restarts it where it is not what its definition says.
    type: str
    choices: [never, if_needed]
    default: never
  force:
    description:
      - Whether a network that running guests use may be stopped, restarted or removed. Such guests are cut off.
      - When the network comes back by this module on the hypervisor itself, they are put on its bridge again. Where it
        comes back otherwise, or this module runs on another machine, they stay cut off until they are restarted.
    type: bool
    default: false
seealso:
  - module: mini.hypervisor.virt_net_info
"""

EXAMPLES = r"""
- name: Have libvirt's usual network
  mini.hypervisor.virt_net:
    name: default
    bridge:
      name: virbr0
    address: 192.168.122.1/24
    dhcp_ranges:
      - start: 192.168.122.2
        end: 192.168.122.254
    autostart: true

- name: Give a guest its address, while others run
  mini.hypervisor.virt_net:
    name: default
    dhcp_hosts:
      - mac: "52:54:00:12:34:56"
        ip: 192.168.122.10
        name: web

- name: Serve IPv6 too
  mini.hypervisor.virt_net:
    name: default
    address6: fd00:122::1/64
    dhcp6_ranges:
      - start: fd00:122::100
        end: fd00:122::1ff
    dhcp6_hosts:
      - name: web
        ip: fd00:122::10
        duid: "0:3:0:1:52:54:0:12:34:56"
    nat:
      ipv6: true
    restart: if_needed

- name: Take the guest's addresses back
  mini.hypervisor.virt_net:
    name: default
    dhcp_hosts_absent: ["52:54:00:12:34:56"]
    dhcp6_hosts_absent: [web]

- name: Serve names
  mini.hypervisor.virt_net:
    name: default
    domain: lab.example
    domain_local_only: true
    dns:
      forward_plain_names: false
      forwarders:
        - address: 9.9.9.9
        - domain: corp.example
          address: 192.0.2.53
      hosts:
        - ip: 192.168.122.5
          names: [printer.lab.example, printer]
      txt:
        - name: motto.lab.example
          value: tell the truth
      srv:
        - service: ldap
          protocol: tcp
          domain: lab.example
          target: web.lab.example
          port: 389
          priority: 10
          weight: 5

- name: Route to what lies behind a guest
  mini.hypervisor.virt_net:
    name: default
    routes:
      - to: 10.20.0.0/16
        gateway: 192.168.122.10
        metric: 2

- name: Boot guests from the network
  mini.hypervisor.virt_net:
    name: default
    tftp_root: /srv/tftp
    bootp:
      file: pxelinux.0
      server: 192.168.122.10

- name: Offer classes of cards
  mini.hypervisor.virt_net:
    name: default
    portgroups:
      - name: usual
        default: true
      - name: slow
        bandwidth:
          inbound: {average: 1000, peak: 2000, burst: 512}
          outbound: {average: 128, peak: 256, burst: 64}
        trust_guest_rx_filters: false
      - name: outdated
        state: absent

- name: Confine what guests send to one interface and some ports
  mini.hypervisor.virt_net:
    name: confined
    address: 10.40.0.1/24
    bridge: {stp: false, delay: 0, zone: libvirt}
    forward_devices: [eth0]
    nat:
      address_start: 203.0.113.4
      address_end: 203.0.113.9
      port_start: 20000
      port_end: 29999

- name: Keep guests apart in an isolated network with large packets and a limit
  mini.hypervisor.virt_net:
    name: apart
    forward_mode: isolated
    mac: "52:54:00:0a:0b:0c"
    mtu: 9000
    ipv6: true
    port_isolated: true
    bandwidth:
      inbound: {average: 10240, peak: 20480, burst: 1024}
      outbound: {average: 10240, peak: 20480, burst: 1024}
    dns:
      enable: false
    restart: if_needed
    force: true

- name: Let guests on a network of their own have their addresses at once, and tell them the time server
  mini.hypervisor.virt_net:
    name: prompt
    address: 10.41.0.1/24
    bridge: {stp: false, delay: 0}
    dhcp_ranges: [{start: 10.41.0.2, end: 10.41.0.254}]
    dnsmasq_options: [no-ping, "dhcp-option=42,10.41.0.1"]

- name: Put guests on a bridge of the hypervisor
  mini.hypervisor.virt_net:
    name: office
    forward_mode: bridge
    bridge:
      name: br0

- name: Put guests on VLANs of Open vSwitch
  mini.hypervisor.virt_net:
    name: switch
    forward_mode: bridge
    bridge:
      name: ovsbr0
    virtualport_type: openvswitch
    vlan: [10]
    portgroups:
      - name: storage
        vlan: [20]
        virtualport_type: openvswitch
      - name: router
        vlan: [20, 30]

- name: Put guests directly on interfaces of the hypervisor
  mini.hypervisor.virt_net:
    name: direct
    forward_mode: private
    forward_devices: [eth0, eth1]
    trust_guest_rx_filters: true

- name: Define what has no option
  mini.hypervisor.virt_net:
    name: lab6
    xml: |
      <network>
        <forward mode="open"/>
        <bridge macTableManager="libvirt"/>
        <ip family="ipv6" address="fd00:6::1" prefix="64"/>
      </network>

- name: Remove a network, also below running guests
  mini.hypervisor.virt_net:
    name: lab6
    state: absent
    force: true
"""

RETURN = r"""
network:
  description: The network after the run, empty where it is absent. In check mode it is the predicted one.
  returned: success
  type: dict
  sample:
    name: default
    uuid: 6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e
    state: active
    autostart: true
    persistent: true
    bridge: {name: virbr0, stp: true, delay: 0, zone: null}
    mac: "52:54:00:8a:2b:01"
    mtu: null
    domain: null
    forward_mode: nat
    forward_devices: []
    address: 192.168.122.1/24
    dhcp_ranges:
      - {start: 192.168.122.2, end: 192.168.122.254}
    dhcp_hosts:
      - {mac: "52:54:00:12:34:56", ip: 192.168.122.10, name: web}
    address6: null
    dns: null
    routes: []
    portgroups: []
    dnsmasq_options: null
restart_required:
  description: Whether the running network is not what its definition says, until it is restarted.
  returned: success
  type: bool
  sample: false
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: bridge.stp, before: true, after: false, applied: restart}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._network import network
from ansible_collections.mini.hypervisor.plugins.module_utils._network.properties import PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["active", "inactive", "present", "absent"], "default": "active"},
    "autostart": {"type": "bool"},
    "xml": {"type": "str"},
    "dhcp_hosts_absent": {"type": "list", "elements": "str"},
    "dhcp6_hosts_absent": {"type": "list", "elements": "str"},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "force": {"type": "bool", "default": False},
    **argument_spec(PROPERTIES),
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    return connected(
        lambda connection: network.converge(connection, request.params, request.check_mode, request.run_command),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
