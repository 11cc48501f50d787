# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage pools."""

from __future__ import annotations

import copy
from typing import Any

import libvirt

from ansible_collections.mini.hypervisor.plugins.module_utils._storage import pool
from ansible_collections.mini.hypervisor.plugins.modules.virt_pool import SPEC

from . import Kind

OPTIONS = {name: item.get("default") for name, item in SPEC.items()}


class Pool(Kind):
    name = "pool"
    root = "pool"
    directories = ("storagepoolxml2xmlin",)
    identity = ("uuid",)

    def define(self, connection: Any, text: str) -> None:
        connection.storagePoolDefineXML(text, libvirt.VIR_STORAGE_POOL_DEFINE_VALIDATE)

    def read(self, connection: Any, name: str) -> str:
        return str(connection.storagePoolLookupByName(name).XMLDesc(libvirt.VIR_STORAGE_XML_INACTIVE))

    def undefine(self, connection: Any, name: str) -> None:
        try:
            connection.storagePoolLookupByName(name).undefine()
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_POOL:
                raise

    def converge(self, connection: Any, name: str, text: str, check_mode: bool) -> dict[str, Any]:
        options = {**OPTIONS, "name": name, "state": "present", "xml": text}
        return pool.converge(connection, options, check_mode, lambda warning: None)

    def carried(self, element: Any, stored: Any) -> Any:
        clone = copy.deepcopy(element)
        for each in clone.findall("uuid"):
            clone.remove(each)
        clone.append(copy.deepcopy(stored.find("uuid")))
        return clone


KIND = Pool()
