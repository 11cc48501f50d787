# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The image file of a seed: written whole or not at all, named by the digest in its volume descriptor."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from shutil import which
from typing import Callable, Iterator

from .._errors import HypervisorError
from .._lock import locked
from .seed_content import Content

VOLUME = "cidata"
"""The volume name by which cloud-init finds a NoCloud seed."""

LOCK_TIMEOUT = 60

_TOOLS = (("xorriso", "-as", "mkisofs"), ("genisoimage",), ("mkisofs",))

# ISO 9660: the primary volume descriptor is sector 16; names and offsets are of ECMA-119, 8.4.
_DESCRIPTOR, _SECTOR = 32768, 2048
_VOLUME, _PUBLISHER = slice(40, 72), slice(318, 446)
_PUBLISHED = re.compile("([0-9a-f]{64})( spent)?")

RunCommand = Callable[..., "tuple[int, str, str]"]


@dataclass(frozen=True)
class Image:
    """A seed as its file tells: the digest of what first boot reads, and whether that is taken out."""

    sha256: str
    spent: bool

    @property
    def publisher(self) -> str:
        """How the volume descriptor says it."""
        return self.sha256 + (" spent" if self.spent else "")


def read(path: Path) -> Image | None:
    """The seed at C(path), None where there is no file; any other file is refused."""
    try:
        sector = _descriptor(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise HypervisorError(
            f"Seed {path} cannot be read ({error.strerror}): give the path of a file, and use become: true.",
            "NOT_READABLE",
            path=str(path),
        ) from error
    image = _image(sector)
    if image is None:
        raise HypervisorError(
            f"{path} exists and is not a seed that this module made, so it is left alone: move it away, or give"
            " another path.",
            "NOT_A_SEED",
            path=str(path),
        )
    return image


def recognize(path: Path) -> Image | None:
    """The seed at C(path); None for any other file, and where there is none that can be read."""
    try:
        return _image(_descriptor(path))
    except OSError:
        return None


def _descriptor(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(_DESCRIPTOR)
        return file.read(_SECTOR)


def _image(sector: bytes) -> Image | None:
    published = _PUBLISHED.fullmatch(sector[_PUBLISHER].decode("ascii", "replace").strip().lower())
    if sector[1:6] != b"CD001" or sector[_VOLUME].strip() != VOLUME.encode() or not published:
        return None
    return Image(published[1], bool(published[2]))


def write(
    path: Path, content: Content, spent: bool, owner: str | None, group: str | None, run_command: RunCommand
) -> None:
    """Make the image beside its final place, and give it its name when it is complete and on the disk."""
    tool = _tool()
    with _workplace(path) as place:
        files, image = place / "files", place / "image"
        files.mkdir()
        for name, data in (content.spent if spent else content.files).items():
            (files / name).write_bytes(data)
        publisher = Image(content.sha256, spent).publisher
        options = ("-quiet", "-volid", VOLUME, "-joliet", "-rational-rock", "-publisher", publisher)
        rc, stdout, stderr = run_command([*tool, *options, "-o", str(image), str(files)])
        if rc:
            raise HypervisorError(
                f"{tool[0]} failed ({rc}) on seed {path}: {(stderr or stdout).strip()[-500:]}", "COMMAND_FAILED"
            )
        image.chmod(0o600)
        if owner is not None or group is not None:
            _give(image, owner, group)
        with image.open("rb") as file:
            os.fsync(file.fileno())
        image.rename(path)


def spend(path: Path, content: Content) -> bool:
    """Take out of a complete seed what only first boot reads; false where the image is not as C(content) says.

    It is done in place, since a running guest keeps the file open, and reads it again when it reboots. Each file keeps
    its place and length. The descriptor says so last: what a killed run began is done again by the next.
    """
    with locked(path.parent, LOCK_TIMEOUT, f"the seeds in {path.parent}"), path.open("r+b", buffering=0) as file:
        image = file.read()
        for name, data in content.files.items():
            places = list(_places(image, data, content.spent[name]))
            if not places:
                return False
            for place in places:
                os.pwrite(file.fileno(), content.spent[name], place)
        os.fsync(file.fileno())
        publisher = Image(content.sha256, True).publisher.ljust(_PUBLISHER.stop - _PUBLISHER.start)
        os.pwrite(file.fileno(), publisher.encode(), _DESCRIPTOR + _PUBLISHER.start)
        os.fsync(file.fileno())
    return True


def _places(image: bytes, *alternatives: bytes) -> Iterator[int]:
    """Where a file begins; one that was replaced by a run that was killed is found as well."""
    for place in range(_DESCRIPTOR, len(image), _SECTOR):
        if any(image.startswith(data, place) for data in alternatives):
            yield place


def has_wrong_mode(path: Path) -> bool:
    """Whether others can read it."""
    return path.stat().st_mode & 0o7777 != 0o600


def _tool() -> tuple[str, ...]:
    for command in _TOOLS:
        if which(command[0]):
            return command
    raise HypervisorError(
        "No program that makes ISO images is installed on the hypervisor: install the package xorriso.",
        "MISSING_PROGRAM",
        package="xorriso",
    )


@contextmanager
def _workplace(path: Path) -> Iterator[Path]:
    """A directory for the secrets in the clear, only for this user, removed even after a run that was killed."""
    if not path.parent.is_dir():
        raise HypervisorError(
            f"Seed {path} cannot be written: {path.parent} is not a directory. Make it first.", "NOT_FOUND"
        )
    with locked(path.parent, LOCK_TIMEOUT, f"the seeds in {path.parent}"):
        prefix = f".{path.name}."
        for leftover in path.parent.glob(f"{escape(prefix)}*.seed"):
            shutil.rmtree(leftover)
        try:
            place = Path(tempfile.mkdtemp(".seed", prefix, path.parent))
        except OSError as error:
            raise HypervisorError(
                f"Seed {path} cannot be written ({error.strerror}): use become: true, or another directory.",
                "NOT_WRITABLE",
            ) from error
        others = os.umask(0o077)
        try:
            yield place
        finally:
            os.umask(others)
            shutil.rmtree(place)


def _give(path: Path, owner: str | None, group: str | None) -> None:
    try:
        # Either may be None, which the declaration of chown() allows only for one of them.
        shutil.chown(path, owner, group)  # type: ignore[arg-type]
    except (LookupError, PermissionError) as error:
        raise HypervisorError(
            f"The seed cannot be given to {owner or ''}:{group or ''} ({error}): name a user and a group that exist"
            " on the hypervisor, and use become: true.",
            "INVALID_OPTION",
        ) from error
