# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A document as a page: its sections in the order asked for, and itself inside, to be saved."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible.errors import AnsibleFilterError

from .query import search

PLAIN_BYTES = 1_000_000
"""A larger file is packed inside the page, so that it stays small."""
_MEDIA = {"json": "application/json", "csv": "text/csv"}


def page(document: Mapping[str, Any], query: str, files: Mapping[str, str]) -> dict[str, Any]:
    """What the templates draw: C(query) is a JMESPath expression that selects sections, C(files) go inside by name."""
    found = search(query, document)
    if not isinstance(found, list) or not all(isinstance(each, dict) and "anchor" in each for each in found):
        raise AnsibleFilterError(
            f"{query!r} selects no list of sections: give a JMESPath expression such as"
            " '[sections, hypervisors[].sections[]][]'."
        )
    return {
        "title": document["title"],
        "language": document["language"],
        "generated": document["generated"],
        "verdict": document["verdict"],
        "groups": _groups(found),
        "downloads": [_download(name, content) for name, content in files.items()],
    }


def _groups(sections: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sections of one hypervisor that follow each other have its name above them."""
    groups = groupby(sections, key=lambda each: each["hypervisor"])
    return [
        {"heading": name, "anchor": f"group-{place}", "sections": list(members)}
        for place, (name, members) in enumerate(groups, 1)
    ]


def _download(name: str, content: str) -> dict[str, str]:
    data, media = content.encode(), _MEDIA[name.rpartition(".")[2]]
    if len(data) > PLAIN_BYTES:
        # Without a time inside, the same report is the same bytes.
        name, data, media = f"{name}.gz", gzip.compress(data, mtime=0), "application/gzip"
    return {"name": name, "href": f"data:{media};base64,{base64.b64encode(data).decode()}"}
