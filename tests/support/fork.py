# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules in processes that are forked from one that has imported them all, which saves most of the time of a run.

C(python3 fork.py SOCKET) is that process: who connects sends a line for each request, and gets a line when the module's
process ended.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Mapping

TESTS = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))

from support import inside, module  # noqa: E402

MODULES = (
    *(
        "guest_restore",
        "guest_save",
        "guest_wait",
        "image_clean",
        "virt_domain",
        "virt_domain_info",
        "virt_host_info",
        "virt_net",
        "virt_net_info",
        "virt_pool",
        "virt_pool_info",
    ),
    *("virt_snapshot", "virt_snapshot_info", "virt_volume", "virt_volume_info"),
)


_STARTS = 60
"""Seconds after which a process that has to answer never will."""


class Parent:
    """The process that has imported all, which ends with this one or by C(close)."""

    def __init__(self) -> None:
        self._directory = tempfile.mkdtemp()
        self.socket = Path(self._directory) / "socket"
        command = [module.PYTHON, "-B", __file__, str(self.socket)]
        self._process = subprocess.Popen(command, env={**os.environ, **module.module_path()}, stdin=subprocess.PIPE)
        until = time.monotonic() + _STARTS
        while not self.socket.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                self.close()
                raise module.ModuleError("the process that runs modules did not start")
            time.sleep(0.05)

    def run(self, name: str, options: Mapping[str, Any], deadline: float = 120) -> module.Outcome:
        """As C(module.run) does it."""
        return run(self.socket, name, options, deadline)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        shutil.rmtree(self._directory)


def run(parent: Path, name: str, options: Mapping[str, Any], deadline: float = 120) -> module.Outcome:
    """As C(module.run) does it, by the parent that listens on that socket."""
    request = {"path": module.path_of(name), "arguments": module.arguments(options), "deadline": deadline}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(deadline + _STARTS)  # the parent itself ends a module that is late
        connection.connect(str(parent))
        with connection.makefile("rw") as stream:
            print(json.dumps(request), file=stream, flush=True)
            answer = json.loads(stream.readline())
    if answer is None:
        raise module.late(name, deadline)
    return module.outcome(name, module.Ended(**answer))


def main() -> None:
    """Import all, and fork for each request."""
    for name in MODULES:
        importlib.import_module(module.path_of(f"{module.OWN}.{name}"))
    path = Path(sys.argv.pop())  # a module takes an argument for the file with its options
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path.with_suffix(".part")))
        listener.listen()
        path.with_suffix(".part").rename(path)  # who sees it can connect
        # The standard input closes when whoever started this one has ended.
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _address = listener.accept()
            with connection, connection.makefile("rw") as stream:
                # By readline(), which leaves nothing in a buffer that a child would have too.
                for line in iter(stream.readline, ""):
                    print(json.dumps(_play(json.loads(line))), file=stream, flush=True)


def _play(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """How the module's process ended; nothing where it had to be killed."""
    directory = Path(tempfile.mkdtemp())
    files = {name: directory / name for name in ("stdin", "stdout", "stderr", "notes")}
    files["stdin"].write_text(request["arguments"])
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        _become(files)
        inside.play(request["path"], files["notes"])  # raises SystemExit, and nothing on the way out catches it
    status = _wait(process, start + request["deadline"])
    answer = {
        "status": status,
        "seconds": time.monotonic() - start,
        "stdout": files["stdout"].read_text(),
        "stderr": files["stderr"].read_text(),
        "notes": json.loads(files["notes"].read_text()) if files["notes"].exists() else {},
    }
    shutil.rmtree(directory)
    return None if status is None else answer


def _become(files: Mapping[str, Path]) -> None:
    """Take the files for stdin, stdout and stderr."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = files[name].open(mode)
        os.dup2(stream.fileno(), number)
        setattr(sys, name, stream)


def _wait(process: int, deadline: float) -> int | None:
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return None
        time.sleep(0.01)


if __name__ == "__main__":
    main()
