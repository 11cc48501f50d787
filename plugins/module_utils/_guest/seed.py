# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Seeds: what a guest reads at first boot, without its secrets when that is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping

from .._errors import HypervisorError
from . import seed_image
from .cloud_config import WARN
from .seed_content import Content, render
from .seed_image import Image, RunCommand

ABSENT, SPENT = "absent", "spent"


def converge(
    options: Mapping[str, Any], check_mode: bool, run_command: RunCommand, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Have the seed (or not); the module's result."""
    path = Path(options["path"])
    before = seed_image.read(path)
    if options["state"] == ABSENT:
        if before is not None and not check_mode:
            path.unlink()
        return _result(path, before, None, None)
    content = render(options, _refuse if options["unknown_keys"] != WARN else lambda error: warn(str(error)))
    if before is not None and before.sha256 != content.sha256 and not options["replace"]:
        raise _differs(path, before, content)
    after = _wanted(options, before, content)
    if before == after:
        changed = seed_image.has_wrong_mode(path)
        if changed and not check_mode:
            path.chmod(0o600)
        return {**_result(path, before, after, content), "changed": changed}
    if not check_mode:
        _apply(path, content, before, after, options, run_command)
    return _result(path, before, after, content)


def identity(options: Mapping[str, Any]) -> dict[str, Any]:
    """What names the content of a seed; a key that nobody knows is no error where it shall only be warned of."""
    content = render(options, _refuse if options["unknown_keys"] != WARN else lambda _error: None)
    return {"sha256": content.sha256, "instance_id": content.instance_id, "parts": content.parts}


def _wanted(options: Mapping[str, Any], before: Image | None, content: Content) -> Image:
    """A spent seed is as good as a whole one, unless a first boot is to come."""
    was_spent = before == Image(content.sha256, spent=True)
    return Image(content.sha256, options["state"] == SPENT or (was_spent and not options["replace"]))


def _apply(
    path: Path,
    content: Content,
    before: Image | None,
    after: Image,
    options: Mapping[str, Any],
    run_command: RunCommand,
) -> None:
    in_place = after.spent and before is not None and before.sha256 == after.sha256
    if not in_place or not seed_image.spend(path, content):
        seed_image.write(path, content, after.spent, options["owner"], options["group"], run_command)


def _refuse(error: HypervisorError) -> None:
    raise error


def _differs(path: Path, before: Image, content: Content) -> HypervisorError:
    return HypervisorError(
        f"Seed {path} holds other content than asked for, and a guest reads its seed only at first boot: recreate the"
        " guest (guest_recreate: if_needed), or replace the seed alone with replace: true.",
        "SEED_DIFFERS",
        path=str(path),
        before=before.sha256,
        after=content.sha256,
        instance_id=content.instance_id,
    )


def _result(path: Path, before: Image | None, after: Image | None, content: Content | None) -> dict[str, Any]:
    """The result tells digests only: the content has secrets."""
    told = {
        "sha256": after.sha256 if after else None,
        "instance_id": content.instance_id if content else None,
        "spent": after.spent if after else None,
        "parts": content.parts if content else {},
    }
    return {
        "changed": before != after,
        "before": {"sha256": before.sha256, "spent": before.spent} if before else None,
        "seed": {"path": str(path), **told},
        "diff": {
            "before": _text(before),
            "after": _text(after),
            "before_header": str(path),
            "after_header": str(path),
        },
    }


def _text(image: Image | None) -> str:
    return f"sha256: {image.sha256}\nspent: {str(image.spent).lower()}\n" if image else ""
