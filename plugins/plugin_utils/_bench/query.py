# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""JMESPath expressions."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

from .libraries import library


def search(expression: str, data: Any) -> Any:
    """What the expression selects; a mistake in it is an error that shows it."""
    jmespath = library("jmespath")
    try:
        return jmespath.search(expression, data)
    except jmespath.exceptions.JMESPathError as error:
        raise AnsibleFilterError(f"JMESPath expression {expression!r}: {error}") from error
