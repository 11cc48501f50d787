# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A bootable disk from a directory tree, without loop devices and mounts: everything is written into one file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from .._errors import HypervisorError
from . import recipe
from .command import Run, output
from .tree import commands

PARTITION = 1 << 20
"""Where the one partition begins; the boot loader lies between it and the partition table."""

BOOT_CODE = Path("/usr/lib/grub/i386-pc/boot.img")
"""GRUB's first sector, of which the first bytes are the code."""

_DEBUGFS_SAYS = ("debugfs", "Allocated inode:")
"""Beginnings of what it says where nothing is wrong: its version, each command, and what it made."""

_SECTOR = 512
_BOOT_CODE_SIZE = 440
_GRUB_MODULES = ("biosdisk", "part_msdos", "ext2", "normal", "linux", "configfile", "echo", "test", "all_video")


@dataclass(frozen=True)
class Layout:
    """How a disk is written; the same layout of the same tree is the same disk to the last bit."""

    size: int
    partitioned: bool
    identity: uuid.UUID
    """What the identifiers on the disk are made from."""

    epoch: int
    """The time that it is said to be made at, and after which nothing on it was changed."""

    @property
    def start(self) -> int:
        """Where the root file system begins."""
        return PARTITION if self.partitioned else 0


def write_disk(run: Run, tree: Path, disk: Path, layout: Layout, work: Path) -> None:
    """Write C(tree) as the root file system of the raw image C(disk)."""
    with disk.open("wb") as file:
        file.truncate(layout.size)
    if layout.partitioned:
        label = f"label: dos\nlabel-id: 0x{layout.identity.hex[:8]}\n"
        table = f"{label}start={PARTITION // _SECTOR}, type=83, bootable\n"
        output(run, ["sfdisk", "--quiet", "--no-reread", str(disk)], data=table)
    argv = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", recipe.LABEL, "-U", str(layout.identity)]
    # GRUB 2.06 cannot read the one; the other would let the guest write tables while something is measured in it.
    extended = f"offset={layout.start},hash_seed={layout.identity},lazy_itable_init=0"
    argv += ["-O", "^metadata_csum_seed", "-E", extended]
    clock = {"E2FSPROGS_FAKE_TIME": str(layout.epoch), "SOURCE_DATE_EPOCH": str(layout.epoch)}
    output(run, [*argv, str(disk), f"{(layout.size - layout.start) >> 10}k"], environ=clock)
    # Not by standard input: it repeats each command, and whoever runs it might only listen when all is said.
    script = work / "commands"
    with script.open("w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{line}\n" for line in commands(tree, layout.epoch, work))
    argv = ["debugfs", "-w", "-f", str(script), f"{disk}?offset={layout.start}"]
    said = output(run, argv, environ=clock, with_errors=True)
    # It goes on after an error, and its exit status does not tell of it.
    wrong = [line for line in said.splitlines() if not line.startswith(_DEBUGFS_SAYS)]
    if wrong:
        raise HypervisorError(f"debugfs could not write the disk: {' / '.join(wrong[:5])}.", code="BUILD_FAILED")


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
