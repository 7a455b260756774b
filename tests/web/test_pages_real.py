"""The pages of the shipped comparison: what is in the files, and what a browser makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corridor.core import paths
from corridor.schema.text import LANGS
from corridor.study.question import shipped_comparison
from corridor.study.study import Study
from corridor.web.proposal import read_proposal
from corridor.web.write import DRAWN, DRAWN_WITH_CONFLICTS, UNDERLYING
from tests.waiting import until_page
from tests.web.test_compare_page import COVERED

READ = ("index.html", "access.html", "nature.html", "method.html", "proposal.html")
PAGES = (*READ, "compare.html", "story.html", "ecology.html")
SCRIPTS = ("en", "zh-Hant", "zh-Hans")
# a number of each canvas of the map that changes with its pixels, and how many colours it shows
PIXELS = """() => [...document.querySelectorAll('.leaflet-pane canvas')].map((c) => {
  const d = c.getContext('2d', {willReadFrequently: true}).getImageData(0, 0, c.width, c.height).data;
  let sum = 0; const seen = new Set();
  for (let i = 0; i < d.length; i += 4) { const v = d[i] * 65536 + d[i + 1] * 256 + d[i + 2]; sum = (sum * 31 + v + d[i + 3]) % 1000000007; if (seen.size < 400) seen.add(v); }
  return [sum, seen.size];
})"""


def text(shown: Path, name: str) -> str:
    return (shown / name).read_text(encoding="utf-8")


# --- the files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_its_budget(shown: Path, name: str) -> None:
    assert (shown / name).stat().st_size < 2_500_000


def test_every_section_of_the_proposal_leads_to_a_place_that_is_there(shown: Path) -> None:
    for section in read_proposal(paths.scenarios_dir() / "proposal/proposal.yaml").file.sections:
        assert section.links or section.maps, section.id
        for link in section.links:
            page, _, place = link.page.partition("#")
            # what a map shows is named by a key and a value; other pages have sections with ids
            assert "=" in place or not place or f'id="{place}"' in text(shown, page), link.page
            assert (shown / page).is_file()
    page = text(shown, "proposal.html")
    assert page.count("<figure>") == 4 + 3 + 2 * 3  # phases, their changes, circles and thirds


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_for_anything(shown: Path, name: str) -> None:
    page = text(shown, name)
    assert re.search(r"Content-Security-Policy[^>]+default-src (&#x27;|'|&#39;)none", page)
    assert not re.search(r"""\ssrc\s*=\s*["']?(?:https?:)?//""", page)
    assert not re.search(r"""<link[^>]+href\s*=\s*["']?(?:https?:)?//""", page)
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", page)
    assert "@import" not in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_the_attributions_of_what_it_draws(shown: Path, study: Study, name: str) -> None:
    page = text(shown, name).replace("&amp;", "&").replace("&#x27;", "'")
    for words in study.catalog.attributions(DRAWN_WITH_CONFLICTS if name == "ecology.html" else DRAWN):
        assert all(words.in_script(lang) in page for lang in LANGS), words
    if name in READ:
        for words in study.catalog.attributions(UNDERLYING):
            assert all(words.in_script(lang) in page for lang in LANGS), words


def test_the_answer_names_what_must_be_named(shown: Path, study: Study) -> None:
    page = "".join(text(shown, name) for name in READ)
    for scenario_id in shipped_comparison().scenarios:
        assert re.split(r" \(| \+ ", study.scenario(scenario_id).title.en)[0] in page
    for words in (
        "screening",
        "EPSG:4326",
        "counterfactual",
        "assumption",
        "generalised cost",
        "value of time of HK$48",
    ):
        assert words.lower() in page.lower(), words


# --- in a browser -----------------------------------------------------------------------------------


@contextmanager
def opened(
    browser: Any, path: Path, fragment: str = "", size: tuple[int, int] = (1280, 800)
) -> Iterator[Any]:
    """A page that must end without an error and without a request but for itself."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("request", lambda r: asked.append(r.url))
    page.goto(path.as_uri() + fragment)
    if path.name not in READ:
        page.wait_for_selector("html[data-ready='1']", state="attached")
        page.wait_for_timeout(300)
    try:
        yield page
        assert [f for f in faults if "willReadFrequently" not in f] == []
        assert [a for a in asked if not a.startswith(path.as_uri())] == []
    finally:
        context.close()


def pixels(page: Any) -> list[list[int]]:
    page.wait_for_timeout(400)
    return list(page.evaluate(PIXELS))


@pytest.mark.browser
@pytest.mark.parametrize("lang", SCRIPTS)
@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_in_each_script_at_both_sizes(
    browser: Any, shown: Path, name: str, lang: str
) -> None:
    with opened(browser, shown / name, f"#lang={lang}") as page:
        assert page.evaluate("document.documentElement.lang") == lang
        assert page.inner_text("h1").strip()
        if lang != "en":
            words = page.inner_text("body")
            assert len(re.findall(r"[\u4e00-\u9fff]", words)) > 200
        if name not in READ:
            names = {"en": "Planning Department", "zh-Hant": "規劃署", "zh-Hans": "规划署"}
            credit = page.inner_text("#credit")
            assert [script for script, words in names.items() if words in credit] == [lang]
        for width, height in ((1280, 720), (640, 360), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(150)
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
            if name == "index.html":
                # three screens of less than 1,000 px; narrow windows fold the tables
                bound = 2_950 if width == 1280 else 4_500
                assert page.evaluate("document.documentElement.scrollHeight") <= bound


@pytest.mark.browser
def test_the_scripts_differ(browser: Any, shown: Path) -> None:
    words = set()
    for lang in SCRIPTS:
        with opened(browser, shown / "index.html", f"#lang={lang}") as page:
            words.add(page.inner_text("main"))
    assert len(words) == 3
    assert all("undefined" not in w and "NaN" not in w and "null" not in w for w in words)


@pytest.mark.browser
def test_every_scenario_is_there_and_the_map_changes_with_it(browser: Any, shown: Path) -> None:
    with opened(browser, shown / "compare.html", "#lang=en&s=baseline-2024&v=value") as page:
        names = page.eval_on_selector_all("#scenario option", "os => os.map(o => o.textContent.trim())")
        assert len(names) == len(set(names)) == len(shipped_comparison().scenarios)
        first = pixels(page)
        assert max(colours for _, colours in first) > 20  # drawn, not blank
        page.select_option("#scenario", label=next(n for n in names if "Western line 2035 (tunnel)" in n))
        western = pixels(page)
        assert western != first
        page.check("input[name=view][value=change]")
        assert pixels(page) != western
        page.fill("#hour", "1")
        assert "h=23%3A00" in page.url or "h=23:00" in page.url


@pytest.mark.browser
def test_the_counterfactual_says_so_on_the_map(browser: Any, shown: Path) -> None:
    with opened(browser, shown / "compare.html", "#lang=en&s=western-viaduct") as page:
        assert "not proposed by any government" in page.inner_text("body").lower()


# pairs of texts of every long section, as the browser sets them, that cover each other or leave the drawing
SECTION_COVERED = """(lang) => {
  const page = corridor.page, covered = [];
  page.words.lang = lang; page.showWords();
  if (page.$("section").hidden) page.foldSection();
  for (const drawn of page.model.sections) {
    page.$("drawing").innerHTML = drawn;
    const texts = [...page.$("drawing").querySelectorAll("text")].filter((t) => t.getClientRects().length).map((t) => [t.textContent, t.getBBox()]);
    texts.forEach(([said, a], i) => {
      if (a.x < 0 || a.x + a.width > page.model.section.width) covered.push([said, ""]);
      for (const [other, b] of texts.slice(i + 1)) {
        const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x), high = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        if (wide > 0.5 && high > 3.5) covered.push([said, other]);  // a box has the room of accents above its letters
      }
    });
  }
  return [page.model.sections.length, covered];
}"""


@pytest.mark.browser
def test_no_text_of_a_long_section_covers_another(browser: Any, shown: Path) -> None:
    with opened(browser, shown / "ecology.html") as page:
        for lang in range(len(SCRIPTS)):
            sections, covered = page.evaluate(SECTION_COVERED, lang)
            assert sections >= 10 and covered == []


@pytest.mark.browser
def test_the_map_is_drawn_on_a_small_screen(browser: Any, shown: Path) -> None:
    with opened(browser, shown / "compare.html", "#lang=zh-Hans&s=both-2035", (390, 844)) as page:
        assert max(colours for _, colours in pixels(page)) > 20
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.browser
@pytest.mark.parametrize("lang", SCRIPTS)
def test_no_name_covers_a_mark_that_it_does_not_name(browser: Any, shown: Path, lang: str) -> None:
    places = ("", "&at=22.52,114.07,12", "&at=22.51,113.96,13", "&at=22.51,114.06,14")
    with opened(browser, shown / "compare.html", f"#lang={lang}", (1280, 720)) as page:
        for scenario in ("both-2035", "western-2035"):
            for place in places:
                page.evaluate("(hash) => { location.hash = hash; }", f"#lang={lang}&s={scenario}{place}")
                until_page(page, f"corridor.page.stage.scenario.id === {scenario!r}")
                page.wait_for_timeout(400)  # names come with the next picture
                names, marks, covered = page.evaluate(COVERED)
                assert names > 3 and marks > 8 and covered == [], (scenario, place)
