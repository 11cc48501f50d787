# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Several waits at the same time, with one deadline for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from queue import Empty, SimpleQueue
from typing import Any


def in_parallel(tasks: Sequence[Callable[[], Any]], seconds: float, workers: int) -> list[Future[Any]]:
    """Run the tasks in threads; the futures that are not C(done()) have missed the deadline.

    An executor would wait for the late ones when the program ends. A task that hangs in libvirt never ends.
    """
    futures: list[Future[Any]] = [Future() for _task in tasks]
    queue: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
    for pair in zip(tasks, futures):
        queue.put(pair)

    def work() -> None:
        while True:
            try:
                task, future = queue.get_nowait()
            except Empty:
                return
            try:
                future.set_result(task())
            except Exception as error:  # raised where the result is asked for
                future.set_exception(error)

    for _number in range(min(workers, len(tasks))):
        threading.Thread(target=work, name="inventory", daemon=True).start()
    wait(futures, seconds)
    return futures
