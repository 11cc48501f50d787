# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt says about the host, where it answers at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from .._deps import MISSING, libvirt
from .._errors import HypervisorError
from .._libvirt.connection import connect
from .._libvirt.errors import explained
from .._xml import document
from . import user_networks

_PACKAGES = {"libvirt-python": "python3-libvirt", "lxml": "python3-lxml"}
_DOMAIN_TYPES = {"kvm": "kvm", "tcg": "qemu"}


@dataclass(frozen=True)
class Answer:
    """libvirt's answer; all is None, and C(problems) say why, where there is none."""

    version: str | None = None
    bindings: str | None = None
    offered: Mapping[str, bool | None] = field(default_factory=dict)
    guest_user: tuple[int, int] | None = None
    backends: frozenset[str] | None = None
    """The networks without privileges that it offers; C(silence) says why it is not known where that is None."""
    silence: str = "libvirt does not answer"
    problems: tuple[str, ...] = ()


def ask(uri: str, timeout: int, architecture: str) -> Answer:
    """Read versions and capabilities on a read-only connection, and what domains may have on one that is not."""
    missing = [name for name in _PACKAGES if name in MISSING]
    if missing:
        packages = " ".join(_PACKAGES[name] for name in missing)
        return Answer(
            problems=(f"This Python cannot import {' and '.join(missing)}: install {packages}, and use the system's.",)
        )
    bindings = dotted(libvirt.getVersion())
    try:
        with connect(uri, timeout, readonly=True) as connection, explained(f"reading the capabilities of {uri}"):
            version, xml = dotted(connection.getLibVersion()), connection.getCapabilities()
    except HypervisorError as error:
        return Answer(bindings=bindings, problems=(str(error),))
    capabilities = document.parse(xml, "capabilities")
    backends, silence = _ask_of_domains(uri, timeout, architecture)
    return Answer(version, bindings, offered(capabilities, architecture), guest_user(capabilities), backends, silence)


def _ask_of_domains(uri: str, timeout: int, architecture: str) -> tuple[frozenset[str] | None, str]:
    """The networks without privileges that domains may have, or why that is not known.

    libvirt tells what domains may have to those only who may make some: a read-only connection is refused.
    """
    try:
        with connect(uri, timeout) as connection, explained(f"reading what domains at {uri} may have"):
            xml = connection.getDomainCapabilities(None, architecture, None, None)
    except HypervisorError as error:
        return None, str(error)
    return user_networks.backends(document.parse(xml, "domainCapabilities")), ""


def dotted(number: int) -> str:
    """libvirt's version numbers: 9000002 is 9.0.2."""
    return f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"


def offered(capabilities: Any, architecture: str) -> dict[str, bool | None]:
    """Whether libvirt would define a guest of the architecture with each accelerator."""
    types = {
        domain.get("type")
        for arch in capabilities.findall("guest/arch")
        if arch.get("name") == architecture
        for domain in arch.findall("domain")
    }
    return {accelerator: kind in types for accelerator, kind in _DOMAIN_TYPES.items()}


def guest_user(capabilities: Any) -> tuple[int, int] | None:
    """The user and group as which libvirt runs guests, as its ownership (DAC) driver tells: +64055:+64055."""
    for model in capabilities.findall("host/secmodel"):
        label = model.findtext("baselabel[@type='kvm']") or ""
        numbers = label.replace("+", "").split(":")
        if model.findtext("model") == "dac" and len(numbers) == 2 and all(part.isdigit() for part in numbers):
            return int(numbers[0]), int(numbers[1])
    return None
