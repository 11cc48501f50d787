# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A document as files: the page for people, and the same for programs.

Templates are rendered here, with nothing but the document: handing it to Ansible's own templates costs it many copies.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Container, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible.errors import AnsibleFilterError

from . import export
from .languages import say
from .libraries import library
from .query import search

PLAIN_BYTES = 1_000_000
"""A larger file is packed inside the page, so that it stays small."""
FORMS = {
    "json": export.as_json,
    "csv": export.as_csv,
    "prom": export.as_openmetrics,
    "xml": export.as_junit,
}
"""What a file's name ends in, and what then is in it; anything else has a template."""
_MEDIA = {"json": "application/json", "csv": "text/csv"}

Document = Mapping[str, Any]


def files(document: Document, name: str, endings: Sequence[str], sections: str, templates: str) -> dict[str, str]:
    """The files of a document by their names.

    C(sections) is a JMESPath expression that selects what the page shows; C(templates) has C(page.ENDING.j2).
    """
    found = {f"{name}.{ending}": FORMS[ending](document) for ending in endings if ending in FORMS}
    inside = {file: content for file, content in found.items() if file.rpartition(".")[2] in _MEDIA}
    laid = {**document, "groups": groups(document, sections), "downloads": [download(*file) for file in inside.items()]}
    drawn = {f"{name}.{ending}": _render(templates, ending, laid) for ending in endings if ending not in FORMS}
    return {**drawn, **found}


def groups(document: Document, query: str) -> list[dict[str, Any]]:
    """The sections in the order asked for; those of one hypervisor that follow each other have its name above them."""
    found = search(query, document)
    if not isinstance(found, list) or not all(isinstance(each, dict) and "anchor" in each for each in found):
        raise AnsibleFilterError(
            f"{query!r} selects no list of sections: give a JMESPath expression such as"
            " '[sections, hypervisors[].sections[]][]'."
        )
    anchors = {each["anchor"] for section in found for each in (section, *section["tables"])}
    shown = [{**section, "tables": [_linked(table, anchors) for table in section["tables"]]} for section in found]
    return [
        {"heading": name, "anchor": f"group-{place}", "sections": list(members)}
        for place, (name, members) in enumerate(groupby(shown, key=lambda each: each["hypervisor"]), 1)
    ]


def _linked(table: Mapping[str, Any], anchors: Container[str]) -> dict[str, Any]:
    """The table with links to what the page has; what they lead to may not have been asked for."""
    return {**table, "links": [link if link in anchors else "" for link in table["links"]]}


def download(name: str, content: str) -> dict[str, str]:
    """A file inside the page."""
    data, media = content.encode(), _MEDIA[name.rpartition(".")[2]]
    if len(data) > PLAIN_BYTES:
        # Without a time inside, the same report is the same bytes.
        name, data, media = f"{name}.gz", gzip.compress(data, mtime=0), "application/gzip"
    return {"name": name, "href": f"data:{media};base64,{base64.b64encode(data).decode()}"}


def _render(templates: str, ending: str, laid: Mapping[str, Any]) -> str:
    jinja2 = library("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=ending == "html",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return str(environment.get_template(f"page.{ending}.j2").render(page=laid, word=say))
