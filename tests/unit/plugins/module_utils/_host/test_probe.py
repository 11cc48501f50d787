# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A QEMU that ends in each way that was seen, and how that is told."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._host import probe, probe_guest

ABORT = """\
qemu-system-x86_64: error: failed to set MSR 0x10a to 0x0
qemu-system-x86_64: ../../target/i386/kvm/kvm.c:2885: kvm_buf_set_msrs: Assertion `ret == n' failed.
"""


@pytest.fixture
def qemu(tmp_path):
    """C(qemu(script)) is the path of a QEMU that does what the script says."""

    def make(script: str) -> str:
        path = tmp_path / "qemu"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (f"printf rpl{probe_guest.answer()}; exit 85", ""),
        (f"cat >&2 <<'X'\n{ABORT}X\nkill -ABRT $$", "QEMU stopped: error: failed to set MSR 0x10a to 0x0"),
        ("exec sleep 9", "the guest did not run its first instruction within 0.3 s"),
        ("printf rp; exec sleep 9", "the guest stopped in protected mode, and was given 0.3 s"),
        ("printf rpl; exec sleep 9", "the guest started, but did not finish 33554432 steps"),
        ("printf rpl0000000000000000; exit 85", "the guest computed '0000000000000000' instead of"),
        (f"printf rpl{probe_guest.answer()}; exit 0", "QEMU stopped: it said nothing"),
    ],
)
def test_how_a_run_ends(qemu, script, reason):
    outcome = probe.run(qemu(script), "kvm", "host", deadline=0.3)
    assert outcome.seconds < 2
    assert outcome.passed is (reason == "")
    assert probe.failure(outcome).startswith(reason) and bool(probe.failure(outcome)) is bool(reason)
