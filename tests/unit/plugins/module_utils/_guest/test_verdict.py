# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest import ssh, verdict
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.console import Console
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.verdict import Sight


def test_a_phase_took_the_time_since_the_one_before_it_whatever_their_usual_order():
    phases = {"started": 0.0, "kernel": 2.5, "cloud_init_network": 19.7, "address": 18.0, "finished": 33.4}
    took = {"started": 0.0, "kernel": 2.5, "address": 15.5, "cloud_init_network": 1.7, "finished": 13.7}
    assert verdict.took(phases) == took
    assert verdict.took({}) == {}


def test_a_phase_is_told_with_its_times():
    sight = Sight(address="192.0.2.7", phases={"started": 0.0, "kernel": 2.5, "address": 18.0})
    assert verdict.reached(sight, "address") == "address 192.0.2.7 after 18.0 s (+15.5 s)"


def test_a_failure_of_cloud_init_names_the_module():
    sight = Sight(console=Console(failed_modules=("runcmd", "scripts-user")))
    assert "(cloud_init_error in runcmd, scripts-user; last phase" in verdict.explain(
        "web", "cloud_init_error", sight, 9
    )
    assert "(no_lease; last phase" in verdict.explain("web", "no_lease", sight, 9)


def test_an_address_that_is_taken_is_told_with_who_has_it_and_until_when():
    holder = {"mac": "52:54:00:00:00:01", "hostname": None, "ip": "192.0.2.7", "expiry": 3600}
    sight = Sight(state="running", address="192.0.2.7", lease={"ip": "192.0.2.9"}, holder=holder)
    assert verdict.failure(sight, cloud_init=True) == "address_taken"
    until = time.strftime("%H:%M", time.localtime(3600))
    told = f"its address 192.0.2.7 is leased to 52:54:00:00:00:01 until {until}, so that it was given 192.0.2.9:"
    assert told in verdict.explain("web", "address_taken", sight, 9)
    assert verdict.failure(replace(sight, lease=None), cloud_init=True) is None, "its lease may end in time"
    assert verdict.missing(replace(sight, lease=None), cloud_init=True, leased=True) == "address_taken"
    answered = replace(sight, lease=None, ssh=ssh.ANSWERS)
    assert not verdict.is_ready(answered, cloud_init=False, host_keys=False), "that is somebody else"
    assert verdict.failure(replace(sight, state="shut off"), cloud_init=True) == "domain_stopped"


BOOTED = Console(phases=("kernel",))
LEASE = {"ip": "192.0.2.7"}


@pytest.mark.parametrize(
    ("sight", "cloud_init", "leased", "found"),
    [
        (Sight(ssh=ssh.UNREACHABLE, console=BOOTED), True, True, "no_lease"),
        (Sight(ssh=ssh.UNREACHABLE, console=BOOTED, lease=LEASE), True, True, "ssh_unreachable"),
        (Sight(ssh=ssh.UNREACHABLE, console=BOOTED), True, False, "ssh_unreachable"),
        (Sight(ssh=ssh.REFUSED, console=BOOTED), True, True, "ssh_refused"),
        (Sight(console=BOOTED), True, True, "no_lease"),
        (Sight(console=BOOTED, lease=LEASE), True, True, "ssh_unreachable"),
        (Sight(ssh=ssh.REFUSED), True, True, "no_kernel"),
        (Sight(reason="booted"), False, True, "no_kernel"),
        (Sight(reason="restored"), False, True, "no_lease"),
        (Sight(reason="restored", ssh=ssh.UNREACHABLE), True, False, "ssh_unreachable"),
        (Sight(has_log=False), False, True, "no_lease"),
    ],
)
def test_what_is_missing_is_what_was_looked_for_and_not_seen(sight, cloud_init, leased, found):
    assert verdict.missing(sight, cloud_init, leased) == found


def test_no_kernel_is_waited_for_where_none_would_be_seen():
    assert verdict.waiting(Sight(phases={"started": 0.0})) == "started, waiting for the kernel"
    assert verdict.waiting(Sight(phases={"started": 0.0}, reason="restored")) == "started, waiting for SSH"
