# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of the module of the same name, where the guest is not ready already."""

from __future__ import annotations

from typing import Any

from ansible_collections.mini.hypervisor.plugins.plugin_utils.progress import ProgressAction


class ActionModule(ProgressAction):
    """See the module."""

    def _glance(self, task_vars: dict[str, Any]) -> dict[str, Any] | None:
        # In check mode the module looks once: most guests of a run are ready, and need no job to be watched.
        self._task.check_mode = True
        try:
            result: dict[str, Any] = self._execute_module(task_vars=task_vars)
        finally:
            self._task.check_mode = False
        return result if result.get("guest", {}).get("ready") else None
