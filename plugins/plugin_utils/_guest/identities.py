# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What names the content of a seed, before there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import validated
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._guest import seed
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.seed_spec import ALTERNATIVES, SPEC

from .plan import BUILT, FETCHED


def identities(options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What the module cloudinit_seed would return of a seed: for an image that has the packages already, and another.

    Options that are empty are not given.
    """
    given = {key: value for key, value in options.items() if value}
    packaged = {key: value for key, value in given.items() if key != "packages"}
    return {BUILT: _identity(packaged), FETCHED: _identity(given)}


def _identity(options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        checked = validated(SPEC, {"path": "/", **options}, mutually_exclusive=ALTERNATIVES)
    except HypervisorError as error:
        raise HypervisorError(f"The seed cannot be made: {error}", error.code) from error
    return seed.identity(checked)
