# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirt's test driver has a running domain "test"; its console is a file and its SSH server a thread."""

from __future__ import annotations

import socket
import threading
import time

import libvirt
import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.guest import Guest

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrLq4cmxWkwvvMcMSVsGkNQXuRRVyYlYw3HAB1tZRfB"
KERNEL = "[    0.000000] Linux version 6.1.0-28-cloud-amd64 (gcc)\r\n"
KEYS = f"-----BEGIN SSH HOST KEY KEYS-----\r\n{KEY} root@web\r\n-----END SSH HOST KEY KEYS-----\r\n"
FINISHED = "[   33.4] cloud-init[655]: Cloud-init v. 22.4.2 finished at Tue, 24 Nov 2026\r\n"


@pytest.fixture
def forwarder():
    """A port that takes each connection, of which only the second is heard."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while len(taken) < 2:
                taken.append(listener.accept()[0])
            taken[1].sendall(b"SSH-2.0-x\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
    for connection in taken:
        connection.close()


@pytest.fixture
def options(tmp_path):
    log = tmp_path / "console.log"
    log.write_text(KERNEL)
    return {"name": "test", "address": "127.0.0.1", "console_log": str(log), "deadline": 0}


def test_a_guest_becomes_ready_while_it_is_waited_for(virt, test_driver, options, server, tmp_path):
    log, progress = tmp_path / "console.log", tmp_path / "progress"

    def boot() -> None:
        time.sleep(0.7)
        with log.open("a") as file:
            file.write(KEYS + FINISHED)

    threading.Thread(target=boot).start()
    port = server(b"welcome\r\nSSH-2.0-OpenSSH_9.2\r\n")
    result = virt("guest_wait", **{**options, "deadline": 20}, ssh_port=port, progress_file=str(progress))
    guest = result["guest"]
    assert not result["changed"] and guest["ready"] and guest["state"] == "running"
    assert guest["host_keys"] == [KEY] and guest["cloud_init_version"] == "22.4.2"
    assert guest["phases"]["started"] <= guest["phases"]["sshd"] < guest["phases"]["finished"]
    assert guest["phases"]["cloud_init_local"] is None
    assert sum(filter(None, guest["took"].values())) == pytest.approx(guest["phases"]["finished"])
    told = [line.split(" after ")[0] for line in progress.read_text().splitlines()]
    steps = ("started", "kernel", "address 127.0.0.1", "SSH answers", "cloud-init finished")
    assert told == [f"* guest test: {step}" for step in steps]


def test_each_condition_can_be_waived(virt, test_driver, options, server):
    port = server(b"SSH-2.0-OpenSSH_9.2\r\n")
    failed = virt("guest_wait", **options, ssh_port=port)
    assert failed["code"] == "GUEST_NOT_READY" and failed["details"]["class"] == "cloud_init"
    assert failed["details"]["phase"] == "sshd" and failed["details"]["state"] == "running"
    failed = virt("guest_wait", **options, ssh_port=port, cloud_init=False)
    assert failed["details"]["class"] == "host_keys"
    assert virt("guest_wait", **options, ssh_port=port, cloud_init=False, host_keys=False)["guest"]["ready"]


def test_a_guest_that_was_up_before_is_ready_at_once(virt, test_driver, options, server, tmp_path):
    (tmp_path / "console.log").write_text(KERNEL + KEYS + FINISHED + KERNEL)
    assert virt("guest_wait", **options, ssh_port=server(b"SSH-2.0-x\r\n"))["guest"]["ready"]


def test_a_port_that_takes_any_connection_is_not_taken_for_the_guest(virt, test_driver, options, forwarder):
    failed = virt("guest_wait", **options, ssh_port=forwarder)
    assert failed["details"]["class"] == "ssh_silent" and failed["details"]["phase"] == "kernel"


def test_a_connection_from_before_the_guest_had_a_network_is_not_waited_for(
    virt, test_driver, options, forwarder, tmp_path
):
    def boot() -> None:
        time.sleep(0.5)
        with (tmp_path / "console.log").open("a") as file:
            file.write("[    9.4] cloud-init[500]: Cloud-init v. 22.4.2 running 'init' at Tue, 24 Nov 2026\r\n")
            file.write(KEYS + FINISHED)

    threading.Thread(target=boot).start()
    result = virt("guest_wait", **{**options, "deadline": 20}, ssh_port=forwarder)
    assert result["guest"]["phases"]["cloud_init_network"] < result["guest"]["phases"]["sshd"] < 5


@pytest.mark.parametrize(
    ("greeting", "found"), [(None, "ssh_refused"), (b"", "ssh_refused"), (b"220 smtp\r\n", "ssh_no_banner")]
)
def test_how_ssh_does_not_answer(virt, test_driver, options, server, tmp_path, greeting, found):
    (tmp_path / "console.log").write_text(KERNEL + KEYS + FINISHED)
    port = 1 if greeting is None else server(greeting)
    failed = virt("guest_wait", **options, ssh_port=port)
    assert failed["details"]["class"] == found and "address" not in failed["details"]["phases"]


def test_a_panic_fails_at_once_and_is_shown(virt, test_driver, options, tmp_path):
    (tmp_path / "console.log").write_text(KERNEL + "\x1b[31mKernel panic - not syncing: VFS\x1b[0m\r\n")
    failed = virt("guest_wait", **{**options, "deadline": 600}, ssh_port=1)
    assert failed["details"]["class"] == "kernel_panic"
    assert failed["details"]["console"][-1] == "Kernel panic - not syncing: VFS"
    assert failed["msg"].endswith("Kernel panic - not syncing: VFS")


def test_a_cloud_init_that_failed_is_not_ready_though_it_finished(virt, test_driver, options, server, tmp_path):
    (tmp_path / "console.log").write_text(
        KERNEL + KEYS + FINISHED + "[FAILED] Failed to start cloud-final.service - Cloud-init: Final Stage.\r\n"
    )
    port = server(b"SSH-2.0-x\r\n")
    assert virt("guest_wait", **options, ssh_port=port)["details"]["class"] == "cloud_init_error"
    assert virt("guest_wait", **options, ssh_port=port, cloud_init=False)["guest"]["ready"]


def test_a_domain_that_does_not_run_fails_at_once(virt, test_driver, options):
    domain = test_driver.lookupByName("test")
    domain.suspend()
    failed = virt("guest_wait", **{**options, "deadline": 600})
    assert failed["details"]["class"] == "domain_paused" and failed["details"]["reason"] == "user"
    domain.destroy()
    failed = virt("guest_wait", **{**options, "deadline": 600})
    assert failed["details"]["class"] == "domain_stopped" and "shut off (destroyed)" in failed["msg"]


def test_what_cannot_come_is_not_waited_for(virt, test_driver, options):
    assert virt("guest_wait", **{**options, "name": "missing"})["code"] == "NOT_FOUND"
    assert virt("guest_wait", name="test", address="127.0.0.1")["code"] == "NO_CONSOLE_LOG"
    test_driver.createXML(
        "<domain type='test'><name>lonely</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    )
    assert virt("guest_wait", **{**options, "name": "lonely", "address": None})["code"] == "NO_ADDRESS"


def test_what_was_sent_before_the_lease_is_sent_again(virt, test_driver, options, forwarder, monkeypatch):
    leases = iter([None])
    monkeypatch.setattr(Guest, "lease", lambda _guest: next(leases, {"ip": "127.0.0.1"}))
    # The first connection would be waited for until the deadline has passed.
    result = virt("guest_wait", **{**options, "deadline": 10}, ssh_port=forwarder, cloud_init=False, host_keys=False)
    assert result["guest"]["ready"]


def test_the_lease_of_an_earlier_boot_gives_way(virt, test_driver, options, server, monkeypatch):
    leases = iter([{"ip": "127.0.0.2"}])
    monkeypatch.setattr(Guest, "lease", lambda _guest: next(leases, {"ip": "127.0.0.1"}))
    leased = {**options, "address": None, "deadline": 10, "cloud_init": False, "host_keys": False}
    result = virt("guest_wait", **leased, ssh_port=server(b"SSH-2.0-OpenSSH_9.2\r\n"))
    assert result["guest"]["ready"] and result["guest"]["address"] == "127.0.0.1"


def test_no_lease_is_told(virt, test_driver, options):
    assert virt("guest_wait", **{**options, "address": None})["details"]["class"] == "no_lease"


def test_no_lease_of_a_reserved_address_is_told(virt, test_driver, options):
    nowhere = {**options, "address": "255.255.255.255"}
    assert virt("guest_wait", **nowhere)["details"]["class"] == "ssh_unreachable"
    test_driver.networkLookupByName("default").update(
        libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
        libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
        -1,
        "<host mac='aa:bb:cc:dd:ee:ff' ip='255.255.255.255'/>",
        libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE,
    )
    assert virt("guest_wait", **nowhere)["details"]["class"] == "no_lease"


def test_an_address_that_somebody_else_has_is_not_waited_for(virt, test_driver, options, monkeypatch):
    network, held = test_driver.networkLookupByName("default"), {"prefix": 24, "type": libvirt.VIR_IP_ADDR_TYPE_IPV4}
    network.update(
        libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
        libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
        -1,
        "<host mac='aa:bb:cc:dd:ee:ff' ip='255.255.255.255'/>",
        libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE,
    )
    leases = [
        {**held, "mac": "52:54:00:00:00:01", "ipaddr": "255.255.255.255", "hostname": "other", "expirytime": 0},
        {**held, "mac": "aa:bb:cc:dd:ee:ff", "ipaddr": "192.168.122.193", "hostname": None, "expirytime": 0},
    ]

    def of_card(_network, mac=None):
        return [each for each in leases if mac in (None, each["mac"])]

    monkeypatch.setattr(libvirt.virNetwork, "DHCPLeases", of_card)
    failed = virt("guest_wait", **{**options, "address": "255.255.255.255", "deadline": 60})
    assert failed["details"]["class"] == "address_taken"
    assert "leased to 52:54:00:00:00:01 (other), so that it was given 192.168.122.193:" in failed["msg"]
    leases[0]["mac"] = "AA:BB:CC:DD:EE:FF"  # its own, of an earlier boot
    failed = virt("guest_wait", **{**options, "address": "255.255.255.255", "deadline": 0})
    assert failed["details"]["class"] == "ssh_unreachable"


def test_a_guest_that_was_restored_need_not_have_told_of_a_kernel(virt, test_driver, options, tmp_path):
    (tmp_path / "console.log").write_text("")
    waived = {**options, "address": None, "cloud_init": False}
    assert virt("guest_wait", **waived)["details"]["class"] == "no_kernel"
    test_driver.lookupByName("test").save(str(tmp_path / "memory"))
    test_driver.restore(str(tmp_path / "memory"))
    failed = virt("guest_wait", **waived)
    assert failed["details"]["class"] == "no_lease" and "running (restored)" in failed["msg"]


def test_check_mode_looks_once(virt, test_driver, options, forwarder):
    assert virt("guest_wait", check=True, **options, ssh_port=1)["guest"]["phases"]["kernel"] is not None
    start = time.monotonic()
    assert not virt("guest_wait", check=True, **options, ssh_port=forwarder)["guest"]["ready"]
    assert time.monotonic() - start < 5, "SSH alone would not make it ready"
    missing = virt("guest_wait", check=True, **{**options, "name": "missing"})
    assert missing["guest"]["state"] == "absent" and not missing["guest"]["ready"]
