# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image import recipe
from ansible_collections.mini.hypervisor.plugins.module_utils._image.sources import (
    Host,
    Source,
    apt_settings,
    available,
    parse_os_release,
    parse_targets,
)

MIRROR = "http://user:secret@mirror.example/debian/"


def target(component="main", release="bookworm", origin="Debian", uri=MIRROR, architecture="amd64", codename=None):
    return (
        f"MetaKey: {component}/binary-{architecture}/Packages\nOrigin: {origin}\nCodename: {codename or release}\n"
        f"Architecture: {architecture}\nComponent: {component}\nRelease: {release}\nRepo-URI: {uri}\n"
    )


def host(os_id="debian", architecture="amd64"):
    return Host(os_id, "12", "bookworm", architecture, (Source(MIRROR, "bookworm", ("main",)),))


def test_only_the_distributions_own_sources_are_taken():
    text = "\n".join(
        [
            target(),
            target("contrib"),
            target(),
            target(architecture="i386"),
            target(release="bookworm-security", uri="http://security.example/"),
            target(release="bookworm-backports"),
            target(release="trixie"),
            target(release="stable-updates", codename="bookworm-updates"),
            target(release="nodistro", origin=". nodistro", uri="https://deb.nodesource.com/node_20.x/"),
        ]
    )
    assert [each.line(None) for each in parse_targets(text, "Debian", "bookworm", "amd64")] == [
        f"deb {MIRROR} bookworm main contrib",
        "deb http://security.example/ bookworm-security main",
        f"deb {MIRROR} stable-updates main",
    ]
    assert parse_targets("", "Debian", "bookworm", "amd64") == ()


def test_credentials_stay_on_the_host():
    assert (
        host().sources[0].public().line("/k.gpg")
        == "deb [signed-by=/k.gpg] http://mirror.example/debian/ bookworm main"
    )


def test_os_release():
    assert parse_os_release('# x\nID=debian\nPRETTY_NAME="Debian \\"12\\""\n\nEMPTY=\n') == {
        "ID": "debian",
        "PRETTY_NAME": 'Debian "12"',
        "EMPTY": "",
    }


def test_what_apt_has():
    policy = (
        "a:\n  Installed: (none)\n  Candidate: 1.2\nb:\n  Installed: (none)\n  Candidate: (none)\nc:\n  Candidate: 3\n"
    )
    assert available(lambda argv, **_: (0, policy, ""), ["a", "b", "c", "d"]) == {"a", "c"}
    dump = 'Acquire "";\nAcquire::http::Proxy "http://proxy:3128";\nAcquire::Check-Valid-Until "false";\n'
    assert apt_settings(lambda argv, **_: (0, dump, "")) == dump.splitlines()[1:]
    with pytest.raises(HypervisorError) as caught:
        apt_settings(lambda argv, **_: (100, "", "E: broken"))
    assert "E: broken" in str(caught.value)


def test_the_first_kernel_there_is_taken():
    kernels = ["linux-image-cloud-amd64", "linux-image-amd64"]
    assert kernels[0] in recipe.packages(host(), [], set(kernels))
    assert kernels[1] in recipe.packages(host(), [], {kernels[1]})
    assert "linux-image-cloud-arm64" in recipe.candidates(host(architecture="arm64"))
    with pytest.raises(HypervisorError) as caught:
        recipe.packages(host(), [], set())
    assert caught.value.code == "NO_KERNEL"


def test_extra_packages_cannot_be_options():
    kernel = {"linux-image-virtual"}
    assert "nginx" in recipe.packages(host("ubuntu"), ["nginx"], kernel)
    for name in ("--hook=x", "a b", "a,b", "A", ""):
        with pytest.raises(HypervisorError) as caught:
            recipe.packages(host("ubuntu"), [name], kernel)
        assert caught.value.code == "INVALID_PACKAGE"
