# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Seed images: compared by the digest in their volume descriptor, written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from shutil import which
from typing import Any, Callable, Iterator, Mapping

from .._errors import HypervisorError
from .._lock import locked
from .seed_content import Content, render

VOLUME = "cidata"
"""The volume name by which cloud-init finds a NoCloud seed."""

LOCK_TIMEOUT = 60

_TOOLS = (("xorriso", "-as", "mkisofs"), ("genisoimage",), ("mkisofs",))

# ISO 9660: the primary volume descriptor is sector 16; names and offsets are of ECMA-119, 8.4.
_DESCRIPTOR, _SECTOR = 32768, 2048
_VOLUME, _PUBLISHER = slice(40, 72), slice(318, 446)

RunCommand = Callable[..., "tuple[int, str, str]"]


def converge(options: Mapping[str, Any], check_mode: bool, run_command: RunCommand) -> dict[str, Any]:
    """Have the seed (or not); the module's result."""
    path = Path(options["path"])
    before = read_digest(path)
    if options["state"] == "absent":
        if before is not None and not check_mode:
            path.unlink()
        return _result(path, before, None)
    content = render(options)
    if before == content.sha256:
        changed = _has_wrong_mode(path)
        if changed and not check_mode:
            path.chmod(0o600)
        return {**_result(path, before, content), "changed": changed}
    if before is not None and not options["replace"]:
        raise _differs(path, before, content)
    if not check_mode:
        write(path, content, options["owner"], options["group"], run_command)
    return _result(path, before, content)


def read_digest(path: Path) -> str | None:
    """The digest in the seed at C(path), None where there is no file; any other file is refused."""
    try:
        with path.open("rb") as file:
            file.seek(_DESCRIPTOR)
            sector = file.read(_SECTOR)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise HypervisorError(
            f"Seed {path} cannot be read ({error.strerror}): give the path of a file, and use become: true.",
            "NOT_READABLE",
            path=str(path),
        ) from error
    digest = sector[_PUBLISHER].decode("ascii", "replace").strip().lower()
    if (
        sector[1:6] != b"CD001"
        or sector[_VOLUME].strip() != VOLUME.encode()
        or not re.fullmatch("[0-9a-f]{64}", digest)
    ):
        raise HypervisorError(
            f"{path} exists and is not a seed that this module made, so it is left alone: move it away, or give"
            " another path.",
            "NOT_A_SEED",
            path=str(path),
        )
    return digest


def write(path: Path, content: Content, owner: str | None, group: str | None, run_command: RunCommand) -> None:
    """Make the image beside its final place, and give it its name when it is complete and on the disk."""
    tool = _tool()
    with _workplace(path) as place:
        files, image = place / "files", place / "image"
        files.mkdir()
        for name, text in content.files.items():
            (files / name).write_text(text, encoding="utf-8")
        options = ("-quiet", "-volid", VOLUME, "-joliet", "-rational-rock", "-publisher", content.sha256)
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
        try:
            yield place
        finally:
            shutil.rmtree(place)


def _give(path: Path, owner: str | None, group: str | None) -> None:
    try:
        shutil.chown(path, owner, group)  # type: ignore[arg-type]
    except (LookupError, PermissionError) as error:
        raise HypervisorError(
            f"The seed cannot be given to {owner or ''}:{group or ''} ({error}): name a user and a group that exist"
            " on the hypervisor, and use become: true.",
            "INVALID_OPTION",
        ) from error


def _has_wrong_mode(path: Path) -> bool:
    return path.stat().st_mode & 0o7777 != 0o600


def _differs(path: Path, before: str, content: Content) -> HypervisorError:
    return HypervisorError(
        f"Seed {path} holds other content than asked for, and a guest reads its seed only at first boot: recreate the"
        " guest (guest_recreate: true), or replace the seed alone with replace: true.",
        "SEED_DIFFERS",
        path=str(path),
        before=before,
        after=content.sha256,
        instance_id=content.instance_id,
    )


def _result(path: Path, before: str | None, content: Content | None) -> dict[str, Any]:
    """The result tells digests only: the content has secrets."""
    after = content.sha256 if content else None
    instance_id = content.instance_id if content else None
    told = f"sha256: {after}\ninstance-id: {instance_id}\n" if content else ""
    return {
        "changed": before != after,
        "seed": {"path": str(path), "sha256": after, "instance_id": instance_id},
        "diff": {
            # The old instance-id is only in the image; where the content is the same, it is the same.
            "before": told if before == after else f"sha256: {before}\n" if before else "",
            "after": told,
            "before_header": str(path),
            "after_header": str(path),
        },
    }
