# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the program inside of the guest that writes files. The rest is in the integration target guest_saved."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._saved import inside


def test_cards_get_their_new_address_wherever_cloud_init_wrote_the_old_one(tmp_path):
    networkd, netplan = tmp_path / "etc/systemd/network", tmp_path / "etc/netplan"
    for directory in (networkd, netplan, tmp_path / "run/systemd/netif/leases"):
        directory.mkdir(parents=True)
    (networkd / "10-cloud-init.network").write_text("[Match]\nMACAddress=52:54:00:A4:D2:46\nName=enp1s0\n")
    (networkd / "20-other.network").write_text("[Match]\nMACAddress=52:54:00:a4:d2:46:11\n")
    (netplan / "50-cloud-init.yaml").write_text('macaddress: "52:54:00:a4:d2:46"\n')
    (netplan / "50-cloud-init.yaml").chmod(0o600)
    (tmp_path / "run/systemd/netif/leases/2").write_text("ADDRESS=192.168.122.50\n")
    inside.cards(tmp_path, {"52:54:00:a4:d2:46": "52:54:00:00:00:01"})
    assert (networkd / "10-cloud-init.network").read_text() == "[Match]\nMACAddress=52:54:00:00:00:01\nName=enp1s0\n"
    assert (networkd / "20-other.network").read_text() == "[Match]\nMACAddress=52:54:00:a4:d2:46:11\n"
    assert (netplan / "50-cloud-init.yaml").read_text() == 'macaddress: "52:54:00:00:00:01"\n'
    assert stat.S_IMODE((netplan / "50-cloud-init.yaml").stat().st_mode) == 0o600
    assert not (tmp_path / "run/systemd/netif/leases/2").exists()


@pytest.fixture
def card(tmp_path):
    """The configuration of the card enp1s0, and below the same root what the kernel tells of it."""
    kernel, networkd = tmp_path / "sys/class/net/enp1s0", tmp_path / "etc/systemd/network"
    for directory in (kernel, networkd):
        directory.mkdir(parents=True)
    (kernel / "address").write_text("52:54:00:a4:d2:46\n")
    (kernel / "flags").write_text("0x1002\n")
    path = networkd / "10-cloud-init.network"
    path.write_text("[Match]\nMACAddress=52:54:00:A4:D2:46\n\n[Network]\nDHCP=ipv4\n")
    return path


def test_until_a_card_has_its_new_address_it_is_known_by_its_name(card, tmp_path):
    others = [card.with_name("20-gone.network"), card.with_name("30-any.network")]
    others[0].write_text("[Match]\nMACAddress=52:54:00:00:00:99\n")
    others[1].write_text("[Match]\nName=en*\n")
    inside.match_by_name(tmp_path)
    added = Path(f"{card}.d/{inside.BY_NAME}")
    assert added.read_text() == "[Match]\nMACAddress=\nName=enp1s0\n"
    assert not any(Path(f"{other}.d").exists() for other in others)
    inside.cards(tmp_path, {"52:54:00:a4:d2:46": "52:54:00:00:00:01"})
    assert not added.exists() and "MACAddress=52:54:00:00:00:01\n" in card.read_text()


def test_a_card_is_waited_for_until_it_is_on(card, tmp_path, monkeypatch):
    monkeypatch.setattr(inside, "_MOMENT", 0.1)
    assert inside.switched_on(tmp_path) == set()
    inside.await_up(tmp_path, ["52:54:00:a4:d2:46"])  # for a moment at most
    (tmp_path / "sys/class/net/enp1s0/flags").write_text("0x1003\n")
    monkeypatch.setattr(inside, "_MOMENT", 60)
    inside.await_up(tmp_path, ["52:54:00:a4:d2:46"])
    assert inside.switched_on(tmp_path) == {"52:54:00:a4:d2:46"}


@pytest.mark.parametrize("others", [[], ["NetworkManager.service"]])
def test_a_network_that_was_held_goes_on_and_others_are_started(tmp_path, monkeypatch, others):
    started = []
    monkeypatch.setattr(inside, "_start", lambda *command: started.append(command))
    monkeypatch.setattr(inside, "HELD", str(tmp_path / "held"))
    assert not inside.connect([]) and not started
    with subprocess.Popen(["sleep", "0.1"]) as held:
        held.send_signal(signal.SIGSTOP)
        (tmp_path / "held").write_text(f"{held.pid}\n")
        assert inside.connect([inside.NETWORKD, *others])
        assert held.wait(timeout=10) == 0
    assert not (tmp_path / "held").exists()
    assert started == ([("systemctl", "start", "--no-block", *others)] if others else [])


def test_a_network_that_was_not_held_is_started(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(inside, "_start", lambda *command: started.append(command))
    monkeypatch.setattr(inside, "HELD", str(tmp_path / "held"))
    assert not inside.connect([inside.NETWORKD])
    assert started == [("systemctl", "start", "--no-block", inside.NETWORKD)]


def test_only_whole_names_are_replaced(tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.1.1 saved.lab saved\n10.0.0.1 unsaved saved-2\n")
    inside.replace([hosts], {"saved": "web"})
    assert hosts.read_text() == "127.0.1.1 saved.lab web\n10.0.0.1 unsaved saved-2\n"


@pytest.mark.parametrize(("free_kib", "mib"), [(600 << 10, 568), (20 << 10, 0), (64 << 20, 992)])
def test_what_is_free_is_emptied_but_for_a_rest_and_not_all_of_a_big_machine(free_kib, mib):
    assert inside.to_empty(f"MemTotal: 99999999 kB\nMemFree: {free_kib} kB\nMemAvailable: 7 kB\n") == mib


@pytest.fixture
def cloud(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/instance-id").write_text("iid-old\n")
    (tmp_path / "data/set-hostname").write_text('{"hostname": "saved", "fqdn": "saved"}')
    (tmp_path / "instances/iid-old/sem").mkdir(parents=True)
    (tmp_path / "instances/iid-old/sem/config_ssh").touch()
    (tmp_path / "instances/iid-old/obj.pkl").touch()
    (tmp_path / "instance").symlink_to(tmp_path / "instances/iid-old")
    return tmp_path


@pytest.mark.parametrize("instance_id", ["iid-new", "iid-old"])
def test_cloud_init_finds_the_first_boot_of_the_new_instance_done(cloud, instance_id):
    inside.instance(cloud, instance_id, "web")
    assert (cloud / "data/instance-id").read_text() == f"{instance_id}\n"
    assert (cloud / "data/previous-hostname").read_text() == "web\n"
    assert json.loads((cloud / "data/set-hostname").read_text()) == {"hostname": "web", "fqdn": "web"}
    assert [path.name for path in (cloud / "instances").iterdir()] == [instance_id]
    assert (cloud / "instance/sem/config_ssh").exists() and not (cloud / "instance/obj.pkl").exists()
    assert (cloud / "instance").readlink() == cloud / "instances" / instance_id


def test_machine_ids_are_new_each_time(tmp_path):
    for directory in ("etc", "var/lib/dbus"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "var/lib/dbus/machine-id").write_text("old\n")
    first, second = inside.number_machine(tmp_path), inside.number_machine(tmp_path)
    assert first != second and len(second) == 32
    assert (
        (tmp_path / "etc/machine-id").read_text() == (tmp_path / "var/lib/dbus/machine-id").read_text() == f"{second}\n"
    )


def test_a_linked_machine_id_stays_a_link(tmp_path):
    for directory in ("etc", "var/lib/dbus"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "var/lib/dbus/machine-id").symlink_to(tmp_path / "etc/machine-id")
    inside.number_machine(tmp_path)
    assert (tmp_path / "var/lib/dbus/machine-id").is_symlink()


@pytest.mark.parametrize(("routes", "found"), [("", False), ("enp1s0\t0096A8C0\t00000000\t0001\n", True)])
def test_a_guest_without_an_address_has_no_route(tmp_path, routes, found):
    (tmp_path / "route").write_text(f"Iface\tDestination\tGateway\tFlags\n{routes}")
    assert inside.has_route(tmp_path) is found


def test_a_network_that_does_not_come_up_is_started_again(tmp_path, monkeypatch):
    (tmp_path / "route").write_text("Iface\tDestination\n")
    assert not inside.routed(tmp_path, 0)
    started = []
    answers = iter([False, False, True])
    monkeypatch.setattr(inside, "routed", lambda _tables, _patience: next(answers))
    monkeypatch.setattr(inside, "_run", lambda *command: started.append(command) or 0)
    monkeypatch.setattr(inside, "_REST", 0)
    inside.settle(["systemd-networkd.service"])
    assert started[:2] == [("systemctl", "restart", "systemd-networkd.service")] * 2
    assert started[2] == ("systemctl", "daemon-reexec") and len(started) == 4
