# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who removes a saved machine, and who puts a guest on its disk, wait for each other. No memory is needed for that."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._saved import overlay, restore, save
from ansible_collections.mini.hypervisor.plugins.module_utils._saved.host import host_facts
from ansible_collections.mini.hypervisor.plugins.module_utils._saved.place import Place


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def place(tmp_path, test_driver, monkeypatch):
    """A machine that is saved, and a guest C(web) that shall lie on its disk. The files of the test driver are here."""
    for module in (save, restore):
        monkeypatch.setattr(module, "is_local", lambda _connection: True)
    disk = tmp_path / "saved.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "16M"], check=True)
    place = Place(str(tmp_path / "saved"), "saved-1")
    with place.locked(5, lambda: None):
        place.create()
        place.part.write_bytes(b"memory")
        place.publish(disk, {"macs": [], "host": host_facts(test_driver)})
    test_driver.defineXML(
        "<domain type='test'><name>web</name><memory>65536</memory><os><type>hvm</type></os><devices><disk type='file'>"
        f"<driver name='qemu' type='qcow2'/><source file='{tmp_path}/web.qcow2'/><target dev='vda'/></disk></devices>"
        "</domain>"
    )
    return place


@pytest.fixture
def remove(place, test_driver):
    options = {"name": place.name, "directory": str(place.directory.parent), "state": "absent", "deadline": 20}
    return lambda: save.converge(test_driver, options, False, run)


@contextmanager
def another_run(place):
    """The block is another run, for which one in the pool of threads waits."""
    with ThreadPoolExecutor(1) as pool, place.locked(5, lambda: None):
        yield lambda work: (pool.submit(work), time.sleep(0.3))[0]


def test_a_machine_that_got_a_guest_in_the_meantime_is_not_removed(place, remove, tmp_path):
    with another_run(place) as waiting:
        removed = waiting(remove)
        overlay.make_fresh(tmp_path / "web.qcow2", tmp_path / "saved.qcow2", run)
    with pytest.raises(HypervisorError) as raised:
        removed.result()
    assert raised.value.code == "SAVE_IN_USE" and raised.value.details["users"] == ["web"]
    assert place.record() is not None


def test_a_machine_that_was_being_quieted_is_booted_anew(place, test_driver, tmp_path, monkeypatch):
    options = {"name": "saved", "directory": str(tmp_path / "new"), "state": "present", "inputs": {}, "deadline": 20}
    options["progress_file"] = None
    name = save.converge(test_driver, options, True, run)["saved"]["name"]
    disk, left = tmp_path / "machine.qcow2", Place(options["directory"], name)
    with left.locked(5, lambda: None):
        left.create()
        left.begin_quieting()
    overlay.make_fresh(disk, tmp_path / "saved.qcow2", run)
    subprocess.run(["qemu-io", "-c", "write -P 2 1M 64k", disk], check=True, capture_output=True)
    machine = test_driver.defineXML(
        f"<domain type='test'><name>{name}</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{disk}'/><target dev='vda'/></disk>"
        "</devices></domain>"
    )
    machine.create()

    def boot(_saving, domain):
        assert not domain.isActive() and overlay.is_fresh(disk, run) and not left.quieting.exists()
        raise HypervisorError("Here it would boot.", "REACHED")

    monkeypatch.setattr(save._Saving, "_boot", boot)
    with pytest.raises(HypervisorError) as raised:
        save.converge(test_driver, options, False, run)
    assert raised.value.code == "REACHED"


def test_one_that_was_removed_in_the_meantime_is_no_change(place, remove):
    with another_run(place) as waiting:
        removed = waiting(remove)
        place.remove()
    assert not removed.result()["changed"]


def test_removing_takes_the_disk_and_what_was_left_halfway(place, remove, tmp_path):
    overlay.make_fresh(tmp_path / "web", tmp_path / "saved.qcow2", run)
    (tmp_path / "web").rename(tmp_path / ".web.part")
    assert remove()["changed"] and not remove()["changed"]
    assert [path.name for path in tmp_path.iterdir()] == ["saved"] and not any((tmp_path / "saved").iterdir())


def test_no_guest_is_put_on_the_disk_while_it_is_removed(place, test_driver, tmp_path):
    options = {"name": "web", "saved": place.name, "directory": str(place.directory.parent), "progress_file": None}

    def begin(deadline):
        with pytest.raises(HypervisorError) as raised:
            restore.converge(test_driver, {**options, "timeout": 5, "deadline": deadline}, False, run)
        return raised.value.code

    with another_run(place):
        assert begin(0) == "LOCKED"
        assert not (tmp_path / "web.qcow2").exists() and not list(place.directory.glob("restoring-*"))
    with another_run(place) as waiting:
        late = waiting(lambda: begin(20))
        place.remove()
    assert late.result() == "NOT_SAVED"
    assert not (tmp_path / "web.qcow2").exists() and not place.directory.exists()
