"""travellers.html: its figures are those of the tables, every scenario has a map, a browser opens it in each script."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from corridor.drawing.numbers import figure, signed
from corridor.schema.comparison import TODAY
from corridor.schema.text import LANGS
from corridor.study.compare import Comparison
from corridor.web.inline import addresses
from corridor.web.travellers import halls
from tests.web.test_browser import NARROW, WIDE, opened


@pytest.fixture(scope="module")
def page(folder: Path) -> Path:
    return folder / "travellers.html"


def english(html: str) -> str:
    """The text of the body in English, without drawings."""
    body = re.sub(r"<svg.*?</svg>|<script.*?</script>|<style.*?</style>", "", html[html.index("<body>") :], flags=re.DOTALL)  # fmt: skip
    body = re.sub(r'<span lang="zh[^>]*>[^<]*</span>', "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_crossings_and_changes_are_those_of_the_tables(comparison: Comparison, page: Path) -> None:
    said, spots = english(page.read_text("utf-8")), halls(comparison)
    for found in comparison.travellers[TODAY].values():
        for gate, row in found.by_control_point.iterrows():
            assert spots[str(gate)].name.en in said
            assert figure(row["trips_per_day"], "residents") in said
            if found.scenario_id != comparison.reference_id:
                assert signed(row["change_per_day"], "residents") in said


def test_nothing_is_fetched_and_every_scenario_has_a_map(comparison: Comparison, page: Path) -> None:
    html = page.read_text("utf-8")
    assert list(addresses(html)) == [] and page.stat().st_size < 2_500_000
    assert html.count('<figure class="state') == len(comparison.results)
    assert "counterfactual" in english(html)


def test_the_index_leads_there(folder: Path) -> None:
    assert 'href="travellers.html"' in (folder / "index.html").read_text("utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_opens_clean_and_shows_the_chosen_map(
    browser: Any, page: Path, size: tuple[int, int], lang: str
) -> None:
    with opened(browser, page, size, f"#lang={lang}") as shown:
        assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert shown.locator(".state:visible").count() == 1
        shown.locator('input[type="radio"]').last.check()
        assert shown.locator(".state:visible").count() == 1
        assert shown.locator(".state").last.is_visible()
