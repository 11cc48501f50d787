# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirtd: one connection, and a new daemon and connection where a document made it die."""

from __future__ import annotations

import subprocess
import time
from typing import Any, Callable, TypeVar

import libvirt

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.errors import is_disconnected

from .kinds import InvalidError

URI = "qemu:///system"
DEADLINE = 30
Answer = TypeVar("Answer")


class DiedError(Exception):
    """The daemon died of what it was given; there is a new one now."""


class RejectedError(Exception):
    """libvirtd does not accept the document."""


class Oracle:
    """libvirtd, asked by C(ask)."""

    def __init__(self) -> None:
        libvirt.registerErrorHandler(lambda context, error: None, None)
        self.connection = libvirt.open(URI)
        self.deaths = 0

    def ask(self, question: Callable[..., Answer], *arguments: Any) -> Answer:
        """C(question(connection, *arguments)), with a refusal told from a death."""
        try:
            return question(self.connection, *arguments)
        except libvirt.libvirtError as error:
            if is_disconnected(error):
                self._revive()
                raise DiedError from error
            raise RejectedError(error.get_error_message()) from error
        except InvalidError as error:
            raise RejectedError(str(error)) from error
        except HypervisorError as error:
            if error.code == "DISCONNECTED":
                self._revive()
                raise DiedError from error
            raise RejectedError(f"{error.code}: {error}") from error

    def _revive(self) -> None:
        self.deaths += 1
        deadline = time.monotonic() + DEADLINE
        while True:
            subprocess.run(["libvirtd", "-d"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
            try:
                self.connection = libvirt.open(URI)
                return
            except libvirt.libvirtError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
