# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""How many virtual processors a domain has, and where they run."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import NumberSet
from ..._xml.properties import LIVE, Integer


class _Count(Integer):
    """C(<vcpu current='2'>4</vcpu>): both numbers are there, or one that stands for both."""

    @staticmethod
    def numbers(element: Element) -> tuple[int | None, int | None]:
        """The present and the largest number of processors."""
        most = document.get(element, "vcpu")
        now = document.get(element, "vcpu/@current") or most
        return (int(now) if now else None), (int(most) if most else None)

    @staticmethod
    def put(element: Element, now: int, most: int) -> None:
        """Write both numbers. A list that tells which processors are plugged in is of other numbers, so it goes."""
        document.remove(element, "vcpus")
        document.put(element, "vcpu", str(most))
        if now < most:
            document.put(element, "vcpu/@current", str(now))
        else:
            document.remove(element, "vcpu/@current")


class Vcpus(_Count):
    """The processors that are plugged in."""

    def read(self, element: Element) -> Any:
        return self.numbers(element)[0]

    def write(self, element: Element, value: Any) -> None:
        self.put(element, value, max(value, self.numbers(element)[1] or value))


class MaxVcpus(_Count):
    """The processors that can be plugged in."""

    def read(self, element: Element) -> Any:
        return self.numbers(element)[1]

    def write(self, element: Element, value: Any) -> None:
        self.put(element, self.numbers(element)[0] or value, value)


VCPUS = (
    MaxVcpus("max_vcpus", "vcpu"),
    Vcpus("vcpus", "vcpu", LIVE),
    NumberSet("cpuset", "vcpu/@cpuset"),
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    for name in ("vcpus", "max_vcpus"):
        if given.get(name) is not None and given[name] < 1:
            yield f"{name} has to be at least 1."
    if given.get("vcpus") and given.get("max_vcpus") and given["vcpus"] > given["max_vcpus"]:
        yield f"vcpus is {given['vcpus']}, which is more than max_vcpus, {given['max_vcpus']}."
