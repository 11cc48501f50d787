# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Programs of the host that do one thing and have to succeed."""

from __future__ import annotations

from typing import Callable, Mapping, Sequence

from .._errors import HypervisorError

Run = Callable[..., "tuple[int, str, str]"]
"""C(run(argv, data=text, environ_update=variables)) -> (return code, stdout, stderr); AnsibleModule's run_command."""


def output(
    run: Run,
    argv: Sequence[str],
    data: str | None = None,
    environ: Mapping[str, str] | None = None,
    with_errors: bool = False,
) -> str:
    """What the program prints, in plain English; also to standard error C(with_errors)."""
    rc, stdout, stderr = run(list(argv), data=data, environ_update={"LC_ALL": "C", **(environ or {})})
    if rc:
        raise HypervisorError(
            f"{argv[0]} failed ({rc}) on this host: {(stderr or stdout).strip()[-500:]}",
            code="COMMAND_FAILED",
            command=list(argv),
        )
    return stdout + stderr if with_errors else stdout
