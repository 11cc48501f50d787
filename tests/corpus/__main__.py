# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command C(corpus): every kind's documents applied twice and mutated, a table, and what went wrong."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from pathlib import Path
from typing import Sequence

from .documents import Document, documents
from .explained import explain
from .judge import Verdict, judge
from .kinds import Kind, all_kinds
from .oracle import Oracle
from .started import all_started
from .twice import Twice, apply_all

QUICK = 6
"""With --quick, every so manieth document, where there are more than a few."""
FEW = 100
STARTS = 4
"""With --quick, every so manieth of these is started."""


def main() -> int:
    """Entry point."""
    kinds = all_kinds()
    options = _options(list(kinds))
    print(f"seed {options.seed}", flush=True)
    oracle = Oracle()
    print(_row("kind", "documents", "accepted", "wrong", "explained", "mutations", "agreement", "seconds"), flush=True)
    passed = failed = 0
    for name in options.kinds or kinds:
        good, bad = _run(oracle, kinds[name], options)
        passed, failed = passed + good, failed + bad
    if oracle.deaths:
        print(f"libvirtd died {oracle.deaths} times of what it was given")
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0)


def _options(kinds: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="corpus",
        description="Applies libvirt's own test documents twice by our modules, and mutates them at random: our check "
        "mode has to say changed exactly where libvirtd then stores something else.",
    )
    parser.add_argument("kinds", metavar="KIND", nargs="*", help=f"default: all ({', '.join(kinds)})")
    parser.add_argument("--quick", action="store_true", help="a part of the documents, for every day")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="default: random, and printed")
    parser.add_argument("--mutations", type=int, help="accepted mutations of each kind (default: 1500, quick: 300)")
    options = parser.parse_args()
    if options.mutations is None:
        options.mutations = 300 if options.quick else 1500
    unknown = [name for name in options.kinds if name not in kinds]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}")
    return options


def _row(*cells: object) -> str:
    return f"{cells[0]:10}" + "".join(f"{cell!s:>11}" for cell in cells[1:])


def _run(oracle: Oracle, kind: Kind, options: argparse.Namespace) -> tuple[int, int]:
    """How many checks of a kind passed and failed."""
    start = time.monotonic()
    found = list(documents(kind, Path(os.environ["LIBVIRT_SRC"])))
    # Few documents are not worth a choice.
    chosen = found[options.seed % QUICK :: QUICK] if options.quick and len(found) > FEW else found
    accepted = [each for each in apply_all(oracle, kind, chosen) if each.accepted]
    explained = explain(accepted)
    wrong = [each for each in accepted if each.wrong and each not in explained]
    verdicts: list[Verdict] = []
    if kind.mutable and options.mutations:
        sound = [each.document for each in accepted if not each.wrong]
        verdicts = list(judge(oracle, kind, sound, options.mutations, options.seed))
    disagreed = [each for each in verdicts if not each.agreed]
    percent = f"{100 - 100 * len(disagreed) / len(verdicts):.2f} %" if verdicts else "-"
    seconds = f"{time.monotonic() - start:.1f}"
    counts = (len(chosen), len(accepted), len(wrong), len(explained), len(verdicts))
    print(_row(kind.name, *counts, percent, seconds), flush=True)
    _complain(wrong, disagreed)
    bad = len(wrong) + len(disagreed)
    good = len(accepted) + len(verdicts) - bad
    if kind.name != "domain":
        return good, bad
    started, false = _start(oracle, [each.document for each in accepted], options.quick)
    return good + started - false, bad + false


def _start(oracle: Oracle, accepted: Sequence[Document], quick: bool) -> tuple[int, int]:
    """How many domains started, and how many of them are said to need a restart, which none does."""
    start = time.monotonic()
    chosen = accepted[::STARTS] if quick else accepted
    told = list(all_started(oracle, chosen))
    false = [(document, paths) for document, paths in told if paths]
    how = f"{len(told)} of {len(chosen)} domains started, {len(false)} of them said to differ"
    print(f"{how} ({time.monotonic() - start:.1f} s)", flush=True)
    for document, paths in false:
        print(f"  {document.file}", *paths, sep="\n    ")
    return len(told), len(false)


def _complain(wrong: Sequence[Twice], disagreed: Sequence[Verdict]) -> None:
    for outcome in wrong:
        print(f"  {outcome.document.file}", *outcome.wrong, sep="\n    ")
    for verdict in disagreed:
        print(f"  {verdict.mutation.document.file}: {verdict.mutation.what}")
        print(f"    ours: {verdict.refused or ', '.join(verdict.ours) or 'unchanged'}")
        print("    libvirt:", *(verdict.theirs or ["unchanged"]), sep="\n      ")


if __name__ == "__main__":
    sys.exit(main())
