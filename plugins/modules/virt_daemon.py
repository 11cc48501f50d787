#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_daemon
short_description: Run libvirt's daemons on machines without systemd
description:
  - Starts C(virtlogd) and C(libvirtd) in containers, chroots and small virtual machines that have no service manager.
  - Each runs under C(tini) as a subreaper. libvirt waits for the QEMU processes that it ends, and stalls for seconds
    where nothing collects them.
  - A machine with systemd is refused. There M(ansible.builtin.systemd_service) is the way.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.attributes
requirements:
  - tini
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  state:
    description:
      - V(started) starts what does not answer, and waits until it does. A daemon that answers is left alone, whoever
        started it.
      - V(stopped) stops the daemons that this module started, and no others. Guests and networks go on without them.
    type: str
    choices: [started, stopped]
    default: started
  timeout:
    description: Seconds after which a daemon that does not answer, or does not end, is an error.
    type: int
    default: 60
notes:
  - Process IDs and logs are in C(/run/mini-hypervisor).
  - With libvirt-python the module waits until libvirt really answers, without it only until it listens.
seealso:
  - module: mini.hypervisor.virt_host_info
"""

EXAMPLES = r"""
- name: Have libvirt answer
  mini.hypervisor.virt_daemon:
    state: started

- name: Stop what was started
  mini.hypervisor.virt_daemon:
    state: stopped
"""

RETURN = r"""
daemons:
  description:
    - The daemons after the run (in check mode, before it). C(pid) is null where this module did not start the daemon.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: virtlogd, state: started, pid: 4711, log: /run/mini-hypervisor/virtlogd.log}
    - {name: libvirtd, state: started, pid: 4714, log: /run/mini-hypervisor/libvirtd.log}
changes:
  description: Each daemon that was, or would be, started or stopped.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: libvirtd, before: stopped, after: started, applied: live}
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._host import service

SPEC = {
    "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
    "timeout": {"type": "int", "default": 60},
}


def converge(request: Request) -> dict:
    """The module's work."""
    return service.converge(request.params["state"], request.params["timeout"], request.check_mode)


def main() -> None:
    """Entry point."""
    run(SPEC, converge, libraries=())


if __name__ == "__main__":
    main()
