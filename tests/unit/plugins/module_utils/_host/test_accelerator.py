# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._host import accelerator, probe_guest
from ansible_collections.mini.hypervisor.plugins.module_utils._host.accelerator import Host, Verdict, choose, examine

BOTH = {"kvm": True, "tcg": True}


@pytest.fixture(autouse=True)
def kvm_device_that_opens(monkeypatch, tmp_path):
    monkeypatch.setattr(accelerator.kvm, "device_problem", lambda: "")
    monkeypatch.setattr(accelerator.proof_cache, "place", lambda: tmp_path / "run" / "accelerators.json")


@pytest.fixture
def qemu(tmp_path):
    """A QEMU whose KVM aborts with C(-cpu host) and whose TCG works; it notes each run."""
    path = tmp_path / "qemu"
    path.write_text(
        f"""#!/bin/sh
echo "$2 $4" >> {tmp_path}/runs
case "$2 $4" in
"kvm host") echo "qemu: error: failed to set MSR 0x10a" >&2; exit 1;;
"kvm qemu64") exec sleep 9;;
*) printf rpl{probe_guest.answer()}; exit 85;;
esac
"""
    )
    path.chmod(0o755)
    return path


def runs(qemu):
    return (qemu.parent / "runs").read_text().splitlines()


def test_a_failure_tells_of_both_cpu_models_and_proofs_are_made_once(qemu, monkeypatch):
    monkeypatch.setitem(accelerator._DEADLINE, "kvm", 0.5)
    host = Host(str(qemu), BOTH, architecture="x86_64")

    kvm, tcg = examine(["tcg", "kvm"], host, refresh=False, trust_unproven=False)
    assert not kvm.usable and tcg.usable
    assert "-cpu host: QEMU stopped: error: failed to set MSR 0x10a" in kvm.reason
    assert "-cpu qemu64: the guest did not run its first instruction within 0.5 s" in kvm.reason
    assert tcg.proof and tcg.proof["answer"] == tcg.proof["expected"]
    assert runs(qemu) == ["kvm host", "kvm qemu64", "tcg qemu64"]

    again = examine(["kvm", "tcg"], host, refresh=False, trust_unproven=False)
    assert [verdict.cached for verdict in again] == [True, True] and len(runs(qemu)) == 3
    assert [verdict.reason for verdict in again] == [kvm.reason, tcg.reason]

    examine(["tcg"], host, refresh=True, trust_unproven=False)
    assert len(runs(qemu)) == 4
    qemu.write_text(qemu.read_text() + "# another build\n")
    assert not examine(["tcg"], host, refresh=False, trust_unproven=False)[0].cached


def test_a_broken_cache_is_no_cache(qemu):
    host = Host(str(qemu), BOTH, architecture="x86_64")
    cache = accelerator.proof_cache.place()
    cache.parent.mkdir()
    for content in ("", "[]", '{"key": {}, "proofs": {}}', "\0"):
        cache.write_text(content)
        assert examine(["tcg"], host, refresh=False, trust_unproven=False)[0].usable


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (Host(None, BOTH, architecture="x86_64"), "qemu-system-x86_64 is not installed"),
        (Host("/bin/false", {"kvm": False}, architecture="x86_64"), "libvirt does not offer kvm"),
        (Host("/bin/false", BOTH, architecture="aarch64"), "not proven: no probe for aarch64"),
    ],
)
def test_what_makes_a_proof_pointless(host, reason):
    (verdict,) = examine(["kvm"], host, refresh=False, trust_unproven=False)
    assert not verdict.usable and verdict.proof is None and verdict.reason.startswith(reason)


def test_trust_replaces_a_proof_only_where_there_is_none():
    host = Host("/bin/false", BOTH, architecture="aarch64")
    assert examine(["kvm"], host, refresh=False, trust_unproven=True)[0].usable
    host = Host("/bin/false", BOTH, architecture="x86_64")
    assert not examine(["tcg"], host, refresh=False, trust_unproven=True)[0].usable


def test_kvm_that_guests_may_not_open_is_not_usable(qemu):
    qemu.write_text(f"#!/bin/sh\nprintf rpl{probe_guest.answer()}; exit 85\n")
    (verdict,) = examine(["kvm"], Host(str(qemu), BOTH, "closed to guests", "x86_64"), False, False)
    assert not verdict.usable and verdict.reason == "closed to guests"


def test_the_choice():
    good, bad = Verdict("kvm", True, "proven"), Verdict("kvm", False, "no MSR")
    tcg = Verdict("tcg", True, "proven")
    assert choose("auto", [good, tcg]) == ("kvm", "kvm: proven")
    assert choose("auto", [bad, tcg]) == ("tcg", "kvm is not usable: no MSR")
    assert choose("auto", [bad]) == (None, "kvm is not usable: no MSR")
    assert choose("tcg", [good, tcg])[0] == "tcg"
    with pytest.raises(HypervisorError, match=r"kvm is required.*no MSR") as refused:
        choose("kvm", [bad, tcg])
    assert refused.value.code == "ACCELERATOR_UNUSABLE"
