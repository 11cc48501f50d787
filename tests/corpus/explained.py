# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exceptions: documents of which it is known, and written down with the reason, that they are not applied twice."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import yaml

from .twice import Twice

LIST = Path(__file__).with_name("explained.yml")


def explain(outcomes: Sequence[Twice]) -> list[Twice]:
    """The outcomes that are explained. One whose explanation does not hold any more is wrong from now on."""
    known = {entry["file"]: str(entry["complaint"]) for entry in yaml.safe_load(LIST.read_text())}
    explained = []
    for outcome in outcomes:
        complaint = known.get(outcome.document.file)
        if complaint is None:
            continue
        if outcome.wrong and all(complaint in each for each in outcome.wrong):
            explained.append(outcome)
        elif not outcome.wrong:
            outcome.wrong.append(f"nothing is wrong, which {LIST.name} says")
    return explained
