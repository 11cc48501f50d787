# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab host, built by its own first process: mounts, network, and where asked for its libvirt daemons."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from . import cgroups
from .network import UPLINK, uplink_addresses
from .slots import REGISTRY, Slot
from .system import (
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    LabError,
    mount,
    run,
)

ETC_LIBVIRT = Path("/etc/libvirt")
_PACKAGED = (ETC_LIBVIRT, Path("/var/lib/libvirt"), Path("/var/log/libvirt"), Path("/var/cache/libvirt"))
# What a lab made on the machine itself is none of the lab host's, not even an empty directory.
_LABS = (Path("/var/cache/mini-hypervisor"), Path("/var/lib/mini-hypervisor"))
# Where benchmarks measure disks, which one lab host's teardown takes away.
_SCRATCH = Path("/var/tmp")
OWN_DIRECTORIES = (*_PACKAGED, *_LABS, _SCRATCH)
OWN_FILES = (Path("/etc/hosts"), Path("/etc/resolv.conf"))
DAEMON_DEADLINE = 30
SOCKET = "/run/libvirt/libvirt-sock"
# systemd-resolved's list of the real servers behind its loopback resolver.
REAL_RESOLVERS = Path("/run/systemd/resolve/resolv.conf")


@dataclass(frozen=True)
class Wish:
    """What the lab host shall be: a name, host directories (source, target) shared into it, a libvirt that runs."""

    name: str
    shares: Sequence[tuple[Path, Path]] = ()
    libvirtd: bool = False


def furnish(slot: Slot, wish: Wish) -> None:
    """Write the lab host's private files, before it starts and from outside."""
    for directory in _PACKAGED:
        _copy_of_a_fresh(directory, slot.root)
    for directory in _LABS:
        (slot.root / directory.relative_to("/")).mkdir(parents=True)
    scratch = slot.root / _SCRATCH.relative_to("/")
    scratch.mkdir(parents=True)
    scratch.chmod(0o1777)
    for share in wish.shares:
        (slot.root / share[1].relative_to("/")).mkdir(parents=True, exist_ok=True)
    address = uplink_addresses(slot)[1]
    (slot.root / "etc/hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n{address} {wish.name}\n")
    (slot.root / "etc/resolv.conf").write_text(_resolvers())


def _copy_of_a_fresh(directory: Path, root: Path) -> None:
    """A directory as the distribution's packages leave it: subdirectories with owners and modes, none of the
    machine's own guests. Configuration and network filters are files of the packages as well."""
    copy = root / directory.relative_to("/")
    copy.mkdir(parents=True)
    if not directory.is_dir():
        return
    _copy_owner_and_mode(directory, copy)
    for source in directory.iterdir():
        if source.is_dir():
            (copy / source.name).mkdir()
            _copy_owner_and_mode(source, copy / source.name)
        elif directory == ETC_LIBVIRT:
            shutil.copy2(source, copy)
    if directory == ETC_LIBVIRT:
        _packaged_objects(copy)


def _packaged_objects(copy: Path) -> None:
    """The network filters and the default network that the distribution's packages define."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copytree(ETC_LIBVIRT / "nwfilter", copy / "nwfilter", dirs_exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (copy / "qemu/networks/autostart").mkdir(parents=True)
        shutil.copy2("/usr/share/libvirt/networks/default.xml", copy / "qemu/networks/default.xml")


def _copy_owner_and_mode(source: Path, copy: Path) -> None:
    status = source.stat()
    os.chown(copy, status.st_uid, status.st_gid)
    copy.chmod(status.st_mode & 0o7777)


def _resolvers() -> str:
    """The resolver configuration, with servers that answer through the uplink."""
    for path in (Path("/etc/resolv.conf"), REAL_RESOLVERS):
        text = path.read_text() if path.exists() else ""
        servers = [line.split()[1] for line in text.splitlines() if line.startswith("nameserver ")]
        if servers and not any(server.startswith("127.") or server == "::1" for server in servers):
            return text
    raise LabError(
        "This machine resolves names on its loopback interface, which a lab host cannot reach: "
        f"let /etc/resolv.conf or {REAL_RESOLVERS} name a resolver on the network."
    )


def build(slot: Slot, wish: Wish) -> None:
    """Turn the namespaces of this process into the lab host."""
    socket.sethostname(wish.name)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    cgroups.become_root(slot)
    _mount_files(slot, wish)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _configure_uplink(slot)
    if wish.libvirtd:
        start_libvirtd()


def _mount_files(slot: Slot, wish: Wish) -> None:
    # Shared directories first: their sources may lie below what the private ones are about to cover.
    for source, target in wish.shares:
        mount(str(source), str(slot.root / target.relative_to("/")), flags=MS_BIND | MS_REC)
    for path in OWN_DIRECTORIES:
        mount(str(slot.root / path.relative_to("/")), str(path), flags=MS_BIND | MS_REC)
    # As after a boot: no daemon's socket, no pid file, and no systemd.
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    Path("/run/lock").mkdir()
    Path("/run/lock").chmod(0o1777)
    for path in OWN_FILES:
        target = path.resolve()
        if not target.exists():  # systemd-resolved's is a link into /run
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        mount(str(slot.root / path.relative_to("/")), str(target), flags=MS_BIND)
    # Lab hosts inside this one have a registry of their own.
    mount("tmpfs", str(REGISTRY), "tmpfs", MS_NOSUID | MS_NODEV, "mode=700")


def _configure_uplink(slot: Slot) -> None:
    outside, inside = uplink_addresses(slot)
    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", f"{inside}/30", "dev", UPLINK)
    run("ip", "link", "set", UPLINK, "up")
    run("ip", "route", "add", "default", "via", outside)


def start_libvirtd() -> None:
    """Start virtlogd and libvirtd, and wait until libvirtd answers."""
    for daemon in ("virtlogd", "libvirtd"):
        try:
            subprocess.run([daemon, "-d"], stdin=subprocess.DEVNULL, check=True, timeout=DAEMON_DEADLINE)
        except FileNotFoundError:
            raise LabError(f"{daemon} is missing: install libvirt-daemon-system first") from None
        except subprocess.SubprocessError as error:
            raise LabError(f"{daemon} did not start: {error}\n{_log_tail(daemon)}") from None
    deadline = time.monotonic() + DAEMON_DEADLINE
    while not _answers(SOCKET):
        if time.monotonic() > deadline:
            raise LabError(f"libvirtd did not open {SOCKET} within {DAEMON_DEADLINE} s\n{_log_tail('libvirtd')}")
        time.sleep(0.05)


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0


def _log_tail(daemon: str) -> str:
    path = Path(f"/var/log/libvirt/{daemon}.log")
    return "".join(path.read_text(errors="replace").splitlines(keepends=True)[-20:]) if path.exists() else "(no log)"
