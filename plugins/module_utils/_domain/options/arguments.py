# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Arguments that libvirt hands to QEMU as they are."""

from __future__ import annotations

from ..._xml.kinds import HandedOn

_QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"
QEMU_ARGUMENTS = HandedOn("qemu_arguments", f"{_QEMU}commandline", word=f"{_QEMU}arg", prefix="qemu")
