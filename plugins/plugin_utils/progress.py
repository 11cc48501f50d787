# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Long modules that tell what they are doing while they do it.

The module runs as an asynchronous job on its host and appends lines to a progress file. Every few
seconds, and as soon as the job has ended, one shell command there reads what is new of them.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, Iterator, Mapping, Sequence

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.mini.hypervisor.plugins.module_utils._progress import REACHED

POLL = 2
"""Seconds that a look waits on the host for the job's end: the result of a short one is there at once."""

RETRY = 0.5
"""Seconds until the next look where there was no process."""

HEARTBEAT = 30.0

MARGIN = 7200
"""Seconds that a job may run beyond the module's own deadline, if it has one."""

GONE = 3
"""Looks in a row that find neither a result nor a process before the job counts as dead."""

_BOOKKEEPING = ("ansible_job_id", "started", "finished", "results_file")


class ProgressAction(ActionBase):
    """Runs the module of the same name and shows its progress."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's own result."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(None, task_vars)
        with _interruptions() as interrupted:
            plain = self._task.check_mode or self._task.async_val or "progress_file" in self._task.args
            plain = plain or not self._is_long(task_vars)
            there = None if plain else self._glance(task_vars)
            if there is not None:
                return {**result, **there}
            progress_file = None if plain else self._make_progress_file()
            if progress_file is None:
                wrap = bool(self._task.async_val)
                return {**result, **self._execute_module(task_vars=task_vars, wrap_async=wrap)}
            files = [progress_file]
            try:
                return {**result, **self._watched(progress_file, files, interrupted, task_vars)}
            finally:
                self._low_level_execute_command(f"rm -f {shlex.join(files)}")

    def _is_long(self, task_vars: dict[str, Any]) -> bool:
        """Whether the task may take so long that somebody wants to see how far it is."""
        return True

    def _glance(self, task_vars: dict[str, Any]) -> dict[str, Any] | None:
        """The module's result where it can be had at once, which is cheaper than a job."""
        return None

    def _make_progress_file(self) -> str | None:
        """A file beside the job's own, of the user as which the module runs; None where there is no place for it."""
        option = str(self.get_shell_option("async_dir", "~/.ansible_async"))
        home, slash, rest = option.partition("/") if option.startswith("~") else ("", "", option)
        jobs = home + slash + shlex.quote(rest)
        made = self._low_level_execute_command(f"mkdir -p {jobs} && mktemp {jobs}/mini-hypervisor-progress.XXXXXXXX")
        lines = made["stdout"].strip().splitlines()
        return lines[-1].strip() if made["rc"] == 0 and lines and lines[-1].startswith("/") else None

    def _watched(
        self, progress_file: str, files: list[str], interrupted: list[int], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        job = self._start(progress_file, task_vars)
        if "results_file" not in job:
            return job  # It did not even start, and says why.
        path = str(job["results_file"])
        files += [path, f"{path}.tmp"]
        ended = False
        try:
            ended = self._follow(path, progress_file, interrupted, task_vars)
        finally:
            if not ended:
                self._low_level_execute_command(_end(path))
        return self._result(path, task_vars)

    def _start(self, progress_file: str, task_vars: dict[str, Any]) -> dict[str, Any]:
        # The job's limit is the task's own attribute; the executor must not see it afterwards.
        self._task.async_val = MARGIN + int(self._task.args.get("deadline") or 0)
        try:
            return dict(
                self._execute_module(
                    module_args={**self._task.args, "progress_file": progress_file},
                    task_vars=task_vars,
                    wrap_async=True,
                )
            )
        finally:
            self._task.async_val = 0

    def _follow(self, path: str, progress_file: str, interrupted: list[int], task_vars: dict[str, Any]) -> bool:
        """Show progress until the job has ended; raises where it is gone without a result."""
        speaker = self._speaker(task_vars)
        gone = known = 0
        while gone < GONE:
            if interrupted:
                raise AnsibleError("Interrupted: the job on the host is ended.")
            look = _look(path, progress_file, known)
            ended, alive, lines = _seen(self._low_level_execute_command(look)["stdout"])
            known += len(lines)
            speaker.progress(lines)
            if ended:
                return True
            gone = 0 if alive else gone + 1
            if not alive:
                _sleep(RETRY, interrupted)
        raise AnsibleError(
            f"The job that ran {self._task.action} is gone without a result: it was killed, or its host restarted or"
            " ran out of memory. See the host, and run again."
        )

    def _result(self, path: str, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result as Ansible's own reader of jobs gives it, whatever way this version encodes it."""
        place = PurePosixPath(path)
        result = self._execute_module(
            module_name="ansible.legacy.async_status",
            module_args={"jid": place.name, "_async_dir": str(place.parent)},
            task_vars=task_vars,
        )
        if "data" in result and "cmd" in result:  # async_wrapper found no JSON in what the module printed
            raise AnsibleError(
                f"{self._task.action} ended without a result: it was killed or it crashed."
                f" {str(result['data'])[-500:]} {str(result.get('stderr', ''))[-1000:]}".rstrip()
            )
        return {key: value for key, value in result.items() if key not in _BOOKKEEPING}

    def _speaker(self, task_vars: dict[str, Any]) -> _Speaker:
        host = str(task_vars.get("inventory_hostname", self._play_context.remote_addr))
        label = f"{host} -> {self._task.delegate_to}" if self._task.delegate_to else host
        return _Speaker(label, bool(self._task.no_log or self._play_context.no_log))

    def _tell(self, guest: str, phases: Mapping[str, float | None], task_vars: dict[str, Any]) -> None:
        """Tell afterwards of phases that were over before anything could be shown."""
        reached = [(phase, seconds) for phase, seconds in phases.items() if seconds is not None]
        self._speaker(task_vars).progress(
            [f"{REACHED}guest {guest}: {phase} after {seconds:.1f} s" for phase, seconds in reached]
        )


class _Speaker:
    """Prints the steps that were reached, the newest of the other lines, and a sign of life now and then."""

    def __init__(self, label: str, silent: bool) -> None:
        self._label, self._silent = label, silent
        self._start = self._spoke = time.monotonic()
        self._last = ""

    def progress(self, lines: Sequence[str]) -> None:
        """Tell what is being done, if there is anything to tell."""
        shown = [line for line in lines[:-1] if line.startswith(REACHED)] + list(lines[-1:])
        for line in shown:
            if line != self._last:
                self._say(line.removeprefix(REACHED))
                self._last = line
        silence = time.monotonic() - self._spoke
        if silence >= HEARTBEAT:
            last = self._last.removeprefix(REACHED) or "still working"
            self._say(f"{last} (for {time.monotonic() - self._start:.0f} s)")

    def _say(self, text: str) -> None:
        if not self._silent:
            Display().display(f"[{self._label}] {text}")
        self._spoke = time.monotonic()


def _look(path: str, progress_file: str, known: int) -> str:
    """The command of one look, which waits a little for the job's end. C(known) lines of progress are not told again.

    Each line says what it is, so that a shell's own chatter does not matter. Processes are listed before the
    result is read: a job that ends in between has left its result.
    """
    result = shlex.quote(path)
    running = "'{\"started\": 1,'* | '{\"started\": true,'*"
    return (
        # Ansible ends the line of a running job nowhere: read takes it, and says that it did not find its end.
        f'left={4 * POLL}; while [ $left -gt 0 ] && {{ line=; read -r line <{result} || [ -n "$line" ]; }}; do'
        f" case $line in {running}) sleep 0.25 ;; *) break ;; esac; left=$((left - 1)); done 2>/dev/null;"
        f" {_processes(path)} | sed 's/^/process /';"
        f" tail -n +{known + 1} {shlex.quote(progress_file)} 2>/dev/null | sed 's/^/progress /'; echo;"
        f" sed 's/^/result /' {result} 2>/dev/null; echo"
    )


def _end(path: str) -> str:
    """The command that ends the job: the module runs in the process group of one of the job's processes."""
    return f'for at in $({_processes(path)}); do at=${{at#/proc/}}; kill -TERM "-${{at%/cmdline}}"; done'


def _processes(path: str) -> str:
    """The command that lists the job's processes: those with its number as an argument of their own.

    The brackets keep the command from finding itself.
    """
    job = PurePosixPath(path).name.partition(".")[0]
    return f"grep -lszx '[{job[0]}]{job[1:]}' /proc/[0-9]*/cmdline"


def _seen(output: str) -> tuple[bool, bool, list[str]]:
    """Whether the job has ended, whether a process of it lives, and its new lines of progress."""
    ended, alive, lines = False, False, []
    for line in output.splitlines():
        kind, _space, text = line.strip().partition(" ")
        if kind == "result":
            ended = _is_final(text)
        elif kind == "process":
            alive = True
        elif kind == "progress":
            lines.append(text)
    return ended, alive, lines


def _is_final(text: str) -> bool:
    """Until the module has ended, the job's file says that it has started and no more."""
    try:
        data = json.loads(text)
    except ValueError:
        return False
    return isinstance(data, dict) and not data.get("started")


def _sleep(seconds: float, interrupted: list[int]) -> None:
    until = time.monotonic() + seconds
    while not interrupted and time.monotonic() < until:
        time.sleep(0.1)


@contextmanager
def _interruptions() -> Iterator[list[int]]:
    """Note signals that would end this process, so that the job can be ended first; then let them do so."""
    noted: list[int] = []
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, lambda got, _frame: noted.append(got))
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if noted:
            os.kill(os.getpid(), noted[0])
