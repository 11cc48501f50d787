# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Text of others, kept from being taken for templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

try:
    from ansible.template import trust_as_template

    wrap_var = None
except ImportError:  # before ansible-core 2.19, where a template is what is not marked as unsafe
    from ansible.utils.unsafe_proxy import wrap_var

    trust_as_template = None

_PLAIN = re.compile(r"[A-Za-z0-9._:/@+-]*")
"""Words that are neither a template nor more than a name as an expression. They stay readable in
C(ansible-inventory --list), which shows all that is not to be trusted in a wrapping."""


def own(value: str) -> str:
    """A string that is ours."""
    return trust_as_template(value) if trust_as_template else value


def untrusted(value: Any) -> Any:
    """The value, of which no string will be evaluated."""
    if isinstance(value, Mapping):
        return {untrusted(key): untrusted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [untrusted(each) for each in value]
    if not isinstance(value, str):
        return value
    if _PLAIN.fullmatch(value):
        return own(value)
    return wrap_var(value) if wrap_var else value
