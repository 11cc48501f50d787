# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server of a lean guest, asked by the very commands of its units."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ansible_collections.mini.hypervisor.plugins.module_utils._image import lean, stages

MAIN = """
import os, pathlib, sys
def main(arguments):
    print(os.getpid(), *arguments, flush=True)
    if "final" in arguments[-1]:
        raise SystemExit(3)
    if "config" in arguments[-1]:
        raise ValueError("broken")
    if "--local" in arguments:
        os.kill(os.getpid(), 9)
    return 0
"""


def test_each_stage_is_a_process_and_gives_its_code(tmp_path):
    (tmp_path / "serve.py").write_text(
        Path(stages.__file__).read_text().partition("def _serve_here")[0]
        + MAIN
        + "serve(pathlib.Path(sys.argv[1]), main)\n"
    )
    place = tmp_path / "place"

    def shell(command):
        return command.replace(stages.PLACE, str(place)).replace("/run/cloud-init", str(tmp_path / "run"))

    subprocess.run(["sh", "-ec", shell(stages.prepare())], check=True)
    argv = [sys.executable, str(tmp_path / "serve.py"), str(place)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        codes = [
            subprocess.run(["sh", "-c", shell(stages.ask(stage))], check=False, timeout=60).returncode
            for stage in stages.STAGES
        ]
        lines = [line.split() for line in server.stdout]
    assert codes == [1, 0, 1, 3] and server.returncode == 0
    assert len({pid for pid, *_rest in lines}) == 4
    assert [rest for _pid, *rest in lines] == [["/usr/bin/cloud-init", *each] for each in stages.STAGES.values()]


def test_the_server_is_put_where_cloud_init_does_not_do_it_itself(tmp_path):
    units = tmp_path / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    assert not [name for name in lean.files(tmp_path) if "stages" in name]
    (units / "cloud-init-local.service").touch()
    files = lean.files(tmp_path)
    assert files["usr/local/lib/cloud-init-stages.py"] == Path(stages.__file__).read_text()
    for stage, unit in (("local", "cloud-init-local"), ("final", "cloud-final")):
        assert stages.ask(stage) in files[f"etc/systemd/system/{unit}.service.d/lean.conf"]
    assert "etc/systemd/system-generators/cloud-init-generator" in lean.links(tmp_path)
    (units / "cloud-init-main.service").touch()  # of cloud-init 24.3 and later
    assert not [name for name in lean.files(tmp_path) if "stages" in name]
    assert "etc/systemd/system-generators/cloud-init-generator" not in lean.links(tmp_path)
