# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page in headless Chromium, as the distribution has it. Screenshots and the PDF stay in build/report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from .conftest import CHECKOUT

SHOTS = CHECKOUT / "build/report"
WIDTHS = (360, 768, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium has no sandbox; the page is our own.
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, english: Path) -> Iterator[Page]:
    """The English page; what it says on the console, fails with or asks others for is an error."""
    wrong: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or wrong.append(request.url))
    page.goto((english / "report.html").resolve().as_uri())
    yield page
    page.close()
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_at_any_width(opened: Page, width: int):
    opened.set_viewport_size({"width": width, "height": 900})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.screenshot(path=SHOTS / f"{width}.png", full_page=True)


def test_a_number_leads_to_its_rounds_though_they_are_folded(opened: Page):
    opened.locator("#cost tbody a").first.click()
    assert opened.locator("#h1-rounds-1").is_visible()


def test_dark_is_dark_and_light_is_light(opened: Page):
    def brightness(scheme: str) -> list[int]:
        opened.emulate_media(color_scheme=scheme)
        script = "['color', 'backgroundColor'].map(n => +getComputedStyle(document.body)[n].match(/\\\\d+/)[0])"
        return opened.evaluate(script.replace("\\\\", "\\"))

    ink, paper = brightness("light")
    assert ink < 60 and paper > 230
    ink, paper = brightness("dark")
    assert ink > 200 and paper < 60
    opened.screenshot(path=SHOTS / "dark.png", full_page=True)


def test_charts_tell_their_names_to_those_who_do_not_see_them(opened: Page):
    charts = opened.get_by_role("img")
    assert charts.count() == 6
    assert opened.get_by_role("img", name="How fast each target is, native = 100 %").count() == 2


def test_in_print_all_rounds_are_there_and_the_navigation_is_not(opened: Page):
    opened.emulate_media(media="print")
    assert not opened.locator("nav").is_visible()
    assert opened.locator("#h1-rounds-1 table").bounding_box()["height"] > 100
    opened.pdf(path=SHOTS / "report.pdf", format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm"))
    assert (SHOTS / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_indonesian_page_fits_a_telephone(browser: Browser, indonesian: Path):
    page = browser.new_page(viewport={"width": 360, "height": 900})
    page.goto((indonesian / "report.html").resolve().as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("html").get_attribute("lang") == "id"
    page.screenshot(path=SHOTS / "indonesian.png", full_page=True)
