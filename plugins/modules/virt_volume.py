#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_volume
short_description: Converge a volume of a libvirt storage pool
description:
  - Makes a volume (empty, as an overlay on another image, or as a copy of a file or of another volume), grows it,
    copies it to a file, and deletes it.
  - Nothing is ever shrunk or replaced, and no existing volume is converted. Where only that would give what is asked
    for, the module fails and changes nothing.
  - A volume that a running guest has as a disk of its own is grown by that guest, which sees it at once. One that
    several guests use, or that lies below their disks, is not grown, and none that is used is deleted
    (code V(VOLUME_IN_USE)).
  - Copies are made under a hidden name, compared with what they are made from, and then renamed. So a run that is
    killed, or a file system that is full, leaves nothing under the final name. This needs a local O(uri), a pool that
    is a directory, a user who may write into it, and C(qemu-img) where the copy is converted.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description: The name of the volume, which is its file name in a pool that is a directory.
    type: str
    required: true
  pool:
    description: The name of the pool, which has to be active.
    type: str
    required: true
  state:
    description:
      - V(present) makes the volume where it is missing, and grows it where it is smaller than O(capacity).
      - V(absent) deletes exactly this volume and its content.
    type: str
    choices: [present, absent]
    default: present
  capacity:
    description:
      - The size that a guest sees, such as V(10GiB) or V(2048M); a bare number is bytes.
      - It is rounded up to a multiple of 512 bytes.
      - A new volume without it gets the size of what it is made from.
      - A smaller one than the volume has is refused (code V(SHRINK_REFUSED)).
    type: str
  format:
    description:
      - The format of the volume. A new volume, and any with O(source), is V(qcow2) where this is not given, and a clone
        has the format of its origin.
      - An existing volume of another format is refused (code V(RECREATE_REQUIRED)).
    type: str
    choices: [qcow2, raw]
  qcow2:
    description:
      - Features of a V(qcow2) volume. A copy gets them by being converted.
      - An existing volume with others is refused (code V(RECREATE_REQUIRED)).
    type: dict
    suboptions:
      compat:
        description: The version of the format. It is V(1.1) where this is not given.
        type: str
        choices: ["0.10", "1.1"]
      lazy_refcounts:
        description: Whether reference counts are written late, which is faster and costs a repair after a crash.
        type: bool
      cluster_size:
        description: The size of a cluster, a power of two from V(512) to V(2MiB). QEMU's default is 64KiB.
        type: str
      extended_l2:
        description:
          - Whether clusters are allocated in 32 parts each, which makes small writes to overlays cheaper.
          - It needs libvirt 8.0 and QEMU 5.2.
        type: bool
  preallocation:
    description:
      - What of a new volume is allocated at once.
      - V(none) lets it grow as it is written to, V(metadata) allocates the tables of a V(qcow2) volume, and V(full) all
        of its space, so that a guest never runs out of it.
    type: str
    choices: [none, metadata, full]
    default: none
  backing:
    description:
      - The image below the volume, which becomes an overlay that holds only what differs from it.
      - An existing volume with another backing is refused (code V(RECREATE_REQUIRED)).
    type: dict
    suboptions:
      path:
        description: The absolute path of the image, a volume of any pool or another file of the hypervisor.
        type: str
        required: true
      format:
        description: The format of that image. It is never guessed, since a guest can write any header into a raw image.
        type: str
        choices: [qcow2, raw]
        required: true
  source:
    description:
      - The path of an image on the hypervisor from which a new volume is copied.
      - An image that has a backing file, names another data file, is encrypted, or is not of O(source_format), is
        refused (code V(IMAGE_REFUSED)).
      - An existing volume is left as it is, whatever its content, because a guest may have written to it.
        Put a version or a digest into the name of a volume that shall follow its source.
    type: path
  source_format:
    description:
      - The format of O(source), which is converted where O(format) is another. It is O(format) where this is not given.
      - It is never guessed.
    type: str
    choices: [qcow2, raw]
  checksum:
    description:
      - The checksum of O(source), such as V(sha256:) and 64 hexadecimal digits. It is verified before the copy.
    type: str
  clone_from:
    description:
      - The volume from which a new one is copied, and converted where O(format) is another.
      - It may be of any pool. One that a running guest writes to is refused (code V(VOLUME_IN_USE)).
      - An existing volume is left as it is, whatever its content.
    type: dict
    suboptions:
      volume:
        description: The name of that volume.
        type: str
        required: true
      pool:
        description: The name of its pool. It is O(pool) where this is not given.
        type: str
      flatten:
        description:
          - Whether the clone of an overlay holds all that lies below it too. An overlay is refused otherwise.
          - All that lies below has to be volumes of active pools, because a guest can write any path into its disk.
        type: bool
        default: false
  download_to:
    description:
      - The path of a file on the hypervisor that becomes a copy of the volume, byte by byte. One that is there is
        replaced.
      - It is unchanged where both have the same content.
      - A volume that a running guest writes to is refused (code V(VOLUME_IN_USE)).
      - O(mode), O(owner) and O(group) are those of a file that is written.
    type: path
  wipe:
    description:
      - Whether O(state=absent) overwrites the content before it deletes the volume.
      - On copy-on-write file systems, thin storage and flash, overwritten content may still be there.
    type: bool
    default: false
  wipe_algorithm:
    description:
      - How it is overwritten. V(zero) writes zeros once; a sparse file is emptied instead.
      - The others need the program C(scrub) on the hypervisor (code V(WIPE_UNAVAILABLE)).
    type: str
    choices: [zero, nnsa, dod, bsi, gutmann, schneier, pfitzner7, pfitzner33, random]
    default: zero
  mode:
    description: The octal mode of the file of a new volume, such as V('0644'). It is V('0600') where this is not given.
    type: str
  owner:
    description: The numeric user ID that owns a new volume. libvirt changes it itself while a guest uses the volume.
    type: int
  group:
    description: The numeric group ID that owns a new volume.
    type: int
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
seealso:
  - module: mini.hypervisor.virt_volume_info
  - module: mini.hypervisor.virt_pool
"""

EXAMPLES = r"""
- name: Bring an image into the pool
  mini.hypervisor.virt_volume:
    pool: default
    name: ubuntu-20.04-5da2eb9b.qcow2
    source: /var/cache/images/ubuntu-20.04.img
    checksum: sha256:5da2eb9bf4d08f4b0b1b3d6dd8dc1f9b3b4a1b5b1b1b0f1fdc4d1e1a9c1e7f00
  register: base

- name: Give a guest a thin disk of 10 GiB on top of it
  mini.hypervisor.virt_volume:
    pool: default
    name: web.qcow2
    capacity: 10GiB
    backing:
      path: "{{ base.volume.path }}"
      format: qcow2

- name: Have a raw copy of the image, all of its space allocated
  mini.hypervisor.virt_volume:
    pool: default
    name: fast.raw
    source: /var/cache/images/ubuntu-20.04.img
    source_format: qcow2
    format: raw
    preallocation: full

- name: Clone the disk of a guest that is shut off, with all that lies below it
  mini.hypervisor.virt_volume:
    pool: default
    name: web-copy.qcow2
    clone_from:
      volume: web.qcow2
      flatten: true

- name: Make a volume for many small writes
  mini.hypervisor.virt_volume:
    pool: default
    name: database.qcow2
    capacity: 20GiB
    preallocation: metadata
    qcow2:
      cluster_size: 128KiB
      extended_l2: true
      lazy_refcounts: true

- name: Grow the disk, also while the guest runs
  mini.hypervisor.virt_volume:
    pool: default
    name: web.qcow2
    capacity: 20GiB

- name: Keep a copy of it
  mini.hypervisor.virt_volume:
    pool: default
    name: web.qcow2
    download_to: /srv/backup/web.qcow2

- name: Delete the disk
  mini.hypervisor.virt_volume:
    pool: default
    name: web.qcow2
    state: absent

- name: Overwrite a disk with zeros and delete it
  mini.hypervisor.virt_volume:
    pool: default
    name: secrets.raw
    state: absent
    wipe: true
"""

RETURN = r"""
volume:
  description:
    - The volume after the run, empty where it is absent. In check mode it is the predicted one.
    - Sizes are in bytes.
  returned: success
  type: dict
  sample:
    name: web.qcow2
    key: /var/lib/libvirt/images/web.qcow2
    path: /var/lib/libvirt/images/web.qcow2
    pool: default
    type: file
    format: qcow2
    capacity: 10737418240
    allocation: 200704
    qcow2: {compat: "1.1", lazy_refcounts: false, cluster_size: 65536, extended_l2: false}
    backing:
      path: /var/lib/libvirt/images/ubuntu-20.04-5da2eb9b.qcow2
      format: qcow2
download:
  description:
    - The file that O(download_to) names, with its checksum and its size in bytes. It is null without that option.
    - In check mode the checksum is null where the volume is not there yet.
  returned: success
  type: dict
  sample:
    path: /srv/backup/web.qcow2
    checksum: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    size: 262144
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: capacity, before: 5368709120, after: 10737418240, applied: live}
"""


from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import download, volume
from ansible_collections.mini.hypervisor.plugins.module_utils._storage.volume_properties import (
    FORMATS,
    PERMISSIONS,
    PROPERTIES,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "preallocation": {"type": "str", "choices": ["none", "metadata", "full"], "default": "none"},
    "source": {"type": "path"},
    "source_format": {"type": "str", **FORMATS},
    "checksum": {"type": "str"},
    "clone_from": {
        "type": "dict",
        "options": {
            "volume": {"type": "str", "required": True},
            "pool": {"type": "str"},
            "flatten": {"type": "bool", "default": False},
        },
    },
    "download_to": {"type": "path"},
    "wipe": {"type": "bool", "default": False},
    "wipe_algorithm": {"type": "str", "choices": list(volume.ALGORITHMS), "default": "zero"},
    "progress_file": {"type": "path"},
    **argument_spec(PROPERTIES),
    **argument_spec(PERMISSIONS),
}

MAKERS = ("source", "clone_from", "backing")
"""Options that say what a new volume is made from."""


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    work = download.converge if request.params["download_to"] else volume.converge
    return connected(
        lambda connection: work(connection, request.params, request.check_mode, request.warn, request.run_command),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(
        SPEC,
        converge,
        mutually_exclusive=[
            MAKERS,
            *(("download_to", other) for other in (*MAKERS, "capacity", "format", "qcow2")),
        ],
        required_by={"checksum": ["source"], "source_format": ["source"]},
    )


if __name__ == "__main__":
    main()
