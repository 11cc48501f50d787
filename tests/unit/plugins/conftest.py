# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypervisors for the tests of the inventory: libvirt's test driver on files of ours."""

from __future__ import annotations

from typing import Callable

import pytest

NETWORK = """<network><name>default</name><bridge name='virbr0'/><forward/>
  <ip address='10.7.0.1' netmask='255.255.255.0'><dhcp><range start='10.7.0.2' end='10.7.0.99'/></dhcp></ip>
</network>"""
DOMAIN = """<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>{name}</name>
  <memory unit='MiB'>512</memory><os><type>hvm</type></os><test:runstate>{state}</test:runstate>
  <devices><interface type='network'><mac address='52:54:00:00:00:{number:02x}'/><source network='default'/></interface>
  </devices></domain>"""
STATES = {"running": 1, "paused": 3, "shutdown": 5, "crashed": 6}


@pytest.fixture
def host(tmp_path) -> Callable[..., str]:
    """C(host("big", web="running")) -> the URI of a hypervisor with that guest."""

    def make(file: str, **guests: str) -> str:
        domains = [
            DOMAIN.format(name=name, state=STATES[state], number=number)
            for number, (name, state) in enumerate(guests.items())
        ]
        path = tmp_path / f"{file}.xml"
        path.write_text(f"<node>{''.join(domains)}{NETWORK}</node>")
        return f"test://{path}"

    return make
