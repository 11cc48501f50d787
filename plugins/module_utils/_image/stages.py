# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Runs inside of a lean guest: cloud-init's four stages, loaded once instead of four times.

Most of what a stage costs is loading Python modules. So they are loaded here, while the system still
starts, and each stage is a fork of this process. The units of the stages stay as they are but for
their command: it asks for its stage through one FIFO and gets the exit code by another.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path
from typing import Callable

PLACE = "/run/cloud-init-stages"
STAGES = {
    "local": ("init", "--local"),
    "network": ("init",),
    "config": ("modules", "--mode=config"),
    "final": ("modules", "--mode=final"),
}
"""Name to the arguments of cloud-init, in the order of the boot."""

_LOADED = ("cloudinit.cmd.main", "cloudinit.sources.DataSourceNoCloud", "cloudinit.distros.debian")


def prepare() -> str:
    """The shell command that makes the FIFOs; it has to end before a stage is asked for."""
    names = " ".join(f"{PLACE}/{stage} {PLACE}/{stage}.code" for stage in STAGES)
    # The second file is what "cloud-init status" looks at where no generator decided whether it runs.
    return f"mkdir -p {PLACE} /run/cloud-init && touch /run/cloud-init/enabled && mkfifo -m 600 {names}"


def ask(stage: str) -> str:
    """The shell command of the stage's unit."""
    return f'echo >{PLACE}/{stage}; read code <{PLACE}/{stage}.code; exit "$code"'


def serve(place: Path, main: Callable[[list[str]], int]) -> None:
    """Run each stage when it is asked for; C(main) gets its command line in a process of its own."""
    for stage, arguments in STAGES.items():
        with (place / stage).open("rb") as asked:
            asked.read()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = main(["/usr/bin/cloud-init", *arguments])
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else int(left.code is not None)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code or 0)
        status = os.waitpid(child, 0)[1]
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1
        (place / f"{stage}.code").write_text(f"{code}\n", encoding="ascii")


def _serve_here() -> None:
    # Each process lives for seconds: looking for garbage would only cost time, and copy the pages that are shared.
    gc.disable()
    # A fourth of the loading. Without it cloud-init does not check the form of user data, of which it only would warn.
    # None is Python's own way to have an import fail; mypy expects modules only.
    sys.modules["jsonschema"] = None  # type: ignore[assignment]
    cloud_init, *_others = map(importlib.import_module, _LOADED)
    gc.freeze()
    serve(Path(PLACE), lambda arguments: int(cloud_init.main(arguments) or 0))


if __name__ == "__main__":
    _serve_here()
