# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Overlays: the disks of guests from a saved machine, and which of them lie on its disk."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Callable

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._libvirt.lookup import inactive_xml, unless_gone
from .._xml import document

RunCommand = Callable[..., "tuple[int, str, str]"]

_QCOW2 = b"QFI\xfb"


def backing(path: Path) -> str | None:
    """The backing file that a qcow2 image names, None for any other file."""
    try:
        with path.open("rb") as file:
            start = file.read(20)
            if len(start) < 20 or start[:4] != _QCOW2:
                return None
            offset, length = struct.unpack(">QI", start[8:20])
            file.seek(offset)
            return file.read(min(length, 1023)).decode("utf-8", "surrogateescape") if offset else None
    except OSError:
        return None


def users(connection: Any, disk: Path, own: str) -> list[str]:
    """The domains and files that lie on the disk. C(own) is the domain that it belongs to."""
    found = []
    with explained("listing the domains"):
        domains = connection.listAllDomains(0)
    for domain in domains:
        with unless_gone(), explained("reading a domain"):
            text = inactive_xml(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_INACTIVE)
            files = [each.get("file") or "" for each in document.parse(text, "domain").iterfind("devices/disk/source")]
            if domain.name() != own and any(_lies_on(Path(file), disk) for file in files if file):
                found.append(domain.name())
    loose = [path for path in disk.parent.glob("*") if path.is_file() and backing(path) == str(disk)]
    return sorted(found) or sorted(map(str, loose))


def _lies_on(path: Path, disk: Path) -> bool:
    return path == disk or backing(path) == str(disk)


def is_fresh(path: Path, run: RunCommand) -> bool:
    """Whether nothing was written to the overlay, or it is not there."""
    if not path.exists():
        return True
    parts = json.loads(_qemu_img(run, "map", "--output=json", "-f", "qcow2", str(path)))
    return not any(part["depth"] == 0 and part["data"] for part in parts)


def make_fresh(path: Path, disk: Path, run: RunCommand) -> None:
    """Put an empty overlay in the place of whatever is there."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    _qemu_img(run, "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(disk), str(part))
    part.chmod(0o600)
    part.rename(path)


def _qemu_img(run: RunCommand, *arguments: str) -> str:
    code, output, errors = run(["qemu-img", *arguments])
    if code:
        raise HypervisorError(f"qemu-img failed ({code}): {(errors or output).strip()[-500:]}", "COMMAND_FAILED")
    return output
