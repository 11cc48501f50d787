# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest tells what it is; one whose clock runs wrongly spoils its result, which is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench import machine
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe import session
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


def test_its_environment_has_the_keys_of_any_machine():
    lines = [
        "FACT clock_current hpet",
        "FACT clock_available hpet acpi_pm",
        "FACT kernel 6.1.0-31-cloud-amd64",
        "FACT architecture x86_64",
        "FACT cpus 1",
        "FACT memory_kib 223336",
        "FACT uptime 41.93",
        "model name\t: QEMU Virtual CPU version 2.5+",
    ]
    found = session._environment(lines)
    assert set(found) == set(machine.environment())
    assert (found["memory_mib"], found["uptime_s"], found["cpu_model"]) == (218, 41, "QEMU Virtual CPU version 2.5+")
    assert found["clock_source"] == {"current": "hpet", "available": ["hpet", "acpi_pm"]}
