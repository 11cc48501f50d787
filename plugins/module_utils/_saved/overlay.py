# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Overlays: the disks of guests from a saved machine, and which of them lie on its disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable

from .._deps import libvirt
from .._errors import HypervisorError
from .._image.users import backing, named_by
from .._libvirt.errors import explained
from .._libvirt.lookup import inactive_xml, unless_gone
from .._xml import document

RunCommand = Callable[..., "tuple[int, str, str]"]


def users(connection: Any, disk: Path, own: str) -> list[str]:
    """The domains that lie on the disk, else the files that do. C(own) is the domain that it belongs to."""
    base = os.path.realpath(disk)
    named = _named(connection)
    domains = sorted(who for who in named if who != own and any(base in _chain(path) for path in named[who]))
    return domains or sorted(
        str(path)
        for directory in _directories(connection, disk)
        for path in directory.glob("*")
        if base in _chain(str(path))[1:] and not _is_part(path)
    )


def _named(connection: Any) -> dict[str, set[str]]:
    """The files that each domain has now, or will have when it starts again."""
    found = {}
    with explained("listing the domains"):
        domains = connection.listAllDomains(0)
    for domain in domains:
        with unless_gone(), explained("reading a domain"):
            texts = {domain.XMLDesc(0), inactive_xml(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_INACTIVE)}
            found[domain.name()] = {path for text in texts for path in named_by(document.parse(text, "domain"))}
    return found


def _directories(connection: Any, disk: Path) -> set[Path]:
    """Where overlays lie that no domain names: beside the disk, and in the pools."""
    found = {disk.parent}
    with explained("listing the pools"):
        pools = connection.listAllStoragePools(0)
    for pool in pools:
        with unless_gone(), explained("reading a pool"):
            target = document.get(document.parse(pool.XMLDesc(0), "pool"), "target/path")
            if target:
                found.add(Path(target))
    return {Path(os.path.realpath(directory)) for directory in found}


def _chain(path: str) -> list[str]:
    """The real paths of a file and of all below it."""
    found: list[str] = []
    following: str | None = path
    while following and os.path.realpath(following) not in found:
        found.append(os.path.realpath(following))
        following = backing(following)
    return found


def sweep(disk: Path) -> None:
    """Remove the overlays on the disk that killed runs left halfway. Under the lock no other run makes one."""
    for path in disk.parent.glob(".*"):
        if _is_part(path) and os.path.realpath(disk) in _chain(str(path)):
            path.unlink()


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _is_part(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".part"


def is_fresh(path: Path, run: RunCommand) -> bool:
    """Whether nothing was written to the overlay, or it is not there."""
    if not path.exists():
        return True
    parts = json.loads(_qemu_img(run, "map", "--output=json", "-f", "qcow2", str(path)))
    return not any(part["depth"] == 0 and part["data"] for part in parts)


def renew(path: Path, run: RunCommand) -> None:
    """Empty an overlay, which stays on what it lies on and as big as it is."""
    facts = json.loads(_qemu_img(run, "info", "--output=json", "-U", str(path)))
    make_fresh(path, Path(facts["full-backing-filename"]), run, facts["virtual-size"])


def make_fresh(path: Path, disk: Path, run: RunCommand, size: int | None = None) -> None:
    """Put an empty overlay in the place of whatever is there, of that many bytes or as big as the disk."""
    part = _part(path)
    part.unlink(missing_ok=True)
    sizes = [] if size is None else [str(size)]
    _qemu_img(run, "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(disk), str(part), *sizes)
    part.chmod(0o600)
    part.rename(path)


def _qemu_img(run: RunCommand, *arguments: str) -> str:
    code, output, errors = run(["qemu-img", *arguments])
    if code:
        raise HypervisorError(f"qemu-img failed ({code}): {(errors or output).strip()[-500:]}", "COMMAND_FAILED")
    return output
