# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lab hosts: namespaces in which a command sees a fresh host of its own.

C(slots) says which lab hosts live and who owns what, C(host_network) and C(cgroups) make what a lab host
needs of the machine around it, C(inside) is the lab host as its first process builds it.
"""
