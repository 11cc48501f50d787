# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks without privileges, from what libvirt says of domains."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._host.user_networks import backends, verdicts
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

# The parts of the answers of libvirt 9.0 with QEMU 7.2, and of libvirt 11.3 with QEMU 10.0.
HOSTDEV = "<hostdev supported='yes'><enum name='mode'><value>subsystem</value></enum></hostdev>"
CARD = "<interface supported='yes'><enum name='backendType'>{}</enum></interface>"
OLD = HOSTDEV
NEW = HOSTDEV + CARD.format("<value>default</value><value>passt</value>")
BEFORE_QEMU_7_2 = HOSTDEV + CARD.format("<value>default</value>")
WITHOUT_SLIRP = HOSTDEV + CARD.format("<value>passt</value>")
WITHOUT_BOTH = HOSTDEV + CARD.format("")


def usable(devices, program="/usr/bin/passt"):
    """Which are, and why the others are not."""
    capabilities = document.parse(f"<domainCapabilities><devices>{devices}</devices></domainCapabilities>")
    found = verdicts(backends(capabilities), "", program)
    return {each.name for each in found if each.usable}, " ".join(each.reason for each in found if not each.usable)


@pytest.mark.parametrize(
    ("devices", "program", "names", "words"),
    [
        (OLD, "/usr/bin/passt", {"slirp"}, "too old"),
        (NEW, "/usr/bin/passt", {"passt", "slirp"}, ""),
        (NEW, None, {"slirp"}, "install the package passt"),
        (BEFORE_QEMU_7_2, "/usr/bin/passt", {"slirp"}, "too old"),
        (WITHOUT_SLIRP, "/usr/bin/passt", {"passt"}, "built without it"),
        (WITHOUT_SLIRP, None, set(), "install the package passt"),
        (WITHOUT_BOTH, "/usr/bin/passt", set(), "built without it"),
    ],
)
def test_what_libvirt_offers_and_is_installed_is_usable(devices, program, names, words):
    found, reasons = usable(devices, program)
    assert found == names and words in reasons and bool(words) == bool(reasons)


def test_where_libvirt_is_silent_none_is_and_that_is_why():
    found = verdicts(None, "libvirt does not answer", "/usr/bin/passt")
    assert [(each.name, each.usable, each.reason) for each in found] == [
        ("passt", False, "libvirt does not answer"),
        ("slirp", False, "libvirt does not answer"),
    ]
