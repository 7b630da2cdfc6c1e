"""Looking at a page as an auditor does: title, heading, accessibility, fit, and no inline code."""

import json
import re
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Response, ViewportSize

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
EVERYTHING = {"type": "tag", "values": WCAG}
COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LAYOUT = {"type": "rule", "values": [*COLORS["values"], "target-size", "label"]}
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
WIDTHS = (320, 640, 1000, 1280)
TOO_WIDE = """[...document.querySelectorAll(".table-frame")].flatMap(
    (frame) => frame.scrollWidth > frame.clientWidth ? [frame.scrollWidth - frame.clientWidth] : []
)"""
INLINE = re.compile(r"<[^>]*\s(on[a-z]+|style)=|javascript:|<style|<script(?![^>]*\ssrc=)")


def look_at(page: Page, answer: Response | None, status: int = 200) -> str:
    """Assert that a page is what it should be, light, dark, on a phone, and in every width."""
    assert answer is not None
    where = page.url
    assert answer.status == status, where
    assert page.locator("h1").count() == 1, where
    assert re.fullmatch(r"\S.* · Seat Admin", page.title()), where
    assert not INLINE.search(answer.text()), where
    page.evaluate(AXE_SCRIPT)
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page, COLORS) == [], (where, "dark")
    page.emulate_media(color_scheme="light")
    assert violations(page, EVERYTHING) == [], (where, "light")
    page.set_viewport_size(PHONE)
    assert violations(page, LAYOUT) == [], (where, "phone")
    for width in WIDTHS:
        page.set_viewport_size(ViewportSize(width=width, height=900))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width)
        assert page.evaluate(TOO_WIDE) == [], (where, width)
    return where


def beyond(page: Page) -> list[str]:
    """What can be pressed or read and reaches out of the window."""
    return page.eval_on_selector_all(
        "a, button, input, select, h1, .card",
        """them => them.filter(one => one.checkVisibility({ visibilityProperty: true }) &&
            !one.closest(".sr-only, .skip") && one.getBoundingClientRect().right > innerWidth + 1
        ).map(one => one.outerHTML)""",
    )


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds wrong, a line each."""
    options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run({options}).then((result) => result.violations)")
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
