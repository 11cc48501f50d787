# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One who watches a guest from outside, in the same way whoever makes it: from its definition until it can be used."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import libvirt

TICK = 0.1
_USABLE = "until [ -e /run/cloud-init/result.json ]; do sleep 0.2; done"


class Watch(threading.Thread):
    """Notes when the domain is there, and when cloud-init in it is done for one who came in by SSH."""

    def __init__(self, name: str, key: Path, deadline: float) -> None:
        super().__init__(daemon=True)
        self.seconds: float | None = None
        self._name, self._key = name, key
        self._until = time.monotonic() + deadline
        self.start()

    def run(self) -> None:
        """The thread's work."""
        # It would print an error for each look at a domain that does not run yet.
        libvirt.registerErrorHandler(lambda *_error: None, None)
        connection = libvirt.openReadOnly("qemu:///system")
        try:
            domain = self._await(lambda: self._found(connection))
            defined = time.monotonic()
            address = self._await(lambda: self._address(domain))
            self._await(lambda: self._has(address))
            self._await(lambda: self._enter(address))
            self.seconds = time.monotonic() - defined
        except TimeoutError:
            return
        finally:
            connection.close()

    def _await(self, look: Any) -> Any:
        while time.monotonic() < self._until:
            found = look()
            if found:
                return found
            time.sleep(TICK)
        raise TimeoutError

    def _found(self, connection: Any) -> Any:
        # Asking for one that is not there would print an error.
        return next((domain for domain in connection.listAllDomains() if domain.name() == self._name), None)

    def _address(self, domain: Any) -> str | None:
        try:
            cards = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
        except libvirt.libvirtError:  # defined, and not yet started
            return None
        return next((each["addr"] for card in cards.values() for each in card["addrs"] or []), None)

    def _has(self, address: str) -> bool:
        """Whether the guest has its address: a connection that is tried before is tried again only a second later."""
        ping = ["ping", "-n", "-q", "-i", str(TICK), "-c", "1", "-w", "5", address]
        return subprocess.run(ping, capture_output=True, check=False).returncode == 0

    def _enter(self, address: str) -> bool:
        options = ["-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=/dev/null"]
        options += ["-o", "ConnectTimeout=5", "-o", "BatchMode=yes", "-i", str(self._key)]
        command = ["ssh", "-F", "none", *options, f"lab@{address}", _USABLE]
        left = max(1.0, self._until - time.monotonic())
        try:
            return subprocess.run(command, capture_output=True, check=False, timeout=left).returncode == 0
        except subprocess.TimeoutExpired:
            return False
