# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of the module of the same name."""

from __future__ import annotations

from typing import Any

from ansible_collections.mini.hypervisor.plugins.plugin_utils.progress import ProgressAction


class ActionModule(ProgressAction):
    """See the module. A single guest is there sooner than a job would have been started: it is told of afterwards."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's own result."""
        task_vars = task_vars or {}
        result = super().run(tmp, task_vars)
        if "guest" in result and not self._is_long(task_vars):
            guest = result["guest"]
            self._tell(guest["name"], {**guest["took"], **guest["phases"]}, task_vars)
        return result

    def _is_long(self, task_vars: dict[str, Any]) -> bool:
        # They are restored one after the other.
        return len(task_vars.get("ansible_play_batch", ())) > 1
