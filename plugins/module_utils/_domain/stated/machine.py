# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of a domain outside of its devices."""

from __future__ import annotations

from ..._xml.rules import Default, Derived, Done, Dropped, Ordered, Rewritten, Rule, Sized, Unique
from . import computed, forms
from .storage import PC

_NO_MODEL = f"cpu[{PC}][not(@mode) or @mode = 'custom'][not(model[normalize-space()])]"

FILLED: list[Rule] = [
    Default(".", "vcpu", "1"),
    Default("vcpu", "@placement", "static"),
    Dropped("vcpu[@placement = 'auto']/@cpuset"),
    Default("self::*[vcpu[@placement = 'auto']][not(numatune/memnode)]", "numatune/memory/@mode", "strict"),
    Default("numatune/memory", "@mode", "strict"),
    Default("numatune/memnode", "@mode", "strict"),
    Default("numatune/memory[@nodeset]", "@placement", "static"),
    Default("numatune/memory", "@placement", "auto"),
    Dropped("numatune/memory[@placement = 'auto']/@nodeset"),
    Rewritten(
        "self::*[numatune/memory/@placement = 'auto'][not(cputune[vcpupin or emulatorpin or iothreadpin])]"
        "/vcpu[not(@cpuset)]/@placement",
        forms.constant("auto"),
    ),
    Default(".", "clock/@offset", "utc"),
    Default("clock[@offset = 'variable']", "@basis", "utc"),
    Default("clock[@offset = 'variable']", "@adjustment", "0"),
    Default(".", "on_poweroff", "destroy"),
    Default(".", "on_reboot", "restart"),
    Default(".", "on_crash", "destroy"),
    Default("os[not(../devices/*/boot)]", "boot/@dev", "hd"),
    Default("os/loader[normalize-space()]", "@type", "rom"),
    # The emulator that libvirt takes for an architecture; its own CPU is that of a guest without one.
    Default("self::*[os/type/@arch = 'i686']", "devices/emulator", "/usr/bin/qemu-system-i386"),
    Derived(".", "devices/emulator", "concat('/usr/bin/qemu-system-', os/type/@arch)"),
    Default("self::*[not(cpu)]", "cpu/@mode", "custom"),
    Done(_NO_MODEL, computed.default_cpu),
    Default("cpu", "@mode", "custom"),
    Default("cpu[@mode = 'custom']", "@match", "exact"),
    Default("cpu[@mode = 'custom']/model", "@fallback", "allow"),
    Default("cpu[@mode = 'host-passthrough' or @mode = 'maximum']", "@check", "none"),
    Default("cpu[@mode = 'host-model']", "@check", "partial"),
    Default("self::*[@type = 'qemu']/cpu", "@check", "none"),
    Default("cpu", "@check", "partial"),
    Default("self::*[contains(devices/emulator, 'i386')]/cpu[@mode = 'host-passthrough']", "@migratable", "off"),
    Default("cpu[@mode = 'host-passthrough']", "@migratable", "on"),
    Default("cpu/topology", "@dies", "1"),
    Default("cpu/feature", "@policy", "require"),
    *[Default(f"features/{name}", "@state", "on") for name in ("pmu", "vmcoreinfo", "pvspinlock", "smm")],
    Default("features/hyperv", "@mode", "custom"),
    Derived("cpu/numa/cell", "@id", "count(preceding-sibling::cell)"),
    Default(
        "os/firmware[feature[@name = 'enrolled-keys' and @enabled = 'yes']]",
        "feature[@name='secure-boot']/@enabled",
        "yes",
    ),
    Derived(
        "os[loader[@type = 'pflash' and @readonly = 'yes' and not(@stateless = 'yes')]]",
        "nvram",
        "concat('/var/lib/libvirt/qemu/nvram/', ../name, '_VARS.fd')",
    ),
]

FORMS: list[Rule] = [
    Dropped("@id"),
    Dropped("uuid"),
    Dropped("cpu[@mode != 'custom']/model/@fallback"),
    Dropped("cpu[@mode != 'custom']/model[not(@*) and not(normalize-space())]"),
    Unique("vcpus", "vcpu", forms.number_of("id"), last=True),
    Done("self::*[vcpus]", computed.vcpus),
    Dropped("vcpu[@current = normalize-space(.)]/@current"),
    Rewritten("cpu/numa/cell/@cpus", forms.numbers),
    Rewritten("vcpu/@cpuset", forms.numbers),
    Rewritten("cputune/*/@cpuset", forms.numbers),
    Rewritten("numatune/*/@nodeset", forms.numbers),
    Rewritten("cputune/vcpusched/@vcpus", forms.numbers),
    Rewritten("cputune/iothreadsched/@iothreads", forms.numbers),
    Done("cputune", computed.spread_schedulers),
    Sized("memory"),
    Sized("currentMemory"),
    Sized("maxMemory"),
    Sized("memtune/*"),
    Sized("devices/memory/target/*[self::size or self::block or self::requested or self::current]"),
    Sized("devices/memory/target/label/size"),
    Sized("devices/memory/source/*[self::pagesize or self::alignsize]"),
    Default("devices/memory[@model = 'virtio-pmem']", "@access", "shared"),
    Sized("features/tcg/tb-cache"),
    Sized("features/smm/tseg", given="MiB"),
    Sized("cpu/numa/cell[@memory]", at="memory"),
    # libvirt 9 looks for these units elsewhere, and takes what it stores for what is meant.
    Rewritten("cpu/numa/cell/cache/size/@unit", forms.constant("KiB")),
    Rewritten("cpu/numa/cell/cache/line/@unit", forms.constant("B")),
    Sized("cpu/numa/interconnects/bandwidth", at="value"),
    Done(".", computed.memory),
    Sized("memoryBacking/hugepages/page", at="size"),
    Default("seclabel[@type = 'none']", "@model", "none"),
    Default("seclabel[@type = 'dynamic']", "@relabel", "yes"),
    Default("seclabel[@type = 'static']", "@relabel", "no"),
    Unique(".//seclabel", "label", forms.alike),
    Unique("sysinfo[not(@type = 'fwcfg')]/*[entry/@name]", "entry", forms.name),
    Unique("os/firmware", "feature", forms.name),
    Ordered("os/firmware", "feature", forms.name),
    Done("seclabel[@model = 'none']", computed.no_label),
    Dropped("seclabel/imagelabel"),
    Dropped("os/bootmenu[@enable != 'yes']/@timeout"),
    Dropped("memtune/*[. >= 9007199254740991]"),
    Dropped("memtune[not(*)]"),
    Ordered("cpu/numa", "cell", forms.number_of("id")),
    Ordered("cputune", "vcpupin", forms.number_of("vcpu")),
    Ordered("cputune", "iothreadpin", forms.number_of("iothread")),
    Done("metadata", computed.one_of_each_namespace),
    Done("cpu/numa", computed.all_vcpus_in_cells),
    Done("self::*[iothreads or iothreadids]", computed.iothreads),
]
