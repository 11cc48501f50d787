# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.hypervisors import Hypervisor, hypervisors


@pytest.mark.parametrize(
    ("uri", "name", "jump"),
    [
        ("qemu:///system", "local", ""),
        ("test:///default", "local", ""),
        ("qemu+unix:///system?socket=/run/x", "local", ""),
        ("qemu+ssh://big/system", "big", "big"),
        ("qemu+ssh://root@Big.Example.com:2222/system", "big.example.com", "root@Big.Example.com:2222"),
        ("qemu+libssh2://root@10.0.0.7/system", "10.0.0.7", "root@10.0.0.7"),
        ("qemu+ssh://root:secret@big/system?keyfile=/k&no_verify=1", "big", "root@big"),
        ("qemu+tls://big/system", "big", ""),
        ("qemu://big/system", "big", ""),
    ],
)
def test_names_and_jumps_come_from_the_uri(uri, name, jump):
    assert hypervisors([uri], jumps=True) == [Hypervisor(uri, name, jump)]
    assert hypervisors([uri], jumps=False) == [Hypervisor(uri, name, "")]


def test_what_is_given_wins():
    entry = {"uri": "qemu+ssh://[fd00::7]:22/system", "name": "six"}
    assert hypervisors([entry], jumps=True)[0].jump == "[fd00::7]:22"
    assert hypervisors([{**entry, "proxy_jump": ""}], jumps=True)[0].jump == ""
    chain = "admin@gate.example.com:2222,root@big"
    assert hypervisors([{**entry, "proxy_jump": chain}], jumps=False)[0].jump == chain


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([{"uri": "qemu:///system", "proxy_jump": jump}], "INVALID_PROXY_JUMP")
        for jump in ("-oProxyCommand=id", "a b", "a;b", "root@-x", "a,", "$(id)", "a'b", "{{ x }}", "a\n", "a:b", "%h")
    ]
    + [
        (["qemu+ssh://-oProxyCommand=id/system"], "INVALID_NAME"),
        (["qemu+ssh://a%20b@big/system"], "INVALID_PROXY_JUMP"),
        (["qemu+ssh://[fd00::7]/system"], "INVALID_NAME"),
        (["qemu+ssh://[fd00/system"], "INVALID_URI"),
        (["qemu:///system", "qemu:///session"], "DUPLICATE_HYPERVISOR"),
        (["qemu:///system", "qemu:///system"], "DUPLICATE_HYPERVISOR"),
        ([{"name": "x"}], "INVALID_OPTION"),
        ([{"uri": "qemu:///system", "jump": "x"}], "INVALID_OPTION"),
        ([{"uri": "qemu:///system", "proxy_jump": False}], "INVALID_OPTION"),
        ([7], "INVALID_OPTION"),
        ([""], "INVALID_OPTION"),
    ],
)
def test_what_is_wrong_is_refused(entries, code):
    with pytest.raises(HypervisorError) as refused:
        hypervisors(entries, jumps=True)
    assert refused.value.code == code
