"""The shipped pages in Firefox: each opens without a fault, fits its window, and draws its map."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.firefox import Firefox, running
from tests.web.test_pages_real import PAGES, PIXELS

pytestmark = pytest.mark.browser
SETTLED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 400)))"
COLOURS = f"Math.max(0, ...({PIXELS})().map(([, colours]) => colours))"
DRAWN = f"""new Promise((done) => {{
  const late = Date.now() + 20000;
  (function look() {{ const found = {COLOURS}; found > 20 || Date.now() > late ? done(found) : setTimeout(look, 200); }})();
}})"""
"""Colours of the map, once it is drawn: a busy machine takes its time."""
MAPS = ("compare.html", "ecology.html", "story.html")


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("no Firefox on this machine: the pages were not opened in it")
    with running(program, tmp_path_factory.mktemp("firefox")) as opened:
        yield opened


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize(
    "name", [*PAGES, "travellers.html", "nodes.html", "value.html", "freight.html", "cities.html"]
)
def test_a_page_opens_in_firefox(window: Firefox, shown: Path, name: str, lang: str) -> None:
    for width, height in ((1280, 720), (390, 844)):
        window.faults.clear()
        window.open(f"{(shown / name).as_uri()}#lang={lang}", width, height)
        window.evaluate(SETTLED)
        assert window.faults == []
        assert window.evaluate("document.documentElement.lang") == lang
        assert window.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        words = window.evaluate("document.body.innerText")
        assert not re.search(r"\b(undefined|NaN|null)\b", words)
        if name in MAPS:
            assert window.evaluate(DRAWN) > 20  # not blank


def test_the_map_follows_the_choice_of_scenario(window: Firefox, shown: Path) -> None:
    window.open(f"{(shown / 'compare.html').as_uri()}#lang=en&s=baseline-2024&v=value", 1280, 720)
    sums = f"{SETTLED}.then(() => ({PIXELS})().join())"
    before = window.evaluate(sums)
    window.evaluate("location.hash = '#lang=en&s=western-2035&v=value'")
    assert window.evaluate(sums) != before
