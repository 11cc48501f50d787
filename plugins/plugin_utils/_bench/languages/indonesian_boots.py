# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the report says of boots, in Indonesian."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "A report saw one boot of the guests only: a change may be no more than that of another boot.": (
        "Salah satu laporan hanya melihat satu boot tamu: suatu perubahan mungkin tidak lebih dari perbedaan antarboot."
    ),
    "Boot": "Boot",
    "Boot {number}": "Boot {number}",
    (
        "Boots differ where a permutation test of the ranks gives a probability below {level} after Holm's correction,"
        " and does so too for the ratios to native in the same rounds. Where it does not for these, the machine changed"
        " meanwhile, not the boot."
    ): (
        "Boot dikatakan berbeda bila uji permutasi atas peringkat memberi peluang di bawah {level} setelah koreksi"
        " Holm, dan demikian pula untuk rasio terhadap native pada putaran yang sama. Bila untuk rasio itu tidak, yang"
        " berubah adalah mesinnya, bukan boot-nya."
    ),
    (
        "Each boot is a new start of the guests. Spreads are coefficients of variation: of the boots' medians, and of"
        " the rounds within a boot (median over the boots)."
    ): (
        "Tiap boot adalah penyalaan baru tamu. Sebaran adalah koefisien variasi: dari median tiap boot, dan dari"
        " putaran di dalam satu boot (median dari semua boot)."
    ),
    "From boot to boot": "Dari boot ke boot",
    "From boot to boot {metrics} changed as native did in the same rounds: that is the machine, not the boot.": (
        "Dari boot ke boot, {metrics} berubah seperti native pada putaran yang sama: itu mesinnya, bukan boot-nya."
    ),
    "Median": "Median",
    "Over {boots} boots, nothing on the guests differs more from boot to boot than from round to round.": (
        "Pada {boots} boot, tidak ada hasil tamu yang lebih berbeda antarboot daripada antarputaran."
    ),
    (
        "Over {boots} boots, {some} of {all} medians differ more from boot to boot than from round to round: {metrics}."
    ): "Pada {boots} boot, {some} dari {all} median lebih berbeda antarboot daripada antarputaran: {metrics}.",
    "Spread between boots": "Sebaran antarboot",
    "Spread within a boot": "Sebaran di dalam satu boot",
    (
        "The rounds on {hypervisors} saw one boot of the guests: how much another boot differs is not in the intervals."
    ): (
        "Putaran pada {hypervisors} hanya melihat satu boot tamu: perbedaan pada boot lain tidak termuat dalam"
        " interval."
    ),
    "boots differ": "boot berbeda",
    "medians of {rounds} interleaved rounds in one boot": (
        "median dari {rounds} putaran yang diselang-seling dalam satu boot"
    ),
    "medians of {rounds} interleaved rounds in {boots} boots": (
        "median dari {rounds} putaran yang diselang-seling dalam {boots} boot"
    ),
    "no difference shown": "tidak tampak perbedaan",
    "the machine changed": "mesinnya berubah",
    (
        "{metric}: the boots' medians go from {low} to {high} {unit}, a spread of {between} between boots and of"
        " {within} within one."
    ): (
        "{metric}: median tiap boot berkisar dari {low} sampai {high} {unit}, sebaran {between} antarboot dan {within}"
        " di dalam satu boot."
    ),
    "{test} on {target}": "{test} pada {target}",
    "{test} on {target} differs from boot to boot: another boot may lie outside its interval, which is over rounds.": (
        "{test} pada {target} berbeda dari boot ke boot: boot lain dapat berada di luar intervalnya, yang dihitung atas"
        " putaran."
    ),
}
