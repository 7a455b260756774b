"""The pages to read beside index.html: in order, linked, no wider than the window, and nothing of the tables lost."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from corridor.drawing.i18n import STRINGS
from corridor.drawing.shares import span
from corridor.schema.text import LANGS
from corridor.study.files import StudyFiles
from corridor.study.ranking import DRAWS
from corridor.web import summary
from corridor.web.answer import answer
from corridor.web.index import write_further, write_index
from corridor.web.layers import build_out_share
from corridor.web.pages import write_compare
from corridor.web.site import ACCESS, INDEX, METHOD, NATURE, Site
from tests import web_factory as made
from tests.waiting import until_page

SCREENS_PX = 2_950
"""Three screens of less than 1,000 px."""
HEADINGS = (
    "answer", "leading_title", "effects_title", "pictures_title", "pareto_title", "hours_title", "criteria_title", "pairs_title",
    "hubs_title", "gains_title", "districts_title", "crossings_title", "take_title", "habitat_title", "designation_title",
    "disturbance_title", "wildlife_title", "asked", "dominance_title", "values_title", "ranking_title", "weights_title",
    "assumptions_title", "sources_title", "screening", "confidence_key", "criteria_note", "range_note", "values_note",
    "ranking_note", "weights_note", "hubs_note", "gains_note", "take_note", "works_overlap_note", "crs_note", "software_note",
    "ranges_note", "districts_note", "hours_note", "pareto_note", "picture_note",
)  # fmt: skip
"""What index.html had to say before it was three screens, by key."""

READ = (INDEX, ACCESS, NATURE, METHOD)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("further")
    comparison, layers = made.comparison(), made.layers()
    site = Site(comparison, layers)
    write_index(site, out / "index.html")
    write_further(site, out)
    write_compare(comparison, layers, out / "compare.html")
    (out / "ecology.html").write_text("<title>the map of conflicts</title>", encoding="utf-8")
    return out


def sections(html: str) -> list[str]:
    return re.findall(r'<section id="([^"]+)"', html)


def test_what_index_said_is_on_some_page(folder: Path) -> None:
    pages = "".join((folder / name).read_text("utf-8") for name in READ)
    missing = [
        key
        for key in HEADINGS
        if f">{STRINGS[key].zh_hant}" not in pages and STRINGS[key].zh_hant not in pages
    ]
    # three scenarios: the chart of gain against loss needs both of its criteria
    assert missing == ["pareto_title", "pareto_note"]


def test_every_point_of_the_answer_is_on_the_page_that_its_link_names(folder: Path) -> None:
    from corridor.web.site import DETAIL

    comparison = made.comparison()
    _, told = answer(comparison)
    for point in told:
        assert point.lead.zh_hant in (folder / DETAIL[point.key]).read_text("utf-8")
    for brief in summary.briefs(comparison, told):
        assert f'href="{DETAIL[brief.key]}#answer"' in (folder / "index.html").read_text("utf-8")


def test_links_lead_to_a_page_and_to_a_section_of_it(folder: Path) -> None:
    for name in READ:
        html = (folder / name).read_text("utf-8")
        for href in re.findall(r'<a href="([^"]*)"', html):
            file, _, place = href.partition("#")
            assert not file or (folder / file).is_file(), href
            if place and "=" not in place:
                assert f'id="{place}"' in (folder / (file or name)).read_text("utf-8"), (name, href)


@pytest.mark.parametrize("name", READ[1:])
def test_the_contents_name_every_section_in_order(folder: Path, name: str) -> None:
    html = (folder / name).read_text("utf-8")
    contents = re.search(r'<nav class="contents".*?</nav>', html, flags=re.DOTALL)
    assert contents is not None
    assert re.findall(r'href="#([^"]+)"', contents[0]) == sections(html)


def test_pages_name_one_another_and_themselves(folder: Path) -> None:
    for name in READ:
        html = (folder / name).read_text("utf-8")
        for other in (*READ, "compare.html", "ecology.html"):
            assert f'href="{other}"' in html
        assert f'href="{name}" data-keep="1" aria-current="page"' in html


def test_the_leading_criteria_are_those_with_the_largest_weighted_spread() -> None:
    # only jobs on today's people are scored; the sea bed fills up, the build-out never
    assert summary.leading(made.comparison()) == ["jobs_60_0830", "permanent_marine_ha"]


def test_a_share_of_draws_is_a_range_over_the_panels() -> None:
    comparison = made.comparison()
    _, told = answer(comparison)
    tunnel = next(b for b in summary.briefs(comparison, told) if b.key == "tunnel")
    assert tunnel.body.en.endswith("scores higher than “Western line (viaduct)” in 75\u00a0% of the draws.")
    first = next(b for b in summary.briefs(comparison, told) if b.key == "first")
    assert "70\u00a0%" in first.body.en


def test_what_has_no_figure_is_not_assessed(folder: Path) -> None:
    html = (folder / "index.html").read_text("utf-8")
    assert "construction and operation not assessed" in html
    assert STRINGS["not_assessed"].en in html  # crossings: this comparison has no demand


# --- in a browser -----------------------------------------------------------------------------------


# whatever of the page itself reaches over the right edge; a chart wider than a telephone moves in its own box
WIDER = """() => [...document.querySelectorAll('main *, header *')].filter((e) => !e.closest('.scroll') && !e.closest('svg') &&
  !e.closest('.visually-hidden') && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("name", READ)
def test_nothing_is_wider_than_the_window(browser: Any, folder: Path, name: str) -> None:
    for lang in LANGS:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto((folder / name).as_uri() + f"#lang={lang}")
        for width in (1280, 640, 390):
            page.set_viewport_size({"width": width, "height": 720})
            page.wait_for_timeout(100)  # small windows fold the tables
            page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert page.evaluate(WIDER) == []
            wide = "[...document.querySelectorAll('.scroll')].filter((e) => e.querySelector('table') && e.scrollWidth > e.clientWidth).length"
            assert page.evaluate(wide) == 0
        page.close()


def test_index_is_three_screens_and_folds_its_tables_on_a_telephone(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((folder / "index.html").as_uri() + "#lang=en")
    assert page.evaluate("document.documentElement.scrollHeight") <= SCREENS_PX
    assert page.is_visible("#leading-title table")
    page.close()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((folder / "index.html").as_uri() + "#lang=en")
    assert not page.is_visible("#leading-title table")
    page.click("#leading-title summary")
    assert page.is_visible("#leading-title table")
    page.close()


def test_a_link_to_a_section_keeps_the_language(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((folder / "index.html").as_uri() + "#lang=zh-Hant")
    page.click("#effects-title a[href*='method.html']")
    assert page.url.endswith("method.html#at=assumptions-title&lang=zh-Hant")
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    assert page.evaluate("document.activeElement.id") == "assumptions-title"
    page.evaluate("location.hash = '#lang=en&at=sources-title'")
    until_page(page, "document.documentElement.lang === 'en'")
    assert page.evaluate("document.activeElement.id") == "sources-title"
    page.close()


def test_what_is_folded_is_printed(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((folder / "index.html").as_uri() + "#lang=en")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.is_visible("#leading-title table") and page.is_visible("#sources-title ul")
    page.close()


def test_a_page_in_the_dark_is_dark_and_its_charts_are_on_paper(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme="dark")
    page.goto((folder / METHOD).as_uri())
    ground = "getComputedStyle(document.body).backgroundColor"
    assert max(map(int, re.findall(r"\d+", page.evaluate(ground)))) < 64
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.bar')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    page.close()


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.794, 0.99), "79–99"),
        ((0.5,), "50"),
        ((1.0, 1.0), ">\u00a099"),
        ((0.9, 1.0), "90 … >\u00a099"),
        ((0.0, 0.002), "<\u00a01"),
    ],
)
def test_draws_are_never_printed_as_all_or_none(shares: tuple[float, ...], said: str) -> None:
    assert span(shares, DRAWS) == f"{said}\u00a0%"


def test_a_share_of_the_build_out_is_said_on_every_page(tmp_path: Path) -> None:
    study = StudyFiles.bundled()
    study.parameters = dataclasses.replace(study.parameters, build_out="half")
    half, share = study.region.built_out("half"), build_out_share(study)
    site = Site(made.comparison(), dataclasses.replace(made.layers(), share=share))
    write_index(site, tmp_path / "index.html")
    write_further(site, tmp_path)
    said = f"“Planned build-out” on this page means: {half.title.en}"
    pages = sorted(tmp_path.glob("*.html"))
    assert len(pages) == 4 and all(said in page.read_text("utf-8") for page in pages)
    assert build_out_share(StudyFiles.bundled()) is None
