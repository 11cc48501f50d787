# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._guest import verdict
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
