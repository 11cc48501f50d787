# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._image import lean

LOGIN = """@include common-session
session    optional     pam_motd.so  motd=/run/motd.dynamic
session    optional     pam_motd.so noupdate
session    required     pam_limits.so
"""


def test_no_program_makes_a_message_at_each_login(tmp_path):
    (tmp_path / "etc/pam.d").mkdir(parents=True)
    (tmp_path / "etc/pam.d/sshd").write_text(LOGIN)
    assert lean.files(tmp_path)["etc/pam.d/sshd"].splitlines() == [
        line for line in LOGIN.splitlines() if "motd.dynamic" not in line
    ]


def test_an_image_without_an_ssh_server_has_no_rule_for_its_logins(tmp_path):
    assert "etc/pam.d/sshd" not in lean.files(tmp_path)
