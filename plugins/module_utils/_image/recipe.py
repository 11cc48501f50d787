# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What goes into an image that is built here. Pure: packages, files and the command that installs them.

An ordinary installation of the distribution, as its own cloud images are: cloud-init, systemd-networkd
(below netplan on Ubuntu), OpenSSH. Left out is what only costs time at boot, and all that has to be
each guest's own: host keys, machine ID, random seed.
"""

from __future__ import annotations

import re
import shlex
from typing import Collection, Iterable, Sequence

from .._errors import HypervisorError
from .sources import Host

VERSION = 3
"""Part of what makes an image another one: raise it when the same packages shall give another image."""

LABEL = "cloudimg-rootfs"
"""The label of the root file system, as on Ubuntu's cloud images."""

ROOT = f"LABEL={LABEL}"
CONSOLE = "console=tty0 console=ttyS0,115200"

_COMMON = (
    "ca-certificates",
    "cloud-guest-utils",
    "cloud-init",
    "dbus",
    "e2fsprogs",
    "initramfs-tools",
    "iproute2",
    "iputils-ping",
    "netbase",
    "openssh-server",
    "python3",
    "qemu-guest-agent",
    "sudo",
    "sysbench",
    "systemd-sysv",
    "tzdata",
    "udev",
)
_OWN = {"debian": ("debian-archive-keyring", "zstd"), "ubuntu": ("lsb-release", "netplan.io", "ubuntu-keyring")}
_OPTIONAL = ("systemd-resolved",)
"""Packages that older releases have inside systemd."""

_KERNELS = {
    "debian": ("linux-image-cloud-{architecture}", "linux-image-{architecture}"),
    "ubuntu": ("linux-image-virtual",),
}
"""The first that the distribution has is taken."""

_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]+")

EARLY = {
    # What checks the root file system comes along: initramfs-tools cannot find out its type here.
    "etc/initramfs-tools/conf.d/fstype": "FSTYPE=ext4\n",
    # There is one locale, and no package of GRUB to configure: each of these steps costs a guest half a second.
    "etc/cloud/cloud.cfg.d/95_mini-hypervisor.cfg": (
        "datasource_list: [ NoCloud, None ]\nlocale: false\ngrub_dpkg: { enabled: false }\n"
    ),
}
"""Files that are there before the packages that read them."""

LATE = {
    "etc/fstab": f"{ROOT} / ext4 defaults,errors=remount-ro 0 1\n",
    "etc/hostname": "localhost\n",
    "etc/default/locale": "LANG=C.UTF-8\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
    "etc/machine-id": "",
    "boot/grub/grub.cfg": (
        "set timeout=0\n"
        "menuentry 'Linux' {\n"
        f"  linux /boot/vmlinuz root={ROOT} ro {CONSOLE}\n"
        "  initrd /boot/initrd.img\n"
        "}\n"
    ),
}
"""Files that packages or the installation would otherwise have the last word on."""

LINKS = {
    "etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf",
    **{
        f"etc/systemd/system/{unit}": "/dev/null"
        for unit in (
            "apt-daily.timer",
            "apt-daily-upgrade.timer",
            "dpkg-db-backup.timer",
            "e2scrub_all.timer",
            "e2scrub_reap.service",
            "fstrim.timer",
            "man-db.timer",
            "motd-news.timer",
        )
    },
}
"""Symbolic links; timers that would run in the middle of a measurement are masked."""

REMOVED = (
    "etc/ssh/ssh_host_*",
    "etc/apt/apt.conf.d/99mmdebstrap",
    "etc/dpkg/dpkg.cfg.d/99mmdebstrap",
    "etc/apt/sources.list.d/*",
    "var/lib/systemd/random-seed",
    "var/lib/dbus/machine-id",
    "var/lib/dpkg/*-old",
    "var/cache/debconf/*-old",
)
"""Each guest's own, and what only served the installation."""

LENT = ("var/cache/apt/archives/partial", "var/lib/apt/lists/partial")
"""Directories that apt gives its own user when it needs them; whose they are now depends on what it did last."""


def packages(host: Host, extra: Iterable[str], found: Collection[str]) -> list[str]:
    """All packages to ask for; C(found) are those of C(candidates) that the mirror has."""
    kernel = next((name for name in _kernels(host) if name in found), None)
    if kernel is None:
        raise HypervisorError(
            f"The mirror of this host has none of the kernels {', '.join(_kernels(host))}:"
            " run 'apt-get update', and check that the sources have the component main.",
            code="NO_KERNEL",
        )
    wanted = {*_COMMON, *_OWN[host.id], kernel, *(name for name in _OPTIONAL if name in found), *extra}
    for name in wanted:
        if not _PACKAGE.fullmatch(name):
            raise HypervisorError(f"{name!r} is not the name of a package.", code="INVALID_PACKAGE")
    return sorted(wanted)


def candidates(host: Host) -> list[str]:
    """The packages of which not every release has each."""
    return [*_kernels(host), *_OPTIONAL]


def _kernels(host: Host) -> list[str]:
    return [name.format(architecture=host.architecture) for name in _KERNELS[host.id]]


def command(host: Host, wanted: Sequence[str], settings: Sequence[str], epoch: int, early: str, tree: str) -> list[str]:
    """The command that installs everything into the directory C(tree); it reads the sources from standard input.

    It runs in mount and process namespaces of its own that end with this process: whatever kills the
    run, no mount, no daemon and no package manager stays behind.
    """
    own_namespaces = ["setpriv", "--pdeathsig", "KILL"]
    own_namespaces += ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    excluded = ("man", "doc", "info", "locale")
    return [
        *own_namespaces,
        "env",
        f"SOURCE_DATE_EPOCH={epoch}",
        "mmdebstrap",
        "--mode=root",
        "--variant=apt",
        f"--include={','.join(wanted)}",
        *(f"--aptopt={line}" for line in settings),
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in excluded),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        # Installing dash and Java divert or link manual pages, and fail where their directory is missing.
        '--setup-hook=mkdir -p "$1"/usr/share/man/man1',
        f'--setup-hook=cp -R {shlex.quote(early)}/. "$1"',
        '--customize-hook=chroot "$1" systemctl enable systemd-networkd.service',
        host.codename,
        tree,
        "-",
    ]
