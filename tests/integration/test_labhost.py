# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a lab host promises: a host of its own inside, no trace outside.

These look at the whole machine, so they run in a lab host themselves: C(labhost pytest test_labhost.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

LABHOST = Path(__file__).parent / "labhost"
DEADLINE = 30
MARKER = f"86400.{os.getpid()}"
SLEEP = f"sleep {MARKER}"  # a process that would be found if it outlived its lab host
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def labhost(*arguments: str) -> str:
    """What a command in a lab host prints."""
    return subprocess.run([LABHOST, *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


@contextlib.contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    """A lab host with a shell that reads its commands from C(stdin) and has said that it is there."""
    with subprocess.Popen(
        [LABHOST, *options, "bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as shell:
        try:
            ask(shell, "true")
            yield shell
        finally:
            shell.terminate()


def ask(shell: subprocess.Popen[str], command: str) -> str:
    """The output of a command in that shell."""
    assert shell.stdin and shell.stdout
    shell.stdin.write(f"{command}\necho done\n")
    lines = []
    for line in shell.stdout:
        if line == "done\n":
            return "".join(lines).strip()
        lines.append(line)
    pytest.fail(f"The shell in the lab host ended: {''.join(lines)}")


def traces() -> list[str]:
    """All that lab hosts have on this machine."""
    found = [str(path) for path in Path("/var/lib/labhost").iterdir()]
    found += [
        entry["ifname"] for entry in json.loads(command("ip", "-json", "link")) if entry["ifname"].startswith("lab")
    ]
    found += [line for line in command("iptables-save").splitlines() if "198.19." in line or "-o lab" in line]
    found += [str(path) for path in Path("/sys/fs/cgroup").glob("**/labhost-*")]
    found += [line for line in Path("/proc/self/mounts").read_text().splitlines() if "labhost/" in line]
    return found + processes(MARKER)


def command(*argv: str) -> str:
    """The output of a command on this machine."""
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def processes(marker: str) -> list[str]:
    """The processes with the marker in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if marker in path.read_text():
                found.append(path.parent.name)
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether the condition holds before the deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """A machine without lab hosts before each test, and after it."""
    assert traces() == []
    yield
    assert eventually(lambda: traces() == []), traces()


def test_the_command_is_alone_on_a_fresh_host():
    for path in ("/run/on-the-machine", "/var/lib/mini-hypervisor/on-the-machine", "/etc/libvirt/qemu/theirs.xml"):
        Path(path).touch()
    Path("/var/lib/mini-hypervisor/of-the-machine").mkdir()
    see = "hostname; ls -A /run /var/lib/mini-hypervisor /var/log/libvirt; ls /etc/libvirt/qemu; ps -e -o comm="
    seen = labhost("--name", "fresh", "bash", "-c", see).split()
    assert seen[0] == "fresh" and seen[-2:] == ["tini", "ps"]
    assert not {"on-the-machine", "of-the-machine", "theirs.xml"} & set(seen)
    links = json.loads(labhost("ip", "-json", "link"))
    assert {link["ifname"] for link in links} == {"lo", "uplink"}


def test_the_machine_is_as_before_and_the_status_is_the_commands():
    FORWARDING.write_text("0\n")
    written = ("/run/x", "/var/lib/libvirt/x", "/var/lib/mini-hypervisor/x", "/var/tmp/x")
    writes = f"touch {' '.join(written)}; ip link add x type dummy; exit 42"
    assert subprocess.run([LABHOST, "bash", "-c", writes], check=False).returncode == 42
    assert not [path for path in written if Path(path).exists()]
    assert FORWARDING.read_text() == "0\n"
    assert subprocess.run([LABHOST, "no-such-command"], check=False, stderr=subprocess.DEVNULL).returncode == 127


def test_apt_reaches_its_mirror():
    uri = labhost("apt-get", "download", "--print-uris", "hello").split("'")[1]
    labhost("/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=2", "download-file", uri, "/run/hello.deb")


def test_a_killed_owner_takes_everything_with_it():
    with running("--libvirtd") as shell:
        guest = "<domain type='qemu'><name>lost</name><memory>65536</memory><os><type>hvm</type></os></domain>"
        ask(shell, f'virsh -q net-start default; virsh -q create <(echo "{guest}") >/dev/null; setsid {SLEEP} &')
        inside = ("guest=lost", "libvirtd\0-d", MARKER)
        assert eventually(lambda: all(processes(marker) for marker in inside))
        shell.kill()
        assert eventually(lambda: not any(processes(marker) for marker in inside))
        assert traces(), "The owner was killed: only a sweep can remove these."
    subprocess.run([LABHOST, "--sweep"], check=True)
    assert traces() == []


@pytest.mark.parametrize("hundredths", range(2, 34, 2))
def test_a_kill_at_any_moment_of_its_start_leaves_nothing(hundredths):
    with subprocess.Popen([LABHOST, "bash", "-c", SLEEP], stderr=subprocess.DEVNULL) as owner:
        time.sleep(hundredths / 100)
        owner.kill()
    assert eventually(lambda: not processes(MARKER))
    subprocess.run([LABHOST, "--sweep"], check=True)
    assert traces() == []


def test_two_hosts_at_once_and_a_cable_between_them():
    with running("--name", "one") as one, running("--name", "two", "--link", "one") as two:
        assert "198.19." in ask(two, "getent hosts one")
        assert "0% packet loss" in ask(two, "busybox ping -q -c 1 -W 5 one")
        assert "0% packet loss" in ask(one, "busybox ping -q -c 1 -W 5 two")
        ask(one, "touch /run/mine /var/lib/libvirt/mine")
        assert ask(two, "ls /run/mine /var/lib/libvirt/mine 2>/dev/null") == ""
        subprocess.run([LABHOST, "--sweep"], check=True)
        assert ask(one, "hostname") == "one", "A sweep leaves the living alone."
        twin = subprocess.run([LABHOST, "--name", "one", "true"], check=False, capture_output=True, text=True)
        assert twin.returncode == 125 and "running already" in twin.stderr


def test_a_shared_directory_is_the_machines(tmp_path):
    (tmp_path / "image").touch()
    seen = labhost("--share", f"{tmp_path}:/var/lib/libvirt/images/kept", "ls", "/var/lib/libvirt/images/kept")
    assert seen == "image\n"
    labhost("--share", f"{tmp_path}:/var/lib/libvirt/images/kept", "touch", "/var/lib/libvirt/images/kept/built")
    assert (tmp_path / "built").exists()


def test_a_request_to_end_is_passed_on():
    with running() as shell:
        ask(shell, f"{SLEEP} &")
        shell.send_signal(signal.SIGTERM)
        assert shell.wait(DEADLINE) == 128 + signal.SIGTERM
