# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the documentation, run one after the other on the test driver; together they name every option."""

from __future__ import annotations

import libvirt
import yaml

from ansible_collections.mini.hypervisor.plugins.modules import virt_domain

TASKS = yaml.safe_load(virt_domain.EXAMPLES)
MODULE = "mini.hypervisor.virt_domain"
TEMPLATES = {"{{ desktop_password }}": "canary"}
CANNOT = {"live": False, "force": True}
"""The test driver changes nothing live, and its guests do not listen. It has no variables, TPMs or QEMU."""

WITHOUT_PASST = libvirt.getVersion() < 9_001_000

POOL = """<pool type="dir"><name>images</name><target><path>/var/lib/libvirt/images</path></target></pool>"""
VOLUME = """<volume><name>web.qcow2</name><capacity>1024</capacity></volume>"""


def options(task):
    """The options of an example, for a guest of the test driver."""
    given = {name: TEMPLATES.get(value, value) if isinstance(value, str) else value for name, value in task.items()}
    for name in ("uri", "discard", "qemu_arguments"):
        given.pop(name, None)
    if "type" in given:
        given["type"] = "test"
    if "xml" in given:
        given["xml"] = given["xml"].replace('type="kvm"', 'type="test"')
    return {**given, **CANNOT}


def test_the_examples_name_every_option():
    named = {name for task in TASKS for name in task[MODULE]}
    assert sorted(set(virt_domain.SPEC) - named - {"uri", "timeout", "validate"}) == []


def test_each_example_does_what_it_says_once(virt, test_driver):
    images = test_driver.storagePoolCreateXML(POOL)
    images.createXML(VOLUME)
    for task in TASKS:
        if WITHOUT_PASST and "port_forwards" in str(task):
            continue
        given = options(task[MODULE])
        predicted = virt("virt_domain", check=True, **given)
        assert not predicted.get("failed"), (task["name"], predicted["msg"])
        done = virt("virt_domain", **given)
        assert not done.get("failed"), (task["name"], done["msg"])
        assert done["changed"] and done["changes"] == predicted["changes"], task["name"]
        again = virt("virt_domain", **given)
        assert not again["changed"], (task["name"], again["changes"])
        assert "canary" not in str(done)
    assert images.listAllVolumes() == []
