# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A matplotlib figure as an SVG element that can stand in a page beside others, on any background."""

from __future__ import annotations

import hashlib
import io
import re
from html import escape
from typing import Any

# Colours that matplotlib draws with, and what the page makes of them: it may redefine the properties for dark or print.
INK, FAINT, GUEST, NATIVE = "#010101", "#020202", "#030303", "#040404"
_COLOURS = {
    INK: "currentColor",
    FAINT: "var(--chart-faint, #8a8f98)",
    GUEST: "var(--chart-guest, #d0661c)",
    NATIVE: "var(--chart-native, #2f7fc1)",
}
STYLE = {
    "svg.fonttype": "none",  # text stays text: searchable, readable aloud, in the reader's font
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


def element(figure: Any, title: str, description: str) -> str:
    """The figure as C(<svg>), with a title and description for those who do not see it; the same bytes each time."""
    name = "chart-" + hashlib.sha256(f"{title}\0{description}".encode()).hexdigest()[:8]
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(url\(|href=")#', rf"\1#{name}-", svg)
    svg = svg.replace("'DejaVu Sans', ", "").replace("DejaVu Sans, ", "")
    for drawn, shown in _COLOURS.items():
        svg = svg.replace(drawn, shown)
    size = re.search(r'viewBox="[^"]+"', svg)
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' {size.group() if size else ""} role="img" aria-labelledby="{name}-title {name}-description">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n<desc id="{name}-description">{escape(description)}</desc>'
    )
    return head + svg[svg.index(">") + 1 :].rstrip()


def prefixed(element: str, prefix: str) -> str:
    """The same element with other ids: two hypervisors may have charts that are alike."""
    return re.sub(r"\bchart-([0-9a-f]{8}-)", rf"{prefix}chart-\1", element)
