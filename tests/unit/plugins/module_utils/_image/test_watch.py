# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.watch import watch

NULL = Path(os.devnull)


def test_lines_and_ticks_come_while_it_runs():
    lines, ticks = [], []
    script = "echo one >&2; sleep 1.5; printf 'two\\nthree'"
    watch(["sh", "-c", script], NULL, 20, lines.append, lambda: ticks.append(time.monotonic()))
    assert lines == ["one", "two", "three"]
    assert len(ticks) >= 3


def test_a_failure_tells_its_last_words():
    with pytest.raises(HypervisorError) as caught:
        watch(["sh", "-c", "echo fine; echo 'E: no such package'; exit 100"], NULL, 20, lambda _: None, lambda: None)
    assert caught.value.code == "BUILD_FAILED" and "E: no such package" in str(caught.value)
    assert "100" in str(caught.value) and caught.value.details["log"][0] == "fine"


def test_it_ends_at_its_deadline():
    start = time.monotonic()
    with pytest.raises(HypervisorError, match="did not end within 1 s"):
        watch(["sh", "-c", "echo started; exec sleep 60"], NULL, 1, lambda _: None, lambda: None)
    assert time.monotonic() - start < 5
