# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The numbers of disks, networks and wakeups, in Indonesian."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "99th percentile of read latency": "persentil ke-99 latensi baca",
    "99th percentile of write latency": "persentil ke-99 latensi tulis",
    "CPU time of the client for a Gbit": "waktu CPU klien per Gbit",
    "average read latency": "latensi baca rata-rata",
    "average round trip": "waktu pulang-pergi rata-rata",
    "average wakeup latency": "latensi bangun rata-rata",
    "average write latency": "latensi tulis rata-rata",
    "deviation of round trips": "simpangan waktu pulang-pergi",
    "jitter": "jitter",
    "longest round trip": "waktu pulang-pergi terpanjang",
    "longest wakeup latency": "latensi bangun terpanjang",
    "lost datagrams": "datagram yang hilang",
    "lost packets": "paket yang hilang",
    "retransmits": "pengiriman ulang",
    "segments": "segmen",
    "shortest round trip": "waktu pulang-pergi terpendek",
    "shortest wakeup latency": "latensi bangun terpendek",
}
