#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_clean
short_description: Remove images that nothing uses
description:
  - Removes images that M(mini.hypervisor.image_fetch) and M(mini.hypervisor.image_build) put into a directory until
    those that stay fit into O(keep_size). The image that was asked for longest ago goes first.
  - An image is never removed while anything uses it, which is a disk, kernel or initial RAM disk of any domain,
    running or not; a volume of any pool, active or not, that lies on it, however deep; a file in O(overlays) that does;
    a process that has it open; or another run that works on it.
  - Half downloads and what killed builds left are removed in the same way.
  - Files without a completion record are not looked at.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.attributes
  - mini.hypervisor.libvirt
options:
  dest:
    description: The directory of the images on the hypervisor.
    type: path
    required: true
  keep_size:
    description: What the images may take together on the disk, such as V(20GiB). V(0) keeps only those in use.
    type: str
    required: true
  min_age:
    description:
      - Seconds in which an image is kept after a run had a use for it, because a guest may be about to be made from it.
    type: int
    default: 3600
  overlays:
    description:
      - Directories, beside the pools, of files that may lie on images, such as saved guests. Missing ones are empty.
    type: list
    elements: path
    default: [/var/lib/mini-hypervisor/saved]
seealso:
  - module: mini.hypervisor.image_fetch
  - module: mini.hypervisor.image_build
"""

EXAMPLES = r"""
- name: Let images have 20 GiB
  mini.hypervisor.image_clean:
    dest: /var/lib/mini-hypervisor/images
    keep_size: 20GiB
"""

RETURN = r"""
removed:
  description: The images that were removed, or would be in check mode, in this order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the image.
      type: str
    path:
      description: The image file.
      type: str
    size:
      description: The bytes that it takes on the disk with all that belongs to it.
      type: int
    used:
      description: When a run last had a use for it, in UTC.
      type: str
    complete:
      description: Whether it is an image; false for what is left of a download or build.
      type: bool
    reason:
      description: Why it is removed.
      type: str
  sample:
    - name: ubuntu-20.04
      path: /var/lib/mini-hypervisor/images/ubuntu-20.04-1a2b3c4d.qcow2
      size: 646643712
      used: "2026-01-31T12:00:00Z"
      complete: true
      reason: nothing uses it, and the images have more than 20 GiB
kept:
  description: The images that stay, with the same keys; C(reason) says why, such as which guest uses it.
  returned: success
  type: list
  elements: dict
freed:
  description: The bytes that are freed.
  returned: success
  type: int
  sample: 646643712
size:
  description: The bytes that the images take afterwards.
  returned: success
  type: int
  sample: 1293287424
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._image import clean

SPEC = {
    **CONNECTION,
    "dest": {"type": "path", "required": True},
    "keep_size": {"type": "str", "required": True},
    "min_age": {"type": "int", "default": 3600},
    "overlays": {"type": "list", "elements": "path", "default": ["/var/lib/mini-hypervisor/saved"]},
}


def converge(request: Request) -> dict:
    """The module's work."""
    return clean.converge(request.params, request.check_mode, request.warn)


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
