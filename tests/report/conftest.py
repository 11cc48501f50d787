# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles report and compare, played on results that the real parser read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.results import METADATA, measured

CHECKOUT = Path(__file__).parents[2]
NATIVE = [1.0, 1.01, 0.99, 1.0, 1.005, 1.02, 0.98]
GUEST = [0.2, 0.21, 0.19, 0.2, 0.2, 0.22, 0.18]


def play(playbook: str, *hosts: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    """A playbook's run, with extra variables."""
    command = ["ansible-playbook", "-i", "".join(f"{host}," for host in hosts or ("localhost",)), playbook]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build/collections"),
        "ANSIBLE_NOCOLOR": "1",
    }
    # What a discovery would find depends on what else is on the PATH.
    variables = {"ansible_python_interpreter": sys.executable, **variables}
    return subprocess.run(
        [*command, "-e", json.dumps(variables)],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env=environment,
        check=False,
    )


def report(place: Path, hosts: dict[str, dict[str, Any]], inventory: Sequence[str] = (), **variables: Any) -> Path:
    """The directory of the report about the results of C(hosts), which the inventory has if it is not another one."""
    for host, results in hosts.items():
        (place / f"{host}.json").write_text(json.dumps({**results, "hypervisor": host}))
    given = {"measured": list(hosts), "results": str(place), "report_dir": str(place / "reports"), **variables}
    played = play("tests/report/report.yml", *(inventory or hosts), **given)
    assert played.returncode == 0, played.stdout + played.stderr
    return place / "reports/latest"


@pytest.fixture(scope="session")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hypervisors in one report: seven rounds of a guest that does a fifth, and one whose clock is a device."""
    boot = json.dumps({"started": 0.0, "kernel": 2.5, "address": 18.0, "finished": 40.25})
    hosts = {
        "hyper": measured(GUEST, NATIVE, metadata={**METADATA, "boot": boot}),
        "other": measured([value / 2 for value in GUEST], NATIVE, clock="hpet"),
    }
    return report(tmp_path_factory.mktemp("english"), hosts)


@pytest.fixture(scope="session")
def indonesian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same guest on a localhost that the inventory does not have, slower in its cpu test, in Indonesian."""
    results = measured(GUEST, NATIVE)
    for run in results["runs"]:
        if (run["target"], run["test"]) == ("lab", "cpu"):
            run["result"]["events_per_second"] *= 0.7
    sections = "[sections[?name=='cost'], hypervisors[].sections[?name!='commands'][]][]"
    place = tmp_path_factory.mktemp("indonesian")
    return report(place, {"localhost": results}, ["unrelated"], report_language="id", report_sections=sections)
