# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.action import image_fetch, virt_volume


class Task:
    def __init__(self, **args):
        self.args = args


def is_long(plugin, **args):
    action = object.__new__(plugin.ActionModule)
    action._task = Task(**args)
    return action._is_long({})


def test_only_copies_are_watched():
    for option in ("source", "clone_from", "download_to"):
        assert is_long(virt_volume, pool="p", name="v", **{option: "x"})
    assert not is_long(virt_volume, pool="p", name="v", capacity="1G")
    assert is_long(image_fetch)
