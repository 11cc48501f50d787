#!/bin/sh
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A guest agent that knows its addresses and nothing else; one of them it had better kept to itself.
for port in /sys/class/virtio-ports/*; do
  read -r name <"$port/name" && [ "$name" = org.qemu.guest_agent.0 ] && break
done
read -r mac </sys/class/net/eth0/address
addresses='[
  {"name": "lo", "hardware-address": "00:00:00:00:00:00",
   "ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "127.0.0.1", "prefix": 8}]},
  {"name": "docker0", "hardware-address": "02:42:00:00:00:01",
   "ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "172.17.0.1", "prefix": 16}]},
  {"name": "eth0", "hardware-address": "'$mac'",
   "ip-addresses": [{"ip-address-type": "ipv6", "ip-address": "fe80::1", "prefix": 64},
                    {"ip-address-type": "ipv6", "ip-address": "2001:db8::5", "prefix": 64},
                    {"ip-address-type": "ipv4", "ip-address": "10.11.12.13 -o ProxyCommand=x", "prefix": 24},
                    {"ip-address-type": "ipv4", "ip-address": "10.11.12.13", "prefix": 24}]}]'
exec 3<>"/dev/${port##*/}"
echo AGENT-LISTENS >/dev/console
while :; do
  # Nothing comes, not even a wait, until libvirt has heard of the open port and connected.
  read -r line <&3 || { sleep 1 && continue; }
  case $line in
    *guest-sync*) echo "{\"return\": $(echo "$line" | sed 's/.*"id": *\([0-9]*\).*/\1/')}" ;;
    *guest-network-get-interfaces*) [ -e /tmp/silent ] || echo "{\"return\": $(echo "$addresses" | tr -d '\n')}" ;;
    *) echo '{"error": {"class": "CommandNotFound", "desc": "not here"}}' ;;
  esac >&3
done
