# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A staged copy of an image, byte by byte or converted, and the proof that it is one."""

from __future__ import annotations

import json
import os
import stat
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

from .._errors import HypervisorError
from .._image.inspect import RAW, inspect
from .._image.store import copy_sparse, need_space
from .._image.sums import digest_file, parse_checksum
from .._progress import Progress
from .._records import sync

LARGEST = 1 << 50
"""A virtual size beyond 1 PiB is an attack or a broken header."""

RunCommand = Callable[..., "tuple[int, str, str]"]


@dataclass(frozen=True)
class Recipe:
    """What is copied, and what it becomes."""

    source: Path
    source_format: str
    format: str
    creation: tuple[str, ...] = ()
    """qemu-img's options for the new image; without any, an image of the same format is copied byte by byte."""
    flatten: bool = False
    """Whether what lies below the source is copied along."""

    @property
    def converts(self) -> bool:
        return bool(self.creation) or self.flatten or self.format != self.source_format or not self.source.is_file()


@dataclass(frozen=True)
class Tools:
    """How a copy runs commands, and tells how far it is."""

    run: RunCommand
    progress: Progress
    name: str


def examine(source: Path, image_format: str, checksum: str | None) -> int:
    """The virtual size of an image that is what it is said to be; anything else is refused."""
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise HypervisorError(f"{source} is not a regular file: give the path of an image.", "INVALID_OPTION")
        with source.open("rb") as file:
            size = inspect(file, str(source), image_format, LARGEST).virtual_size
        if checksum is not None:
            check_digest(source, checksum)
    except OSError as error:
        raise HypervisorError(
            f"{source} cannot be read ({error.strerror}): it has to be on the machine where the module runs, and the"
            " user may need become: true.",
            "COPY_FAILED",
            path=str(source),
        ) from error
    return size


def check_digest(path: Path, checksum: str) -> None:
    """Refuse a file that does not have the checksum."""
    wanted = parse_checksum(checksum)
    found = digest_file(path, wanted.algorithm)[wanted.algorithm]
    if found != wanted.digest:
        raise HypervisorError(
            f"{path} has {wanted.algorithm} {found}, and {wanted.digest} was expected: fetch it anew, or correct"
            " the checksum.",
            "CHECKSUM_MISMATCH",
            expected=wanted.digest,
            found=found,
        )


def fill(recipe: Recipe, tools: Tools) -> Callable[[Path, int], None]:
    """What writes the copy to its staging place and verifies it."""

    def write(part: Path, lock: int) -> None:
        if recipe.converts:
            _convert(recipe, part, lock, tools)
        else:
            copy_file(recipe.source, part, tools)
        # What is published is the copy, so the copy is what has to be right.
        examine(part, recipe.format, None)

    return write


def copy_file(source: Path, part: Path, tools: Tools) -> None:
    """Copy byte by byte, and compare."""
    need_space(part.parent, source.stat().st_blocks * 512, f"the copy of {source}")
    copy_sparse(source, part, tools.progress.reporter(f"copying {tools.name}"))
    sync(part)
    tools.progress.say(f"verifying {tools.name}")
    check_digest(part, f"sha256:{digest_file(source, 'sha256')['sha256']}")


def _convert(recipe: Recipe, part: Path, lock: int, tools: Tools) -> None:
    formats = ["-f", recipe.source_format, "-O", recipe.format]
    creation = ["-o", ",".join(recipe.creation)] if recipe.creation else []
    if recipe.flatten:
        _refuse_data_files(recipe, tools)
    needed = _measure(recipe, [*formats, *creation], tools)
    need_space(part.parent, needed, f"the copy of {recipe.source}")
    with _watched(part, needed, tools):
        # Should this process be killed, the command goes on and holds the lock until it ends.
        _qemu_img(tools, ["convert", *formats, *creation, str(recipe.source), str(part)], pass_fds=(lock,))
    sync(part)
    tools.progress.say(f"verifying {tools.name}")
    _qemu_img(tools, ["compare", "-f", recipe.source_format, "-F", recipe.format, str(recipe.source), str(part)])


def _refuse_data_files(recipe: Recipe, tools: Tools) -> None:
    """libvirt does not tell of an image that its data are in another file, which may be any of the host."""
    chain = _qemu_img(
        tools, ["info", "--backing-chain", "--output=json", "-f", recipe.source_format, str(recipe.source)]
    )
    for image in json.loads(chain):
        if "data-file" in image.get("format-specific", {}).get("data", {}):
            raise HypervisorError(
                f"Image {image['filename']} is refused: it names another file that holds its data.", "IMAGE_REFUSED"
            )


def _measure(recipe: Recipe, arguments: list[str], tools: Tools) -> int:
    """The bytes that the converted image will take, as far as that can be known."""
    answer = _qemu_img(tools, ["measure", "--output=json", *arguments, str(recipe.source)])
    needed = int(json.loads(answer)["required"])
    if recipe.format == RAW and not recipe.creation:
        # To qemu-img a raw image is as big as its disk; what is never written takes no space.
        return min(needed, recipe.source.stat().st_blocks * 512)
    return needed


def _qemu_img(tools: Tools, arguments: list[str], **options: Any) -> str:
    code, out, err = tools.run(["qemu-img", *arguments], environ_update={"LC_ALL": "C"}, **options)
    if code:
        told = (err or out).strip().replace("\n", " ")
        full = os.strerror(28) in told
        raise HypervisorError(
            f"Volume {tools.name}: qemu-img {arguments[0]} failed: {told[-500:]}. "
            + ("Free space in the pool's file system." if full else "Check the source, and run again."),
            "NO_SPACE" if full else "CONVERSION_FAILED",
        )
    return out


@contextmanager
def _watched(part: Path, total: int, tools: Tools) -> Iterator[None]:
    """Report how much of the file is there while a command writes it."""
    report, ended = tools.progress.reporter(f"converting {tools.name}"), threading.Event()

    def watch() -> None:
        while not ended.wait(1.0):
            report(min(part.stat().st_blocks * 512, total), total)

    thread = threading.Thread(target=watch, name="watch-copy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
