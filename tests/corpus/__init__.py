# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirt's own test documents as the judge of what our modules call a change.

C(kinds) says what a domain, a network or a pool is to the harness; C(documents) reads the corpus; C(twice) applies
each document twice, but for the exceptions that are C(explained); C(mutation) changes one at random, and C(judge) asks
our check mode and, by C(oracle), libvirtd itself what that changes.
"""
