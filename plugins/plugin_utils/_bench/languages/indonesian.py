# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report in Indonesian."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # sections/resources.py
    "Resource management": "Pengelolaan sumber daya",
    "Limits of {guest}, set while it ran": "Batas {guest}, diatur selama tamu berjalan",
    "Limit": "Batas",
    "Asked": "Diminta",
    "Measured": "Terukur",
    "Holds between": "Dipatuhi antara",
    "Verdict": "Hasil",
    "Each limit was set on the running guest by virt_domain, measured, and given back.": (
        "Setiap batas diatur pada tamu yang sedang berjalan dengan virt_domain, diukur, lalu dikembalikan."
    ),
    "CPU quota: the rate of the cpu test with the quota, in percent of the rates before and after it.": (
        "Kuota CPU: laju uji cpu dengan kuota, dalam persen dari laju sebelum dan sesudahnya."
    ),
    "CPU pinning: how often libvirt found a busy virtual CPU on the processor that it was pinned to.": (
        "Penyematan CPU: seberapa sering libvirt menemukan CPU virtual yang sibuk pada prosesor tempatnya disematkan."
    ),
    "CPU quota: share of a processor": "Kuota CPU: bagian dari satu prosesor",
    "CPU pinning: time on the processor asked for": "Penyematan CPU: waktu pada prosesor yang diminta",
    "Memory: what the guest has by its own account": "Memori: yang dimiliki tamu menurut laporannya sendiri",
    "Balloon: memory taken from the guest": "Balloon: memori yang diambil dari tamu",
    "Disk: random reads past all caches": "Disk: pembacaan acak tanpa cache",
    "Network: what the guest receives": "Jaringan: yang diterima tamu",
    "No limit could be set on {guest}.": "Tidak ada batas yang dapat diatur pada {guest}.",
    "All {number} limits that could be set on {guest} hold.": (
        "Semua {number} batas yang dapat diatur pada {guest} dipatuhi."
    ),
    "Of {number} limits that could be set on {guest}, these do not hold: {broken}.": (
        "Dari {number} batas yang dapat diatur pada {guest}, yang berikut tidak dipatuhi: {broken}."
    ),
    "not measured: {reason}": "tidak diukur: {reason}",
    "holds": "dipatuhi",
    "does not hold": "tidak dipatuhi",
}
