#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_build
short_description: Build a cloud image of the host's own distribution
description:
  - Installs the distribution that the host runs (Debian or Ubuntu) from the host's own package mirror, and writes it
    to a qcow2 image that boots by BIOS (on amd64) and through direct kernel boot.
  - The image has cloud-init (data source NoCloud only), OpenSSH, Python, sysbench and the QEMU guest agent. Its root
    file system grows to the guest's disk. It holds no host keys, no machine ID, no random seed and no password.
  - The file names end in a digest of what the image is made from (packages, suite, sources, size, recipe), so that a
    base image which guests use is never replaced by another one. It is built again only where that differs.
  - An image is there exactly when its completion record is. A run that was killed leaves no mount and nothing under
    the final name. Several runs at the same time build an image once.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.attributes
requirements:
  - root privileges
  - mmdebstrap
  - fdisk, e2fsprogs (1.46 or later) and util-linux
  - grub-common and grub-pc-bin (on amd64)
  - qemu-utils
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: debian
options:
  name:
    description: The name of the image. V(ID-VERSION-built) of the host, such as V(debian-12-built), if it is not given,
      with V(-lean) behind it where O(profile=lean).
    type: str
  dest:
    description: The directory of the images on the hypervisor. It is made where it is missing.
    type: path
    required: true
  packages:
    description: Packages to install beside those that every image has.
    type: list
    elements: str
    default: []
  size:
    description: The size of the image's disk, such as V(4GiB). A guest's disk may be larger.
    type: str
    default: 4GiB
  profile:
    description:
      - V(stock) is an ordinary installation.
      - V(lean) has the same packages, and leaves out what a lab guest never uses at its first
        boot; RV(image.dropped) lists what. It boots through direct kernel boot only.
    type: str
    choices: [stock, lean]
    default: stock
  source_date_epoch:
    description:
      - The time, in seconds since 1970, at which the image is said to be made. The same packages give the same image
        to the last bit then.
      - If it is not given, the environment variable E(SOURCE_DATE_EPOCH) of the module is used, and the current time
        without that.
    type: int
  offline:
    description:
      - Whether to fail, with code V(NOT_CACHED), instead of building. An image that is there needs no network.
    type: bool
    default: false
  timeout:
    description: Seconds after which an installation that does not end is given up.
    type: int
    default: 1800
  lock_timeout:
    description: Seconds to wait for another run that works on the same image.
    type: int
    default: 1800
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
seealso:
  - module: mini.hypervisor.image_fetch
"""

EXAMPLES = r"""
- name: Have an image of the host's own distribution
  mini.hypervisor.image_build:
    dest: /var/lib/mini-hypervisor/images

- name: The same with a web server inside
  mini.hypervisor.image_build:
    name: debian-12-web
    dest: /var/lib/mini-hypervisor/images
    packages: [nginx-light]

- name: One without what a lab guest never uses, the same wherever it is built from the same packages
  mini.hypervisor.image_build:
    dest: /var/lib/mini-hypervisor/images
    profile: lean
    source_date_epoch: 1700000000
"""

RETURN = r"""
image:
  description: The image. In check mode, what is only known when it is there is null.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    path:
      description: The image file.
      type: str
    format:
      description: Its format, V(qcow2).
      type: str
    virtual_size:
      description: The size of the disk in bytes.
      type: int
    size:
      description: The size of the file in bytes.
      type: int
    sha256:
      description: The SHA-256 digest of the file.
      type: str
    kernel:
      description: The kernel for direct kernel boot.
      type: str
    initrd:
      description: The initial RAM disk that belongs to it.
      type: str
    profile:
      description: V(stock) or V(lean).
      type: str
    dropped:
      description: What a lean image leaves out, for people.
      type: list
      elements: str
    root:
      description: What the kernel command line has to say in C(root=).
      type: str
    os:
      description: The operating system, C(id) and C(version) as in its C(os-release).
      type: dict
    source:
      description: V(build).
      type: str
    url:
      description: The mirror it was built from.
      type: str
    verified_by:
      description: How what it is made from was verified.
      type: str
    record:
      description: The completion record.
      type: str
  sample:
    name: debian-12-built
    path: /var/lib/mini-hypervisor/images/debian-12-built-1a2b3c4d.qcow2
    format: qcow2
    virtual_size: 4294967296
    size: 483000320
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    kernel: /var/lib/mini-hypervisor/images/debian-12-built-1a2b3c4d.vmlinuz
    initrd: /var/lib/mini-hypervisor/images/debian-12-built-1a2b3c4d.initrd
    profile: stock
    dropped: []
    root: LABEL=cloudimg-rootfs
    os: {id: debian, version: "12"}
    source: build
    url: http://deb.debian.org/debian
    verified_by: apt's signatures of bookworm bookworm-updates bookworm-security
    record: /var/lib/mini-hypervisor/images/debian-12-built-1a2b3c4d.json
"""

from ansible.module_utils.basic import env_fallback

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._image import build

SPEC = {
    "name": {"type": "str"},
    "dest": {"type": "path", "required": True},
    "packages": {"type": "list", "elements": "str", "default": []},
    "size": {"type": "str", "default": "4GiB"},
    "profile": {"type": "str", "choices": ["stock", "lean"], "default": "stock"},
    "source_date_epoch": {"type": "int", "fallback": (env_fallback, ["SOURCE_DATE_EPOCH"])},
    "offline": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 1800},
    "lock_timeout": {"type": "int", "default": 1800},
    "progress_file": {"type": "path"},
}


def converge(request: Request) -> dict:
    """The module's work."""
    return build.converge(request.params, request.check_mode, request.run_command, request.warn)


def main() -> None:
    """Entry point."""
    run(SPEC, converge, libraries=())


if __name__ == "__main__":
    main()
