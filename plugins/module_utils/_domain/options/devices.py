# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
# pylint does not see the fields that a dataclass inherits from another file.
# pylint: disable=redundant-keyword-arg
"""Memory balloon, random numbers, TPM, watchdog, panic device, vsock and shared directories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import DeviceModel, Limit
from ..._xml.properties import LIVE, NEXT_BOOT, Group, Integer, Items, OnOff, Presence, Text, YesNo
from .plugged import Plugged

NONE = "none"


class RandomSource(Text):
    """A virtio random number generator fed from a file of the hypervisor."""

    def write(self, element: Element, value: Any) -> None:
        if value == "":
            document.remove(element, "devices/rng")
            return
        document.remove(element, "devices/rng/backend")
        document.put(element, "devices/rng/@model", "virtio")
        document.put(element, "devices/rng/backend/@model", "random")
        document.put(element, "devices/rng/backend", value)


class Balloon(Text):
    """The model of the memory balloon. C(none) has no options."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "devices/memballoon")
        super().write(element, value)


@dataclass(frozen=True)
class BalloonOptions(Group):
    """How the balloon behaves, which is virtio's where the domain does not tell yet."""

    def write(self, element: Element, value: Any) -> None:
        if document.get(element, f"{self.path}/@model") is None:
            document.put(element, f"{self.path}/@model", "virtio")
        super().write(element, value)


@dataclass(frozen=True)
class Tpm(Group):
    """An emulated TPM. The model C(none) takes it away."""

    def write(self, element: Element, value: Any) -> None:
        if value.get("model") == NONE:
            document.remove(element, self.path)
            return
        if document.get(element, f"{self.path}/backend/@type") is None:
            document.put(element, f"{self.path}/backend/@type", "emulator")
        super().write(element, value)


class VsockCid(Limit):
    """The number by which the hypervisor's programs reach the guest's; 0 takes the device away."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "devices/vsock")
        if value:
            document.put(element, "devices/vsock/@model", "virtio")
            document.put(element, "devices/vsock/cid/@auto", "no")
            super().write(element, value)


class SharedDirectory(Text):
    """A directory of the hypervisor."""

    def write(self, element: Element, value: Any) -> None:
        element.set("type", "mount")
        super().write(element, value)


WATCHDOG = Items(
    "watchdog",
    "devices/watchdog",
    ("model",),
    (
        Text("model", "@model", NEXT_BOOT, {"required": True, "choices": ["i6300esb", "ib700", "diag288"]}),
        Text(
            "action",
            "@action",
            NEXT_BOOT,
            {"choices": ["reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"]},
        ),
    ),
    LIVE,
    defaults={"action": "reset"},
    removable=True,
)

FILESYSTEMS = Plugged(
    "filesystems",
    "devices/filesystem",
    ("target",),
    (
        Text("target", "target/@dir", spec={"required": True}),
        SharedDirectory("source", "source/@dir"),
        Text("driver", "driver/@type", NEXT_BOOT, {"choices": ["path", "virtiofs"]}, missing="path"),
        Text(
            "accessmode",
            "@accessmode",
            NEXT_BOOT,
            {"choices": ["passthrough", "mapped", "squash"]},
            missing="passthrough",
        ),
        Presence("readonly", "readonly"),
    ),
    LIVE,
    removable=True,
    sources=("source",),
)

DEVICES = (
    RandomSource("rng", "devices/rng/backend", LIVE),
    Group("rng_rate", (Integer("bytes", "@bytes"), Integer("period", "@period", missing=1000)), "devices/rng/rate"),
    Balloon("memballoon", "devices/memballoon/@model", NEXT_BOOT, {"choices": ["virtio", NONE]}),
    BalloonOptions(
        "memballoon_options",
        (
            OnOff("autodeflate", "@autodeflate"),
            OnOff("free_page_reporting", "@freePageReporting"),
            Limit("stats_period", "stats/@period", LIVE),
        ),
        "devices/memballoon",
    ),
    Tpm(
        "tpm",
        (
            Text("model", "@model", NEXT_BOOT, {"choices": ["tpm-tis", "tpm-crb", "tpm-spapr", NONE]}, missing=NONE),
            Text("version", "backend/@version", NEXT_BOOT, {"choices": ["1.2", "2.0"]}),
            YesNo("persistent_state", "backend/@persistent_state", missing=False),
        ),
        "devices/tpm",
    ),
    WATCHDOG,
    DeviceModel("panic", "devices/panic/@model", NEXT_BOOT, {"choices": ["isa", "pseries", "hyperv", "s390", NONE]}),
    VsockCid("vsock_cid", "devices/vsock/cid/@address", generated=True),
    FILESYSTEMS,
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    if given.get("rng_rate") and not result.get("rng"):
        yield "rng_rate needs an rng."
    if given.get("rng_rate") and not (result.get("rng_rate") or {}).get("bytes"):
        yield "rng_rate needs its bytes."
    if given.get("memballoon_options") and result.get("memballoon") == NONE:
        yield "memballoon_options need a memballoon."
    if given.get("vsock_cid") and given["vsock_cid"] < 3:
        yield "vsock_cid has to be at least 3: the smaller ones are the hypervisor's."
    if (given.get("tpm") or {}).get("model") == NONE and len([each for each in given["tpm"].values() if each]) > 1:
        yield "tpm.model none has neither version nor state."
    present = {each["target"]: each for each in result.get("filesystems") or []}
    for asked in given.get("filesystems") or []:
        if asked.get("state") != "absent":
            for sentence in _refused_share(present.get(asked["target"]) or asked, result):
                yield f"filesystem {asked['target']}: {sentence}"


def _refused_share(share: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    if share.get("driver") != "virtiofs":
        return
    backing = result.get("memory_backing") or {}
    cells = (result.get("cpu") or {}).get("numa") or []
    if backing.get("access") != "shared" and not (cells and all(each["mem_access"] == "shared" for each in cells)):
        yield "virtiofs needs shared memory: give memory_backing source memfd and access shared."
    if share.get("readonly") or share.get("accessmode") not in (None, "passthrough"):
        yield "virtiofs is neither read-only nor of another accessmode than passthrough."
