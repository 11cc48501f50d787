# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Documentation shared by the modules that talk to libvirt."""

from __future__ import annotations


class ModuleDocFragment:
    """The connection options and the libraries they need."""

    DOCUMENTATION = r"""
options:
  uri:
    description:
      - The libvirt connection URI, such as V(qemu:///system), V(qemu:///session) or V(qemu+ssh://root@host/system).
    type: str
    default: qemu:///system
  timeout:
    description:
      - Seconds after which a libvirt daemon that does not answer, or a change of state that does not end, is an error.
      - A daemon that is restarted meanwhile is waited for, 10 s at most. Then the run begins again, once, and tells
        what it changed before and after. Where the daemon does not come back, the next run goes on from what was done.
    type: int
    default: 60
requirements:
  - libvirt-python >= 6.0
  - lxml >= 4.5
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
  action_group:
    description: Use C(group/mini.hypervisor.libvirt) in C(module_defaults) to set O(uri) once for all libvirt modules.
    support: full
    membership:
      - mini.hypervisor.libvirt
"""
