# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Accelerators: what the host says about them, the proof, and the choice."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from shutil import which
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from . import kvm, probe, proof_cache
from .probe_guest import answer

BEST_FIRST = ("kvm", "tcg")

# The model that guests get, and a plain one: where only the first fails, the reason tells that.
_MODELS = {"kvm": ("host", "qemu64"), "tcg": ("qemu64",)}
# In seconds. KVM answers in 0.1 s or never; TCG gets the time that a host may need which is busy, or emulated itself.
_DEADLINE = {"kvm": 3.5, "tcg": 30.0}


@dataclass(frozen=True)
class Host:
    """What a verdict rests on besides the proof. Unknown is None."""

    qemu: str | None
    offered: Mapping[str, bool | None]
    """Whether libvirt offers each accelerator."""
    guest_user_problem: str = ""
    """Why KVM is closed to the user as which libvirt runs guests."""
    architecture: str = platform.machine()


@dataclass(frozen=True)
class Verdict:
    """Whether one accelerator can be used, and why; the module returns it as it is."""

    name: str
    usable: bool
    reason: str
    offered: bool | None = None
    proof: dict[str, Any] | None = None
    cached: bool = False


def binary(architecture: str = platform.machine()) -> str | None:
    """QEMU's system emulator for the host's own architecture."""
    return which(f"qemu-system-{architecture}")


def examine(names: Sequence[str], host: Host, refresh: bool, trust_unproven: bool) -> list[Verdict]:
    """A verdict on each accelerator, best first. Proofs come from the cache where they are there."""
    path = proof_cache.place()
    cache_key = proof_cache.key(host.qemu) if host.qemu else {}
    known = proof_cache.load(path, cache_key)
    proofs = {} if refresh else dict(known)
    verdicts = [_examine(name, host, proofs, trust_unproven) for name in BEST_FIRST if name in names]
    if {**known, **proofs} != known:
        proof_cache.save(path, cache_key, {**known, **proofs})
    return verdicts


def _examine(name: str, host: Host, proofs: dict[str, Any], trust_unproven: bool) -> Verdict:
    offered = host.offered.get(name)
    obstacle = _obstacle(name, host, offered)
    if obstacle or host.qemu is None:
        return Verdict(name, False, obstacle, offered)
    if host.architecture != "x86_64":
        reason = f"not proven: no probe for {host.architecture}"
        return Verdict(name, trust_unproven, f"{reason}, but trusted as asked" if trust_unproven else reason, offered)
    cached = name in proofs
    finding = proofs[name] if cached else _prove(name, host.qemu)
    if finding["usable"] or name == "kvm":
        proofs[name] = finding  # TCG only fails on a host that is broken or overloaded: asked again
    usable, reason = finding["usable"], finding["reason"]
    if usable and name == "kvm" and host.guest_user_problem:
        usable, reason = False, host.guest_user_problem
    return Verdict(name, usable, reason, offered, finding["proof"], cached)


def _obstacle(name: str, host: Host, offered: bool | None) -> str:
    """What makes a proof pointless; never cached, since it is cheap to see and quickly changed."""
    if host.qemu is None:
        return f"qemu-system-{host.architecture} is not installed"
    if name == "kvm":
        problem = kvm.device_problem()
        if problem:
            return problem
    if offered is False:
        return f"libvirt does not offer {name} for {host.architecture} guests: restart its daemon, and see its log"
    return ""


def _prove(name: str, qemu: str) -> dict[str, Any]:
    """Run the probe on one CPU model after the other until one passes or the model cannot be the reason."""
    tried: list[str] = []
    for model in _MODELS[name]:
        outcome = probe.run(qemu, name, model, _DEADLINE[name])
        problem = probe.failure(outcome)
        tried.append(f"-cpu {model}: {problem or 'works'}")
        if model == _MODELS[name][0]:
            first = outcome
        if outcome.stage == "l":
            break
    return {
        "usable": first.passed,
        "reason": f"guest code ran to the right answer in {first.seconds} s" if first.passed else "; ".join(tried),
        "proof": {
            "command": first.command,
            "seconds": first.seconds,
            "expected": answer(),
            "answer": first.answer or None,
        },
    }


def choose(requirement: str, verdicts: Sequence[Verdict]) -> tuple[str | None, str]:
    """The best usable accelerator and why that one; or refuse, where another is required (not C(auto))."""
    reasons = {verdict.name: verdict.reason for verdict in verdicts}
    usable = [verdict.name for verdict in verdicts if verdict.usable]
    if requirement != "auto":
        if requirement not in usable:
            raise HypervisorError(
                f"Accelerator {requirement} is required, and is not usable on this host: {reasons[requirement]}."
                " Remove the cause, or allow another accelerator (accelerator: auto).",
                "ACCELERATOR_UNUSABLE",
                accelerators=[asdict(verdict) for verdict in verdicts],
            )
        return requirement, f"{requirement} is required: {reasons[requirement]}"
    rejected = [f"{name} is not usable: {reason}" for name, reason in reasons.items() if name not in usable]
    if not usable:
        return None, ". ".join(rejected)
    if usable[0] == BEST_FIRST[0]:
        return usable[0], f"{usable[0]}: {reasons[usable[0]]}"
    return usable[0], ". ".join(rejected) or f"only {usable[0]} was to be examined"
