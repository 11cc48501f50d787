# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Packages of the distribution, fetched and unpacked but never installed: it needs no root and changes no system."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

from .._errors import HypervisorError


def output(*command: str, cwd: Path | None = None) -> str:
    """What a command prints; an error with its message where it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise HypervisorError(f"{command[0]} cannot be run: {error.strerror}.", "EXECUTION_FAILED") from error
    if done.returncode:
        raise HypervisorError(
            f"'{' '.join(command)}' failed with code {done.returncode}: {done.stderr.strip()[-500:]}",
            "COMMAND_FAILED",
            command=list(command),
        )
    return done.stdout


def usable() -> bool:
    """Whether this machine has the tools for it."""
    return all(shutil.which(name) for name in ("apt-get", "apt-cache", "dpkg-deb"))


def dependencies(package: str) -> list[str]:
    """What apt knows a package to depend on; nothing where it does not know the package."""
    done = subprocess.run(["apt-cache", "depends", package], stdout=subprocess.PIPE, encoding="utf-8", check=False)
    return re.findall(r"Depends: (\S+)", done.stdout)


def unpack(names: Sequence[str], directory: Path, name: str = "", options: Sequence[str] = ()) -> Path:
    """The tree of these packages below C(directory); it is fetched where it is not there yet.

    It is called C(name), or as the first package; C(options) are more of apt's.
    """
    tree = directory / (name or names[0])
    if tree.exists():
        return tree
    directory.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=directory, prefix=f".{tree.name}-"))
    try:
        downloads = partial / "deb"
        downloads.mkdir()
        output("apt-get", "-o", "APT::Sandbox::User=root", *options, "download", *names, cwd=downloads)
        for package in downloads.iterdir():
            output("dpkg-deb", "--extract", str(package), str(partial))
        shutil.rmtree(downloads)
        partial.chmod(0o755)
        partial.rename(tree)
    except OSError:
        if not tree.exists():  # else another run was faster
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return tree


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
