# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The guest agent: files and programs inside of a guest, without its network."""

from __future__ import annotations

import base64
import json
import time
from typing import Any, Sequence

from .._deps import libvirt, libvirt_qemu
from .._errors import HypervisorError
from .._libvirt.errors import explain

PAUSE = 0.05
PATIENCE = 0.1
"""Seconds between two looks for a file: each takes an emulated guest from what it does there."""
_ABSENT = (74, 86, 97)
"""VIR_ERR_ARGUMENT_UNSUPPORTED, VIR_ERR_AGENT_UNRESPONSIVE and VIR_ERR_AGENT_UNSYNCED of libvirt."""


class Agent:
    """The agent of one domain. Every wait ends at the deadline, a monotonic time."""

    def __init__(self, domain: Any, deadline: float) -> None:
        if libvirt_qemu is None:
            raise HypervisorError(
                "libvirt-python on the hypervisor comes without libvirt_qemu, by which the guest agent is reached:"
                " install your distribution's python3-libvirt.",
                "MISSING_LIBRARY",
            )
        self._domain, self._deadline = domain, deadline

    def wait(self) -> None:
        """Until it answers."""
        while True:
            try:
                self._call("guest-ping", 2)
                return
            except libvirt.libvirtError as error:
                if error.get_error_code() not in _ABSENT or time.monotonic() > self._deadline:
                    raise self._silent(error) from error
            time.sleep(PAUSE)

    def run(self, command: Sequence[str], stdin: str) -> str:
        """What the program prints; it has to succeed."""
        asked = {"path": command[0], "arg": list(command[1:]), "capture-output": True}
        pid = self._ask("guest-exec", **asked, **{"input-data": _encode(stdin)})["pid"]
        while True:
            state = self._ask("guest-exec-status", pid=pid)
            if state["exited"]:
                break
            self._check_time(f"{command[0]} has not ended")
            time.sleep(PAUSE)
        if state.get("exitcode") != 0:
            raise HypervisorError(
                f"{command[0]} failed in guest {self._domain.name()}:"
                f" {_decode(state.get('err-data', ''))[-800:].strip()}",
                "GUEST_COMMAND_FAILED",
            )
        return _decode(state.get("out-data", ""))

    def write(self, path: str, text: str) -> None:
        """Write a file in one piece."""
        handle = self._ask("guest-file-open", path=path, mode="w")
        self._ask("guest-file-write", handle=handle, **{"buf-b64": _encode(text)})
        self._ask("guest-file-close", handle=handle)

    def await_file(self, path: str, what: str) -> str:
        """What is in the file as soon as it is there."""
        while True:
            try:
                handle = self._call("guest-file-open", 5, path=path, mode="r")
                break
            except libvirt.libvirtError as error:
                if "No such file" not in error.get_error_message():
                    raise self._silent(error) from error
            self._check_time(what)
            time.sleep(PATIENCE)
        text = _decode(self._ask("guest-file-read", handle=handle, count=1 << 16)["buf-b64"])
        self._ask("guest-file-close", handle=handle)
        return text

    def _check_time(self, what: str) -> None:
        if time.monotonic() > self._deadline:
            raise HypervisorError(
                f"Guest {self._domain.name()} did not go on in time: {what}. Give it a longer deadline, and see its"
                " console.",
                "GUEST_NOT_READY",
            )

    def _ask(self, command: str, **arguments: Any) -> Any:
        try:
            return self._call(command, 20, **arguments)
        except libvirt.libvirtError as error:
            raise self._silent(error) from error

    def _call(self, command: str, timeout: int, **arguments: Any) -> Any:
        request = {"execute": command, **({"arguments": arguments} if arguments else {})}
        return json.loads(libvirt_qemu.qemuAgentCommand(self._domain, json.dumps(request), timeout, 0))["return"]

    def _silent(self, error: Any) -> HypervisorError:
        name = self._domain.name()
        if "has been disabled" in error.get_error_message() or "not allowed" in error.get_error_message():
            return HypervisorError(
                f"The guest agent of {name} does not allow what a saved machine needs ({error.get_error_message()}):"
                " use an image whose agent allows guest-exec and guest-file-*, or guest_from: image.",
                "AGENT_FORBIDS",
            )
        if error.get_error_code() in _ABSENT:
            return HypervisorError(
                f"The guest agent of {name} does not answer: the image needs qemu-guest-agent, and the domain its"
                " channel (guest_agent: true).",
                "NO_GUEST_AGENT",
            )
        return explain(error, f"asking the guest agent of {name}")


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decode(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "replace")
