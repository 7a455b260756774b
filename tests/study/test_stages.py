"""Stages are worked out once, and what is kept is what a run from nothing gives, whatever was changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier

import geopandas as gpd
import pytest

from corridor.access.search.parameters import AccessParameters
from corridor.core.cache import Kept, folder_hash
from corridor.core.packing import pack
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_kept import CatalogPart
from corridor.study import stages
from corridor.study.compare import compare
from corridor.study.run import Result, run, run_all
from corridor.study.stage import FIRST_TIME, NO_LONGER_KEPT, Stage, Stages, with_fields
from corridor.study.study import Study
from tests.conftest import Cli
from tests.zhuhai_macao import make_study

IDS = ("today", "with-link")
ACCESS = frozenset({"reach", "gravity", "hospital", "hubs", "hub_areas"})
PARAMETERS = AccessParameters(hours=("08:30",), cutoffs_min=(30, 60))


@dataclass(frozen=True)
class Run:
    """A run with what is kept: its results, the areas that are written of them, what was worked out (stage and scenario), and
    because of what."""

    results: dict[str, Result]
    areas: dict[str, gpd.GeoDataFrame]
    new: set[tuple[str, str]]
    because: set[str]


def warm(study: Study, kept: Kept) -> Run:
    study.kept = kept
    results, areas = run_all(study, IDS), areas_of(study)
    study.stages.remember()
    new = [done for done in study.stages.done if not done.kept]
    return Run(results, areas, {(d.stage, d.scenario_id) for d in new}, {b for d in new for b in d.because})


def areas_of(study: Study) -> dict[str, gpd.GeoDataFrame]:
    return {i: study.stages.of(stages.HUB_AREAS, i, hour="08:30") for i in IDS}


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study, a copy of it, and what a first run kept."""
    folder = tmp_path_factory.mktemp("stages")
    shutil.copytree(make_study(folder / "study"), folder / "as it was")
    first = warm(Study(*opened(folder / "study")), Kept(folder / "kept"))
    assert first.because == {FIRST_TIME}
    return folder


@pytest.fixture
def home(once: Path) -> Iterator[Path]:
    """The study, to edit: each test finds it as it was at first."""
    yield once / "study"
    shutil.rmtree(once / "study")
    shutil.copytree(once / "as it was", once / "study")


@pytest.fixture
def kept(once: Path, tmp_path: Path) -> Kept:
    """What the first run kept, to add to and to damage."""
    shutil.copytree(once / "kept", tmp_path / "kept")
    return Kept(tmp_path / "kept")


def opened(
    home: Path, parameters: AccessParameters = PARAMETERS
) -> tuple[Catalog, tuple[Path, ...], AccessParameters]:
    return Catalog.open(home / "catalog.yaml"), (home / "scenarios",), parameters


LAYERS, SCENARIOS = "layers/", "scenarios/"
BOTH = frozenset((stage, i) for stage in ACCESS for i in IDS)
CHANGES: dict[str, tuple[tuple[str, str, str], str, set[tuple[str, str]], set[tuple[str, str]]]] = {
    # what is edited; the reason that must be given; what must be worked out; what must not
    "a layer of people": ((LAYERS + "cells.csv", "c0,3782,1891,", "c0,3782,1901,"), "layer cells", set(BOTH), {("ecology", "with-link")}),
    "a timetable": (
        (LAYERS + "hours.csv", "intercity,forward,06:00", "intercity,forward,08:20"), "layer hours", {("reach", "today")}, {("ecology", "with-link")},
    ),
    "a control point": (
        (LAYERS + "checkpoints.csv", "1,1,separate_walk,06:00,25:00,existing,20,12,35", "1,1,separate_walk,06:00,25:00,existing,25,12,35"),
        "layer checkpoints", {("reach", "today"), ("reach", "with-link")}, {("ecology", "with-link")},
    ),
    "a place": (
        (LAYERS + "places.csv", "113.560,22.145", "113.562,22.146"), "layer places",
        set(BOTH), {("compiled", "today"), ("ecology", "with-link")},
    ),
    "a class of habitat": (
        (LAYERS + "habitat_classes.csv", "mangrove,Mangrove", "mangrove,Mangroves"), "layer habitat_classes",
        {("ecology", "with-link")}, set(BOTH),
    ),
    "a headway of a proposal": (
        (LAYERS + "proposals.yaml", "peak: 5", "peak: 4"), "scenario field works",
        {("compiled", "with-link"), ("reach", "with-link")}, {("reach", "today"), ("ecology", "with-link")},
    ),
    "a structure of a proposal": (
        (LAYERS + "proposals.yaml", "structure: viaduct", "structure: at_grade"), "scenario field works",
        {("ecology", "with-link")}, {("reach", "with-link"), ("gravity", "with-link"), ("reach", "today")},
    ),
    "a scenario's title": (
        (SCENARIOS + "with-link.yaml", "With the link", "With it"), "", set(), {("layers", "with-link"), *BOTH},
    ),
    "a scenario's lines": (
        (SCENARIOS + "with-link.yaml", "lines: {add: [barra-xiangzhou]}", "lines: {add: [barra-xiangzhou], remove: [intercity]}"),
        "scenario field removed_lines", {("compiled", "with-link")}, {("reach", "today"), ("ecology", "with-link")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_change_costs_what_rests_on_it_alone(name: str, home: Path, kept: Kept) -> None:
    edited, because, new, same = CHANGES[name]
    edit(home, *edited)
    found = warm(Study(*opened(home)), kept)
    assert new <= found.new and not same & found.new
    assert found.because == ({because} if because else set())
    assert_as_from_nothing(home, found)


def test_every_step_is_said_as_it_begins_and_none_of_what_is_kept(home: Path, kept: Kept) -> None:
    edit(home, LAYERS + "hours.csv", "intercity,forward,06:00", "intercity,forward,08:20")
    said: list[tuple[str, int, int]] = []
    for _ in range(2):  # the second run finds everything
        study = Study(*opened(home))
        study.kept = kept
        run_all(study, IDS, lambda *step: said.append(step))
    # of two scenarios: the network, one hour, one hour of cost; nature is kept
    assert [(done, total) for _, done, total in said] == [(n, 6) for n in range(6)]
    assert {name for name, _, _ in said} == {
        f"{i}, {what}" for i in IDS for what in ("network", "access at 08:30", "cost at 08:30")
    }  # fmt: skip


PARAMETER_CHANGES = {
    "hours": (("08:30", "12:00"), {("reach", "today")}),
    "cutoffs_min": ((30, 60, 90), set(BOTH)),
    "hub_limit_min": (100, {("reach", "today")}),
    "gravity_per_min": (0.03, {("gravity", "today")}),
    "fixed_wait": (True, {("reach", "today")}),
    "local_buses": (False, {("reach", "today")}),
}


@pytest.mark.parametrize("name", list(PARAMETER_CHANGES))
def test_a_changed_parameter_is_noticed(name: str, home: Path, kept: Kept) -> None:
    value, new = PARAMETER_CHANGES[name]
    parameters = replace(PARAMETERS, **{name: value})
    found = warm(Study(*opened(home, parameters)), kept)
    assert new <= found.new and ("ecology", "with-link") not in found.new
    assert found.because == ({FIRST_TIME} if name == "hours" else {f"parameter {name}"})
    assert_as_from_nothing(home, found, parameters)


def assert_as_from_nothing(home: Path, found: Run, parameters: AccessParameters = PARAMETERS) -> None:
    study = Study(*opened(home, parameters))
    areas = areas_of(study)
    for i in IDS:
        assert pack(found.results[i], Result) == pack(run(study, i), Result)
        assert pack(found.areas[i], gpd.GeoDataFrame) == pack(areas[i], gpd.GeoDataFrame)


def test_nothing_changed_works_out_nothing(home: Path, kept: Kept) -> None:
    study = Study(*opened(home))
    again = warm(study, kept)
    assert again.new == set()
    assert_as_from_nothing(home, again)
    assert {"network", "base", "land"}.isdisjoint(  # nor is anything read that a kept result makes needless
        made.stage.name for made in study.stages._made.values() if made.key in study.stages._memory
    )


def test_another_version_of_the_program_works_everything_out(
    home: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.core.cache.program_hash", lambda: "another")
    monkeypatch.setattr("corridor.study.stage.program_hash", lambda: "another")
    found = warm(Study(*opened(home)), kept)
    assert set(BOTH) | {("ecology", "with-link")} <= found.new and found.because == {"program"}


def test_words_and_templates_are_part_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    table = tmp_path / "words" / "map.csv"
    table.write_text("key,en\nlegend,Legend\n")
    before = folder_hash(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "kernel.nbi").write_bytes(b"compiled")
    assert folder_hash(tmp_path) == before
    table.write_text("key,en\nlegend,Key\n")
    assert folder_hash(tmp_path) != before


def test_weights_are_read_in_every_run(home: Path, kept: Kept, tmp_path: Path) -> None:
    from corridor.study.question import question

    study = Study(*opened(home, AccessParameters()))
    criteria = [c.id for c in question(study).file.scored]

    def panel(first: float) -> Path:
        path, rest = tmp_path / "panel.csv", (100 - first) / (len(criteria) - 1)
        cells = [str(first), *[str(rest)] * (len(criteria) - 1)]
        path.write_text(",".join(["judge", *criteria]) + "\n" + ",".join(["one", *cells]) + "\n")
        return path

    many = compare(study, IDS, kept=kept, weights=[panel(50)])
    few = compare(Study(*opened(home, AccessParameters())), IDS, kept=kept, weights=[panel(10)])
    assert not many.ranking.equals(few.ranking)
    assert few.ranking.equals(
        compare(Study(*opened(home, AccessParameters())), IDS, weights=[panel(10)]).ranking
    )


@pytest.mark.filterwarnings("ignore:.*is left aside:RuntimeWarning")
def test_a_damaged_stage_is_worked_out_again(home: Path, kept: Kept) -> None:
    assert kept.folder
    for path in kept.folder.glob("*.kept"):
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    found = warm(Study(*opened(home)), kept)
    assert set(BOTH) <= found.new
    assert_as_from_nothing(home, found)


def test_what_went_to_make_room_is_said(home: Path, kept: Kept) -> None:
    study = Study(*opened(home))
    key = study.stages._find(stages.ECOLOGY, "with-link", {})
    study.kept = kept
    assert kept.folder
    (kept.folder / f"{key.key}.kept").unlink()
    assert warm(study, kept).because == {NO_LONGER_KEPT}


def test_a_stage_reads_what_it_declares(home: Path) -> None:
    catalog, folders, parameters = opened(home)
    with pytest.raises(LookupError, match="'stations' are read without being declared"):
        CatalogPart.of(catalog, ("cells",)).table("stations")
    study = Study(catalog, folders, parameters)
    assert with_fields(study.scenario("with-link"), ("works",)).title.en == ""
    greedy = Stage("greedy", lambda catalog: catalog.table("lines"), layers=("cells",), keep=False)
    with pytest.raises(LookupError):
        Stages(study, [greedy], "here").of(greedy)


def test_every_stage_comes_after_those_that_it_reads() -> None:
    known = {
        "catalog",
        "scenario",
        "parameters",
        "known",
        "hour",
        "limit_min",
        "work",
        "alone",
        "rows",
        "footprint",
    }
    for stage in stages.TABLE:
        assert set(stage.reads) <= known and stage.name not in known, stage.name
        assert bool(stage.layers) == ("catalog" in stage.reads)
        assert bool(stage.scenario) == ("scenario" in stage.reads)
        assert bool(stage.parameters) == ("parameters" in stage.reads)
        known.add(stage.name)


def test_what_rests_on_two_scenarios_says_which_of_them_changed(home: Path, kept: Kept) -> None:
    stage = Stage("of both", None, "builtins.str")

    def done() -> dict[str, tuple[bool, tuple[str, ...]]]:
        study = Study(*opened(home))
        study.kept = kept
        made = Stages(study, (*stages.TABLE, stage), "here")
        for i in IDS:
            found = made.of_all(stage, i, stages.NETWORK, ("today", i), state="census")
            assert found.value(lambda i=i: f"of {i}") == f"of {i}"
        made.remember()
        return {d.scenario_id: (d.kept, d.because) for d in made.done if d.stage == stage.name}

    assert done() == dict.fromkeys(IDS, (False, (FIRST_TIME,)))
    edit(home, SCENARIOS + "with-link.yaml", "[barra-xiangzhou]", "[barra-xiangzhou], remove: [intercity]")
    assert done() == {"today": (True, ()), "with-link": (False, ("scenario field removed_lines",))}


def test_one_scenario_does_not_wait_for_another(home: Path) -> None:
    met = Barrier(2)

    def meet(name: str) -> str:
        met.wait(timeout=30)  # until both are at work
        return name

    stage = Stage("meet", meet, "builtins.str")
    made = Stages(Study(*opened(home)), [stage], "here")
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(lambda name: made.mark(stage, name=name), "ab"))) == 2


def test_the_command_says_why(cli: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path / "cache"))
    asked = ("--study", home, "compare", *IDS, "--why", "--out", tmp_path / "out")
    assert "first time" in cli(*asked).output
    edit(
        home,
        SCENARIOS + "with-link.yaml",
        "add: [barra-xiangzhou]",
        "add: [barra-xiangzhou], remove: [intercity]",
    )
    rows = [line.split(maxsplit=2) for line in cli(*asked).output.splitlines() if line.startswith("reach")]
    assert ["reach", "today", "kept"] in rows
    assert ["reach", "with-link", "worked out  scenario field removed_lines"] in rows


def test_files_of_the_same_run_are_found_and_not_written_again(
    cli: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path / "cache"))
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    asked = ("--study", home, "compare", *IDS, "--why", "--out")
    first = cli(*asked, out).output
    before = {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    again = cli(*asked, out).output
    assert again.splitlines()[-1].split() == ["written", "kept"]
    assert figures_of(again) == figures_of(first)
    cli(*asked, elsewhere)
    assert {p.relative_to(elsewhere): p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()} == before
    for folder in (out, elsewhere):
        (folder / "index.html").write_text("edited")
    cli(*asked, out)
    assert {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    edit(home, SCENARIOS + "with-link.yaml", "With the link", "With it")
    row = cli(*asked, out).output.splitlines()[-1]
    assert row.split(maxsplit=1) == ["written", "worked out  scenario field title"]
    assert b"With it" in (out / "index.html").read_bytes()


def figures_of(said: str) -> list[str]:
    """The table of headline figures in what a command says."""
    return [line for line in said.splitlines() if " [" in line]
