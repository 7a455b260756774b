"""demand.html: its figures are those of the report, nothing is fetched, names add no element, a browser opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from corridor.core.errors import CorridorError
from corridor.drawing.i18n import STRINGS, t
from corridor.drawing.numbers import figure, signed
from corridor.schema.text import LANGS, Text
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_report import ALL, DemandReport
from corridor.study.study import Study
from corridor.web import demand_model
from corridor.web.demand_map import Flow, colour, flows, radius
from corridor.web.inline import addresses
from corridor.web.travellers import write_demand_page
from tests.conftest import Cli
from tests.paths import ROOT
from tests.web.test_browser import NARROW, WIDE, opened
from tests.web_factory import HOSTILE, HOSTILE_IMAGE


@pytest.fixture(scope="module")
def study(travelled: Study) -> Study:
    return travelled


@pytest.fixture(scope="module")
def report(study: Study) -> DemandReport:
    return study.demand("western-viaduct", "committed-2030")


@pytest.fixture(scope="module")
def page(report: DemandReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demand") / "demand.html"
    write_demand_page(report, path)
    return path


def english(html: str) -> str:
    """The text of the body in English, without drawings."""
    body = html[html.index("<body>") :]
    body = re.sub(r"<svg.*?</svg>|<script.*?</script>", "", body, flags=re.DOTALL)
    body = re.sub(r'<span lang="zh[^>]*>[^<]*</span>', "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_nothing_is_fetched_and_the_page_is_small(page: Path) -> None:
    html = page.read_text("utf-8")
    assert list(addresses(html)) == [] and page.stat().st_size < 1_000_000
    assert re.search(r"Content-Security-Policy[^>]+default-src (&#x27;|'|&#39;)none", html)


def test_the_figures_are_those_of_the_report(report: DemandReport, page: Path) -> None:
    said = english(page.read_text("utf-8"))
    both = report.crossings[report.crossings["group"] == ALL].groupby("checkpoint_id").sum(numeric_only=True)
    for gate, row in both.iterrows():
        values = [figure(row[c], "residents") for c in ("reference_per_day", "trips_per_day")]
        assert (
            " ".join([report.checkpoints[gate].names.en, *values, signed(row["change_per_day"], "residents")])
            in said
        )
    relief = report.travellers.relief.sort_values(ascending=False)
    first, second = (f"{figure(relief.iloc[i], 'residents')}" for i in (0, 1))
    assert (
        f"takes {first} crossings a day off {report.checkpoints[relief.index[0]].names.en} and {second} off"
        in said
    )
    assert f"{figure(report.benefit['saved_h'].sum(), 'residents')} equivalent hours saved a day." in said
    few, central, many = (figure(n, "residents") for n in report.travellers.new_crossings or ())
    assert f"{central} ({few} to {many}) use the new crossings" in said
    used = both.loc[both["reference_per_day"] == 0, "trips_per_day"].sum()
    assert figure(used, "residents") == central
    for group, row in report.benefit.set_index("group").iterrows():
        values = [signed(row[c], "residents") for c in ("saved_h", "saved_hkd", "trips_new")]
        assert (
            " ".join([demand_model.group_name(report.demand_study.study.region, group).en, *values]) in said
        )
    now, before = (f"{100 * share:.0f} %" for share in report.travellers.same_third_share)
    assert f"{now} cross in that third ({before} in the reference)" in said


def test_every_assumption_with_words_has_its_range(report: DemandReport, page: Path) -> None:
    said = english(page.read_text("utf-8"))
    known = set(report.demand_study.parameters.table["parameter"])
    shown = {k.removeprefix("demand_parameter_") for k in STRINGS if k.startswith("demand_parameter_")}
    assert len(shown) >= 6 and shown <= known
    assert "Constant of a new crossing, min 0 −10 to 10 M" in said


def test_files_of_ones_own_are_named(report: DemandReport) -> None:
    assert demand_model.own_data(report) is None
    mine = replace(report, own=OwnFiles(counts=Path("my_counts.csv"), shares=Path("survey.csv")))
    mine.__dict__["travellers"] = report.travellers  # the files do not exist
    said = demand_model.own_data(mine)
    assert said is not None and "my_counts.csv, survey.csv" in said.en and "survey.csv" in said.zh_hant
    assert mine.counted == "my_counts.csv"


def test_an_unknown_group_is_its_own_name(report: DemandReport) -> None:
    region = report.demand_study.study.region
    assert demand_model.group_name(region, "hk_residents").en == "Hong Kong residents"
    assert demand_model.group_name(region, "day_trippers").en == "day trippers"


def test_the_constants_name_missing_variables(report: DemandReport) -> None:
    words = demand_model.constants(report, demand_model.spots(report))
    large = report.constants[report.constants["large"]]
    assert words is not None and all(
        report.checkpoints[i].names.en in words.en for i in set(large["checkpoint_id"])
    )
    none = replace(report)
    none.__dict__["constants"] = report.constants.assign(large=False)
    assert demand_model.constants(none, demand_model.spots(report)) is None


def test_the_page_has_three_scripts_and_its_notices(page: Path) -> None:
    html = page.read_text("utf-8")
    for key in ("demand_notice", "demand_tests", "demand_not_for", "counterfactual"):
        assert all(t(key).in_script(lang) in html for lang in LANGS), key
    assert "Immigration Department" in english(html)


def test_the_errors_of_the_tests_are_those_of_the_docs() -> None:
    docs = (ROOT / "docs" / "demand.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]+ \| (\d\.\d\d) \| (\d\.\d\d) \| \d of \d \|$", docs, flags=re.MULTILINE)
    said = {lang: re.findall(r"\d\.\d\d", t("demand_tests").in_script(lang)) for lang in LANGS}
    assert len(rows) == 5
    assert all(found == [r[0] for r in rows] + [r[1] for r in rows] for found in said.values())


def test_flows_add_up_to_the_trips_of_each_side(report: DemandReport) -> None:
    found = flows(report.travellers)
    for side in (0, 1):
        own = [f for f in found if f.side == side]
        assert sum(f.trips for f in own) == pytest.approx(report.demand.total)
        assert sum(f.reference for f in own) == pytest.approx(report.reference.total)
    assert {f.checkpoint_id for f in found if f.side == 0} == set(report.crossings["checkpoint_id"])


def test_areas_follow_crossings_and_colours_tell_more_from_fewer() -> None:
    assert radius(40_000) ** 2 == pytest.approx(4 * radius(10_000) ** 2)
    five = [colour(change) for change in (20_000, 2_000, 0, -2_000, -20_000)]
    assert len(set(five)) == 5 and colour(999) == colour(-999) == five[2]
    assert Flow(0, "west", "a", 2.0, 1.0, True).of("before") == 1.0


def test_a_scenario_that_changes_nothing_says_so(study: Study, tmp_path: Path) -> None:
    write_demand_page(study.demand("committed-2030", "committed-2030"), tmp_path / "demand.html")
    said = english((tmp_path / "demand.html").read_text("utf-8"))
    assert "relieves no control point by 500 crossings a day or more; 0 equivalent hours saved" in said
    assert t("counterfactual").en not in said


@pytest.fixture
def hostile(
    report: DemandReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    """The page with harmless names of control points, and with hostile ones."""
    made, known = [], demand_model.spots(report)
    for words in ("harmless", HOSTILE + HOSTILE_IMAGE):
        called = {i: replace(spot, name=Text(en=words)) for i, spot in known.items()}
        monkeypatch.setattr(demand_model, "spots", lambda _, called=called: called)
        monkeypatch.setattr(demand_model, "title", lambda *_, words=words: Text(en=words))
        write_demand_page(report, tmp_path / "demand.html")
        made.append((tmp_path / "demand.html").read_text("utf-8"))
    yield made[0], made[1]


def test_hostile_names_add_no_element(hostile: tuple[str, str]) -> None:
    tags = [
        sorted(t for t in re.findall(r"<(\w+)", html) if t not in {"text", "path", "tspan"})
        for html in hostile
    ]
    assert tags[0] == tags[1]
    assert HOSTILE not in hostile[1] and "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile[1]


def test_the_map_is_the_same_each_time(report: DemandReport, page: Path, tmp_path: Path) -> None:
    write_demand_page(report, tmp_path / "demand.html")
    assert (tmp_path / "demand.html").read_bytes() == page.read_bytes()


def test_open_needs_a_folder(cli: Cli, shared: Study) -> None:
    result = cli("demand", "both-2035", "--open")
    assert result.exit_code == 2 and "--open needs --out" in result.output


def test_the_page_that_was_written_is_opened(
    cli: Cli, shared: Study, report: DemandReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    monkeypatch.setattr(Study, "demand", lambda *_, **__: report)
    result = cli("demand", "western-viaduct", "--out", tmp_path / "run", "--open")
    assert result.exit_code == 0 and seen == [(tmp_path / "run" / "demand.html").resolve().as_uri()]


def test_a_page_that_fails_leaves_no_folder(
    report: DemandReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corridor.web import write

    def fails(*_: object) -> None:
        raise CorridorError.at("page", "fails", "a page", "try again")

    monkeypatch.setattr(write, "write_demand_data", fails)
    with pytest.raises(CorridorError, match="fails"):
        write.write_demand(report, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_opens_clean_and_switches(browser: Any, page: Path, size: tuple[int, int], lang: str) -> None:
    with opened(browser, page, size, f"#lang={lang}") as shown:
        assert shown.evaluate("document.documentElement.lang") == lang
        assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert shown.locator("section:visible").count() >= 7
        after, before = (shown.locator(f".state.m{n}") for n in (1, 2))
        assert after.is_visible() and not before.is_visible()
        shown.focus("#show-1")
        shown.keyboard.press("ArrowRight")
        assert before.is_visible() and not after.is_visible()
        assert before.locator(".key li:visible").count() < 6
