# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventory of the guests of libvirt hypervisors."""

from __future__ import annotations

DOCUMENTATION = r"""
name: virt
short_description: Guests of libvirt hypervisors
description:
  - Lists the guests of any number of libvirt hypervisors as hosts, with the addresses at which they are reached, with
    groups, and with what libvirt knows of them as variables.
  - Guests behind a remote hypervisor are reached through it, whether or not its network is routed.
  - The inventory file's name is C(virt.yml), C(virt.yaml), or ends in C(.virt.yml) or C(.virt.yaml).
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: The full name of this plugin.
    type: str
    required: true
    choices: [mini.hypervisor.virt]
  uris:
    description:
      - The hypervisors, each by its libvirt connection URI, such as V(qemu:///system) or
        V(qemu+ssh://root@host/system), or by a dictionary.
      - They are read at the same time.
    type: list
    elements: raw
    default: ["qemu:///system"]
    suboptions:
      uri:
        description: The libvirt connection URI.
        type: str
        required: true
      name:
        description:
          - The hypervisor's name in groups, variables and suffixes. The default is the URI's host, or V(local).
        type: str
      proxy_jump:
        description:
          - The SSH login or logins, separated by commas, through which guests of this hypervisor are reached, as in
            V(admin@gate.example.com:2222,root@host). An empty string is none.
          - The default is the user, host and port of a URI whose transport is C(ssh), C(libssh) or C(libssh2),
            if O(proxy_jump) allows it.
        type: str
  proxy_jump:
    description:
      - Whether guests of a hypervisor that is reached by SSH are reached through it. Their variables then are
        C(ansible_ssh_common_args) with C(ProxyJump) and C(HostKeyAlias), the host's name, and C(ansible_control_path),
        since guests of several hypervisors often have the same private address. Your SSH settings apply to the
        hypervisor, its host key included.
    type: bool
    default: true
  timeout:
    description: Seconds in which each hypervisor has to be read.
    type: int
    default: 60
  on_unreachable:
    description:
      - What a hypervisor is that does not answer, or refuses the connection. With V(warn) the others' guests are listed
        nevertheless, and the incomplete inventory is not cached.
    type: str
    choices: [fail, warn]
    default: fail
  include_states:
    description: The states of the guests to list.
    type: list
    elements: str
    choices: [running, paused, pmsuspended, shutdown, crashed, nostate]
    default: [running, paused, pmsuspended, shutdown, crashed, nostate]
  include_guests:
    description: Patterns of the names of the guests to list, such as V(web-*). The default is all.
    type: list
    elements: str
    default: []
  exclude_guests:
    description: Patterns of the names of guests not to list.
    type: list
    elements: str
    default: []
  hostnames:
    description:
      - What names a host, the first that there is. V(name) and V(uuid) are those of the domain, V(hostname) is what
        the guest said when it asked for its lease, so use it only for guests that you trust.
      - Only names of letters, digits, C(.), C(_), C(+) and C(-) are taken, and none that means something to Ansible,
        such as C(localhost). A guest without any such name is listed by its UUID, with a warning.
      - Guests of several hypervisors that have the same name all get a suffix, as in C(web.big) and C(web.small). With
        O(strict=true) that is an error.
    type: list
    elements: str
    choices: [name, uuid, hostname]
    default: [name]
  address_sources:
    description:
      - Where the address for C(ansible_host) is looked for, in this order, until there is one. V(lease) are the DHCP
        leases of libvirt's networks, V(agent) is the QEMU guest agent in the guest, V(arp) the hypervisor's table of
        neighbours.
      - Asking an agent needs the right to write. Where that is missing, a warning says so.
      - Only running guests have an agent or neighbours; those that are off have no address at all.
    type: list
    elements: str
    choices: [lease, agent, arp]
    default: [lease, agent, arp]
  address_families:
    description: The kinds of addresses to take, the better first.
    type: list
    elements: str
    choices: [ipv4, ipv6]
    default: [ipv4, ipv6]
  address_networks:
    description:
      - The libvirt networks and the prefixes, such as V(192.168.122.0/24), of which an address is taken, the better
        first. The default is any. It is decided before O(address_families).
    type: list
    elements: str
    default: []
  agent_timeout:
    description:
      - Seconds that all guest agents of a hypervisor together have for their answers, at most half of O(timeout).
    type: int
    default: 10
  group_by:
    description:
      - Groups to make, as in C(state_running), C(network_default), C(hypervisor_local), C(pool_images) and
        C(metadata_role_web).
      - The pools are those that disks name; a disk that is a path names none. The metadata is what
        the option O(mini.hypervisor.virt_domain#module:metadata) keeps.
    type: list
    elements: str
    choices: [state, network, hypervisor, pool, metadata]
    default: [state, network, hypervisor]
requirements:
  - libvirt-python >= 6.0
  - lxml >= 4.5
notes:
  - Every host has the variables C(virt_name), C(virt_uuid), C(virt_state), C(virt_state_reason), C(virt_uri),
    C(virt_hypervisor), C(virt_type), C(virt_title), C(virt_description), C(virt_metadata) (a dictionary),
    C(virt_memory) (bytes), C(virt_vcpus), C(virt_arch), C(virt_machine), C(virt_os) (libosinfo's identifier),
    C(virt_pools), C(virt_address), C(virt_address_source), and C(virt_interfaces), a list of dictionaries with C(type),
    C(mac), C(network), C(bridge), C(target) and C(addresses), which have C(address), C(prefix), C(source) and
    C(hostname).
  - Names, titles, descriptions and metadata are never taken for templates.
seealso:
  - module: mini.hypervisor.virt_domain
"""

EXAMPLES = r"""
# lab.virt.yml: the guests of this machine.
---
plugin: mini.hypervisor.virt

# servers.virt.yml: the running guests of several machines, kept for ten minutes.
---
plugin: mini.hypervisor.virt
uris:
  - qemu+ssh://root@big.example.com/system
  - uri: qemu+ssh://root@10.0.0.7:2222/system
    name: small
    # That machine's guests are on a network that only the gate reaches.
    proxy_jump: admin@gate.example.com
timeout: 20
on_unreachable: warn
include_states: [running]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible-virt
cache_timeout: 600

# web.virt.yml: variables and groups from what virt_domain keeps in a guest's metadata.
---
plugin: mini.hypervisor.virt
include_guests: ["web-*", "db-*"]
exclude_guests: ["*-old"]
group_by: [state, pool, metadata]
compose:
  ansible_user: virt_metadata.user | default('admin')
groups:
  large: virt_memory >= 8 * 1024 ** 3
keyed_groups:
  - key: virt_metadata.role | default('')
    separator: ""

# office.virt.yml: guests on a bridged network, so that their agents know their addresses best.
---
plugin: mini.hypervisor.virt
uris: [qemu+ssh://root@office.example.com/system]
proxy_jump: false
hostnames: [hostname, name]
address_sources: [agent, arp]
address_families: [ipv6, ipv4]
address_networks: [management, 10.20.0.0/16, "2001:db8::/32"]
agent_timeout: 5
strict: true
"""

import hashlib
import re
from pathlib import PurePath
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.mini.hypervisor.plugins.module_utils._deps import MISSING
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import addresses, hosts
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.gather import gather
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.hypervisors import Hypervisor, hypervisors
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.names import host_names
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.sweep import Wish
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.untrusted import own, untrusted

FILES = re.compile(r"(?:.+\.)?virt\.ya?ml")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The plugin."""

    NAME = "mini.hypervisor.virt"

    def verify_file(self, path: str) -> bool:
        """Whether the file may be one of ours."""
        return bool(super().verify_file(path) and FILES.fullmatch(PurePath(path).name))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the guests to the inventory."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            found = hypervisors(self.get_option("uris"), self.get_option("proxy_jump"))
            self._add(self._guests(found, self.get_cache_key(path), cache), found)
        except HypervisorError as error:
            raise AnsibleParserError(f"{error} [{error.code}]") from error

    def _wish(self) -> Wish:
        option = self.get_option
        return Wish(
            sources=tuple(option("address_sources")),
            preference=addresses.preference(option("address_families"), option("address_networks")),
            states=tuple(option("include_states")),
            include=tuple(option("include_guests")),
            exclude=tuple(option("exclude_guests")),
            timeout=option("timeout"),
            agent_timeout=option("agent_timeout"),
        )

    def _guests(self, found: list[Hypervisor], key: str, cache: bool) -> list[dict[str, Any]]:
        """The guests as they are, or as they were when the cache was filled by the same question."""
        wish, cached = self._wish(), self.get_option("cache")
        question = hashlib.sha256(f"{found} {wish}".encode()).hexdigest()
        if cached and cache:
            kept = self._kept(key)
            if kept.get("question") == question:
                return list(kept["guests"])
        gathered = self._gather(found, wish)
        if cached and gathered.complete:
            self._cache[key] = {"question": question, "guests": gathered.guests}
        return gathered.guests

    def _kept(self, key: str) -> dict[str, Any]:
        try:
            return dict(self._cache[key])
        except KeyError:
            return {}

    def _gather(self, found: list[Hypervisor], wish: Wish) -> Any:
        for library in MISSING:
            raise AnsibleParserError(missing_required_lib(library))
        gathered = gather(found, wish, tolerant=self.get_option("on_unreachable") == "warn")
        for warning in gathered.warnings:
            self.display.warning(warning)
        return gathered

    def _add(self, guests: list[dict[str, Any]], found: list[Hypervisor]) -> None:
        names = host_names(guests, self.get_option("hostnames"), self.get_option("strict"), self.display.warning)
        by_name = {hypervisor.name: hypervisor for hypervisor in found}
        for host, guest in zip(names, guests):
            self.inventory.add_host(host)
            ours = hosts.connection(guest, by_name[guest["hypervisor"]], host)
            variables = {**untrusted(hosts.facts(guest)), **{name: own(value) for name, value in ours.items()}}
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)
            for group in hosts.groups(guest, self.get_option("group_by")):
                self.inventory.add_child(self.inventory.add_group(self._sanitize_group_name(group)), host)
            self._construct(host, variables)

    def _construct(self, host: str, variables: dict[str, Any]) -> None:
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict)
