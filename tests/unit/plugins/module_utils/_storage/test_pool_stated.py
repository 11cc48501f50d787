# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._storage.pool_conflicts import storage
from ansible_collections.mini.hypervisor.plugins.module_utils._storage.pool_properties import clean_path
from ansible_collections.mini.hypervisor.plugins.module_utils._storage.pool_stated import differences, kept
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document


def pool(kind, inside=""):
    return document.parse(f"<pool type='{kind}'><name>p</name>{inside}</pool>")


def target(permissions):
    return f"<target><path>/x</path><permissions>{permissions}</permissions></target>"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pool("logical"), pool("logical", "<source><name>p</name><format type='lvm2'/></source>")),
        (pool("logical"), pool("logical", "<target><path>/elsewhere</path></target>")),
        (pool("dir", target("<mode>700</mode>")), pool("dir", target("<mode>0700</mode><owner>-1</owner>"))),
        (pool("dir", "<capacity>5</capacity>"), pool("dir", "<source><device path='/dev/x'/></source>")),
        (
            pool("netfs", "<source><host name='h' port='0'/></source>"),
            pool("netfs", "<source><host name='h'/></source>"),
        ),
        (pool("gluster"), pool("gluster", "<source><dir path='/'/></source>")),
        (
            pool("scsi", "<source><adapter name='host0'/></source>"),
            pool("scsi", "<source><adapter type='scsi_host' name='host0'/></source>"),
        ),
    ],
)
def test_the_same_in_other_words(one, other):
    assert kept(one) == kept(other)


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        (pool("dir", target("<mode>0700</mode>")), pool("dir", target("<mode>0711</mode>")), "target/permissions/mode"),
        (pool("dir"), pool("dir", "<source><vendor name='v'/></source>"), "source/vendor/@name"),
        (
            pool("disk", "<source><device path='/a'/><device path='/b'/></source>"),
            pool("disk", "<source><device path='/b'/><device path='/a'/></source>"),
            "source/device[0]/@path",
        ),
    ],
)
def test_another_pool(one, other, path):
    assert f"xml/{path}" in [change.path for change in differences(one, other, learnt=False)]


def test_what_libvirt_learnt_is_forgiven_where_nothing_is_stated():
    learnt = pool("dir", target("<mode>0755</mode><owner>0</owner><group>0</group>"))
    silent, stated = pool("dir", target("")), pool("dir", target("<mode>0700</mode>"))
    assert differences(silent, learnt, learnt=True) == []
    assert len(differences(silent, learnt, learnt=False)) == 3
    assert [change.path for change in differences(stated, learnt, learnt=True)] == ["xml/target/permissions/mode"]


def test_paths_are_cleaned_as_libvirt_does():
    for path, cleaned in (
        ("/a//b/", "/a/b"),
        ("//a/b", "//a/b"),
        ("///a", "/a"),
        ("/", "/"),
        ("a/b/", "a/b"),
        ("iscsi://h//x/", "iscsi://h//x/"),
    ):
        assert clean_path(path) == cleaned


def test_storage_is_compared_by_libvirts_rules():
    hosts = "<source>{}<dir path='/x'/></source>"
    one, two = "<host name='h'/>", "<host name='h'/><host name='g'/>"
    assert storage(pool("netfs", hosts.format(one))) & storage(pool("netfs", hosts.format(one)))
    assert not storage(pool("netfs", hosts.format(two)))
    device = "<source><device path='/dev/a'/></source>"
    assert storage(pool("fs", device)) & storage(pool("logical", device))
    assert not storage(pool("fs", device)) & storage(pool("iscsi", device))
    assert storage(pool("mpath")) & storage(pool("mpath"))
    assert not storage(pool("rbd", "<source><name>x</name></source>"))
