# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report in Indonesian."""

from __future__ import annotations

from .indonesian_boots import SENTENCES as BOOTS
from .indonesian_experiments import SENTENCES as EXPERIMENTS
from .indonesian_nesting import SENTENCES as NESTING
from .indonesian_tools import SENTENCES as TOOLS

SENTENCES: dict[str, str] = {
    **BOOTS,
    **EXPERIMENTS,
    **NESTING,
    **TOOLS,
    "% from the median (upright stroke); line: 95 % interval of the median": (
        "% dari median (garis tegak); garis mendatar: interval 95 % dari median"
    ),
    "% of native's speed (logarithmic), 95 % intervals": "% dari kecepatan native (logaritmik), interval 95 %",
    ", 95\u00a0% interval {between}\u00a0%": ", interval 95\u00a0%: {between}\u00a0%",
    ", and {here} of a measured native where the study had {there}\u00a0% of an estimated one": (
        ", dan mencapai {here} dari native yang diukur, sedangkan studi itu {there}\u00a0% dari native yang"
        " diperkirakan"
    ),
    "; the reference study's figures give {share}": "; angka studi acuan menghasilkan {share}",
    "Accelerator": "Akselerator",
    "Address": "Alamat",
    "All {number} limits that could be set on {guest} hold.": (
        "Semua {number} batas yang dapat diatur pada {guest} dipatuhi."
    ),
    "Asked": "Diminta",
    (
        "At most {share} of the cpu test's time on {guest} went to something else than its events, which"
        " are all alike (1 − shortest/average latency)"
    ): (
        "Paling banyak {share} dari waktu uji cpu di {guest} terpakai untuk hal selain event-nya, yang"
        " semuanya serupa (1 − latensi terpendek/rata-rata)"
    ),
    "Balloon: memory taken from the guest": "Balloon: memori yang diambil dari tamu",
    "Balloon: QEMU took {before} MiB of the host's memory, and {less} MiB then.": (
        "Balloon: QEMU memakai {before} MiB memori hos, dan {less} MiB sesudahnya."
    ),
    "{limit} (measured on a probe guest, as {guest} has none)": (
        "{limit} (diukur pada tamu uji, karena {guest} tidak memilikinya)"
    ),
    (
        "Bands: published figures, faint where they are about another kind of guest. Points with intervals:"
        " measured here."
    ): (
        "Pita: angka terpublikasi, pudar bila mengenai jenis tamu lain. Titik dengan interval: hasil"
        " pengukuran di sini."
    ),
    "Before": "Sebelumnya",
    "Beside it: the reference study": "Pembanding: studi acuan",
    (
        "Better and worse: a permutation test of the ranks gives a probability below {level} after Holm's"
        " correction, the 95 % bootstrap interval of the ratio leaves out 1, and the change is above"
        " {threshold}. No significant change: it is certain to be smaller than that. Inconclusive: more"
        " rounds are needed to tell."
    ): (
        "Lebih baik dan lebih buruk: uji permutasi atas peringkat memberi peluang di bawah {level} setelah"
        " koreksi Holm, interval bootstrap 95 % dari rasio tidak memuat 1, dan perubahannya di atas"
        " {threshold}. Tidak ada perubahan berarti: perubahannya pasti lebih kecil daripada itu. Belum"
        " dapat disimpulkan: diperlukan lebih banyak putaran."
    ),
    "CPU pinning: how often libvirt found a busy virtual CPU on the processor that it was pinned to.": (
        "Penyematan CPU: seberapa sering libvirt menemukan CPU virtual yang sibuk pada prosesor tempatnya disematkan."
    ),
    "CPU pinning: time on the processor asked for": "Penyematan CPU: waktu pada prosesor yang diminta",
    "CPU quota: share of a processor": "Kuota CPU: bagian dari satu prosesor",
    "CPU quota: how long that of the guest's virtual CPUs ran that had work.": (
        "Kuota CPU: berapa lama CPU virtual tamu yang mendapat pekerjaan berjalan."
    ),
    "CPUs": "Jumlah CPU",
    "Charts": "Grafik",
    "Clock source": "Sumber waktu",
    "Command": "Perintah",
    "Commands": "Perintah",
    "Conclusions": "Kesimpulan",
    "Disk: random reads past all caches": "Disk: pembacaan acak tanpa cache",
    "Each limit was set on the running guest by virt_domain, measured, and given back.": (
        "Setiap batas diatur pada tamu yang sedang berjalan dengan virt_domain, diukur, lalu dikembalikan."
    ),
    "Every round. The narrower the row, the more a small difference means.": (
        "Setiap putaran. Makin sempit sebarannya, makin bermakna perbedaan yang kecil."
    ),
    "Every run": "Semua hasil",
    "First boot": "Boot pertama",
    "Frequency governor": "Pengatur frekuensi",
    "Guest {guest} and native did not run the same sysbench binary: part of a difference may be that.": (
        "Tamu {guest} dan native tidak menjalankan biner sysbench yang sama: sebagian perbedaan mungkin"
        " berasal dari situ."
    ),
    "Guest {guest} is emulated by TCG, without KVM": "Tamu {guest} diemulasi oleh TCG, tanpa KVM",
    "Guest {guest} on {hypervisor} runs {costs}; {evidence}.": (
        "Tamu {guest} pada {hypervisor} menjalankan {costs}; {evidence}."
    ),
    (
        "Guest {guest} reads its time from {clock}, a device: sysbench reads the time twice for each event,"
        " so short events such as memory blocks of 1 KiB mostly measure the clock."
    ): (
        "Tamu {guest} membaca waktu dari {clock}, sebuah perangkat: sysbench membaca waktu dua kali untuk"
        " setiap event, sehingga event singkat seperti blok memori 1 KiB terutama mengukur pembacaan waktu."
    ),
    "Guest {guest} runs the fallback image {image} instead of {asked}: {reason}.": (
        "Tamu {guest} memakai image pengganti {image}, bukan {asked}: {reason}."
    ),
    "Holds between": "Dipatuhi antara",
    "How fast each target is, native = 100 %": "Kecepatan setiap sasaran, native = 100 %",
    "How fast each target is: native is the line at 100 %. For latencies the share is native/target.": (
        "Kecepatan setiap sasaran: native adalah garis pada 100 %. Untuk latensi, bagiannya adalah native/sasaran."
    ),
    "How much the rounds differ from their median": "Seberapa jauh putaran berbeda dari mediannya",
    "Hypervisor": "Hypervisor",
    "Idle, %": "Menganggur, %",
    "Image": "Image",
    "Image, SHA-256": "Image, SHA-256",
    "Keep in mind": "Catatan",
    "Kernel": "Kernel",
    "Limit": "Batas",
    "Limits of {guest}, set while it ran": "Batas {guest}, diatur selama tamu berjalan",
    "Literature beside the measurement": "Pustaka di samping hasil pengukuran",
    "Load before": "Beban sebelumnya",
    "Load before the first round": "Beban sebelum putaran pertama",
    "Machine": "Mesin",
    "Machines": "Mesin",
    "Measured": "Terukur",
    "Measured here": "Diukur di sini",
    (
        "Medians over the rounds, in brackets 95 % intervals. Overhead is 1 − guest/native of a rate; for"
        " latencies only the slow-down means something."
    ): (
        "Median dari semua putaran, interval 95 % dalam kurung siku. Overhead adalah 1 − tamu/native dari"
        " suatu laju; untuk latensi hanya perlambatan yang bermakna."
    ),
    "Memory": "Memori",
    "Memory: what the guest has by its own account": "Memori: yang dimiliki tamu menurut laporannya sendiri",
    (
        "Native of {tests} is the hypervisor talking to itself, over its loopback and not over a network: what a guest"
        " loses against it is the price of its network card and of the way to the hypervisor."
    ): (
        "Native pada {tests} adalah hypervisor yang berbicara dengan dirinya sendiri, melalui loopback dan bukan"
        " melalui jaringan: kehilangan tamu terhadapnya adalah biaya kartu jaringannya dan jalan ke hypervisor."
    ),
    "Native (estimated)": "Native (perkiraan)",
    "Natives: {natives}": "Nilai native: {natives}",
    "Network: what the guest sends": "Jaringan: yang dikirim tamu",
    "No difference between guest and native is within the noise of the rounds.": (
        "Tidak ada perbedaan antara tamu dan native yang masih di dalam derau putaran."
    ),
    "No limit could be set on {guest}.": "Tidak ada batas yang dapat diatur pada {guest}.",
    "Nothing was compared: there are no rounds of both a guest and native.": (
        "Tidak ada yang dibandingkan: tidak ada putaran dari tamu dan sekaligus native."
    ),
    "Now": "Sekarang",
    (
        "Of {all} comparisons with the first report, {worse} are worse, {better} better, {same} not"
        " significantly changed and {unclear} inconclusive. In {agreeing}, one median lies within the"
        " interval of the other."
    ): (
        "Dari {all} perbandingan dengan laporan pertama, {worse} lebih buruk, {better} lebih baik, {same}"
        " tidak berubah secara berarti, dan {unclear} belum dapat disimpulkan. Pada {agreeing}, median yang"
        " satu berada di dalam interval yang lain."
    ),
    "Of {number} limits that could be set on {guest}, these do not hold: {broken}.": (
        "Dari {number} batas yang dapat diatur pada {guest}, yang berikut tidak dipatuhi: {broken}."
    ),
    "On {target} these do not run: {tests}. {reason}": "Pada {target}, uji ini tidak berjalan: {tests}. {reason}",
    "Overhead": "Overhead",
    (
        "Overheads are turned into slow-downs, 1/(1 − overhead). Below, within and above say where the 95 %"
        " interval measured here lies: wholly on one side of the published figures, or not. Only figures of"
        " the same kind of guest, measured against native, are judged."
    ): (
        "Overhead diubah menjadi perlambatan, 1/(1 − overhead). Di bawah, di dalam, dan di atas menyatakan"
        " letak interval 95 % hasil pengukuran di sini: seluruhnya di satu sisi angka terpublikasi, atau"
        " tidak. Hanya angka untuk jenis tamu yang sama dan terhadap native yang dinilai."
    ),
    "Probability": "Peluang",
    "Processor": "Prosesor",
    "Profile": "Profil",
    "Published": "Terpublikasi",
    "Published slow-downs and those measured here": "Perlambatan terpublikasi dan yang diukur di sini",
    "Ratio": "Rasio",
    "Ratio to the first report with its 95 % interval. In the band a change does not matter.": (
        "Rasio terhadap laporan pertama dengan interval 95 %. Di dalam pita, perubahan tidak berarti."
    ),
    "Resource management": "Pengelolaan sumber daya",
    "Results": "Hasil",
    "Role": "Peran",
    "Round": "Putaran",
    "Run": "Urutan",
    "Runs here": "Berjalan di sini",
    "SSH answers": "SSH menjawab",
    "Seconds from the start of the guest until each phase was reached.": (
        "Detik sejak tamu dijalankan sampai setiap tahap tercapai."
    ),
    "Sections": "Bagian",
    "Show": "Tampilkan",
    "Source": "Sumber",
    "Started": "Mulai",
    "Steal, %": "Steal, %",
    "Substrate": "Substrat",
    "Substrates": "Substrat",
    "System": "Sistem operasi",
    "Target": "Sasaran",
    "The biggest cost on {guest} is {test}: {here} instead of {native} {unit}, {times} slower.": (
        "Biaya terbesar pada {guest} ada pada {test}: {here}, bukan {native} {unit}, yaitu {times} lebih lambat."
    ),
    ("The budget ended after {rounds} rounds, before these medians were known to ±{precision} %: {metrics}."): (
        "Anggaran habis setelah {rounds} putaran, sebelum median berikut diketahui hingga ±{precision} %: {metrics}."
    ),
    "The clock source of {target} changed meanwhile: {sources}.": (
        "Sumber jam {target} berubah selama pengukuran: {sources}."
    ),
    (
        "The frequency of the processors of {target} went from {low} to {high} MHz: fix it by the"
        " performance governor for steadier numbers."
    ): (
        "Frekuensi prosesor {target} berubah dari {low} hingga {high} MHz: tetapkan dengan governor"
        " performance agar angkanya lebih stabil."
    ),
    "The guest of the reference study did {theirs} {unit} in {test}; {guest} does {factor} of that": (
        "Tamu pada studi acuan mencapai {theirs} {unit} pada {test}; {guest} mencapai {factor} dari angka itu"
    ),
    "The hypervisor {hypervisor} itself runs under {outer}: native is not bare metal.": (
        "Hypervisor {hypervisor} sendiri berjalan di bawah {outer}: native di sini bukan bare metal."
    ),
    (
        "The hypervisor kept the virtual processors of {guest} waiting for {share} of the time in which they had"
        " work (median of the rounds; {most} in the worst): its scheduler counts that, also where the guest sees"
        " no stolen time."
    ): (
        "Hypervisor membuat prosesor virtual {guest} menunggu selama {share} dari waktu kerjanya (median semua"
        " putaran; {most} pada yang terburuk): penjadwalnya menghitung itu, juga bila tamu tidak melihat waktu yang"
        " diambil (steal)."
    ),
    "The processors of {target} were too hot and slowed down meanwhile, {times} times.": (
        "Prosesor {target} terlalu panas dan diperlambat selama pengukuran, {times} kali."
    ),
    "The reports have no metric in common, so nothing was compared.": (
        "Laporan-laporan itu tidak memiliki metrik yang sama, sehingga tidak ada yang dibandingkan."
    ),
    (
        "Those of a restored guest, until its cards are plugged in, count from the beginning of its restore,"
        " which may have waited for other guests."
    ): (
        "Pada tamu yang dipulihkan, detik sampai kartu jaringannya terpasang dihitung sejak pemulihannya dimulai, yang"
        " mungkin menunggu tamu lain."
    ),
    "Up to {steal} % of the time was stolen from {target} by its hypervisor.": (
        "Sampai {steal} % waktu {target} diambil oleh hypervisor-nya (steal)."
    ),
    "Wall time, s": "Waktu nyata, s",
    "Warnings": "Peringatan",
    "What changed": "Apa yang berubah",
    "What changed between reports": "Apa yang berubah antarlaporan",
    "What else is different": "Perbedaan lainnya",
    "What it costs": "Berapa biayanya",
    "What it is": "Apa itu",
    "What virtualization costs here": "Biaya virtualisasi di mesin ini",
    "Why not": "Alasan tidak",
    "Why this accelerator": "Alasan akselerator ini",
    "Within the noise, so no difference is shown: {metrics}.": (
        "Di dalam derau, sehingga perbedaan tidak terbukti: {metrics}."
    ),
    "Written by mini.hypervisor. The numbers, each run and its conditions, are inside this page:": (
        "Ditulis oleh mini.hypervisor. Semua angka, setiap hasil beserta kondisinya, ada di dalam halaman ini:"
    ),
    "above": "di atas",
    "address": "alamat diperoleh",
    "agent answers": "agen menjawab",
    "average latency": "latensi rata-rata",
    "below": "di bawah",
    "better": "lebih baik",
    "cards plugged in": "kartu jaringan terpasang",
    "cloud-init finished": "cloud-init selesai",
    "cloud-init, final stage": "cloud-init, tahap akhir",
    "cloud-init, local stage": "cloud-init, tahap lokal",
    "cloud-init, network stage": "cloud-init, tahap jaringan",
    "container on the hypervisor": "kontainer di hypervisor",
    "does not hold": "tidak dipatuhi",
    "events/s": "event/s",
    "faster than native": "lebih cepat daripada native",
    "fsyncs/s": "fsync/s",
    "guest": "tamu",
    "holds": "dipatuhi",
    "hypervisor (native)": "hypervisor (native)",
    "identity of its own": "memiliki identitas sendiri",
    "inconclusive": "belum dapat disimpulkan",
    "inside the noise": "di dalam derau",
    "kernel": "kernel",
    "latency percentile": "persentil latensi",
    "longest latency": "latensi terpanjang",
    "median": "median",
    "memory restored": "memori dipulihkan",
    "no": "tidak",
    "no significant change": "tidak ada perubahan berarti",
    "not compared": "tidak dibandingkan",
    "not measured: {reason}": "tidak diukur: {reason}",
    "number of events": "jumlah event",
    "number of operations": "jumlah operasi",
    "one round": "satu putaran",
    "round {number}": "putaran {number}",
    "one round only": "hanya satu putaran",
    "operations/s": "operasi/s",
    "ratio to the first report (logarithmic)": "rasio terhadap laporan pertama (logaritmik)",
    "reached": "tercapai",
    "read throughput": "laju baca",
    "reads/s": "baca/s",
    "round": "putaran",
    "shortest latency": "latensi terpendek",
    "started": "dijalankan",
    "sysbench binary, SHA-256": "biner sysbench, SHA-256",
    (
        "sysbench spent {share} of the {test} test's time on {guest} outside its events, on reading the"
        " clock and counting: that part is not the cost of the work itself."
    ): (
        "sysbench memakai {share} dari waktu uji {test} pada {guest} di luar event-nya, untuk membaca waktu"
        " dan menghitung: bagian itu bukan biaya pekerjaan itu sendiri."
    ),
    "the guest": "tamu",
    "the one asked for": "yang diminta",
    "throughput": "laju transfer",
    "times slower than native (logarithmic)": "kali lebih lambat daripada native (logaritmik)",
    "total time": "waktu total",
    "total time, s": "waktu total, s",
    "transferred, MiB": "ditransfer, MiB",
    "user-mode emulation on the hypervisor": "emulasi mode pengguna di hypervisor",
    "virtual ({outer})": "virtual ({outer})",
    "why is unknown": "alasannya tidak diketahui",
    "within": "di dalam",
    "worse": "lebih buruk",
    "write throughput": "laju tulis",
    "writes/s": "tulis/s",
    "yes": "ya",
    "{comparison}: {target} is faster than native. Look for a cache or a clock that deceives.": (
        "{comparison}: {target} lebih cepat daripada native. Periksa apakah ada cache atau jam yang menyesatkan."
    ),
    "{current} (available: {all})": "{current} (tersedia: {all})",
    "{guest} is emulated by QEMU's TCG{because}: each of its instructions is translated to several.": (
        "{guest} diemulasi oleh TCG dari QEMU{because}: setiap instruksinya diterjemahkan menjadi beberapa instruksi."
    ),
    "{guest} reads the time from {clock}, so the clock does not spoil short events.": (
        "{guest} membaca waktu dari {clock}, sehingga pembacaan waktu tidak merusak hasil event singkat."
    ),
    ("; with TSC instead, a probe guest under TCG does the memory test {factor} as fast"): (
        "; dengan TSC sebagai gantinya, tamu uji dengan TCG menjalankan uji memori {factor} secepat itu"
    ),
    "{guest} reads the time from {clock}, which leaves the guest at each reading": (
        "{guest} membaca waktu dari {clock}, yang pada setiap pembacaan harus keluar dari tamu"
    ),
    "{guest} runs the image {image}, as asked for.": "{guest} memakai image {image}, sesuai permintaan.",
    "{guest} runs the image {image}, built here in place of {asked}: {reason}.": (
        "{guest} memakai image {image}, yang dibuat di sini sebagai pengganti {asked}: {reason}."
    ),
    "{guest} runs under KVM{because}: its instructions run on the processor itself.": (
        "{guest} berjalan di bawah KVM{because}: instruksinya dijalankan langsung oleh prosesor."
    ),
    "{image} (asked for: {asked})": "{image} (yang diminta: {asked})",
    "{items} and {last}": "{items} dan {last}",
    "{low} to {high}": "{low} sampai {high}",
    (
        "{metric}: native is {times} as fast here, which is within {within}, above {above} and below {below} of the"
        " {all} published figures for its kind."
    ): (
        "{metric}: di sini native {times} secepat itu; dari {all} angka terpublikasi untuk jenis yang sama, nilai ini"
        " di dalam {within}, di atas {above}, dan di bawah {below}."
    ),
    "{name} was not measured, it does not run here: {reason}": (
        "{name} tidak diukur karena tidak dapat berjalan di sini: {reason}"
    ),
    "{number}\u00a0M": "{number}\u00a0juta",
    "{rank}th percentile of latency": "persentil ke-{rank} latensi",
    "{report} beside the first report": "{report} di samping laporan pertama",
    (
        "{rounds} rounds are too few for an exact interval of the median, which needs {least}: the"
        " intervals are bootstrapped and too narrow."
    ): (
        "{rounds} putaran terlalu sedikit untuk interval median yang eksak, yang memerlukan {least}:"
        " intervalnya dihitung dengan bootstrap dan terlalu sempit."
    ),
    "{row}: {rounds} from {low} % to {high} %": "{row}: {rounds} dari {low} % sampai {high} %",
    "{target} was busy before the first round: load {load} on {cpus} CPUs.": (
        "{target} sedang sibuk sebelum putaran pertama: beban {load} pada {cpus} CPU."
    ),
    "{test} at {share} of native ({change})": "{test} pada {share} dari native ({change})",
    "{test} in {share} of native's time ({change})": "{test} dalam {share} dari waktu native ({change})",
    "{test} on {target} (±{width} %)": "{test} pada {target} (±{width} %)",
    "{test} on {target}, {metric}: far from the others, and kept: {rounds}.": (
        "{test} pada {target}, {metric}: jauh dari yang lain, dan tetap dipakai: {rounds}."
    ),
    "{test} on {target}: {median} {unit}": "{test} pada {target}: {median} {unit}",
    "{test} on {target}: {metric}": "{test} pada {target}: {metric}",
    "{times} faster": "{times} lebih cepat",
    "{times} slower": "{times} lebih lambat",
    "{tool} on {target}: {warning}": "{tool} pada {target}: {warning}",
    "{value}\u00a0% of the time": "{value}\u00a0% dari waktu",
    "{value}\u00a0% overhead": "overhead {value}\u00a0%",
    "{value}\u00a0s": "{value}\u00a0s",
    "{value}× faster": "{value}× lebih cepat",
    "{value}× slower": "{value}× lebih lambat",
}
