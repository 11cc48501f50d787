#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_snapshot
short_description: Take, delete and go back to snapshots of a libvirt domain
description:
  - Takes a snapshot of a domain where it is missing, goes back to it, and deletes it.
  - An internal snapshot lies in the domain's qcow2 disks, and has the memory as well where the domain runs.
  - An external snapshot leaves the file of each disk as it is from then on, and what the guest writes goes to an
    overlay, a new file on top of it. Deleting the snapshot merges the overlay into the file below and loses nothing.
  - A snapshot that is there is never made anew. Where the options describe another one, the module fails.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
attributes:
  idempotent:
    support: partial
    details:
      - With O(state=reverted) the state since the snapshot is lost each time, whatever it is, so each run is a change.
options:
  domain:
    description: The name of the domain.
    type: str
    required: true
  name:
    description: The name of the snapshot.
    type: str
    required: true
  state:
    description:
      - V(present) takes the snapshot where there is none of that name.
      - V(reverted) brings the disks, the definition and, where the snapshot has it, the memory of the domain back.
      - V(absent) deletes the snapshot. The domain stays as it is now.
    type: str
    choices: [present, reverted, absent]
    default: present
  description:
    description: A description of a new snapshot. One that is there has to have it (code V(SNAPSHOT_DIFFERS)).
    type: str
  kind:
    description:
      - The kind of a new snapshot, V(internal) where this is not given.
      - A snapshot that is there and of the other kind is refused (code V(SNAPSHOT_DIFFERS)).
    type: str
    choices: [internal, external]
  disks:
    description:
      - The disks that are in the snapshot. Where this is not given, a new one has all disks that can be written, unless
        the domain's document says otherwise (C(snapshot='no')).
      - An internal snapshot has to have all of them.
      - A snapshot that is there and has other disks is refused (code V(SNAPSHOT_DIFFERS)).
    type: list
    elements: dict
    suboptions:
      target:
        description: The name of the device, such as V(vda).
        type: str
        required: true
      file:
        description:
          - The overlay of an external snapshot, the path of a file or of a block device under C(/dev).
          - Where this is not given, it lies beside the disk's file and has the snapshot's name for its suffix, such as
            V(web.before) beside C(web.qcow2). It is needed where the disk is a block device.
        type: str
  quiesce:
    description:
      - Whether the guest agent has to flush and freeze the guest's file systems while an external snapshot is taken.
      - Where no agent listens, the snapshot is not taken (code V(NO_GUEST_AGENT)).
    type: bool
    default: false
  reuse_external:
    description:
      - Whether the overlays of an external snapshot are there already. What is in them becomes the content of the disk.
      - Each has to be qcow2 with the disk's present file as its backing file, which needs a local O(uri) to be seen.
    type: bool
    default: false
  domain_state:
    description:
      - With O(state=reverted), whether the domain then runs or is paused.
      - Where this is not given, it is what it was when the snapshot was taken. After an external snapshot, which has no
        memory, it is shut down.
    type: str
    choices: [running, paused]
  children:
    description:
      - With O(state=absent), what becomes of the snapshots below it.
      - V(keep) makes them children of its parent, V(delete) deletes them as well, the youngest first.
    type: str
    choices: [keep, delete]
    default: keep
  metadata_only:
    description:
      - With O(state=absent), whether only libvirt forgets the snapshot, while all files stay as they are.
    type: bool
    default: false
  discard:
    description:
      - What may be lost. What is not listed is refused (code V(WOULD_LOSE)).
      - V(current_state) is what the domain became since the snapshot, needed with O(state=reverted).
      - V(managed_save) is the saved memory of a domain that was saved. It would not fit the disks after going back to a
        snapshot, after an external snapshot and after a merge, and is not in a new snapshot.
    type: list
    elements: str
    choices: [current_state, managed_save]
    default: []
  force:
    description:
      - With O(state=reverted), whether libvirt may go back although it takes that for risky, because the domain has
        become too different (code V(REVERT_RISKY)).
      - With O(state=absent), whether block jobs of the snapshot's disks that stand in the way (code V(BLOCK_JOB)) are
        ended. A daemon that died during a merge leaves such a job, and a paused guest where the domain was shut down.
    type: bool
    default: false
  deadline:
    description:
      - Seconds within which the snapshot has to be taken, gone back to or merged.
      - libvirt cannot stop in the middle, so it goes on after that (code V(STILL_WORKING)), and the next run waits.
    type: int
    default: 3600
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
notes:
  - After an external snapshot the disk of the domain is the overlay. Give M(mini.hypervisor.virt_domain) that file as
    the source, or no source, until the snapshot is deleted. With the file below, the guest would lose what it wrote
    since, and the overlay would become worthless.
  - Nothing else may lie on a file that an external snapshot is merged into, such as the disk of a clone.
  - libvirt deletes external snapshots since its version 9.0, but none that follows an internal one. Of a domain that is
    shut down it deletes the youngest only, for which it starts the guest, paused.
  - Going back to an external snapshot makes its overlays empty again. The domain has to be shut down, the snapshot has
    to be its youngest, and the module has to run on the hypervisor.
seealso:
  - module: mini.hypervisor.virt_snapshot_info
  - module: mini.hypervisor.virt_domain
"""

EXAMPLES = r"""
- name: Keep the guest as it is, with its memory where it runs
  mini.hypervisor.virt_snapshot:
    domain: web
    name: before-upgrade
    description: Before the upgrade

- name: Go back to it, whatever happened since
  mini.hypervisor.virt_snapshot:
    domain: web
    name: before-upgrade
    state: reverted
    discard: [current_state]

- name: Freeze one disk for a backup
  mini.hypervisor.virt_snapshot:
    domain: web
    name: backup
    kind: external
    quiesce: true
    disks:
      - target: vda
        file: /var/lib/libvirt/images/web.backup.qcow2
  register: frozen

- name: Copy the file that the guest does not write to any more
  ansible.builtin.command:
    argv: [cp, --sparse=always, "{{ frozen.snapshot.disks[0].source }}", /srv/backup/web.qcow2]
    creates: /srv/backup/web.qcow2

- name: Merge what the guest wrote meanwhile
  mini.hypervisor.virt_snapshot:
    domain: web
    name: backup
    state: absent
"""

RETURN = r"""
snapshot:
  description:
    - The snapshot after the run, empty where it is absent. In check mode it is the predicted one.
    - C(source) of a disk is the file with its content of then, C(overlay) the file with what an external snapshot's
      disk has since.
  returned: success
  type: dict
  sample:
    name: backup
    description: ""
    kind: external
    state: disk_only
    memory: false
    created: "2026-01-31T12:00:00Z"
    parent: null
    disks:
      - target: vda
        source: /var/lib/libvirt/images/web.qcow2
        overlay: /var/lib/libvirt/images/web.backup.qcow2
domain:
  description: The domain after the run, empty where there is none. In check mode its state is the predicted one.
  returned: success
  type: dict
  sample:
    name: web
    uuid: 1b4e28ba-2fa1-41d2-883f-0016d3cca427
    state: running
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - path: disks[vda].source
      before: /var/lib/libvirt/images/web.qcow2
      after: /var/lib/libvirt/images/web.backup.qcow2
      applied: live
    - {path: state, before: absent, after: present, applied: live}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._snapshot import snapshot

SPEC = {
    **CONNECTION,
    "domain": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "reverted", "absent"], "default": "present"},
    "description": {"type": "str"},
    "kind": {"type": "str", "choices": ["internal", "external"]},
    "disks": {
        "type": "list",
        "elements": "dict",
        "options": {"target": {"type": "str", "required": True}, "file": {"type": "str"}},
    },
    "quiesce": {"type": "bool", "default": False},
    "reuse_external": {"type": "bool", "default": False},
    "domain_state": {"type": "str", "choices": ["running", "paused"]},
    "children": {"type": "str", "choices": ["keep", "delete"], "default": "keep"},
    "metadata_only": {"type": "bool", "default": False},
    "discard": {"type": "list", "elements": "str", "choices": ["current_state", "managed_save"], "default": []},
    "force": {"type": "bool", "default": False},
    "deadline": {"type": "int", "default": 3600},
    "progress_file": {"type": "path"},
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    task = snapshot.Task(request.params, request.check_mode, request.warn, request.run_command)
    return connected(
        lambda connection: snapshot.converge(connection, task), request.params, readonly=request.check_mode
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
