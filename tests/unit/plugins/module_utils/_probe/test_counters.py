# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events that the real kernel counts, beside perf stat where that is installed."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe import counters
from ansible_collections.mini.hypervisor.plugins.module_utils._probe.counters import Count, Event

AVAILABLE = {entry["name"] for entry in counters.counters() if entry["available"]}
# Two threads: one that is there, and one that it starts, each with naps and with memory that it touches first.
WORK = """
import threading, time
def work():
    for _ in range(100):
        time.sleep(0.001)
    bytearray(4 << 20)
def first():
    input()
    other = threading.Thread(target=work)
    other.start()
    work()
    other.join()
    print("done", flush=True)
    input()
threading.Thread(target=first).start()
"""


@pytest.fixture
def worker():
    """A process that works when it is told, and waits when it is done."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    while len(list(Path(f"/proc/{process.pid}/task").iterdir())) < 2:
        pass
    yield process
    process.kill()
    process.communicate()


def work(process: subprocess.Popen[str]) -> None:
    print(file=process.stdin)
    assert process.stdout.readline() == "done\n"


def test_every_event_is_there_or_says_why_not():
    found = {entry["name"]: entry for entry in counters.counters()}
    assert list(found) == [*(event.name for event in counters._EVENTS), "kvm_events"]
    assert all(entry["available"] == (not entry["reason"]) for entry in found.values())


@pytest.mark.skipif("context_switches" not in AVAILABLE, reason="nobody but root counts here")
def test_all_threads_are_counted(worker):
    with counters.counting(worker.pid, True) as counting:
        before = counting.read()
        work(worker)
        found = counters.counted(before, counting.read())
    assert set(found) == AVAILABLE
    assert 200 <= found["context_switches"] < 400 and found["page_faults"] > 1500 and found["cpu_migrations"] < 200


@pytest.mark.skipif("context_switches" not in AVAILABLE, reason="nobody but root counts here")
@pytest.mark.skipif(not shutil.which("perf"), reason="perf is not installed")
def test_perf_stat_counts_the_same(worker, tmp_path):
    printed = tmp_path / "printed"
    perf = subprocess.Popen(["perf", "stat", "-x,", "-o", printed, "-e", "cs,faults", "-p", str(worker.pid)])
    while perf.poll() is None and not counts(perf.pid):
        pass
    with counters.counting(worker.pid, True) as counting:
        before = counting.read()
        work(worker)
        found = counters.counted(before, counting.read())
    perf.send_signal(signal.SIGINT)
    perf.wait()
    said = {name: int(value) for value, name in re.findall(r"^(\d+),,(\S+?),", printed.read_text(), re.MULTILINE)}
    assert found["context_switches"] == pytest.approx(said["cs"], abs=5)
    assert found["page_faults"] == pytest.approx(said["faults"], abs=20)


def counts(pid: int) -> bool:
    """Whether a process has begun to count."""
    try:
        return any("perf_event" in str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:  # it has just closed one
        return False


def test_nothing_is_counted_where_nobody_asks(worker):
    with counters.counting(worker.pid, False) as counting:
        assert counting.read() == {} and counters.counted({}, counting.read()) == {}


def test_a_counter_that_was_shared_is_reckoned_up():
    before = {"cycles": Count(100, 1000, 1000), "instructions": Count(0, 0, 0), "page_faults": Count(7, 9, 9)}
    after = {"cycles": Count(600, 3000, 2000), "instructions": Count(0, 5, 0), "page_faults": Count(7, 9, 9)}
    assert counters.counted(before, after) == {"cycles": 1000, "instructions": None, "page_faults": 0}


def test_what_cannot_be_counted_is_an_error_and_leaves_no_file(worker):
    before = sum(1 for _file in Path("/proc/self/fd").iterdir())
    with pytest.raises(HypervisorError, match="Set perf to false") as failed:
        counters.Counting(worker.pid, [Event("none", "none", counters._SOFTWARE, 9999)])
    assert failed.value.code == "NOT_COUNTABLE" and sum(1 for _file in Path("/proc/self/fd").iterdir()) == before


def test_the_exits_of_kvm_have_the_number_that_the_kernel_gave_them(tmp_path):
    event, reason = counters._kvm_exits([tmp_path / "none"], tmp_path)
    assert reason == "it takes root and a mounted tracefs"
    assert counters._kvm_exits([tmp_path / "none"], tmp_path / "none")[1] == "the kernel has no module kvm"
    place = tmp_path / "events/kvm/kvm_exit"
    place.mkdir(parents=True)
    (place / "id").write_text("1234\n")
    event, reason = counters._kvm_exits([tmp_path / "none", tmp_path], tmp_path)
    assert (event.number, reason) == (1234, "")
