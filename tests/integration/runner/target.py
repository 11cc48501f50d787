# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An integration target: a role below C(targets), and what its file C(aliases) asks of the runner."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

INTEGRATION = Path(__file__).resolve().parent.parent
CHECKOUT = INTEGRATION.parent.parent
TARGETS = INTEGRATION / "targets"
DEADLINE = 300
IMAGE = CHECKOUT / "build/guest-image"
IMAGE_INSIDE = "/var/lib/libvirt/guest-image"


@dataclass(frozen=True)
class Target:
    """A target and its aliases: C(slow), C(no-labhost), C(no-libvirtd), C(guest-image),
    C(timeout/SECONDS), and C(unstable) for one that runs only where it is named."""

    name: str
    aliases: frozenset[str]

    @property
    def slow(self) -> bool:
        """Whether it boots whole systems, and runs after the others."""
        return "slow" in self.aliases

    @property
    def image(self) -> bool:
        """Whether it wants an image that boots."""
        return "guest-image" in self.aliases

    @property
    def unstable(self) -> bool:
        """Whether it has yet to show that it passes on machines of any speed."""
        return "unstable" in self.aliases

    @property
    def deadline(self) -> int:
        """The seconds it may take."""
        given = [alias.partition("/")[2] for alias in self.aliases if alias.startswith("timeout/")]
        return int(given[0]) if given else DEADLINE

    @property
    def host(self) -> list[str]:
        """The command that gives it the host it wants."""
        if "no-labhost" in self.aliases:
            return []
        share = ["--share", f"{IMAGE}:{IMAGE_INSIDE}"] if self.image else []
        return [str(INTEGRATION / "labhost"), *share, *([] if "no-libvirtd" in self.aliases else ["--libvirtd"])]


def all_targets() -> list[Target]:
    """Every target."""
    return [_read(name) for name in sorted(path.parent.parent.name for path in TARGETS.glob("*/tasks/main.yml"))]


def _read(name: str) -> Target:
    path = TARGETS / name / "aliases"
    lines = path.read_text().splitlines() if path.exists() else []
    return Target(name, frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#")))
