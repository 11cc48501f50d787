# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a guest is told at its first boot: the files of a NoCloud seed, and the digest that names them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Mapping

from .._errors import HypervisorError

_HEADERS = ("#", "content-type:", "mime-version:")
"""How user data has to start; cloud-init ignores anything else and only tells its own log."""


@dataclass(frozen=True)
class Content:
    """The files by their name in the seed."""

    files: Mapping[str, str]
    instance_id: str

    @property
    def sha256(self) -> str:
        """The digest over all files."""
        return _digest(self.files)


def render(options: Mapping[str, Any]) -> Content:
    """The seed that the options describe. JSON is YAML, so dictionaries are written as JSON."""
    given = dict(options["meta_data"] or {})
    files = {"user-data": _user_data(options["user_data"])}
    if options["network_config"] is not None:
        files["network-config"] = _json(options["network_config"])
    # Without an instance-id of the user's, other content is another instance.
    default = "iid-" + _digest({**files, "meta-data": _json(given)})[:16]
    instance_id = str(given.get("instance-id") or default)
    files["meta-data"] = _json({**given, "instance-id": instance_id})
    return Content(files, instance_id)


def _user_data(value: Any) -> str:
    if isinstance(value, Mapping):
        return "#cloud-config\n" + _json(value)
    if not isinstance(value, str):
        raise HypervisorError("user_data has to be a dictionary or a string.", "INVALID_OPTION")
    if not value.lower().startswith(_HEADERS):
        raise HypervisorError(
            "user_data is a string whose first line cloud-init does not know: start it with '#cloud-config', '#!' or"
            " a MIME header, or give a dictionary.",
            "INVALID_OPTION",
        )
    return value if value.endswith("\n") else value + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def _digest(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()
