# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._host import libvirt_answer
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

CAPABILITIES = """
<capabilities>
  <host>
    <secmodel><model>none</model></secmodel>
    <secmodel><model>dac</model><baselabel type='qemu'>+1:+1</baselabel>
      <baselabel type='kvm'>+64055:+108</baselabel></secmodel>
  </host>
  <guest><arch name='i686'><domain type='kvm'/></arch></guest>
  <guest><arch name='x86_64'><domain type='qemu'/></arch></guest>
</capabilities>
"""


def test_what_libvirt_offers_is_read_for_the_architecture():
    capabilities = document.parse(CAPABILITIES, "capabilities")
    assert libvirt_answer.offered(capabilities, "x86_64") == {"kvm": False, "tcg": True}
    assert libvirt_answer.offered(capabilities, "i686") == {"kvm": True, "tcg": False}
    assert libvirt_answer.guest_user(capabilities) == (64055, 108)


def test_versions_are_written_as_people_write_them():
    assert libvirt_answer.dotted(11003002) == "11.3.2"
