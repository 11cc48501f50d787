# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The scripts of the probe guest. They are text here because Ansible ships a module with Python files only."""

from __future__ import annotations

INIT = r"""#!/bin/sh
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The probe guest's first process. Its kernel command line understands, beside `console=ttyS0 quiet` and
# `no_timer_check` (without which a kernel that gets little time takes the timer for broken, and panics):
#   ip=dhcp         get an address for eth0
#   run="COMMANDS"  run shell commands between `=== BEGIN` and `=== END STATUS`
#   poweroff        end after that; otherwise print an ALIVE line every second, run each line that the
#                   console receives in the same way, and end when the power button is pressed
#   silent          print no ALIVE lines, which take a little time from what is measured
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
read -r cmdline </proc/cmdline

word() { case " $cmdline " in *" $1 "*) return 0 ;; *) return 1 ;; esac }

up() { read -r seconds _ </proc/uptime && echo "$seconds"; }

# What a test of a running guest wants to see change.
hardware() {
  for cpu in /sys/devices/system/cpu/cpu*/online; do # a CPU that was plugged in waits to be told
    [ -e "$cpu" ] && read -r online <"$cpu" && [ "$online" = 0 ] && echo 1 >"$cpu"
  done
  read -r _ memory _ </proc/meminfo
  disks=$(cd /sys/block && echo [svx]d*) nics=$(cd /sys/class/net && echo *)
  echo "cpus=$(nproc) memory=${memory}KiB disks=${disks%\[svx\]d\*} nics=$nics"
}

execute() {
  echo "=== BEGIN $1"
  sh -c "$1" </dev/null
  echo "=== END $?"
}

echo "GUEST-UP $(up) $(uname -r) $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
while read -r module; do insmod "$module"; done </etc/modules
acpid -f -l /dev/null & # runs /etc/acpi/PWRF/00000080
ip link set lo up
if word ip=dhcp; then
  ip link set eth0 up
  udhcpc -i eth0 -s /etc/udhcpc.script -n -q -t 10 -T 1 >/dev/null 2>&1 || echo "NO-ADDRESS eth0"
fi
echo "READY $(up) $(hardware)"
[ -z "$run" ] || execute "$run" # the kernel hands unknown parameters over as environment
! word poweroff || poweroff -f
word silent || while sleep 1; do echo "ALIVE $(up) $(hardware)"; done &
while :; do
  if read -r line; then execute "$line"; else sleep 1; fi
done
"""

UDHCPC = r"""#!/bin/sh
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What busybox's udhcpc calls with the lease in its environment.
# shellcheck disable=SC2154
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
for gateway in $router; do ip route add default via "$gateway"; done
echo "ADDRESS $interface $ip" >/dev/console
"""
