"""ensemble.html: its numbers are those of ensemble.json, marks are kept, a browser opens it in each script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from corridor.drawing.i18n import t
from corridor.drawing.numbers import signed
from corridor.formats.ensemble import summary, write_ensemble
from corridor.schema.catalog import Catalog
from corridor.schema.text import LANGS
from corridor.study.ensemble.sentences import answer
from corridor.web.ensemble import (
    draw_fan,
    matrices,
    odds,
    pairs_shown,
    shares,
    too_close,
    write_ensemble_page,
)
from corridor.web.index import write_index
from corridor.web.inline import addresses
from corridor.web.site import Site
from tests import web_factory
from tests.ensemble_factory import REFERENCE, TUNNEL, VIADUCT, made
from tests.web.test_browser import NARROW, WIDE, opened
from tests.web.test_travellers import english


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ensemble") / "ensemble.html"
    write_ensemble_page(made(), web_factory.layers(), path)
    return path


def test_every_probability_is_that_of_the_json(page: Path) -> None:
    found = made()
    written, ids = summary(found), list(found.scenario_ids)
    html = page.read_text("utf-8")
    tables = re.findall(r'<table class="odds">.*?</table>', html, re.DOTALL)
    printed = [
        [
            [english(f"<body>{cell}") for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            for row in re.findall(r"<tr>.*?</tr>", one)[1:]
        ]
        for one in tables
    ]
    keys = [("ahead", "profile", p) for p in found.findings.scores] + [
        ("better", "criterion", c) for c in ("jobs", "wetland")
    ]
    assert len(printed) == len(keys)
    for cells, (table, column, value) in zip(printed, keys, strict=True):
        known = {(r["scenario_id"], r["against"]): r for r in written[table] if r[column] == value}
        for i, a in enumerate(ids):
            for j, b in enumerate(ids):
                row = known.get((a, b))
                assert cells[i][j].removeprefix("≈ ") == (
                    odds(row["probability"], row["same"], row["draws"]).words if row else ""
                )


def test_shares_of_variance_are_those_of_the_json() -> None:
    found = made()
    profile, pair = "planner", (TUNNEL, VIADUCT)
    (said,) = shares(found, profile, [pair])
    rows = [
        r
        for r in summary(found)["shares"]
        if r["profile"] == profile and {r["scenario_id"], r["against"]} == set(pair)
    ]
    first = max(rows, key=lambda r: r["total"])
    assert first["assumption_id"] == "wait"  # jobs weigh most, and the wait alone moves them
    assert f"clearance there {100 * first['total']:.0f} %" in said.en
    assert f"{100 * first['r2']:.0f} %" in said.en


def test_pairs_that_thinned_cells_cannot_tell_apart_are_named() -> None:
    # medians of jobs: tunnel some 12,500, viaduct 6,000, reference 0; thinned cells are off by 8,000 between scenarios
    (said,) = too_close(made())
    named = made().compared.named
    assert said.en.startswith("Jobs within reach: ")
    for a, b in ((REFERENCE, VIADUCT), (TUNNEL, VIADUCT)):
        assert f"“{named(a).en}” less “{named(b).en}”" in said.en
    assert f"“{named(REFERENCE).en}” less “{named(TUNNEL).en}”" not in said.en


def test_every_sentence_of_the_json_is_on_the_page(page: Path) -> None:
    said = english(page.read_text("utf-8"))
    for sentence in summary(made())["sentences"]:
        assert sentence["en"] in said
        assert set(sentence) == set(LANGS)


def test_differences_are_those_of_the_json_whichever_way_round(page: Path) -> None:
    found = made()
    assert pairs_shown(found) == [(TUNNEL, REFERENCE), (TUNNEL, VIADUCT), (VIADUCT, REFERENCE)]
    said = english(page.read_text("utf-8"))
    row = next(
        r for r in summary(found)["differences"]
        if (r["criterion"], r["scenario_id"], r["against"]) == ("wetland", TUNNEL, VIADUCT)
    )  # fmt: skip
    assert f"({row['q05']:.1f} … {row['q95']:.1f})".replace("-", "−") in said
    row = next(
        r for r in summary(found)["differences"]
        if (r["criterion"], r["scenario_id"], r["against"]) == ("wetland", REFERENCE, VIADUCT)
    )  # fmt: skip
    assert f"(+{-row['q95']:.1f} … +{-row['q05']:.1f})" in said


def test_a_counterfactual_is_marked_and_data_is_not_run(page: Path) -> None:
    html = page.read_text("utf-8")
    said = english(html)
    after = [said[m.end() : m.end() + 20] for m in re.finditer(re.escape("Western line (viaduct)"), said)]
    assert after and all(a.lstrip(" (").startswith("counterfactual") for a in after)
    assert t("screening").en in said and "<script>alert" not in html
    assert list(addresses(html)) == []


def test_pairs_that_thinned_cells_cannot_tell_apart_are_marked_in_their_cells(page: Path) -> None:
    jobs = next(
        cells for _, some, _ in matrices(made()) for title, cells in some if title.en == "Jobs within reach"
    )
    assert jobs[2][0].words.startswith("≈ ") and jobs[0][2].words.startswith(
        "≈ "
    )  # 6,000 jobs; the error is 8,000
    assert not jobs[1][0].words.startswith("≈ ")


def test_the_fan_is_drawn_in_three_scripts_with_its_figures_in_words(tmp_path: Path) -> None:
    draw_fan(made(), Catalog.bundled(), tmp_path)
    langs = ("en", "zh-Hans", "zh-Hant")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"fan.{i}.{k}" for i in langs for k in ("png", "svg", "txt")
    ]
    said = (tmp_path / "fan.en.txt").read_text("utf-8")
    assert "“Western line (tunnel)” less “Western line (viaduct) (counterfactual)” in 200 draws" in said
    low, middle, high = (
        made()
        .findings.differences.set_index(["criterion", "scenario_id", "against"])
        .loc[("jobs", TUNNEL, VIADUCT), ["q05", "q50", "q95"]]
    )
    assert f"{signed(middle, 'jobs')} ({signed(low, 'jobs')} … {signed(high, 'jobs')}) jobs" in said


def test_a_probability_without_difference_or_draws_says_so() -> None:
    assert odds(0.5, 1.0, 60).words == "=" and odds(float("nan"), float("nan"), 0).words == "–"
    assert (odds(1.0, 0.0, 200).words, odds(1.0, 0.0, 200).kind) == ("> 98", "ahead-sure")
    assert (odds(0.1, 0.0, 60).words, odds(0.1, 0.0, 60).kind) == ("10", "behind-likely")
    assert odds(0.6, 0.0, 60).kind == ""
    assert (odds(0.0, 0.0, 10).words, odds(0.0, 0.0, 10).kind) == ("< 30", "")  # few draws are never sure
    assert (odds(0.9, 0.0, 60, near=True).words, odds(0.9, 0.0, 60, near=True).kind) == ("≈ 90", "")


def test_criteria_without_a_difference_are_left_out() -> None:
    titles = [title.en for _, some, _ in matrices(made()) for title, _ in some]
    assert "Fullest point" not in titles and "Wetland lost" in titles


def test_it_links_to_the_pages_it_is_one_of(tmp_path: Path) -> None:
    pages = Site(web_factory.comparison(), web_factory.layers(), ["ensemble.html"]).pages
    assert ("ensemble.html", t("page_ensemble")) in pages
    write_ensemble_page(made(), web_factory.layers(), tmp_path / "ensemble.html", pages)
    html = (tmp_path / "ensemble.html").read_text("utf-8")
    assert (
        '<a href="index.html" data-keep="1">' in html
        and 'href="ensemble.html" data-keep="1" aria-current="page"' in html
    )


def test_the_index_says_how_sure_its_answer_is(tmp_path: Path) -> None:
    sure = answer(made())
    write_index(
        Site(web_factory.comparison(), web_factory.layers(), ["ensemble.html"], sure), tmp_path / "index.html"
    )
    html = (tmp_path / "index.html").read_text("utf-8")
    assert all(text.en in english(html) and text.zh_hant in html for text in sure)
    write_index(Site(web_factory.comparison(), web_factory.layers()), tmp_path / "index.html")
    assert "ensemble.html" not in (tmp_path / "index.html").read_text("utf-8")


def test_its_tables_are_written_beside_it(tmp_path: Path) -> None:
    write_ensemble(made(), tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {
        "draws.parquet", "values.parquet", "better.csv", "ahead.csv", "differences.csv", "acceptability.csv", "regret.csv",
        "leans_on.csv", "shares.csv", "ensemble.json",
    }  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("lang", LANGS)
def test_opens_clean(browser: Any, page: Path, size: tuple[int, int], lang: str) -> None:
    with opened(browser, page, size, f"#lang={lang}") as shown:
        assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert shown.inner_text("h1").strip() == t("ensemble_title").in_script(lang)  # type: ignore[arg-type]
        wide = "() => Math.max(...[...document.querySelectorAll('.odds, .charts svg')].map((e) => e.getBoundingClientRect().right))"
        assert shown.evaluate(wide) <= size[0]
