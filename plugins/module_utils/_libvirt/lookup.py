# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Look-ups where "not there" is an answer, not an error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator

from .._deps import libvirt
from .._errors import HypervisorError
from .errors import INVALID_ARG, explain


def find(look_up: Callable[[str], Any], name: str, not_found: int, doing: str) -> Any:
    """The object that C(look_up) finds by C(name), None where libvirt answers C(not_found)."""
    try:
        return look_up(name)
    except libvirt.libvirtError as error:
        if error.get_error_code() == not_found:
            return None
        raise explain(error, doing) from error


def inactive_xml(dump: Callable[[int], str], flags: int) -> str:
    """The XML that C(dump) gives for C(flags); libvirt's test driver knows no flags and gives its only one."""
    try:
        return dump(flags)
    except libvirt.libvirtError as error:
        if flags and error.get_error_code() == INVALID_ARG and "unsupported flags" in error.get_error_message():
            return dump(0)
        raise


@contextmanager
def unless_gone() -> Iterator[None]:
    """Skip the rest of the block where a listed object was removed before it was read."""
    try:
        yield
    except HypervisorError as error:
        if error.code != "NOT_FOUND":
            raise
