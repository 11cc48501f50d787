# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The distribution's kernel for virtual machines: its package, fetched once and unpacked, never installed."""

from __future__ import annotations

import lzma
import re
import shutil
import subprocess
from pathlib import Path
from typing import Sequence


class ProbeError(Exception):
    """The probe guest cannot be built; the message says why and what to do."""


def run(*command: str, cwd: Path | None = None) -> str:
    """The output of a command."""
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ProbeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def packages() -> list[str]:
    """The packages that hold the kernel and its modules (Debian has one, Ubuntu two)."""
    for meta in (f"linux-image-cloud-{run('dpkg', '--print-architecture').strip()}", "linux-image-virtual"):
        found = _versioned(meta)
        if found:
            return found
    raise ProbeError("No kernel for virtual machines among apt's packages: run 'apt-get update' first.")


def _versioned(package: str) -> list[str]:
    """Those on which a package depends that name a kernel's version, itself included where it does."""
    done = subprocess.run(["apt-cache", "depends", package], capture_output=True, text=True, check=False)
    needed = re.findall(r"Depends: (linux-(?:image|modules)-\d\S+)", done.stdout)
    return needed + [deeper for name in needed for deeper in _versioned(name) if deeper not in needed]


def unpack(names: Sequence[str], directory: Path) -> Path:
    """The tree of these packages, in the directory; it is fetched where it is not there yet."""
    tree = directory / names[0]
    if not tree.exists():
        partial = directory / f"{names[0]}.part"
        shutil.rmtree(partial, ignore_errors=True)
        (partial / "deb").mkdir(parents=True)
        run("apt-get", "-o", "APT::Sandbox::User=root", "download", *names, cwd=partial / "deb")
        for package in (partial / "deb").iterdir():
            run("dpkg-deb", "--extract", str(package), str(partial))
        shutil.rmtree(partial / "deb")
        partial.rename(tree)
    return tree


def image(tree: Path) -> bytes:
    """The kernel itself."""
    return next(tree.glob("boot/vmlinuz-*")).read_bytes()


def modules(tree: Path, wanted: Sequence[str]) -> dict[str, bytes]:
    """The wanted modules and what they depend on, in the order to load them. Those built in are left out."""
    files = {_module_name(path): path for path in sorted(tree.glob("lib/modules/*/kernel/**/*.ko*"))}
    builtin = next(tree.glob("lib/modules/*/modules.builtin")).read_text().split()
    known = {_module_name(Path(line)) for line in builtin}
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in ordered or name in known:
            return
        if name not in files:
            raise ProbeError(f"{tree.name} has no module {name}.")
        data = _decompressed(files[name])
        for dependency in _dependencies(data):
            add(dependency)
        ordered[name] = data

    for name in wanted:
        add(name)
    return ordered


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
        return subprocess.run(["zstd", "-dc", str(path)], check=True, capture_output=True).stdout
    return path.read_bytes()
