# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plugin as C(ansible-inventory) loads it: Ansible's machinery is half of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.inventory import virt
from ansible_collections.mini.hypervisor.plugins.plugin_utils import progress

COLLECTIONS = Path(progress.__file__).parents[5]
METADATA = "https://github.com/mini-hypervisor/mini.hypervisor/metadata/1"
HOSTILE = f"""<title>{{{{ lookup('pipe', 'id') }}}}</title><metadata><x:facts xmlns:x='{METADATA}'>
  <x:fact name='role'>www</x:fact><x:fact name='{{{{ 6 * 7 }}}}'>{{{{ 6 * 7 }}}}</x:fact></x:facts></metadata>"""


@dataclass
class Listed:
    """What C(ansible-inventory --list) printed."""

    hosts: dict
    groups: dict
    errors: str


@pytest.fixture
def listed(tmp_path):
    """C(listed([options, ...])) -> the hosts with their variables, the groups with their hosts, and what went wrong."""

    def run(configurations, *arguments):
        command = [sys.executable, "-m", "ansible", "inventory", "--list", *arguments]
        for number, options in enumerate(configurations):
            path = tmp_path / f"{number}.virt.yml"
            path.write_text(json.dumps({"plugin": "mini.hypervisor.virt", **options}))
            command += ["-i", str(path)]
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "COLUMNS": "1000"}
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout, object_hook=lambda each: each.get("__ansible_unsafe", each))
        hosts = found.pop("_meta")["hostvars"]
        return Listed(hosts, {name: each.get("hosts", []) for name, each in found.items()}, done.stderr)

    return run


@pytest.fixture
def inventory(listed):
    """C(inventory(uris=[...])) -> the same of one inventory."""
    return lambda *arguments, **options: listed([options], *arguments)


def describe(uri, name, text):
    """Put text into the document of a guest."""
    path = Path(uri.removeprefix("test://"))
    path.write_text(path.read_text().replace(f"<name>{name}</name>", f"<name>{name}</name>{text}"))


@pytest.mark.parametrize("name", ["virt.yml", "virt.yaml", "lab.virt.yml", "a.b.virt.yaml"])
def test_files_that_are_ours(name):
    assert virt.FILES.fullmatch(name)


@pytest.mark.parametrize("name", ["libvirt.yml", "virt.yml.bak", "virt.json", ".virt.yml", "virt", "hosts.yml"])
def test_files_that_are_not(name):
    assert not virt.FILES.fullmatch(name)


def test_hosts_groups_and_constructed_ones(inventory, host):
    uri = host("big", web="running", idle="shutdown")
    describe(uri, "web", HOSTILE)
    found = inventory(
        uris=[{"uri": uri, "name": "big", "proxy_jump": "root@big:2222"}],
        group_by=["state", "network", "hypervisor", "metadata"],
        compose={"role": "virt_metadata.role", "mebibytes": "virt_memory // 1024 ** 2"},
        groups={"large": "virt_memory >= 1024 ** 3", "reachable": "ansible_host is defined"},
        keyed_groups=[{"key": "virt_metadata.role", "separator": ""}],
    )
    assert set(found.hosts) == {"web", "idle"} and "WARNING" not in found.errors
    web, idle = found.hosts["web"], found.hosts["idle"]
    assert web["ansible_host"] == web["virt_address"] and web["ansible_host"].startswith("10.7.0.")
    assert web["ansible_ssh_common_args"] == "-o ProxyJump=root@big:2222 -o HostKeyAlias=web"
    assert web["role"] == "www" and web["mebibytes"] == 512
    assert web["virt_title"] == "{{ lookup('pipe', 'id') }}"
    assert web["virt_metadata"] == {"role": "www", "{{ 6 * 7 }}": "{{ 6 * 7 }}"}
    assert "ansible_host" not in idle and idle["virt_state"] == "shutdown" and "role" not in idle
    assert found.groups["state_running"] == found.groups["reachable"] == found.groups["www"] == ["web"]
    assert found.groups["state_shutdown"] == ["idle"]
    assert sorted(found.groups["network_default"]) == sorted(found.groups["hypervisor_big"]) == ["idle", "web"]
    assert found.groups["metadata_role_www"] == ["web"] and "large" not in found.groups


def test_strict_is_strict(inventory, host):
    uris = [{"uri": host("big", web="running"), "name": "big"}, {"uri": host("small", web="running"), "name": "small"}]
    assert set(inventory(uris=uris).hosts) == {"web.big", "web.small"}
    refused = inventory(uris=uris, strict=True)
    assert refused.hosts == {} and "web on big, web on small" in refused.errors
    undefined = inventory(uris=uris[:1], strict=True, compose={"x": "nothing.at.all"})
    assert "Could not set x for host web" in undefined.errors


def test_a_cache_answers_the_same_question_only(inventory, host, tmp_path):
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    uri = host("big", web="running")
    describe(uri, "web", HOSTILE)
    first = inventory(uris=[uri], **cache)
    host("big", other="running")
    assert inventory(uris=[uri], **cache) == first
    # How guests are grouped and named is not kept in it, what is asked is.
    assert set(inventory(uris=[uri], hostnames=["uuid"], **cache).hosts) == {first.hosts["web"]["virt_uuid"]}
    assert set(inventory(uris=[uri], include_states=["running"], **cache).hosts) == {"other"}
    host("big", third="running")
    assert set(inventory("--flush-cache", uris=[uri], include_states=["running"], **cache).hosts) == {"third"}


def test_an_incomplete_inventory_is_not_kept(inventory, host, tmp_path):
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    small = {"uri": f"test://{tmp_path}/small.xml", "name": "small"}
    options = {"uris": [{"uri": host("big", web="running"), "name": "big"}, small], **cache}
    refused = inventory(**options)
    assert refused.hosts == {} and "Hypervisor small" in refused.errors and "CONNECTION_FAILED" in refused.errors
    warned = inventory(on_unreachable="warn", **options)
    assert set(warned.hosts) == {"web"} and "Its guests are missing from the inventory" in warned.errors
    host("small", db="running")
    assert set(inventory(on_unreachable="warn", **options).hosts) == {"web", "db"}


def test_what_is_wrong_is_said(listed):
    wrong = {
        "dns": {"address_sources": ["dns"]},
        "INVALID_ADDRESS": {"address_networks": ["10.0.0.0/33"]},
        "INVALID_PROXY_JUMP": {"uris": [{"uri": "test:///default", "proxy_jump": "-oProxyCommand=id"}]},
        "DUPLICATE_HYPERVISOR": {"uris": ["test:///default", "test:///default"]},
    }
    found = listed([{"uris": ["test:///default"], **options} for options in wrong.values()])
    assert found.hosts == {}
    assert [said for said in wrong if said not in found.errors] == []


def test_every_option_has_an_example_and_every_example_works(listed, host, tmp_path):
    examples = list(yaml.safe_load_all(virt.EXAMPLES))
    options = yaml.safe_load(virt.DOCUMENTATION)["options"]
    assert [option for option in options if not any(option in example for example in examples)] == []
    # Their hypervisors are in the world of example.com; of each, another one takes the place.
    for number, example in enumerate(examples):
        places = {"uri": host(f"place{number}", **{f"web-{number}": "running"})}
        given = example.get("uris", ["qemu:///system"])
        entries = [each if isinstance(each, dict) else {"uri": each} for each in given]
        example["uris"] = [{"name": f"h{number}{place}", **each, **places} for place, each in enumerate(entries)]
        example.update({"cache_connection": str(tmp_path / "cache")} if "cache" in example else {})
    found = listed(examples)
    assert "Failed to parse" not in found.errors
    assert set(found.hosts) == {"web-0", "web-1.h10", "web-1.small", "web-2", "web-3"}
    assert "ProxyJump=admin@gate.example.com" in found.hosts["web-1.small"]["ansible_ssh_common_args"]
    assert found.hosts["web-2"]["ansible_user"] == "admin"
