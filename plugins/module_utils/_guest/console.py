# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a guest's serial console tells: how far the boot got, what went wrong, the SSH host keys."""

from __future__ import annotations

import re
from dataclasses import dataclass

TAIL = 20
"""Lines of the console that a failure shows."""

CLOUD_INIT_ERROR = "cloud_init_error"

# Terminal control: CSI, OSC and two-character escapes, then every control character but tab and newline.
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f]"
)

_BOOT = re.compile(r"^(?:\[ *\d+\.\d+\] )?Linux version \d", re.MULTILINE)
_CLOUD_INIT = r"Cloud-init v\. ?(\S+) "
_FINISHED = re.compile(_CLOUD_INIT + "finished at")
_VERSION = re.compile(_CLOUD_INIT)

_PHASES = {
    "kernel": _BOOT,
    "cloud_init_local": re.compile(_CLOUD_INIT + "running 'init-local'"),
    "cloud_init_network": re.compile(_CLOUD_INIT + "running 'init'"),
    "cloud_init_final": re.compile(_CLOUD_INIT + "running 'modules:final'"),
    "finished": _FINISHED,
}

_FAILURES = {
    "kernel_panic": re.compile(r"Kernel panic - not syncing"),
    "emergency_mode": re.compile(r"You are in emergency mode|[Ee]ntering emergency mode|emergency shell"),
    "broken_root": re.compile(r"requires a manual fsck|File system check of the root filesystem failed"),
    # The first is of initramfs-tools, the second of our lean images.
    "no_root": re.compile(r"ALERT! .* does not exist(?:\. +Dropping to a shell!| or cannot be mounted\.)"),
    "no_boot_device": re.compile(r"No bootable (?:device|option)"),
    CLOUD_INIT_ERROR: re.compile(
        r"\[FAILED\] Failed to start .*(?:cloud-(?:init|config|final)|Initial cloud-init|cloud-config|cloud user)"
        r"|cloud-init\[\d+\]: .*\[CRITICAL\]:"
    ),
}
"""From which no boot recovers by itself, the most telling first."""

_MODULE = re.compile(
    r"cc_(\w+)\.py\[(?:ERROR|CRITICAL)\]|Running module (\S+) \(<module .* failed|Failed to run module (\S+)"
)
"""How cloud-init tells which of its modules failed."""

_KEY_BLOCK = re.compile(r"-----BEGIN SSH HOST KEY KEYS-----\n(.*?)-----END SSH HOST KEY KEYS-----", re.DOTALL)
_KEY = re.compile(r"(?<!\S)((?:ssh-ed25519|ecdsa-sha2-\S+|ssh-rsa) [A-Za-z0-9+/]+=*)(?!\S)")


@dataclass(frozen=True)
class Console:
    """What was read. Phases and failures are those of the current boot; the rest may be older."""

    phases: tuple[str, ...] = ()
    failure: str | None = None
    failed_modules: tuple[str, ...] = ()
    """Those of cloud-init, in the order of their failures."""
    finished_ever: bool = False
    host_keys: tuple[str, ...] = ()
    cloud_init_version: str | None = None
    tail: tuple[str, ...] = ()


def clean(text: str) -> str:
    """The text as a person would read it: no colours, no carriage returns, no control characters."""
    return _CONTROL.sub("", text)


def read(raw: str, earlier: int = 0) -> Console:
    """What the console says. The first C(earlier) characters are known to be of a boot before the current one."""
    return interpret(clean(raw), len(clean(raw[:earlier])))


def interpret(text: str, old: int) -> Console:
    """What a clean text says, whose first C(old) characters are of an earlier boot."""
    boots = [match.start() for match in _BOOT.finditer(text)]
    current = text[max(old, boots[-1] if boots else 0) :]
    versions = _VERSION.findall(text)
    return Console(
        phases=tuple(name for name, pattern in _PHASES.items() if pattern.search(current)),
        failure=next((name for name, pattern in _FAILURES.items() if pattern.search(current)), None),
        failed_modules=_failed_modules(current),
        finished_ever=_FINISHED.search(text) is not None,
        host_keys=_host_keys(text),
        cloud_init_version=versions[-1] if versions else None,
        tail=tuple(line.rstrip() for line in text.splitlines() if line.strip())[-TAIL:],
    )


def _failed_modules(text: str) -> tuple[str, ...]:
    names = ("".join(found).replace("_", "-") for found in _MODULE.findall(text))
    return tuple(dict.fromkeys(names))


def _host_keys(text: str) -> tuple[str, ...]:
    """The keys of the last block, each C(type base64). Lines may start with the names of those who log them."""
    blocks = _KEY_BLOCK.findall(text)
    return tuple(dict.fromkeys(_KEY.findall(blocks[-1]))) if blocks else ()
