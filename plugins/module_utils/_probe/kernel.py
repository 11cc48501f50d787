# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The probe guest's kernel: one that is given or lies in /boot, else that of the distribution's virtual machines."""

from __future__ import annotations

import lzma
import os
import re
import subprocess
from pathlib import Path
from typing import Sequence

from .._errors import HypervisorError
from . import packages

BOOT = Path("/boot")


def find(given: str | None, directory: Path, boot: Path = BOOT) -> Path:
    """The kernel C(given), else the newest readable one in C(boot), else one fetched into C(directory)."""
    if given:
        if not os.access(given, os.R_OK):
            raise HypervisorError(f"The kernel {given} cannot be read: give the path of one that can.", "NO_KERNEL")
        return Path(given)
    readable = [path for path in boot.glob("vmlinuz-*") if os.access(path, os.R_OK)]
    if readable:
        return max(readable, key=lambda path: path.stat().st_mtime)
    return image(fetched(directory))


def fetched(directory: Path) -> Path:
    """The unpacked tree of the distribution's kernel for virtual machines; once fetched, apt is not asked again."""
    kept = sorted(directory.glob("linux-image-*"), key=lambda path: path.stat().st_mtime)
    if kept:
        return kept[-1]
    if not packages.usable():
        raise HypervisorError(
            f"There is no readable kernel in {BOOT}, and no apt to fetch one with: set kernel to the path of one.",
            "NO_KERNEL",
        )
    return packages.unpack(_packages(), directory)


def image(tree: Path) -> Path:
    """The kernel itself."""
    return next(tree.glob("boot/vmlinuz-*"))


def modules(tree: Path, wanted: Sequence[str]) -> dict[str, bytes]:
    """The wanted modules and what they depend on, in the order to load them. Those built in are left out."""
    files = {_module_name(path): path for path in sorted(tree.glob("lib/modules/*/kernel/**/*.ko*"))}
    builtin = next(tree.glob("lib/modules/*/modules.builtin")).read_text(encoding="utf-8").split()
    known = {_module_name(Path(line)) for line in builtin}
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in ordered or name in known:
            return
        if name not in files:
            raise HypervisorError(f"The kernel {tree.name} has no module {name}.", "NO_MODULE")
        data = _decompressed(files[name])
        for dependency in _dependencies(data):
            add(dependency)
        ordered[name] = data

    for name in wanted:
        add(name)
    return ordered


def _packages() -> list[str]:
    """The packages that hold the kernel and its modules (Debian has one, Ubuntu two)."""
    architecture = packages.output("dpkg", "--print-architecture").strip()
    for meta in (f"linux-image-cloud-{architecture}", "linux-image-virtual"):
        found = _versioned(meta)
        if found:
            return found
    raise HypervisorError(
        "apt knows no kernel for virtual machines: run 'apt-get update' first, or set kernel to the path of one.",
        "NO_KERNEL",
    )


def _versioned(package: str) -> list[str]:
    """Those on which a package depends that name a kernel's version, itself included where it does."""
    needed = [name for name in packages.dependencies(package) if re.match(r"linux-(?:image|modules)-\d", name)]
    return needed + [deeper for name in needed for deeper in _versioned(name) if deeper not in needed]


def _module_name(path: Path) -> str:
    return path.name.split(".")[0].replace("-", "_")


def _dependencies(module: bytes) -> list[str]:
    """What the module's own information says it depends on."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return [name.replace("-", "_") for name in found.group(1).decode().split(",") if name] if found else []


def _decompressed(path: Path) -> bytes:
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes())
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc", str(path)], check=True, stdout=subprocess.PIPE).stdout
    return path.read_bytes()
