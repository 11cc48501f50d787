# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where load may go: only to addresses inside networks that the user names, and that are private."""

from __future__ import annotations

import ipaddress
from typing import Sequence

from .._errors import HypervisorError
from .tool import invalid


def check(address: str, networks: Sequence[str]) -> None:
    """Refuse an address outside of C(networks), and networks that are not private."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError as error:
        raise invalid(f"address is {address!r}: give an IP address, which tells where the load goes.") from error
    allowed = [_network(text) for text in networks]
    if not any(found.version == network.version and found in network for network in allowed):
        raise HypervisorError(
            f"{address} is outside of the networks {', '.join(networks)}: load goes only where networks says it may.",
            "OUTSIDE_NETWORKS",
        )


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise invalid(f"networks has {text!r}: give networks such as 192.168.122.0/24.") from error
    if not (network.is_private or network.is_loopback or network.is_link_local):
        raise invalid(f"networks has {text}, which is not private: load must not leave the lab.")
    return network
