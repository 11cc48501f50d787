# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest whose clock runs wrongly spoils its result, which is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe.session import check_clock

GUEST = SimpleNamespace(name="probe guest 1")


@pytest.mark.parametrize(("inside", "outside"), [(1.0, 1.02), (10.0, 11.3), (1.0, None)])
def test_a_clock_may_differ_a_little(inside, outside):
    check_clock(GUEST, {"total_time_s": inside, "host_time_s": outside})


@pytest.mark.parametrize(("inside", "outside"), [(1.0, 40.0), (10.0, 0.3)])
def test_a_wrong_clock_is_refused(inside, outside):
    with pytest.raises(HypervisorError) as failed:
        check_clock(GUEST, {"total_time_s": inside, "host_time_s": outside})
    assert failed.value.code == "CLOCK_WRONG" and "tsc_early_khz" in str(failed.value)
