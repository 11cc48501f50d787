# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a volume has, declared: its size, its format, and what lies below it."""

from __future__ import annotations

from typing import Any

from .._errors import HypervisorError
from .._xml.properties import LIVE, RECREATE, Group, Integer, Presence, Size, Text
from .pool_properties import Mode

FORMATS = {"choices": ["qcow2", "raw"]}


class ImageFormat(Text):
    """The format of an image; an ISO image, which libvirt tells from others, is a raw one."""

    def same(self, present: Any, wanted: Any) -> bool:
        return bool(present == wanted) or (present, wanted) == ("iso", "raw")


class ClusterSize(Size):
    """The size of a qcow2 cluster."""

    def normal(self, value: Any) -> Any:
        size = super().normal(value)
        if size & (size - 1) or not 512 <= size <= 2 << 20:
            raise HypervisorError(
                f"qcow2.{self.name} {value!r} is not a power of two from 512 to 2MiB.", "INVALID_OPTION"
            )
        return size


FEATURES = (
    Text("compat", "compat", RECREATE, {"choices": ["0.10", "1.1"]}),
    Presence("lazy_refcounts", "features/lazy_refcounts", RECREATE),
    ClusterSize("cluster_size", "clusterSize", RECREATE, unit="bytes"),
    Presence("extended_l2", "features/extended_l2", RECREATE),
)

PROPERTIES = (
    Size("capacity", "capacity", LIVE, unit="bytes", grain=512),
    ImageFormat("format", "target/format/@type", RECREATE, FORMATS),
    Group("qcow2", FEATURES, "target"),
    Group(
        "backing",
        (
            Text("path", "path", RECREATE, {"required": True}),
            Text("format", "format/@type", RECREATE, {**FORMATS, "required": True}),
        ),
        "backingStore",
    ),
)

PERMISSIONS = (
    Mode("mode", "target/permissions/mode"),
    Integer("owner", "target/permissions/owner"),
    Integer("group", "target/permissions/group"),
)
"""They apply when the volume is made: libvirt changes them itself while a guest uses it."""
