# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe guest: a real kernel with an initramfs of a few megabytes, which boots in seconds without KVM.

C(init) is its first process, and tells what its kernel command line understands.
"""
