# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report in Indonesian."""

from __future__ import annotations

_CAUTIONS = {
    "{tool} on {target}: {warning}": "{tool} pada {target}: {warning}",
    "Guest {guest} runs the fallback image {image} instead of {asked}: {reason}.": (
        "Guest {guest} memakai image pengganti {image}, bukan {asked}: {reason}."
    ),
    "the one asked for": "yang diminta",
    "why is unknown": "alasannya tidak diketahui",
    "Guest {guest} is emulated by TCG, without KVM": "Guest {guest} diemulasi oleh TCG, tanpa KVM",
    "Guest {guest} reads its time from {clock}, a device: sysbench reads the time twice for each event,"
    " so short events such as memory blocks of 1 KiB mostly measure the clock.": (
        "Guest {guest} membaca waktu dari {clock}, sebuah perangkat: sysbench membaca waktu dua kali untuk setiap"
        " event, sehingga event pendek seperti blok memori 1 KiB terutama mengukur jam."
    ),
    "Guest {guest} and native did not run the same sysbench binary: part of a difference may be that.": (
        "Guest {guest} dan native tidak menjalankan biner sysbench yang sama: sebagian perbedaan mungkin karena itu."
    ),
    "The hypervisor {hypervisor} itself runs under {outer}: native is not bare metal.": (
        "Hypervisor {hypervisor} sendiri berjalan di bawah {outer}: native bukan mesin fisik langsung."
    ),
    "{name} was not measured, it does not run here: {reason}": (
        "{name} tidak diukur karena tidak dapat berjalan di sini: {reason}"
    ),
    "{rounds} rounds are too few for an exact interval of the median, which needs {least}:"
    " the intervals are bootstrapped and too narrow.": (
        "{rounds} putaran terlalu sedikit untuk interval median yang eksak, yang memerlukan {least}:"
        " intervalnya dihitung dengan bootstrap dan terlalu sempit."
    ),
    "The budget ended after {rounds} rounds, before these medians were known to ±{precision} %: {metrics}.": (
        "Anggaran habis setelah {rounds} putaran, sebelum median berikut diketahui hingga ±{precision} %: {metrics}."
    ),
    "{test} on {target} (±{width} %)": "{test} pada {target} (±{width} %)",
    "Up to {steal} % of the time was stolen from {target} by its hypervisor.": (
        "Hingga {steal} % waktu {target} diambil oleh hypervisornya."
    ),
    "{target} was busy before the first round: load {load} on {cpus} CPUs.": (
        "{target} sedang sibuk sebelum putaran pertama: beban {load} pada {cpus} CPU."
    ),
    "The clock source of {target} changed meanwhile: {sources}.": (
        "Sumber jam {target} berubah selama pengukuran: {sources}."
    ),
    "The processors of {target} were too hot and slowed down meanwhile, {times} times.": (
        "Prosesor {target} terlalu panas dan diperlambat selama pengukuran, {times} kali."
    ),
    "The frequency of the processors of {target} went from {low} to {high} MHz: fix it by the performance"
    " governor for steadier numbers.": (
        "Frekuensi prosesor {target} berubah dari {low} hingga {high} MHz: tetapkan dengan governor performance agar"
        " angkanya lebih stabil."
    ),
    "{test} on {target}, {metric}: round {rounds} lies far from the others, and is kept.": (
        "{test} pada {target}, {metric}: putaran {rounds} jauh dari yang lain, dan tetap dipakai."
    ),
    "{comparison}: {target} is faster than native. Look for a cache or a clock that deceives.": (
        "{comparison}: {target} lebih cepat daripada native. Periksa apakah ada cache atau jam yang menyesatkan."
    ),
}

SENTENCES: dict[str, str] = {**_CAUTIONS}
