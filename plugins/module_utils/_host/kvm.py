# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What can be known about KVM without running a guest: the device, and who may open it."""

from __future__ import annotations

import fcntl
import getpass
import os
import subprocess
from pathlib import Path
from shutil import which

from . import user

DEVICE = Path("/dev/kvm")
_GET_API_VERSION = 0xAE00
_API_VERSION = 12  # since Linux 2.6.22, and for ever


def device_problem(device: Path = DEVICE) -> str:
    """Why no guest can use KVM from this process; empty where nothing speaks against it."""
    try:
        descriptor = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return (
            f"{device} does not exist: load the kvm_intel or kvm_amd kernel module, and enable virtualization in"
            " the firmware, or nested virtualization in the hypervisor below"
        )
    except PermissionError:
        return f"{device} may not be opened by user {getpass.getuser()}: add the user to the kvm group"
    except OSError as error:
        return f"{device} cannot be opened: {error.strerror}"
    try:
        version = fcntl.ioctl(descriptor, _GET_API_VERSION)
    except OSError as error:
        return f"{device} does not answer KVM_GET_API_VERSION: {error.strerror}"
    finally:
        os.close(descriptor)
    return "" if version == _API_VERSION else f"{device} speaks version {version} of KVM's API, not {_API_VERSION}"


def guest_user_problem(uid: int | None, gid: int | None, device: Path = DEVICE) -> str:
    """Why KVM may work for root, and does not for the user as which libvirt runs guests; empty where it does."""
    if not uid or not device.exists() or os.geteuid() != 0 or which("setpriv") is None:
        return ""
    switch = ["setpriv", f"--reuid={uid}", f"--regid={gid if gid is not None else uid}", "--init-groups"]
    allowed = subprocess.run([*switch, "test", "-r", str(device), "-a", "-w", str(device)], check=False)
    if allowed.returncode == 0:
        return ""
    name = user.user_name(uid)
    return (
        f"libvirt runs guests as {name}, who may not open {device}, and examines QEMU anew in almost every call, for"
        f" seconds: give the device to the kvm group, as udev does (chgrp kvm {device}; chmod 0660 {device})"
    )
