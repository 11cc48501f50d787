# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The host's own distribution and where apt gets it from: what an image built here is made of."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from .._errors import HypervisorError
from .command import Run, output

ORIGINS = {"debian": "Debian", "ubuntu": "Ubuntu"}
"""ID in os-release -> Origin of the distribution's own archive."""

_POCKETS = ("", "-updates", "-security")
_CREDENTIALS = re.compile(r"//[^/@]*@")
# What makes the mirror work from here. The first two are about the mirror itself, so the guest needs them too.
MIRROR_SETTINGS = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")
_NETWORK_SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::ForceIPv4", "Acquire::ForceIPv6")


@dataclass(frozen=True)
class Source:
    """One suite of the distribution on its mirror."""

    uri: str
    suite: str
    components: tuple[str, ...]

    def line(self, keyring: str | None) -> str:
        """The line of sources.list."""
        option = f"[signed-by={keyring}] " if keyring else ""
        return f"deb {option}{self.uri} {self.suite} {' '.join(self.components)}"

    def public(self) -> Source:
        """The same without user name and password, which no image may carry."""
        return Source(_CREDENTIALS.sub("//", self.uri), self.suite, self.components)


@dataclass(frozen=True)
class Host:
    """The distribution that this machine runs, and its configured mirror."""

    id: str
    version: str
    codename: str
    architecture: str
    sources: tuple[Source, ...]

    @property
    def keyring(self) -> str | None:
        """The keyring that signs the distribution, None where apt's trusted ones have to do."""
        path = Path(f"/usr/share/keyrings/{self.id}-archive-keyring.gpg")
        return str(path) if path.is_file() else None


def read_host(run: Run) -> Host:
    """This machine, from os-release and apt."""
    release = parse_os_release(Path("/etc/os-release").read_text(encoding="utf-8"))
    os_id, codename = release.get("ID", ""), release.get("VERSION_CODENAME", "")
    if os_id not in ORIGINS or not codename:
        raise HypervisorError(
            f"This host runs {release.get('PRETTY_NAME', os_id or 'an unknown system')}: an image can be built only"
            " on Debian and Ubuntu. Use an image by URL or path.",
            code="UNSUPPORTED_HOST",
        )
    architecture = output(run, ["dpkg", "--print-architecture"]).strip()
    targets = output(run, ["apt-get", "indextargets", "Created-By: Packages"])
    sources = parse_targets(targets, ORIGINS[os_id], codename, architecture)
    if not sources:
        raise HypervisorError(
            f"apt on this host knows no package lists of {ORIGINS[os_id]} {codename}: run 'apt-get update', and check"
            " that the distribution's own mirror is among its sources.",
            code="NO_SOURCES",
        )
    return Host(os_id, release.get("VERSION_ID", ""), codename, architecture, sources)


def parse_os_release(text: str) -> dict[str, str]:
    """The variables of an os-release file."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): "".join(shlex.split(value)[:1]) for key, _sign, value in pairs}


def parse_targets(text: str, origin: str, codename: str, architecture: str) -> tuple[Source, ...]:
    """The distribution's own sources in the output of C(apt-get indextargets); others are left out."""
    suites = [codename + pocket for pocket in _POCKETS]
    components: dict[tuple[str, str], list[str]] = {}
    for paragraph in text.strip().split("\n\n"):
        target = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line)
        if (
            target.get("Origin") == origin
            and target.get("Codename", target.get("Release")) in suites
            and target.get("Architecture") == architecture
        ):
            found = components.setdefault((target["Repo-URI"], target["Release"]), [])
            if target["Component"] not in found:
                found.append(target["Component"])
    return tuple(Source(uri, suite, tuple(names)) for (uri, suite), names in components.items())


def apt_settings(run: Run, names: Sequence[str] = MIRROR_SETTINGS + _NETWORK_SETTINGS) -> list[str]:
    """Lines of apt configuration that reaching the host's mirror takes, proxies included."""
    lines = output(run, ["apt-config", "dump", "--no-empty", *names]).splitlines()
    # apt-config also prints the parents of what was asked for; they have no value of their own.
    return [line for line in lines if line.startswith(tuple(names))]


def available(run: Run, packages: Sequence[str]) -> set[str]:
    """Those of C(packages) that apt could install."""
    text = output(run, ["apt-cache", "policy", *packages])
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return {block.split(":", 1)[0] for block in blocks if re.search(r"Candidate: (?!\(none\))", block)}
