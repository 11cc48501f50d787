# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The QEMU of the distribution's backports beside the installed one: fetched, never installed.

apt works on lists of its own, made for this, so that the host's sources stay as they are. Signatures are
checked as ever.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .._errors import HypervisorError
from . import packages

PACKAGE = "qemu-system-x86"
_FORMAT = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
_START = """\
#!/bin/sh
# Runs QEMU from this directory, with its own modules, libraries and firmware.
export LD_LIBRARY_PATH="{libraries}" QEMU_MODULE_DIR="{libraries}/qemu"
exec "{tree}/usr/bin/qemu-system-x86_64" -L "{tree}/usr/share/qemu" -L "{tree}/usr/share/seabios" "$@"
"""


def fetched(directory: Path) -> Path:
    """What runs it, below C(directory); once fetched, apt is not asked again."""
    tree = directory / "qemu-backports"
    start = tree / "run"
    if start.exists():
        return start
    if not packages.usable():
        raise _missing("there is no apt to fetch it with")
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".apt-") as place:
        options = _own_lists(Path(place))
        packages.unpack(_newer(options), directory, tree.name, options)
    libraries = next(tree.glob("usr/lib/*/qemu")).parent
    start.write_text(_START.format(tree=tree, libraries=libraries), encoding="utf-8")
    start.chmod(0o755)
    return start


def sources(listed: str, codename: str) -> str:
    """The sources of the release and of its backports, from what apt lists of the host's."""
    found = re.search(rf"^(\S+) {re.escape(codename)} main$", listed, re.MULTILINE) if codename else None
    if found is None:
        raise _missing(f"apt has no source of the release {codename or 'that runs here'}")
    return "".join(f"deb {found.group(1)} {suite} main\n" for suite in (codename, f"{codename}-backports"))


def wanted(simulated: str, closure: str) -> list[str]:
    """Of what apt would install, the packages that QEMU itself depends on, each with its version.

    Others are there because they are installed in a version that would not go together with the new one.
    """
    needed = set(re.findall(r"^(\S+)$", closure, re.MULTILINE))
    found = re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", simulated, re.MULTILINE)
    return [f"{name}={version}" for name, version in found if name in needed]


def _own_lists(place: Path) -> list[str]:
    """apt's options for lists of its own in C(place), which are fetched."""
    listed = packages.output("apt-get", "indextargets", "--format", _FORMAT, "Created-By: Packages")
    codename = _codename()
    for name in ("parts", "lists/partial", "cache/archives/partial"):
        (place / name).mkdir(parents=True)
    (place / "parts/qemu.list").write_text(sources(listed, codename), encoding="utf-8")
    settings = {
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(place / "parts"),
        "Dir::State::Lists": str(place / "lists"),
        "Dir::Cache": str(place / "cache"),
        "APT::Default-Release": f"{codename}-backports",
    }
    options = [argument for name, value in settings.items() for argument in ("-o", f"{name}={value}")]
    try:
        packages.output("apt-get", *options, "-o", "APT::Update::Error-Mode=any", "update")
    except HypervisorError as error:
        raise _missing(f"there is no {codename}-backports to be read: {error}") from error
    return options


def _newer(options: list[str]) -> list[str]:
    """The packages of the newer QEMU; an error where there is none."""
    simulated = packages.output(
        *("apt-get", *options, "--simulate", "--no-install-recommends", "install", PACKAGE),
    )
    if not re.search(rf"^Inst {PACKAGE} .*backports", simulated, re.MULTILINE):
        raise _missing("they have none that is newer than this machine's own")
    closure = packages.output("apt-cache", *options, "depends", "--recurse", "--important", PACKAGE)
    return wanted(simulated, closure)


def _codename(release: Path = Path("/etc/os-release")) -> str:
    found = re.search(r'^VERSION_CODENAME="?(\w+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else ""


def _missing(reason: str) -> HypervisorError:
    return HypervisorError(f"No QEMU can be had from the distribution's backports: {reason}.", "NO_BACKPORTS")
