#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_fetch
short_description: Fetch and verify a cloud image
description:
  - Downloads a cloud image, or copies a local one, verifies it, looks into its header, and only then publishes it
    under its final name.
  - The file names end in a digest of what the image is made from, so that a base image which guests use is never
    replaced by another one.
  - An image is there exactly when its completion record is. A run that was killed leaves nothing under the final
    name, and the next run goes on where it stopped if the server allows that. Several runs at the same time fetch
    an image once.
  - An image that names other files (a backing file, an external data file), that is of another format than expected,
    or that needs features which are not known is refused, with code V(IMAGE_REFUSED).
  - Other failures have the codes V(DOWNLOAD_FAILED), V(NOT_CACHED), V(UNSIGNED), V(CHECKSUM_MISMATCH),
    V(SIGNATURE_INVALID), V(NO_SPACE), V(UNRECORDED_FILE) and V(LOCKED). Only with V(DOWNLOAD_FAILED) is it safe to use
    another source without a question.
  - An image that is there needs no network.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.attributes
requirements:
  - gpgv, if O(signature_url) is given
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  name:
    description: The name of the image, such as V(ubuntu-20.04).
    type: str
    required: true
  dest:
    description: The directory of the images on the hypervisor. It is made where it is missing.
    type: path
    required: true
  url:
    description: The image's URL, V(https) or V(http). Proxies are taken from the environment.
    type: str
  path:
    description: An image file on the hypervisor instead of a URL. It is copied. Needs O(checksum).
    type: path
  format:
    description: The format that the image has to have.
    type: str
    choices: [qcow2, raw]
    default: qcow2
  checksum:
    description: The image's checksum, V(sha256:) or V(sha512:) and the hexadecimal digits.
    type: str
  sums_url:
    description:
      - The URL of a file that lists checksums, such as C(SHA256SUMS), in GNU or BSD style.
      - Without O(signature_url) it needs O(allow_unsigned).
    type: str
  signature_url:
    description: The URL of the detached OpenPGP signature of O(sums_url). Needs O(fingerprints).
    type: str
  allow_unsigned:
    description:
      - Whether checksums that nobody signed may be taken. They have to come by HTTPS then, redirects included, and
        RV(image.verified_by) says that they were not signed. Otherwise they are refused, with code V(UNSIGNED).
    type: bool
    default: false
  fingerprints:
    description: Full fingerprints of the primary keys of which one has to have signed.
    type: list
    elements: str
    default: []
  keyring:
    description: Installed keyrings in which the keys are looked for. Those that do not exist are passed over.
    type: list
    elements: path
    default: [/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg]
  key_url:
    description:
      - Where a key that no O(keyring) holds is fetched from; C({fingerprint}) is replaced.
      - It needs no trust, because a key is accepted by its fingerprint only.
    type: str
    default: https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x{fingerprint}
  kernel_url:
    description: The URL of a kernel for direct kernel boot.
    type: str
  initrd_url:
    description: The URL of the initial RAM disk that belongs to O(kernel_url).
    type: str
  boot_sums_url:
    description: The URL of the checksums of O(kernel_url) and O(initrd_url), with the rules of O(sums_url).
    type: str
  boot_signature_url:
    description: The URL of the signature of O(boot_sums_url).
    type: str
  root:
    description:
      - What the kernel command line has to say in C(root=) for this image, such as V(LABEL=cloudimg-rootfs).
        It is returned.
    type: str
  os:
    description: The operating system in the image. It is returned.
    type: dict
    suboptions:
      id:
        description: The C(ID) of its C(os-release), such as V(ubuntu).
        type: str
        required: true
      version:
        description: The C(VERSION_ID) of its C(os-release), such as V(20.04).
        type: str
        required: true
  max_size:
    description: The largest virtual size that is accepted, such as V(64GiB).
    type: str
    default: 1TiB
  offline:
    description:
      - Whether to fail, with code V(NOT_CACHED), instead of using the network. An image that is there, and one by
        O(path) without O(kernel_url), need none.
    type: bool
    default: false
  timeout:
    description: Seconds after which a server that does not accept the connection, or sends nothing, is given up.
    type: int
    default: 10
  retries:
    description: How often a download that fails is tried again without getting any further.
    type: int
    default: 2
  lock_timeout:
    description: Seconds to wait for another run that works on the same image.
    type: int
    default: 1800
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
seealso:
  - module: mini.hypervisor.image_build
"""

EXAMPLES = r"""
- name: Have Ubuntu 20.04, verified against the signed checksums
  mini.hypervisor.image_fetch:
    name: ubuntu-20.04
    dest: /var/lib/mini-hypervisor/images
    url: https://cloud-images.ubuntu.com/releases/focal/release/ubuntu-20.04-server-cloudimg-amd64.img
    sums_url: https://cloud-images.ubuntu.com/releases/focal/release/SHA256SUMS
    signature_url: https://cloud-images.ubuntu.com/releases/focal/release/SHA256SUMS.gpg
    fingerprints:
      - D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81

- name: Have Debian 12, whose checksums are not signed
  mini.hypervisor.image_fetch:
    name: debian-12
    dest: /var/lib/mini-hypervisor/images
    url: https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2
    sums_url: https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS
    allow_unsigned: true

- name: Have an image of our own
  mini.hypervisor.image_fetch:
    name: appliance
    dest: /var/lib/mini-hypervisor/images
    path: /srv/appliance.qcow2
    checksum: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
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
      description: Its format, V(qcow2) or V(raw).
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
      description: The kernel for direct kernel boot, null where there is none.
      type: str
    initrd:
      description: The initial RAM disk that belongs to it, null where there is none.
      type: str
    profile:
      description: V(stock); what is fetched is not changed.
      type: str
    dropped:
      description: Always empty, see M(mini.hypervisor.image_build).
      type: list
      elements: str
    root:
      description: What the kernel command line has to say in C(root=), null where it is not known.
      type: str
    os:
      description: The operating system, C(id) and C(version) as in its C(os-release).
      type: dict
    source:
      description: V(download), V(path) or V(build).
      type: str
    url:
      description: Where it came from.
      type: str
    verified_by:
      description: How it was verified.
      type: str
    record:
      description: The completion record.
      type: str
  sample:
    name: ubuntu-20.04
    path: /var/lib/mini-hypervisor/images/ubuntu-20.04-1a2b3c4d.qcow2
    format: qcow2
    virtual_size: 2361393152
    size: 646643712
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    kernel: /var/lib/mini-hypervisor/images/ubuntu-20.04-1a2b3c4d.vmlinuz
    initrd: /var/lib/mini-hypervisor/images/ubuntu-20.04-1a2b3c4d.initrd
    profile: stock
    dropped: []
    root: LABEL=cloudimg-rootfs
    os: {id: ubuntu, version: "20.04"}
    source: download
    url: https://cloud-images.ubuntu.com/releases/focal/release/ubuntu-20.04-server-cloudimg-amd64.img
    verified_by: SHA256SUMS signed by D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81
    record: /var/lib/mini-hypervisor/images/ubuntu-20.04-1a2b3c4d.json
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._image import fetch

SPEC = {
    "name": {"type": "str", "required": True},
    "dest": {"type": "path", "required": True},
    "url": {"type": "str"},
    "path": {"type": "path"},
    "format": {"type": "str", "choices": ["qcow2", "raw"], "default": "qcow2"},
    "checksum": {"type": "str"},
    "sums_url": {"type": "str"},
    "signature_url": {"type": "str"},
    "fingerprints": {"type": "list", "elements": "str", "default": []},
    "keyring": {
        "type": "list",
        "elements": "path",
        "no_log": False,
        "default": ["/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg"],
    },
    "key_url": {
        "type": "str",
        "no_log": False,
        "default": "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x{fingerprint}",
    },
    "kernel_url": {"type": "str"},
    "initrd_url": {"type": "str"},
    "boot_sums_url": {"type": "str"},
    "boot_signature_url": {"type": "str"},
    "root": {"type": "str"},
    "os": {
        "type": "dict",
        "options": {"id": {"type": "str", "required": True}, "version": {"type": "str", "required": True}},
    },
    "allow_unsigned": {"type": "bool", "default": False},
    "max_size": {"type": "str", "default": "1TiB"},
    "offline": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 10},
    "retries": {"type": "int", "default": 2},
    "lock_timeout": {"type": "int", "default": 1800},
    "progress_file": {"type": "path"},
}


def converge(request: Request) -> dict:
    """The module's work."""
    return fetch.converge(request.params, request.check_mode, request.run_command, request.warn)


def main() -> None:
    """Entry point."""
    run(
        SPEC,
        converge,
        libraries=(),
        required_one_of=[("url", "path")],
        mutually_exclusive=[("url", "path"), ("checksum", "sums_url"), ("path", "sums_url")],
        required_by={"signature_url": "sums_url", "boot_signature_url": "boot_sums_url"},
        required_together=[("kernel_url", "initrd_url", "boot_sums_url")],
    )


if __name__ == "__main__":
    main()
