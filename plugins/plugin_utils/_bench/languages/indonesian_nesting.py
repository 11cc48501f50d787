# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the report says of a guest inside a guest, in Indonesian."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "A guest inside the guest": "Tamu di dalam tamu",
    "Boots that failed": "Boot yang gagal",
    (
        "It took part in {rounds} rounds, as the last of each. Each is a boot of its own, of {seconds} s at most,"
        " in which it runs all its tests. They do not decide when the rounds end."
    ): (
        "Tamu itu ikut dalam {rounds} putaran, sebagai yang terakhir pada tiap putaran. Masing-masing adalah boot"
        " tersendiri, paling lama {seconds} s, yang menjalankan semua ujinya. Tamu itu tidak menentukan kapan putaran"
        " berakhir."
    ),
    "The guest inside {guest} runs under {by} (QEMU {version}): {reason}": (
        "Tamu di dalam {guest} berjalan dengan {by} (QEMU {version}): {reason}"
    ),
    "These are too few for an exact interval: the intervals of nesting are bootstrapped and too narrow.": (
        "Jumlah itu terlalu sedikit untuk interval eksak: interval penyarangan diperoleh dengan bootstrap dan terlalu"
        " sempit."
    ),
    "Why": "Alasan",
    "guest inside a guest": "tamu di dalam tamu",
    "guest inside {guest}, under {by}": "tamu di dalam {guest}, dengan {by}",
    "inside {guest}": "di dalam {guest}",
    "nesting: a guest inside {guest}": "penyarangan: tamu di dalam {guest}",
    "together: {factor}": "bersama-sama: {factor}",
    "virtualization: {guest}": "virtualisasi: {guest}",
    "{test}: factors, from native {native}": "{test}: faktor, mulai dari native {native}",
    (
        "{test}: nesting costs {factor}: the guest inside {guest} is that much slower than {guest}, which is {outer}"
        " slower than native; together {total}."
    ): (
        "{test}: penyarangan memakan {factor}: tamu di dalam {guest} sekian kali lebih lambat daripada {guest}, yang"
        " {outer} lebih lambat daripada native; bersama-sama {total}."
    ),
}
