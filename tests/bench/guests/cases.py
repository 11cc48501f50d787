# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured: each case tells its figures as it has them."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple

from support import module

from . import peer
from .lab import LEAN, SMALL, SUBNET, Lab
from .watch import Watch

Tell = Callable[[str, float, float, str], None]
"""C(tell(what, figure, target, how it came about))."""

ROUNDS = 3
DEADLINE = 600
MANY = 8
RERUN = 20

# Both do the same at first boot: an account by key, and no packages.
_BOOTED = {
    "guest_image": "build",
    "guest_memory": "768MiB",
    "guest_vcpus": 2,
    "guest_disk_size": "5GiB",
    "guest_packages": [],
}


class _Kind(NamedTuple):
    """A guest as we make it, and at most how much of the peer's time it may take."""

    what: str
    target: float
    options: Mapping[str, Any]


_OURS: Mapping[str, _Kind] = {
    "stock": _Kind("stock image, as the role boots it", 0.8, {}),
    "loader": _Kind("stock image, by its own boot loader", 1.0, {"guest_profile": "stock"}),
    "lean": _Kind("lean image", 0.5, LEAN),
}


def image(lab: Lab) -> Path:
    """The image that all have, from a first guest that has it made."""
    lab.add("first", SMALL)
    lab.play("site", deadline=2 * DEADLINE)
    found = module.run(f"{module.OWN}.virt_domain_info", {"name": "first"}).result["domains"][0]
    return Path(json.loads(found["metadata"]["image_facts"])["path"])


def boot(lab: Lab, base: Path, tell: Tell) -> None:
    """First boots by turns, seen by the same watcher."""
    ours: dict[str, list[float]] = {name: [] for name in _OURS}
    for turn in range(ROUNDS):
        _theirs(lab, base)
        for name, kind in _OURS.items():
            ours[name].append(_ours(lab, f"{name}{turn}", kind.options))
    for name, kind in _OURS.items():
        _compare(lab, f"first boot, {kind.what}", ours[name], kind.target, tell)


def saved(lab: Lab, base: Path, tell: Tell) -> None:
    """From a saved machine; the first guest from it has it made."""
    options = {**LEAN, "guest_from": "saved"}
    _ours(lab, "saver", options)
    seconds = []
    for turn in range(ROUNDS):
        if len(lab.theirs) <= turn:  # those of first boots are there already where they were measured
            _theirs(lab, base)
        # Each has an address of its own: a DHCP server may take three seconds to see that a free one is.
        seconds.append(_ours(lab, f"saved{turn}", {**options, "guest_address": f"{SUBNET}.{50 + turn}"}))
    _compare(lab, "from a saved machine", seconds, 0.1, tell)


def _compare(lab: Lab, what: str, ours: list[float], target: float, tell: Tell) -> None:
    ratio = statistics.median(ours) / statistics.median(lab.theirs)
    tell(what, ratio, target, f"{_listed(ours)} to virt-install's {_listed(lab.theirs)}")


def _theirs(lab: Lab, base: Path) -> None:
    name = f"theirs{len(lab.theirs)}"
    public_key = lab.key.with_suffix(".pub").read_text().strip()
    watch = Watch(name, lab.key, DEADLINE)
    peer.install(name, base, public_key, 768, 2, lab.directory)
    lab.theirs.append(_seconds(watch, name))
    peer.remove(name)


def _ours(lab: Lab, name: str, options: Mapping[str, Any]) -> float:
    lab.add(name, {**_BOOTED, **options})
    watch = Watch(name, lab.key, DEADLINE)
    lab.play("site", ["lab", name])
    seconds = _seconds(watch, name)
    lab.play("teardown", [name])
    return seconds


def _seconds(watch: Watch, name: str) -> float:
    watch.join()
    if watch.seconds is None:
        raise TimeoutError(f"{name} was not usable within {DEADLINE} s")
    print(f"  {name}: {watch.seconds:.1f} s from its definition until cloud-init is done, by SSH", flush=True)
    return watch.seconds


def _listed(seconds: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in seconds) + " s"


def disk(lab: Lab, base: Path, tell: Tell) -> None:
    """What a guest takes before it is booted: its overlay, as the role makes it, and its seed."""
    overlay = {"pool": "default", "name": "unbooted.qcow2", "format": "qcow2", "capacity": "10GiB"}
    module.run(f"{module.OWN}.virt_volume", {**overlay, "backing": {"path": str(base), "format": "qcow2"}})
    files = [peer.POOL / "unbooted.qcow2", peer.POOL / "first-seed.iso"]
    sizes = [512 * path.stat().st_blocks for path in files]
    files[0].unlink()
    tell("MiB for a further guest", sum(sizes) / (1 << 20), 1.0, f"{sizes[0]} bytes of overlay, {sizes[1]} of seed")


def many(lab: Lab, _base: Path, tell: Tell) -> None:
    """So many at once, to so many times one."""
    lab.add("many0", {**SMALL, **LEAN})
    one = lab.play("site", ["lab", "many0"], DEADLINE)
    print(f"  one guest: {one.seconds:.1f} s", flush=True)
    names = [f"many{number}" for number in range(1, MANY + 1)]
    for name in names:
        lab.add(name, {**SMALL, **LEAN})
    all_of_them = lab.play("site", ["lab", *names], MANY * DEADLINE)
    how = f"{all_of_them.seconds:.1f} s to {MANY} x {one.seconds:.1f} s"
    tell(f"{MANY} guests, to {MANY} times one", all_of_them.seconds / (MANY * one.seconds), 0.9, how)
    lab.play("teardown", ["many0", *names])  # their memory is wanted by those that follow


def rerun(lab: Lab, _base: Path, tell: Tell) -> None:
    """The second run of the site, with one guest and with many."""
    names = ["first", *(f"rerun{number}" for number in range(RERUN - 1))]
    for name in names[1:]:
        lab.add(name, {**SMALL, **LEAN, "guest_from": "saved"})  # they are there soonest, and like others then
    lab.play("site", ["lab", *names], RERUN * DEADLINE)
    one, more = (lab.play("site", ["lab", *names[:number]]) for number in (1, RERUN))
    tell(f"changes by a second run, {RERUN} guests and 1", one.changed + more.changed, 0, "")
    extra = (more.seconds - one.seconds) / (RERUN - 1)
    tell("seconds for each further guest", extra, 1.0, f"{RERUN} in {more.seconds:.1f} s, 1 in {one.seconds:.1f} s")


CASES: Mapping[str, Callable[[Lab, Path, Tell], None]] = {
    "disk": disk,
    "boot": boot,
    "saved": saved,
    "many": many,
    "rerun": rerun,
}
