# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of the module of the same name where it copies."""

from __future__ import annotations

from typing import Any

from ansible_collections.mini.hypervisor.plugins.plugin_utils.progress import ProgressAction


class ActionModule(ProgressAction):
    """See the module."""

    def _is_long(self, task_vars: dict[str, Any]) -> bool:
        return any(self._task.args.get(option) for option in ("source", "clone_from", "download_to"))
