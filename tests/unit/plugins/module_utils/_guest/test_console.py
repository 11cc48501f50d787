# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.console import TAIL, clean, read
from ansible_collections.mini.hypervisor.plugins.module_utils._image import lean

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrLq4cmxWkwvvMcMSVsGkNQXuRRVyYlYw3HAB1tZRfB"
ECDSA = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQ=="
RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA+/Lk9="

KERNEL = "[    0.000000] Linux version 5.4.0-200-generic (buildd@lcy02-amd64-083) (gcc version 9.4.0)\r\n"
LOCAL = (
    "[   14.102331] cloud-init[345]: Cloud-init v. 22.4.2-0ubuntu0~20.04.1 running 'init-local' at Tue, 24 Nov 2026"
    " 01:02:03 +0000. Up 13.98 seconds.\r\n"
)
NETWORK = "[   19.7] cloud-init[401]: Cloud-init v. 22.4.2-0ubuntu0~20.04.1 running 'init' at Tue, 24 Nov 2026.\r\n"
FINAL = "[   31.2] cloud-init[655]: Cloud-init v. 22.4.2-0ubuntu0~20.04.1 running 'modules:final' at Tue.\r\n"
FINISHED = (
    "[   33.4] cloud-init[655]: Cloud-init v. 22.4.2-0ubuntu0~20.04.1 finished at Tue, 24 Nov 2026 01:02:23 +0000."
    " Datasource DataSourceNoCloud [seed=/dev/vdb][dsmode=net].  Up 33.31 seconds\r\n"
)
SYSTEMD = "[\x1b[0;32m  OK  \x1b[0m] Started \x1b[0;1;39mOpenBSD Secure Shell server\x1b[0m.\r\n"


def keys(*lines: str, prefix: str = "") -> str:
    block = ("-----BEGIN SSH HOST KEY KEYS-----", *lines, "-----END SSH HOST KEY KEYS-----")
    return "".join(f"{prefix}{line}\r\n" for line in block)


def test_phases_come_one_by_one():
    text, seen = "SeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n", []
    for part in ("", KERNEL, LOCAL, NETWORK + SYSTEMD, FINAL, FINISHED):
        text += part
        seen.append(len(read(text).phases))
    assert seen == [0, 1, 2, 3, 4, 5]
    assert read(text).phases[-1] == "finished"
    assert read(text).cloud_init_version == "22.4.2-0ubuntu0~20.04.1"
    assert read(text).failure is None


@pytest.mark.parametrize("prefix", ["", "[   12.345678] cloud-init[400]: ", "<14>Nov 24 01:02:22 cloud-init: "])
def test_host_keys_are_found_behind_any_prefix(prefix):
    text = KERNEL + keys(f"{ECDSA} root@web", f"{ED25519} root@web", RSA, prefix=prefix) + FINISHED
    assert read(text).host_keys == (ECDSA, ED25519, RSA)


def test_the_last_block_of_host_keys_wins_and_outlives_a_reboot():
    old, new = keys(RSA), keys(ED25519)
    text = KERNEL + old + new + FINISHED + KERNEL
    assert read(text).host_keys == (ED25519,)
    assert read(KERNEL + new[: new.index("-----END")]).host_keys == (), "half a block is no block"


def test_fingerprints_are_not_host_keys():
    text = "-----BEGIN SSH HOST KEY FINGERPRINTS-----\r\n256 SHA256:abc root@web (ED25519)\r\n-----END SSH HOST KEY"
    assert read(text).host_keys == ()


def test_only_the_current_boot_counts():
    panic = "[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n"
    rebooted = read(KERNEL + FINISHED + panic + KERNEL + LOCAL)
    assert rebooted.phases == ("kernel", "cloud_init_local")
    assert rebooted.failure is None and rebooted.finished_ever

    earlier = KERNEL + panic
    assert read(earlier).failure == "kernel_panic"
    assert read(earlier + "SeaBIOS\r\n", earlier=len(earlier)).failure is None
    assert read(earlier + "SeaBIOS\r\n", earlier=len(earlier)).phases == ()


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        ("kernel_panic", "[    2.1] ---[ end Kernel panic - not syncing: Attempted to kill init! ]---"),
        ("emergency_mode", 'You are in emergency mode. After logging in, type "journalctl -xb" to view'),
        ("no_root", "ALERT!  LABEL=cloudimg-rootfs does not exist.  Dropping to a shell!"),
        ("no_boot_device", "No bootable device."),
        (
            "cloud_init_error",
            "[\x1b[0;1;31mFAILED\x1b[0m] Failed to start \x1b[0;1;39mExecute cloud user/final scripts",
        ),
        (
            "cloud_init_error",
            "[FAILED] Failed to start \x1b[0;1;39mcloud-final.service\x1b[0m - Cloud-init: Final Stage.",
        ),
        ("cloud_init_error", "[ 9.1] cloud-init[345]: 2026-11-24 01:02:03,1 - main.py[CRITICAL]: failed"),
        (None, "[FAILED] Failed to start \x1b[0;1;39mPostfix\x1b[0m."),
        (None, "[ 9.1] cloud-init[345]: 2026-11-24 01:02:03,1 - cc_ntp.py[WARNING]: nothing to do"),
    ],
)
def test_failures(failure, line):
    assert read(f"{KERNEL}{line}\r\n").failure == failure


def test_the_initial_ram_disk_of_a_lean_image_tells_that_it_has_no_root():
    (said,) = re.findall(r'echo "(ALERT!.*)"', "".join(lean.INITRD.values()))
    assert read(f"{KERNEL}{said.replace('$root', 'LABEL=cloudimg-rootfs')}\r\n").failure == "no_root"


def test_the_tail_is_readable():
    text = (
        "".join(f"line {number}\r\n\r\n" for number in range(30))
        + "\x1b[2J\x1b[1;1H\x1b]0;title\x07web \x1bc login:\x00"
    )
    tail = read(text).tail
    assert len(tail) == TAIL and tail[0] == "line 11" and tail[-1] == "web  login:"
    assert clean(SYSTEMD) == "[  OK  ] Started OpenBSD Secure Shell server.\n"


@pytest.mark.parametrize(
    ("line", "modules"),
    [
        ("[ 33.4] cloud-init[655]: 2026-11-24 - cc_scripts_user.py[WARNING]: Failed to run module scripts-user"
         " (scripts in /var/lib/cloud/instance/scripts)", ("scripts-user",)),
        ("cloud-init[655]: util.py[WARNING]: Running module write-files (<module 'cloudinit.config.cc_write_files' from"
         " '/usr/lib/python3/dist-packages/cloudinit/config/cc_write_files.py'>) failed", ("write-files",)),
        ("cloud-init[655]: cc_apt_configure.py[ERROR]: no such source", ("apt-configure",)),
        ("cloud-init[655]: cc_final_message.py[WARNING]: Used fallback datasource", ()),
    ],
)  # fmt: skip
def test_the_modules_that_failed_are_told(line, modules):
    assert read(f"Linux version 6.1\r\n{line}\r\n").failed_modules == modules


def test_a_root_file_system_that_waits_for_a_person_is_a_failure():
    text = "Linux version 6.1\nThe root filesystem on /dev/vda1 requires a manual fsck\n(initramfs) "
    assert read(text).failure == "broken_root"
