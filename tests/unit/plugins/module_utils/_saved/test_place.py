# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Complete or not there: the record of a saved machine."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._saved.place import Place, digest


@pytest.fixture
def place(tmp_path):
    return Place(str(tmp_path / "saved"), "saved-1")


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk.qcow2"
    path.write_bytes(b"disk")
    return path


def publish(place, disk):
    with place.locked(5, lambda: None):
        place.create()
        place.part.write_bytes(b"memory")
        return place.publish(disk, {"macs": ["52:54:00:00:00:01"]})


def test_it_is_there_when_its_record_is(place, disk):
    assert place.record() is None
    record = publish(place, disk)
    assert place.record() == record and record["disk"]["path"] == str(disk)
    assert place.memory.read_bytes() == b"memory" and not place.part.exists()
    modes = {path.name: path.stat().st_mode & 0o777 for path in place.directory.iterdir()}
    assert modes == {"memory": 0o600, "record.json": 0o600}
    assert place.directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("which", ["memory", "disk"])
@pytest.mark.parametrize("what", ["changed", "gone"])
def test_files_that_are_not_those_of_the_record_are_none(place, disk, which, what):
    publish(place, disk)
    path = disk if which == "disk" else place.memory
    if what == "gone":
        path.unlink()
    else:
        path.write_bytes(b"something else")
    assert place.record() is None


def test_a_run_that_was_killed_before_the_record_left_nothing_that_counts(place, disk):
    with place.locked(5, lambda: None):
        place.create()
        place.part.write_bytes(b"memory")
    place.part.rename(place.memory)
    (place.directory / "record.part").write_text("{")
    assert place.record() is None
    place.discard()
    assert list(place.directory.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"schema": 99})])
def test_a_record_of_another_version_is_refused(place, disk, text):
    publish(place, disk)
    (place.directory / "record.json").write_text(text)
    with pytest.raises(HypervisorError) as raised:
        place.record()
    assert raised.value.code == "RECORD_UNREADABLE"


def test_removing_leaves_the_disk_alone(place, disk):
    publish(place, disk)
    place.marker("5f2e").touch()
    place.remove()
    assert not place.directory.exists() and disk.exists()
    assert list(place.directory.parent.iterdir()) == []


def test_what_killed_runs_left_goes_with_its_domain(place, disk):
    publish(place, disk)
    for uuid in ("there", "gone"):
        place.marker(uuid).touch()
        place.copy(uuid).touch()
    place.sweep(["there"])
    assert {path.name for path in place.directory.iterdir()} == {
        "memory",
        "record.json",
        "restoring-there",
        "copy-there",
    }


def test_other_inputs_are_another_machine():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})


def test_a_name_is_no_path(tmp_path):
    with pytest.raises(HypervisorError) as raised:
        Place(str(tmp_path), "../saved")
    assert raised.value.code == "INVALID_NAME"
