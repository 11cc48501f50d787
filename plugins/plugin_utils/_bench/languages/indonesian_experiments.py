# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The sections of experiments in Indonesian."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "as fast as native within the noise, {factor}": "secepat native dalam batas derau, {factor}",
    "{factor} slower than native": "{factor} lebih lambat daripada native",
    "{factor} faster than native": "{factor} lebih cepat daripada native",
    "{test}: the probe guest is {compared}; the largest factor is {cause}, {factor}.": (
        "{test}: tamu uji {compared}; faktor terbesar adalah {cause}, {factor}."
    ),
    "{test}: the factors multiply to {product}, measured again {total}: {residual} is unexplained.": (
        "{test}: hasil kali semua faktor {product}, diukur ulang {total}: {residual} tidak terjelaskan."
    ),
    (
        "{test}: the factors multiply to {product}, measured again {total}; what lies between, {residual}, is not"
        " distinguishable from 1."
    ): (
        "{test}: hasil kali semua faktor {product}, diukur ulang {total}; selisihnya, {residual}, tidak dapat dibedakan"
        " dari 1."
    ),
    (
        "{test}: the factors multiply to {product}, measured again {total}; {rounds} cannot tell whether {residual}"
        " between them is noise."
    ): (
        "{test}: hasil kali semua faktor {product}, diukur ulang {total}; {rounds} tidak cukup untuk mengetahui apakah"
        " selisih {residual} termasuk derau."
    ),
    "{rounds} rounds are few: with fewer than {least}, an interval promises more than it holds.": (
        "{rounds} putaran itu sedikit: dengan kurang dari {least}, sebuah interval menjanjikan terlalu banyak."
    ),
    "{test}: what the slow-down is made of": "{test}: penyusun perlambatan",
    "native": "native",
    "user-mode emulation": "emulasi mode pengguna",
    "TCG guest, 1 vCPU, TSC": "guest TCG, 1 vCPU, TSC",
    "TCG guest, 2 vCPUs, TSC": "guest TCG, 2 vCPU, TSC",
    "TCG guest, 2 vCPUs, its own choice of clock": "guest TCG, 2 vCPU, jam pilihannya sendiri",
    "native, once more": "native, sekali lagi",
    "TCG guest as it comes, once more": "guest TCG apa adanya, sekali lagi",
    "guest under KVM": "guest dengan KVM",
    "guest under TCG": "guest dengan TCG",
    "no guest that was measured has it": "tidak ada guest terukur yang memakainya",
    "translation of the program's instructions": "penerjemahan instruksi program",
    "emulation of a whole machine": "emulasi seluruh mesin",
    "a second virtual CPU": "CPU virtual kedua",
    "the clock that the guest chooses": "jam yang dipilih guest",
    "Where the time goes": "Ke mana waktunya pergi",
    "{test}: under KVM the probe guest is {compared}.": "{test}: dengan KVM tamu uji {compared}.",
    "{test}: factors, from native {native}/s": "{test}: faktor, mulai dari native {native}/s",
    "{clock}, a device": "{clock}, sebuah perangkat",
    "reading the clock that the guest chose ({clock}) instead of TSC": (
        "membaca jam yang dipilih guest ({clock}), bukan TSC"
    ),
    "sysbench's histogram of latencies": "histogram latensi sysbench",
    "sysbench's loop, with the readings of a fast clock": "perulangan sysbench, dengan pembacaan jam cepat",
    "writing 1 KiB": "menulis 1 KiB",
    "One memory operation in the guest as it comes": "Satu operasi memori di guest apa adanya",
    "Test": "Uji",
    "Cause": "Penyebab",
    "Study's guess": "Dugaan studi",
    "Measured share": "Bagian terukur",
    "Verdict": "Putusan",
    "The study's guesses": "Dugaan studi acuan",
    "instructions executed": "instruksi yang dijalankan",
    "processor cycles": "siklus prosesor",
    "TLB misses": "TLB miss",
    "exits of guests under KVM": "exit guest dengan KVM",
    "context switches": "peralihan konteks",
    "moves to another CPU": "perpindahan ke CPU lain",
    "page faults": "page fault",
    "Test and guest": "Uji dan guest",
    "What QEMU's threads did in a second": "Yang dilakukan utas QEMU per detik",
    (
        "Events are those of perf stat, of all threads of QEMU while a test runs: medians of the rounds. Of the"
        " processor's, those are counted that happen in programs, not in the host's kernel."
    ): (
        "Kejadian yang dihitung adalah seperti pada perf stat, untuk semua utas QEMU selama uji berjalan: median semua"
        " putaran. Kejadian prosesor dihitung hanya di dalam program, bukan di kernel hos."
    ),
    "What this host could count": "Apa yang dapat dihitung hos ini",
    "measured again: {factor}": "diukur ulang: {factor}",
    "all factors together": "semua faktor bersama",
    "measured again": "diukur ulang",
    "residual": "residu",
    "Factor": "Faktor",
    "Measured on": "Diukur pada",
    "Rate, 1/s": "Laju, 1/s",
    "Slow-down": "Perlambatan",
    "Slow-down of guests": "Perlambatan guest",
    "Factors of the slow-down": "Faktor perlambatan",
    "Guests with each setting": "Guest dengan setiap pengaturan",
    "Effect of each setting, against the guest as it comes": "Efek setiap pengaturan terhadap guest apa adanya",
    "{name}: all together": "{name}: semuanya bersama",
    "{name}: fairness": "{name}: keadilan",
    "{name}: left to a guest": "{name}: sisa bagi guest",
    (
        "A number of an experiment is the median of what each of its rounds gives, which may differ a little from what"
        " the report makes of the medians of all."
    ): (
        "Angka sebuah percobaan adalah median dari hasil setiap putarannya, yang dapat sedikit berbeda dari yang"
        " dihitung laporan dari median semuanya."
    ),
    "Share of the logarithm": "Bagian dari logaritma",
    "sum": "jumlah",
    "observed": "teramati",
    "Part": "Bagian",
    "Share": "Porsi",
    "not measured here": "tidak diukur di sini",
    "Signal": "Sinyal",
    "Countable": "Dapat dihitung",
    "Why not": "Mengapa tidak",
    "times slower than native (logarithmic), 95 % intervals": (
        "kali lebih lambat daripada native (logaritmik), interval 95 %"
    ),
    "A factor is the ratio of two neighbours on the ladder, which differ in one thing.": (
        "Faktor adalah rasio dua tetangga pada tangga, yang berbeda dalam satu hal."
    ),
    (
        "The total was measured in boots and rounds of its own, and the factors multiply to the ratio of the ladder's"
        " two ends: the residual tells whether these ends repeat, and the interval of each factor how certain that one"
        " is."
    ): (
        "Total diukur dengan boot dan putaran tersendiri, dan hasil kali semua faktor adalah rasio kedua ujung tangga:"
        " residu menunjukkan apakah kedua ujung itu terulang, dan interval setiap faktor menunjukkan seberapa pasti"
        " faktor itu."
    ),
    (
        "The probe guest is a kernel with little more than sysbench: its slow-down need not be that of a guest with a"
        " whole system."
    ): (
        "Tamu uji adalah kernel dengan sedikit lebih dari sysbench: perlambatannya tidak harus sama dengan tamu yang"
        " memiliki sistem lengkap."
    ),
    "supported": "didukung",
    "not supported": "tidak didukung",
    "not excluded": "tidak dapat dikesampingkan",
    "yes": "ya",
    "no": "tidak",
    "{test}: each bar multiplies what is left of it.": "{test}: tiap batang mengalikan yang di kirinya.",
    "{rounds} interleaved rounds; each round of a guest is a boot of its own, each test runs for {seconds} s.": (
        "{rounds} putaran berselang-seling; tiap putaran guest adalah boot tersendiri, tiap uji berjalan {seconds} s."
    ),
    "QEMU {version}; intervals are 95 %, bootstrapped.": "QEMU {version}; interval 95 %, dengan bootstrap.",
    "The host was busy, so the numbers are noisy: QEMU's threads waited {percent} of their time.": (
        "Hos sedang sibuk sehingga angkanya berderau: utas QEMU menunggu {percent} dari waktunya."
    ),
    "{count} runs failed and are missing, the first because: {reason}": (
        "{count} pengukuran gagal dan tidak ada, yang pertama karena: {reason}"
    ),
    "Not measured here": "Tidak diukur di sini",
    "What": "Apa",
    "beside a noisy neighbour": "di samping tetangga yang bising",
    "each on CPUs of its own": "masing-masing di CPU sendiri",
    "the neighbour with niceness 19": "tetangga dengan niceness 19",
    "Several guests at once": "Beberapa guest sekaligus",
    "{most} together do {factor} what one does alone; the fairness of {last} is {fairness}.": (
        "{most} bersama mengerjakan {factor} kerja satu guest sendirian; keadilan {last} adalah {fairness}."
    ),
    "Guests": "Guest",
    "Each, events/s": "Masing-masing, event/s",
    "Total, events/s": "Total, event/s",
    "Fairness": "Keadilan",
    "Waiting": "Menunggu",
    "The same work in several guests": "Pekerjaan yang sama di beberapa guest",
    "What a neighbour takes": "Apa yang diambil tetangga",
    "What guests get that share processors": "Yang didapat guest yang berbagi prosesor",
    "Events in a second: each dot is a guest, the bar is all of them.": (
        "Event per detik: setiap titik adalah satu guest, batangnya semuanya."
    ),
    "Neighbour": "Tetangga",
    "Loss against being alone": "Kehilangan dibanding sendirian",
    "events in a second": "event per detik",
    "1 guest": "1 guest",
    "{amount} guests": "{amount} guest",
    "{amount} guests, each pinned": "{amount} guest, masing-masing disematkan",
    "{guests}, {quota} of a CPU for each": "{guests}, masing-masing {quota} dari satu CPU",
    "on one CPU, with equal shares": "di satu CPU, porsi (shares) sama",
    "on one CPU, with an eighth of the shares": "di satu CPU, seperdelapan porsi (shares)",
    "What limits of processor time do": "Hasil pembatasan waktu prosesor",
    "{name}: the limit does not hold, {measured} of a CPU instead of {asked}.": (
        "{name}: batas tidak dipatuhi, {measured} dari satu CPU alih-alih {asked}."
    ),
    (
        "Limits are of control groups, while a test runs; in percent of a CPU, how long the threads of virtual CPUs"
        " ran. Shares tell what part of a CPU the first guest gets, not what the other does later. A limit holds"
        " within {tolerance} of what was asked."
    ): (
        "Batas berasal dari control group selama uji berjalan; dalam persen dari satu CPU, berapa lama utas CPU virtual"
        " berjalan. Porsi (shares) menentukan bagian guest pertama dari CPU mereka, bukan yang dikerjakan guest lain"
        " sesudahnya. Batas dipatuhi bila selisihnya dari yang diminta paling banyak {tolerance}."
    ),
    "Fairness is Jain's index: 1 where all guests get the same, less where some get more.": (
        "Keadilan adalah indeks Jain: 1 bila semua guest mendapat sama banyak, kurang bila ada yang mendapat lebih."
    ),
    "Waiting is what the host's scheduler says of QEMU's threads: a guest under TCG cannot see it itself.": (
        "Menunggu adalah yang dicatat penjadwal hos tentang utas QEMU: guest dengan TCG tidak dapat melihatnya sendiri."
    ),
    "{name}: a guest loses {loss} of what it does alone.": (
        "{name}: guest kehilangan {loss} dari yang dikerjakannya sendirian."
    ),
    "{test}: the {guest} is {compared}.": "{test}: {guest} {compared}.",
    "A quick look": "Tinjauan cepat",
    "Metric": "Metrik",
    "Guest": "Guest",
    "Native": "Native",
    "In the guest": "Di guest",
    "% of native": "% dari native",
    "Native and guest": "Native dan guest",
    "Boot, s": "Boot, s",
    "not usable": "tidak dapat dipakai",
    "{test}: {setting} makes the guest {factor} as fast, {rate} instead of {base} in a second.": (
        "{test}: {setting} membuat guest {factor} secepat semula, {rate} alih-alih {base} per detik."
    ),
    "as it comes": "apa adanya",
    "clock source: TSC": "sumber jam: TSC",
    "CPU model: Nehalem, of another vendor": "model CPU: Nehalem, dari vendor lain",
    "CPU model: max, all that TCG can do": "model CPU: max, semua yang dapat dilakukan TCG",
    "machine type: pc": "jenis mesin: pc",
    "machine without HPET": "mesin tanpa HPET",
    "TCG in a single thread": "TCG dalam satu utas",
    "TCG's cache of 32 MiB": "cache TCG 32 MiB",
    "TCG's cache of 2 GiB": "cache TCG 2 GiB",
    "kernel without mitigations": "kernel tanpa mitigasi",
    "pinned to CPUs of the host": "disematkan ke CPU hos",
    "CPU model: the host's": "model CPU: milik hos",
    "memory of huge pages": "memori dari huge page",
    "another QEMU": "QEMU lain",
    "a disk as it comes": "disk apa adanya",
    "disk, cache mode: none": "disk, mode cache: none",
    "disk, cache mode: writethrough": "disk, mode cache: writethrough",
    "disk, cache mode: unsafe, which may lose data": "disk, mode cache: unsafe, yang dapat kehilangan data",
    "disk, aio mode: native, with cache mode none": "disk, mode aio: native, dengan mode cache none",
    "disk, aio mode: io_uring": "disk, mode aio: io_uring",
    "disk with a thread of its own (iothread)": "disk dengan utasnya sendiri (iothread)",
    (
        "The test disk reads and writes at random in blocks of 4 KiB, past the guest's cache, on a virtio disk in a"
        " raw file; it is compared with the same disk as it comes."
    ): (
        "Uji disk membaca dan menulis secara acak dalam blok 4 KiB, melewati cache guest, pada disk virtio dalam"
        " berkas raw; pembandingnya adalah disk yang sama apa adanya."
    ),
    "The other QEMU is {version}.": "QEMU lain itu adalah {version}.",
    "Faster as well, but no variable of the role guest: {settings}.": (
        "Juga lebih cepat, tetapi bukan variabel role guest: {settings}."
    ),
    "Faster as well, and not advised: {settings}.": "Juga lebih cepat, tetapi tidak dianjurkan: {settings}.",
    "What to change": "Apa yang perlu diubah",
    "No setting makes the guest faster beyond noise.": ("Tidak ada pengaturan yang mempercepat guest melebihi derau."),
    "{test}: {setting} made the guest {factor} as fast, in too few rounds to be certain.": (
        "{test}: {setting} membuat guest {factor} secepat semula, dalam putaran yang terlalu sedikit untuk memastikan."
    ),
    "faster": "lebih cepat",
    "slower": "lebih lambat",
    "within noise": "dalam derau",
    "too few rounds to tell": "putaran terlalu sedikit untuk memastikan",
    "Setting": "Pengaturan",
    "As it comes": "Apa adanya",
    "With it": "Dengan itu",
    "Effect": "Efek",
    "Settings by their effect": "Pengaturan menurut efeknya",
    "What each setting does": "Efek setiap pengaturan",
    "{rounds} rounds are too few to tell an effect from noise: it takes {needed}.": (
        "{rounds} putaran terlalu sedikit untuk membedakan efek dari derau: perlu {needed}."
    ),
    "What applies the best, in the inventory": "Penerapan yang terbaik, di inventori",
    "Variable of the role guest": "Variabel role guest",
    "Value": "Nilai",
    "times as fast as the guest as it comes (logarithmic), 95 % intervals": (
        "kali secepat guest apa adanya (logaritmik), interval 95 %"
    ),
    "Each setting against the guest as it comes: right of the line is faster.": (
        "Setiap pengaturan terhadap guest apa adanya: di kanan garis lebih cepat."
    ),
}
