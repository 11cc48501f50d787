# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""An image of the host's own distribution, built from its mirror: bootable by BIOS and by its kernel directly."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence

from .._errors import HypervisorError
from .._progress import Progress
from .._xml.units import parse_size
from . import disk as disks
from . import lean, recipe
from .command import Run
from .inspect import QCOW2, inspect
from .sources import MIRROR_SETTINGS, Host, apt_settings, available, read_host
from .store import BOOT_FILES, Staged, Store, explained_space, need_space, result
from .sums import digest_file
from .watch import watch

STOCK, LEAN = "stock", "lean"

_PROGRAMS = ("mmdebstrap", "sfdisk", "mke2fs", "debugfs", "qemu-img", "setpriv", "unshare")
_BIOS_PROGRAM = "grub-mkimage"
_BIOS_ARCHITECTURE = "amd64"
_IDENTITIES = uuid.UUID("2c0ef6a4-6d3c-4f0e-8a35-5a1f0c7e9b11")
_WORK_SPACE = 2 << 30
"""Bytes that the packages, the installed tree, the raw disk and the image take together while building."""

_PHASES = {
    "I: running apt-get update": "reading package lists",
    "I: downloading packages": "downloading packages",
    "I: extracting archives": "extracting packages",
    "I: installing essential": "installing essential packages",
    "I: installing remaining": "installing packages",
    "I: cleaning": "cleaning up",
}
"""What mmdebstrap says when a phase begins, and what it is called here."""


def converge(options: Mapping[str, Any], check_mode: bool, run: Run, warn: Callable[[str], None]) -> dict[str, Any]:
    """Have the image in the directory; returns the module's result."""
    host = read_host(run)
    packages = recipe.packages(host, options["packages"], available(run, recipe.candidates(host)))
    size = parse_size(options["size"])
    profile = options["profile"]
    name = options["name"] or _name(host, profile)
    store = Store(options["dest"], name, _inputs(host, packages, size, profile, options["source_date_epoch"]))
    if not check_mode:
        store.note_use()  # first, so that what is done then is not removed before it is used
    image = store.done(warn)
    if image is not None:
        return result(False, image)
    if options["offline"]:
        raise store.missing("build")
    if check_mode:
        return result(True, _describe(store, host, profile))
    progress = Progress(options["progress_file"])
    with store.locked(options["lock_timeout"], progress):
        image = store.done(warn)  # another run may have built it in the meantime
        if image is not None:
            return result(False, image)
        with explained_space(store.directory), _workplace(store) as work:
            epoch = options["source_date_epoch"] or int(time.time())
            build = _Build(store, host, run, work, _Phases(store.name, progress), profile, epoch)
            return result(True, build.image(packages, size, options["timeout"]))


def _name(host: Host, profile: str) -> str:
    return f"{host.id}-{host.version or host.codename}-built" + (f"-{profile}" if profile != STOCK else "")


def _inputs(host: Host, packages: Sequence[str], size: int, profile: str, epoch: int | None) -> dict[str, Any]:
    """What makes this image another one."""
    return {
        "profile": profile,
        **({"source_date_epoch": epoch} if epoch else {}),
        "recipe": recipe.VERSION,
        "suite": host.codename,
        "architecture": host.architecture,
        "sources": [source.public().line(None) for source in host.sources],
        "packages": list(packages),
        "size": size,
    }


def _describe(store: Store, host: Host, profile: str) -> dict[str, Any]:
    return store.image(
        QCOW2,
        bootable=True,
        profile=profile,
        dropped=list(lean.DROPPED) if profile == LEAN else [],
        root=recipe.ROOT,
        os={"id": host.id, "version": host.version},
        source="build",
        url=host.sources[0].public().uri,
    )


@contextmanager
def _workplace(store: Store) -> Iterator[Path]:
    """An empty directory that is gone afterwards; what a killed run left there goes first.

    Only the holder of the image's lock comes here, so what is there belongs to nobody.
    """
    work = store.workplace
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass
class _Phases:
    """What the build is doing, and for how long."""

    name: str
    progress: Progress
    current: str = "preparing"

    def __post_init__(self) -> None:
        self._start = time.monotonic()

    def tick(self) -> None:
        self.progress.say(f"building {self.name}: {self.current}, {time.monotonic() - self._start:.0f} s")

    def enter(self, phase: str) -> None:
        self.current = phase
        self.tick()

    def on_line(self, line: str) -> None:
        for start, phase in _PHASES.items():
            if line.startswith(start):
                self.enter(phase)


@dataclass(frozen=True)
class _Build:
    """One image in the making."""

    store: Store
    host: Host
    run: Run
    work: Path
    phases: _Phases
    profile: str
    epoch: int

    @property
    def _bios(self) -> bool:
        return self.profile == STOCK and self.host.architecture == _BIOS_ARCHITECTURE

    def image(self, packages: Sequence[str], size: int, timeout: int) -> dict[str, Any]:
        """Install, write the disk, publish; returns the image."""
        self._check()
        tree = self.work / "root"
        self._install(packages, timeout, tree)
        self.phases.enter("writing the disk")
        self._finish(tree)
        staged = {suffix: self._staged(suffix, path) for suffix, path in self._write(tree, size).items()}
        self.phases.enter("publishing")
        disk = staged.pop(QCOW2)
        with disk.part.open("rb") as file:
            header = inspect(file, self.store.name, QCOW2, size)
        signed = " ".join(source.suite for source in self.host.sources)
        known = {"virtual_size": header.virtual_size, "verified_by": f"apt's signatures of {signed}"}
        return self.store.publish(
            {**_describe(self.store, self.host, self.profile), **known}, disk, list(staged.values())
        )

    def _check(self) -> None:
        """Refuse what would fail only after a minute."""
        missing = [program for program in _PROGRAMS if shutil.which(program) is None]
        if self._bios:
            missing += [] if shutil.which(_BIOS_PROGRAM) else [_BIOS_PROGRAM]
            missing += [] if disks.BOOT_CODE.exists() else [str(disks.BOOT_CODE)]
        if missing:
            raise HypervisorError(
                f"Building an image needs {', '.join(missing)}: install mmdebstrap, fdisk, e2fsprogs, qemu-utils,"
                " util-linux, grub-common and grub-pc-bin (the role mini.hypervisor.image does).",
                code="MISSING_PROGRAM",
                missing=missing,
            )
        if os.geteuid() != 0:
            raise HypervisorError(f"Only root can build {self.store.name}: use become: true.", code="NOT_ROOT")
        need_space(self.store.directory, _WORK_SPACE, f"building {self.store.name}")

    def _install(self, packages: Sequence[str], timeout: int, tree: Path) -> None:
        early, sources = self.work / "early", self.work / "sources.list"
        for name, content in {**recipe.EARLY, **(lean.INITRD if self.profile == LEAN else {})}.items():
            _put(early, name, content)
        keyring = self.host.keyring
        sources.write_text("".join(f"{each.line(keyring)}\n" for each in self.host.sources), encoding="utf-8")
        argv = recipe.command(self.host, packages, apt_settings(self.run), self.epoch, str(early), str(tree))
        watch(argv, sources, timeout, self.phases.on_line, self.phases.tick)

    def _finish(self, tree: Path) -> None:
        """Turn the installed tree into one that any number of guests can start from."""
        for pattern in recipe.REMOVED:
            for path in tree.glob(pattern):
                path.unlink()
        for name in recipe.LENT:
            os.chown(tree / name, 0, 0)
        keyring, settings = self.host.keyring, apt_settings(self.run, MIRROR_SETTINGS)
        files = {
            **recipe.LATE,
            "etc/apt/sources.list": "".join(f"{each.public().line(keyring)}\n" for each in self.host.sources),
            "etc/apt/apt.conf.d/90mirror": "".join(f"{line}\n" for line in settings),
        }
        links = {f"boot/{name}": _only(tree / "boot", f"{name}-*").name for name in ("vmlinuz", "initrd.img")}
        if self.profile == LEAN:
            files.update(lean.files(tree))
            links.update(lean.links(tree))
        for name, content in files.items():
            _put(tree, name, content)
        for name, target in {**recipe.LINKS, **links}.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to(target)

    def _write(self, tree: Path, size: int) -> dict[str, Path]:
        """Write the disk; returns it with the files that boot it directly, by their suffixes."""
        raw, image = self.work / "disk.raw", self.work / "disk.qcow2"
        identity = uuid.uuid5(_IDENTITIES, self.store.record.stem)
        layout = disks.Layout(size, self.profile == STOCK, identity, self.epoch)
        disks.write_disk(self.run, tree, raw, layout, self.work)
        if self._bios:
            disks.install_grub(self.run, raw, self.work)
        self.phases.enter("converting the disk")
        disks.convert(self.run, raw, image)
        boot = tree / "boot"
        return {
            BOOT_FILES["kernel"]: _only(boot, "vmlinuz-*"),
            BOOT_FILES["initrd"]: _only(boot, "initrd.img-*"),
            QCOW2: image,
        }

    def _staged(self, suffix: str, path: Path) -> Staged:
        return Staged(path, self.store.final(suffix), digest_file(path, "sha256")["sha256"])


def _put(tree: Path, name: str, content: str) -> None:
    """Write a file of the tree, a script if it looks like one; a link in its place could point out of the tree."""
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755 if content.startswith("#!") else 0o644)


def _only(directory: Path, pattern: str) -> Path:
    found = list(directory.glob(pattern))
    if len(found) != 1:
        raise HypervisorError(
            f"{len(found)} files instead of one match {pattern} in the image's {directory.name}: its kernel"
            " package does not work as expected.",
            code="BUILD_FAILED",
        )
    return found[0]
