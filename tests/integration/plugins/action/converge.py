# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converges one object by a module, and sees that it keeps what every module promises: what check mode predicts is what
happens, and it happens once. The result is that of the run that acted.

The modules run in processes forked from one that has imported them, which takes a tenth of the time of as many tasks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

sys.path.append(str(Path(__file__).resolve().parents[3]))

from support import fork, module


class ActionModule(ActionBase):  # type: ignore[misc] # Ansible has no types
    """Takes C(module), a full name, and C(options)."""

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Check, act, check, act."""
        super().run(tmp, task_vars)
        name, options = self._task.args["module"], self._task.args["options"]
        parent = Path(os.environ["TEST_MODULES"])
        deadline = self._task.timeout or 600
        runs: dict[str, Mapping[str, Any]] = {}
        for what, check in (("predicted", True), ("acted", False), ("predicted again", True), ("acted again", False)):
            asked = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
            try:
                runs[what] = fork.run(parent, name, asked, deadline).result
            except module.ModuleError as error:
                return {"failed": True, "msg": f"{what}: {error}"}
            if runs[what].get("failed"):
                return {**runs[what], "run": what}
        broken = list(_broken(runs))
        if broken:
            return {"failed": True, "msg": "; ".join(broken), **runs}
        return {**runs["acted"]}


def _broken(runs: Mapping[str, Mapping[str, Any]]) -> Any:
    """The promises that were not kept."""
    for what, result in runs.items():
        if result["changed"] != (not what.endswith("again")):
            yield f"{what}: changed is {result['changed']}"
    if runs["predicted"]["changes"] != runs["acted"]["changes"]:
        yield "what was predicted is not what happened"
    for what in ("predicted again", "acted again"):
        if runs[what]["changes"]:
            yield f"{what}: there are changes"
