# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A bootable disk from a directory tree, without loop devices and mounts: everything is written into one file."""

from __future__ import annotations

import secrets
from pathlib import Path

from .._errors import HypervisorError
from . import recipe
from .command import Run, output

PARTITION = 1 << 20
"""Where the one partition begins; the boot loader lies between it and the partition table."""

BOOT_CODE = Path("/usr/lib/grub/i386-pc/boot.img")
"""GRUB's first sector, of which the first bytes are the code."""

_SECTOR = 512
_BOOT_CODE_SIZE = 440
_GRUB_MODULES = ("biosdisk", "part_msdos", "ext2", "normal", "linux", "configfile", "echo", "test", "all_video")


def write_disk(run: Run, tree: Path, disk: Path, size: int) -> None:
    """Write C(tree) as the root file system of the raw image C(disk)."""
    with disk.open("wb") as file:
        file.truncate(size)
    table = f"label: dos\nlabel-id: 0x{secrets.token_hex(4)}\nstart={PARTITION // _SECTOR}, type=83, bootable\n"
    output(run, ["sfdisk", "--quiet", "--no-reread", str(disk)], data=table)
    argv = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", recipe.LABEL]
    # GRUB 2.06 cannot read the one; the other would let the guest write tables while something is measured in it.
    argv += ["-O", "^metadata_csum_seed", "-E", f"offset={PARTITION},lazy_itable_init=0"]
    output(run, [*argv, "-d", str(tree), str(disk), f"{(size - PARTITION) >> 10}k"])


def install_grub(run: Run, disk: Path, work: Path) -> None:
    """Make the disk boot by BIOS.

    What grub-install does on a real disk: the boot code goes to the first sector, in front of the
    partition table, and the core image behind it. boot.img looks for the core image in sector 1, and
    grub-mkimage writes into the core image how long it is.
    """
    core = work / "core.img"
    # An empty device means: the disk that the machine booted from.
    argv = ["grub-mkimage", "-O", "i386-pc", "-o", str(core), "-p", "(,msdos1)/boot/grub"]
    output(run, [*argv, *_GRUB_MODULES])
    if core.stat().st_size > PARTITION - _SECTOR:
        raise HypervisorError(f"GRUB's core image of {core.stat().st_size} bytes is too large.", code="BUILD_FAILED")
    with disk.open("r+b") as file:
        file.write(BOOT_CODE.read_bytes()[:_BOOT_CODE_SIZE])
        file.seek(_SECTOR)
        file.write(core.read_bytes())


def convert(run: Run, disk: Path, image: Path) -> None:
    """Write the raw C(disk) as the qcow2 C(image); empty blocks take no space."""
    output(run, ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(disk), str(image)])
