# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where finished images lie, and how one becomes finished.

An image is done exactly when its completion record and every file that the record names are there.
Files are staged under hidden names, and the record, with the digests and inodes of the staged files,
is written before they are renamed: a run that is killed at any point leaves either a done image or
one that the next run does again, never a half one under the final name.

The name of a file ends in a digest of what the image is made from. So another source or recipe is
another file, and the base image below the overlays of a guest is never replaced by a different one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence

from .. import _records as records
from .._errors import HypervisorError
from .._lock import locked
from .._names import check_name
from .._progress import Progress
from .sums import digest_file

BOOT_FILES = {"kernel": "vmlinuz", "initrd": "initrd"}
"""Files beside the image for direct kernel boot, and their suffixes."""

_REMOVAL = 60
"""Seconds that the removal of an image may take."""


@dataclass(frozen=True)
class Staged:
    """A file that is complete and verified, and the final path it gets."""

    part: Path
    final: Path
    sha256: str


class Store:
    """The place of one image in a directory."""

    def __init__(self, directory: str, name: str, inputs: Mapping[str, Any]) -> None:
        self.directory = Path(directory)
        self.name = check_name("Image", name)
        self.inputs = dict(inputs)
        digest = hashlib.sha256(json.dumps(self.inputs, sort_keys=True).encode()).hexdigest()
        self._stem = f"{name}-{digest[:8]}"
        self.record = self.final("json")

    def final(self, suffix: str) -> Path:
        """The final path of the file with that suffix: qcow2, raw, vmlinuz, initrd, json."""
        return self.directory / f"{self._stem}.{suffix}"

    def part(self, suffix: str) -> Path:
        """Where that file is staged, in the same directory so that a rename finishes it."""
        return self.directory / f".{self._stem}.{suffix}.part"

    @property
    def workplace(self) -> Path:
        """A directory for work on this image; only the holder of the lock may touch it."""
        return self.directory / f".build-{self.name}"

    @contextmanager
    def locked(self, timeout: int, progress: Progress) -> Iterator[None]:
        """Hold the image's lock, so that several runs do the work once."""
        self._make_directory()

        def waiting() -> None:
            progress.say(f"waiting for another run that prepares {self.name}")

        path = self.directory / f".{self.name}.lock"
        with locked(path, timeout, f"image {self.name}", os.O_RDWR | os.O_CREAT, waiting):
            yield

    def image(self, image_format: str, bootable: bool, **facts: Any) -> dict[str, Any]:
        """The image as modules return it, as far as it is known before it is there."""
        boot_files = {kind: str(self.final(suffix)) if bootable else None for kind, suffix in BOOT_FILES.items()}
        return {
            "name": self.name,
            "path": str(self.final(image_format)),
            "format": image_format,
            "virtual_size": None,
            "size": None,
            "sha256": None,
            **boot_files,
            **facts,
            "verified_by": None,
            "record": str(self.record),
        }

    def done(self, warn: Callable[[str], None]) -> dict[str, Any] | None:
        """The image as its record tells it, None where it has to be made (again)."""
        record = records.read(self.record, f"{self._stem}.*")
        if record is None:
            self._refuse_unrecorded()
            return None
        touched = [entry for entry in record["files"] if records.stat(Path(entry["path"])) != entry["stat"]]
        for entry in touched:
            path = Path(entry["path"])
            if not path.is_file():
                return None
            if digest_file(path, "sha256")["sha256"] != entry["sha256"]:
                warn(f"{path} is not what was verified on {record['completed']}: somebody changed it. It is replaced.")
                return None
        return dict(record["image"])

    def note_use(self) -> None:
        """Remember that the image was asked for now: the one that was not for longest makes room first.

        Whoever removes it holds the lock of the record while it looks at this note and removes the files. So an image
        that is done after this call stays so.
        """
        # There may be none, or it may be somebody else's, who lets us only read.
        with suppress(OSError), locked(self.record, _REMOVAL, f"image {self.name}"):
            os.utime(self.record)

    def missing(self, make: str) -> HypervisorError:
        """The error where the image is not there, and must not be made."""
        return HypervisorError(
            f"Image {self.name} is not in {self.directory}, and offline forbids to {make} it: run once with"
            f" offline: false, or copy {self._stem}.* from where it is.",
            code="NOT_CACHED",
            directory=str(self.directory),
        )

    def publish(self, image: Mapping[str, Any], disk: Staged, boot: Sequence[Staged] = ()) -> dict[str, Any]:
        """Give the staged files their final names; returns the image, now known in full."""
        staged = [*boot, disk]  # the disk comes last: its name appears when all it needs to boot is there
        for each in staged:
            each.part.chmod(0o644)
            records.sync(each.part)
        complete = {**image, "size": disk.part.stat().st_size, "sha256": disk.sha256}
        files = [{"path": str(each.final), "sha256": each.sha256, "stat": records.stat(each.part)} for each in staged]
        facts = {"inputs": self.inputs, "image": complete, "files": files}
        records.write(self.record, self.part("json"), facts, 0o644)
        for each in staged:
            each.part.rename(each.final)
        records.sync(self.directory)
        return complete

    def _make_directory(self) -> None:
        try:
            self.directory.mkdir(mode=0o755, parents=True, exist_ok=True)
            writable = os.access(self.directory, os.W_OK)
        except OSError:
            writable = False
        if not writable:
            raise HypervisorError(
                f"Images cannot be put into {self.directory}: it is not a directory that this user can make or write"
                " to. Use become: true, or another directory.",
                code="NOT_WRITABLE",
                directory=str(self.directory),
            )

    def _refuse_unrecorded(self) -> None:
        for path in map(self.final, ("qcow2", "raw", *BOOT_FILES.values())):
            if path.exists():
                raise HypervisorError(
                    f"{path} exists, but no completion record says where it comes from, so it is not trusted:"
                    " move it away or remove it, and run again.",
                    code="UNRECORDED_FILE",
                    path=str(path),
                )


def result(changed: bool, image: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a module that has an image there."""
    after = f"image: {image['path']}\nsource: {image['url']}\n"
    return {"changed": changed, "image": dict(image), "diff": {"before": "" if changed else after, "after": after}}


def copy_sparse(source: Path, target: Path, report: Callable[[int, int], None]) -> None:
    """Copy a file and leave out blocks of zeros; C(report(done, total)) is called now and then."""
    total, done, zeros = source.stat().st_size, 0, bytes(1 << 20)
    with source.open("rb") as reader, open_part(target, "wb") as writer:
        for chunk in iter(lambda: reader.read(1 << 20), b""):
            if chunk == zeros[: len(chunk)]:
                writer.seek(len(chunk), os.SEEK_CUR)
            else:
                writer.write(chunk)
            done += len(chunk)
            report(done, total)
        writer.truncate(done)


def open_part(path: Path, mode: str) -> Any:
    """Open a staged file that nobody else may read until it is verified."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def need_space(directory: Path, needed: int, what: str) -> None:
    """Fail before the work where it cannot fit."""
    free = shutil.disk_usage(directory).free
    if needed > free:
        raise _no_space(directory, f"{what} needs {needed >> 20} MiB, and {free >> 20} MiB are free")


@contextmanager
def explained_space(directory: Path, *leftovers: Path) -> Iterator[None]:
    """Turn "no space left" into a clear error, and remove what filled the disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        for path in leftovers:
            path.unlink(missing_ok=True)
        raise _no_space(directory, "it is full") from error


def _no_space(directory: Path, why: str) -> HypervisorError:
    return HypervisorError(
        f"There is not enough space in {directory}: {why}. Free some, or choose another directory.",
        code="NO_SPACE",
        directory=str(directory),
    )
