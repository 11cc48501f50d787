# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The only file that knows AnsibleModule: every module enters and leaves through C(run)."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._deps import MISSING
from ._errors import HypervisorError

_MANY = 100_000

LIBVIRT = ("libvirt-python", "lxml")
"""The libraries that every module talking to libvirt needs."""

CONNECTION: dict[str, Any] = {
    "uri": {"type": "str", "default": "qemu:///system"},
    "timeout": {"type": "int", "default": 60},
}
"""Options of every module that talks to libvirt, documented by the C(libvirt) fragment."""


@dataclass(frozen=True)
class Request:
    """What the user asked of a module, without the machinery that carried it."""

    params: dict[str, Any]
    check_mode: bool
    warn: Callable[[str], None]
    run_command: Callable[..., tuple[int, str, str]]
    """C(run_command(argv_list)) -> (return code, stdout, stderr); never through a shell."""


Work = Callable[[Request], Mapping[str, Any]]


def run(
    argument_spec: Mapping[str, Any],
    work: Work,
    libraries: Sequence[str] = LIBVIRT,
    concealed: Sequence[str] = (),
    **rules: Any,
) -> None:
    """Run a module: C(work) returns the result; a HypervisorError it raises becomes the failure.

    A failure carries C(msg), C(code) and C(details); one that has more to tell is a result of C(work) with
    C(failed). Check mode is always supported, because C(work) is handed C(check_mode) and plans before it acts.

    C(concealed) are no_log options with structured values. Ansible would mask every string and number in
    them wherever it occurs in the result, a user name inside a path included. They are taken out of what
    it returns as a whole instead; C(work) must not return any part of them.
    """
    # A module makes many objects that all stay until its end: looking for garbage among them finds none.
    gc.set_threshold(_MANY)
    module = AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True, **rules)
    for library in libraries:
        if library in MISSING:
            module.fail_json(msg=missing_required_lib(library), exception=MISSING[library], code="MISSING_LIBRARY")
    request = Request(dict(module.params), bool(module.check_mode), module.warn, module.run_command)
    if concealed:
        module.params.update(dict.fromkeys(concealed, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"))
        module.no_log_values.clear()
    try:
        result = work(request)
    except HypervisorError as error:
        module.fail_json(msg=str(error), code=error.code, details=error.details)
    else:
        leave = module.fail_json if result.get("failed") else module.exit_json
        leave(**result)


def validated(argument_spec: Mapping[str, Any], options: Mapping[str, Any], **rules: Any) -> dict[str, Any]:
    """The options as a module with this argument spec (and rules, as C(mutually_exclusive)) gets them.

    What it would refuse is an error.
    """
    found = ArgumentSpecValidator(dict(argument_spec), **rules).validate(options)
    if found.error_messages:
        unknown = "Unsupported parameters: " if found.unsupported_parameters else ""
        *others, last = found.error_messages  # that of unsupported ones is the last, and only lists them
        raise HypervisorError("; ".join([*others, unknown + last]), "INVALID_OPTION")
    return dict(found.validated_parameters)
