# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a lean image leaves out: whatever a lab guest never uses at its first boot. Pure: files, links and a list.

The packages are those of the stock image. What is left out can be had back inside of a guest, by unmasking the unit
or removing the file, but for the partition table and the boot loader.
"""

from __future__ import annotations

import pkgutil
from pathlib import Path

from . import stages
from .recipe import ROOT

DROPPED_MODULES = (
    *("ansible", "apt-pipelining", "byobu", "chef", "disable-ec2-metadata", "fan", "growpart", "grub-dpkg"),
    *("install-hotplug", "keyboard", "landscape", "locale", "lxd", "mcollective", "migrator", "puppet", "reset_rmc"),
    *("rightscale_userdata", "rsyslog", "salt-minion", "snap", "ssh-authkey-fingerprints", "ubuntu-advantage"),
    *("ubuntu-autoinstall", "ubuntu-drivers", "wireguard"),
)
"""Those of cloud-init that run in a stock image, and not in a lean one.

The role guest refuses what they would do (its C(__guest_lean_ignores)).
"""

DROPPED = (
    "partition table and boot loader (it boots by its kernel only)",
    "udev, fsck, resume, and all drivers but virtio and ext4 in the initial RAM disk",
    "probing of devices other than disks, network cards, ports, buttons and memory at boot",
    "automatic file systems: hugetlbfs, mqueue, debugfs, tracefs, fusectl, configfs, binfmt_misc",
    "login prompts on virtual consoles",
    "user accounting (utmp), pstore, hot-plug by cloud-init, local caches built at first boot",
    "drivers of PCI devices other than virtio's at boot, and the check of the root file system",
    "a message of the day that programs make anew at each login by SSH",
    "cloud-init: its check of user data's form, other data sources than NoCloud",
    f"modules of cloud-init: {', '.join(DROPPED_MODULES)}",
)
"""For people: in the record and in the result."""

_MASKED = (
    *("dev-hugepages.mount", "dev-mqueue.mount", "sys-fs-fuse-connections.mount", "sys-kernel-config.mount"),
    *("sys-kernel-debug.mount", "sys-kernel-tracing.mount", "proc-sys-fs-binfmt_misc.automount"),
    *("proc-sys-fs-binfmt_misc.mount", "systemd-binfmt.service", "systemd-pstore.service", "systemd-repart.service"),
    *("modprobe@configfs.service", "modprobe@dm_mod.service", "modprobe@drm.service", "modprobe@efi_pstore.service"),
    *("modprobe@fuse.service", "modprobe@loop.service", "systemd-network-generator.service"),
    *("systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "getty@tty1.service"),
    *("getty-static.service", "systemd-pcrphase.service", "systemd-pcrphase-sysinit.service"),
    *("systemd-firstboot.service", "systemd-modules-load.service", "kmod-static-nodes.service"),
    *("systemd-hwdb-update.service", "systemd-journal-catalog-update.service", "systemd-fsck-root.service"),
    *("systemd-fsckd.socket", "systemd-boot-update.service", "systemd-ask-password-console.path"),
    *("systemd-ask-password-wall.path", "cloud-init-hotplugd.socket", "cloud-init-hotplugd.service"),
    *("systemd-initctl.socket", "systemd-journald-audit.socket", "remote-fs.target", "apparmor.service"),
)

_GENERATORS = tuple(
    f"systemd-{name}-generator"
    for name in (
        *("bless-boot", "cryptsetup", "debug", "gpt-auto", "hibernate-resume", "integritysetup", "rc-local", "run"),
        *("system-update", "sysv", "tpm2", "veritysetup"),
    )
)
_UDEV_RULES = (
    *("50-firmware", "55-dm", "60-autosuspend", "60-cdrom_id", "60-drm", "60-fido-id", "60-infiniband"),
    *("60-persistent-alsa", "60-persistent-input", "60-persistent-storage-dm", "60-persistent-storage-tape"),
    *("60-persistent-v4l", "60-sensor", "64-btrfs", "66-azure-ephemeral", "70-camera", "70-joystick", "70-mouse"),
    *("70-touchpad", "75-probe_mtd", "78-sound-card", "85-hwclock", "95-dm-notify", "96-e2scrub"),
)

_TRIGGERED = ("virtio", "acpi", "block", "net", "input", "virtio-ports", "memory", "rtc", "tty", "ptp")

_STAGE_UNITS = {"local": "cloud-init-local", "network": "cloud-init", "config": "cloud-config", "final": "cloud-final"}

_SERVER = "usr/local/lib/cloud-init-stages.py"

INITRD = {
    "etc/initramfs-tools/conf.d/lean": "MODULES=list\nBUSYBOX=n\nKEYMAP=n\n",
    "usr/share/initramfs-tools/modules.d/lean": "virtio_pci\nvirtio_mmio\nvirtio_blk\nvirtio_scsi\nsd_mod\next4\n",
    "etc/initramfs-tools/hooks/zz-lean": (
        "#!/bin/sh\n"
        '[ "$1" != prereqs ] || exit 0\n'
        'cd "$DESTDIR"\n'
        # Where the kernel of a distribution has no such driver built in, its module has been copied by now.
        "rm -rf usr/lib/udev lib/udev etc/udev usr/lib/systemd lib/systemd usr/bin/udevadm bin/udevadm\n"
        "cat >init <<'END'\n"
        "#!/bin/sh\n"
        "export PATH=/sbin:/usr/sbin:/bin:/usr/bin\n"
        "mkdir -p /dev /proc /sys /root\n"
        "mount -t proc proc /proc\n"
        "mount -t sysfs sys /sys\n"
        "mount -t devtmpfs dev /dev\n"
        "root= flags= init=/sbin/init mode=ro\n"
        "for word in $(cat /proc/cmdline); do\n"
        "  case $word in\n"
        "    root=*) root=${word#root=};;\n"
        "    rootflags=*) flags=,${word#rootflags=};;\n"
        "    init=*) init=${word#init=};;\n"
        "    rw) mode=rw;;\n"
        "  esac\n"
        "done\n"
        "modprobe -qab virtio_pci virtio_mmio virtio_blk ext4\n"
        "tries=0\n"
        "while [ $tries -lt 100 ]; do\n"
        "  case $root in\n"
        '    *=*) device=$(blkid -l -o device -t "$root");;\n'
        "    *) device=$root;;\n"
        "  esac\n"
        '  [ ! -b "$device" ] || break\n'
        "  [ $tries != 5 ] || modprobe -qab virtio_scsi sd_mod\n"
        "  tries=$((tries + 1))\n"
        "  sleep 0.1\n"
        "done\n"
        'if ! mount -t ext4 -o "$mode$flags" "$device" /root; then\n'
        '  echo "ALERT! $root does not exist or cannot be mounted."\n'
        "  exec sh\n"
        "fi\n"
        "for place in proc sys dev; do mount -o move /$place /root/$place; done\n"
        'exec run-init /root "$init"\n'
        "END\n"
        "chmod 755 init\n"
    ),
}
"""An initial RAM disk that loads three drivers and mounts the root file system."""

_LINKS = {
    **{f"etc/systemd/system/{unit}": "/dev/null" for unit in _MASKED},
    **{f"etc/systemd/system-generators/{name}": "/dev/null" for name in _GENERATORS},
    **{f"etc/udev/rules.d/{name}.rules": "/dev/null" for name in _UDEV_RULES},
}

_FILES = {
    "etc/cloud/cloud.cfg.d/96_lean.cfg": (
        "datasource_list: [ NoCloud ]\n"
        "growpart: { mode: 'off' }\n"
        "cloud_init_modules: [seed_random, bootcmd, write-files, resizefs, disk_setup, mounts, set_hostname,"
        " update_hostname, update_etc_hosts, ca-certs, users-groups, ssh]\n"
        "cloud_config_modules: [ssh-import-id, set-passwords, apt-configure, ntp, timezone, runcmd]\n"
        "cloud_final_modules: [package-update-upgrade-install, write-files-deferred, scripts-vendor, scripts-per-once,"
        " scripts-per-boot, scripts-per-instance, scripts-user, keys-to-console, phone-home, final-message,"
        " power-state-change]\n"
    ),
    "etc/cloud/ds-identify.cfg": "policy: enabled\ndatasource: NoCloud\n",
    "etc/systemd/system/systemd-udev-trigger.service.d/lean.conf": (
        "[Service]\nExecStart=\nExecStart=-udevadm trigger --type=all --action=add"
        + "".join(f" --subsystem-match={name}" for name in _TRIGGERED)
        + "\n"
    ),
    # So that what only follows an upgrade of /usr does not run at the first boot.
    "etc/.updated": "",
    "var/.updated": "",
    # What cloud-init would write and restart sshd for: keys only.
    "etc/ssh/sshd_config.d/50-cloud-init.conf": "PasswordAuthentication no\n",
    "etc/fstab": f"{ROOT} / ext4 defaults,errors=remount-ro 0 0\n",
}

_LOGIN = "etc/pam.d/sshd"
_MESSAGE = "motd=/run/motd.dynamic"

_SINGLE_PROCESS_LINKS = {
    # The answer of the generator, which takes longer than any other, is known.
    "etc/systemd/system-generators/cloud-init-generator": "/dev/null",
    "etc/systemd/system/multi-user.target.wants/cloud-init.target": "/lib/systemd/system/cloud-init.target",
}


def files(tree: Path) -> dict[str, str]:
    """Files of the installed tree, by name."""
    return {**_FILES, **_login(tree), **(_single_process() if _loads_itself_often(tree) else {})}


def _login(tree: Path) -> dict[str, str]:
    """Without four programs, which take an emulated guest a fifth of a second."""
    path = tree / _LOGIN
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    return {_LOGIN: "".join(line for line in lines if _MESSAGE not in line)} if lines else {}


def links(tree: Path) -> dict[str, str]:
    """Symbolic links of the installed tree, by name."""
    return {**_LINKS, **(_SINGLE_PROCESS_LINKS if _loads_itself_often(tree) else {})}


def _loads_itself_often(tree: Path) -> bool:
    """Whether the four stages of cloud-init are processes of their own, as before its version 24.3."""
    units = [tree / "usr/lib/systemd/system" / f"cloud-init-{name}.service" for name in ("local", "main")]
    return units[0].exists() and not units[1].exists()


def _single_process() -> dict[str, str]:
    server = pkgutil.get_data(__package__, "stages.py") or b""
    units = {
        f"etc/systemd/system/{unit}.service.d/lean.conf": (
            "[Unit]\nBindsTo=cloud-init-stages.service\nAfter=cloud-init-stages.service\n"
            f"[Service]\nExecStart=\nExecStart=/bin/sh -c '{stages.ask(stage)}'\n"
        )
        for stage, unit in _STAGE_UNITS.items()
    }
    return {
        _SERVER: server.decode(),
        "etc/systemd/system/cloud-init-stages.service": (
            "[Unit]\nDescription=Modules of cloud-init, loaded once\nDefaultDependencies=no\n"
            "Conflicts=shutdown.target\nBefore=shutdown.target\n"
            "[Service]\nType=simple\nRemainAfterExit=yes\nKillMode=process\nTasksMax=infinity\n"
            "StandardOutput=journal+console\n"
            f"ExecStartPre=/bin/sh -c '{stages.prepare()}'\nExecStart=/usr/bin/python3 -s /{_SERVER}\n"
        ),
        **units,
    }
