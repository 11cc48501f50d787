# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The guest's clock and timers."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml.document import Element
from ..._xml.properties import NEXT_BOOT, Group, Integer, Items, Text, YesNo

_MEMBERS = {
    "platform": {"track", "tickpolicy"},
    "rtc": {"track", "tickpolicy"},
    "tsc": {"tickpolicy", "frequency", "mode"},
    "hpet": {"tickpolicy"},
    "pit": {"tickpolicy"},
    "armvtimer": {"tickpolicy"},
}
"""What can be told of a timer beside its presence."""


class ClockOffset(Text):
    """What the clock starts from. What belongs to the former offset goes with it."""

    def write(self, element: Element, value: Any) -> None:
        for name in ("timezone", "adjustment", "basis", "start"):
            element.attrib.pop(name, None)
        super().write(element, value)


CLOCK = Group(
    "clock",
    (
        ClockOffset("offset", "@offset", NEXT_BOOT, {"choices": ["utc", "localtime", "timezone", "variable"]}),
        Text("timezone", "@timezone"),
        # The guest moves it by setting its clock.
        Integer("adjustment", "@adjustment", volatile=True),
        # A domain that starts gets the time zone into the adjustment, and utc for its basis.
        Text("basis", "@basis", NEXT_BOOT, {"choices": ["utc", "localtime"]}, volatile=True),
        Items(
            "timers",
            "timer",
            ("name",),
            (
                Text(
                    "name",
                    "@name",
                    spec={
                        "required": True,
                        "choices": ["platform", "hpet", "kvmclock", "pit", "rtc", "tsc", "hypervclock", "armvtimer"],
                    },
                ),
                YesNo("present", "@present"),
                Text("tickpolicy", "@tickpolicy", spec={"choices": ["delay", "catchup", "merge", "discard"]}),
                Text("track", "@track", spec={"choices": ["boot", "guest", "wall", "realtime"]}),
                Integer("frequency", "@frequency"),
                Text("mode", "@mode", spec={"choices": ["auto", "native", "emulate", "paravirt", "smpsafe"]}),
            ),
            removable=True,
        ),
    ),
    "clock",
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    asked, clock = given.get("clock") or {}, result.get("clock") or {}
    if (asked.get("offset") == "timezone" or asked.get("timezone")) and not (
        clock.get("offset") == "timezone" and clock.get("timezone")
    ):
        yield "clock.timezone and clock.offset timezone are given together."
    for name in ("adjustment", "basis"):
        if asked.get(name) is not None and clock.get("offset") != "variable":
            yield f"clock.{name} needs clock.offset variable."
    for timer in asked.get("timers") or []:
        wrong = sorted(set(timer) - {"name", "present", "state"} - _MEMBERS.get(timer["name"], set()))
        if wrong:
            yield f"clock.timers: {timer['name']} has no {wrong[0]}."
