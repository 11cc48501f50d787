# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command C(run): the targets, several at a time, a line each, and what went wrong."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .target import CHECKOUT, IMAGE, INTEGRATION, Target, all_targets

BUILD = CHECKOUT / "build"
LOGS = BUILD / "integration"
PROBE = BUILD / "probe"
MOST, TAIL = 60, 20  # lines of a task that failed, and of the end
NESTED = " +"  # the margin of what a playbook said that a target played: it is in the result of a task
PROGRESS = 60  # seconds between signs of life of a target that takes long
GRACE = 30
# Lab hosts do not see each other, and a target mostly waits; one that boots whole systems does so less.
TOGETHER, SLOW_TOGETHER = 3, 2


def main() -> int:
    """Entry point."""
    targets = {target.name: target for target in all_targets()}
    parser = argparse.ArgumentParser(
        prog="run",
        description="Runs integration targets, each in a lab host of its own. Their output goes to build/integration.",
    )
    stable = [name for name, target in targets.items() if not target.unstable]
    parser.add_argument("names", metavar="TARGET", nargs="*", help=f"default: all stable ones ({', '.join(stable)})")
    names = parser.parse_args().names or stable
    unknown = [name for name in names if name not in targets]
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    subprocess.run([INTEGRATION / "probe_guest", PROBE], check=True, stdout=subprocess.DEVNULL)
    chosen = [targets[name] for name in names]
    if any(target.image for target in chosen):
        subprocess.run([INTEGRATION / "guest_image", IMAGE], check=True, stdout=subprocess.DEVNULL)
    passed = run_all(TOGETHER, [target for target in chosen if not target.slow])
    passed += run_all(SLOW_TOGETHER, [target for target in chosen if target.slow])
    print(f"{passed.count(True)} passed, {passed.count(False)} failed", flush=True)
    return int(not all(passed))


def run_all(together: int, targets: list[Target]) -> list[bool]:
    """Run targets, so many at a time, and tell which passed. What may take long is first, so that none waits for it."""
    with ThreadPoolExecutor(together) as pool:
        return list(pool.map(passes, sorted(targets, key=lambda target: -target.deadline)))


def passes(target: Target) -> bool:
    """Run a target, and tell how it went."""
    log = LOGS / f"{target.name}.log"
    start = time.monotonic()
    failure = _run(target, log, start)
    verdict = "FAIL" if failure else "ok"
    print(f"{verdict:4} {target.name:24} {time.monotonic() - start:6.1f} s{failure}", flush=True)
    if failure:
        said = _what_failed(log.read_text(errors="replace"))
        print("\n".join(f"     | {line}" for line in said), f"     whole log: {log}", sep="\n", flush=True)
    return not failure


def _what_failed(output: str) -> list[str]:
    """The tasks that failed, and how the play ended. After a task that failed comes all that removes what there is.

    Where a playbook that was played is what failed, its tasks are told first: they have the cause.
    """
    told: list[str] = []
    for task in _failed(output):
        for part in [*_failed(task, NESTED), _tasks(task, NESTED)[0]]:
            told += [*part.splitlines()[:MOST], "[...]"]
    return told + output.splitlines()[-TAIL:]


def _failed(output: str, margin: str = "") -> list[str]:
    """What was said of each task that failed, and that had to pass."""
    return [
        task
        for task in _tasks(output, margin)
        if re.search(rf"^{margin}(fatal|failed): ", task, re.MULTILINE)
        and not re.search(rf"^{margin}\.\.\.ignoring", task, re.MULTILINE)
    ]


def _tasks(output: str, margin: str) -> list[str]:
    """What was said of each task; before it, what was said before the first."""
    return re.split(rf"^(?={margin}TASK \[)", output, flags=re.MULTILINE)


def _run(target: Target, log: Path, start: float) -> str:
    """Why the target failed; empty where it passed."""
    options = [] if target.host else ["--no-labhost"]
    play = ["/usr/bin/python3", "-B", str(INTEGRATION / "command.py"), "runner.play", target.name, str(PROBE)]
    command = [*target.host, *play, *options]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        status = _wait(process, target, log, start)
        return f"  exit {status}" if status else ""
    except subprocess.TimeoutExpired:
        return f"  did not end within {target.deadline} s"
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], target: Target, log: Path, start: float) -> int:
    """The exit status, with a sign of life now and then until it is there."""
    while True:
        left = start + target.deadline - time.monotonic()
        try:
            return process.wait(min(left, PROGRESS))
        except subprocess.TimeoutExpired:
            if left <= PROGRESS:
                raise
        tasks = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("TASK [")]
        now = tasks[-1].rstrip(" *") if tasks else "starting"
        print(
            f"     {target.name:24} {time.monotonic() - start:6.0f} s of at most {target.deadline}: {now}", flush=True
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that may have ended: by asking, then for good."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
