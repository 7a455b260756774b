"""Pictures of a written comparison: size, letters, alt text, the same bytes, what is missing is named."""

from __future__ import annotations

import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from shapely import LineString, MultiLineString, MultiPolygon, Point, box

from corridor.core.errors import LayerError, MissingColumnError, ScenarioError
from corridor.drawing import figures, maps, save, written
from corridor.drawing.canvas import Words
from corridor.drawing.group_map import group_maps
from corridor.drawing.proposal_figures import groups_figure, has_groups, has_phases, phases_figure
from corridor.drawing.sheet import Sheet
from corridor.drawing.wrap import wide
from corridor.drawing.write import Wanted, draw_figures
from corridor.schema.measure import Measure
from tests.conftest import Cli

NAMES = {"do-minimum": "Do minimum", "tunnel": "Tunnel", "viaduct": "Viaduct"}
VALUE = {"do-minimum": 1000.0, "tunnel": 26_000.0, "viaduct": 26_000.0}


PHASES = {2030: "do-minimum", 2046: "tunnel"}


def zones() -> gpd.GeoDataFrame:
    """Four zones of 1,000 residents each; only the first gains, 25,000 jobs, in both scenarios."""
    squares = [box(x, 22.44, x + 0.01, 22.45) for x in (113.99, 114.00, 114.01, 114.02)]
    values = {
        f"{s}:{m}": [VALUE[s], 1000.0, 1000.0, 0.0] for s in NAMES for m in ("jobs_60_0830", "jobs_60_2300")
    }
    frame = {
        "zone_id": list("abcd"),
        "region": "hk",
        "district_id": "hk-yuen-long",
        "residents": 1000.0,
        "jobs": 1.0,
    }
    return gpd.GeoDataFrame(frame | values, geometry=squares, crs=4326)


def text(en: str) -> dict[str, str]:
    return {"name_en": en, "name_zh_hant": "羅湖", "name_zh_hans": "罗湖"}


def layers() -> dict[str, gpd.GeoDataFrame]:
    line = MultiLineString([LineString([(113.98, 22.50), (114.0, 22.44)])])
    lines = [
        text(f"Line $x_{i}$") | {"line_id": f"l{i}", "mode": "metro", "axis": "western", "status": "planned_official", "added": i > 0, "counterfactual": s == "viaduct", "scenario_id": s, "geometry": line}
        for s in NAMES
        for i in (0, 1)
    ]  # fmt: skip
    points = [
        text("Lo Wu")
        | {"checkpoint_id": "lo-wu", "daily_2025": d, "scenario_id": s, "geometry": Point(x, 22.53)}
        for s in NAMES
        for d, x in ((200_000, 114.11), (None, 113.95))
    ]
    stations = [
        text("Ha Tsuen")
        | {"station_id": "s", "added": True, "scenario_id": s, "geometry": Point(113.99, 22.46)}
        for s in NAMES
    ]
    site = text("Marsh") | {
        "designation": "ramsar",
        "geometry": MultiPolygon([box(114.0, 22.48, 114.05, 22.5)]),
    }
    hill = text("Hill") | {
        "designation": "country_park",
        "geometry": MultiPolygon([box(114.1, 22.4, 114.15, 22.42)]),
    }
    corridor = text("Way") | {
        "corridor_id": "c",
        "geometry": MultiPolygon([box(114.15, 22.5, 114.16, 22.56)]),
    }
    cells = pd.DataFrame(
        {
            "district_id": ["hk-yuen-long", "hk-yuen-long", "hk-north"],
            "residents_census": [300.0, 100.0, 50.0],
        }
    )
    for s, first in VALUE.items():
        cells[f"{s}:jobs_60_0830 [jobs]"] = [first, 1000.0, 500.0]
    phase_lines = [
        {**row, "year": year, "status": "concept" if row["added"] and year == 2046 else row["status"]}
        for year, s in PHASES.items()
        for row in lines
        if row["scenario_id"] == s
    ]
    halves = {"west": box(113.9, 22.3, 114.05, 22.6), "east": box(114.05, 22.3, 114.3, 22.6)}
    groups = [
        {"grouping_id": "thirds", "group_id": i, "name_en": "", "do-minimum:jobs_60": 1000.0, "tunnel:jobs_60": 1000.0 + gain,
         "do-minimum:permanent_ha": 2.0, "tunnel:permanent_ha": 2.5, "geometry": MultiPolygon([shape])}
        for (i, shape), gain in zip(halves.items(), (6_200.0, 0.0), strict=True)
    ]  # fmt: skip
    made = {
        "phase_lines": phase_lines, "groups": groups,
        "zones": zones(), "lines": lines, "checkpoints": points, "stations": stations,
        "designations": [site, hill], "green_corridors": [corridor],
        "cells": gpd.GeoDataFrame(cells, geometry=[Point(114, 22.4)] * 3, crs=4326),
    }  # fmt: skip
    return {
        n: f if isinstance(f, gpd.GeoDataFrame) else gpd.GeoDataFrame(f, crs=4326) for n, f in made.items()
    }


CRITERIA = {
    "jobs_60_0830": ("jobs", "higher", "access"),
    "jobs_gravity_0830": ("jobs", "higher", "access"),
    "operation_wetland_equivalent_ha": ("ha", "lower", "nature"),
}
RESULTS = {  # by scenario in the order of the criteria
    "do-minimum": (1000.0, 100.0, 0.0),
    "tunnel": (7250.0, 6300.0, 0.5),
    "viaduct": (7250.0, 6300.0, 8.0),
}


def write_folder(folder: Path) -> Path:
    folder.mkdir()
    for name, frame in layers().items():
        frame.to_file(folder / "results.gpkg", layer=name, driver="GPKG", engine="pyogrio")
    rows = [
        {"scenario": s, "criterion": c, "value": v, "low": v * 0.9, "high": v * 1.1}
        for s, values in RESULTS.items()
        for c, v in zip(CRITERIA, values, strict=True)
    ]
    pd.DataFrame(rows).to_csv(folder / "results.csv", index=False)
    title = {
        i: {"title": {"en": n, "zh-Hant": "隧道", "zh-Hans": "隧道"}, "counterfactual": i == "viaduct"}
        for i, n in NAMES.items()
    }
    criteria = {
        i: {
            "title_en": i,
            "title_zh_hant": "職位",
            "title_zh_hans": "岗位",
            "unit": u,
            "direction": d,
            "group": g,
        }
        for i, (u, d, g) in CRITERIA.items()
    }
    phases = [
        {"year": y, "scenario_id": i, "title": title[i]["title"], "flag": "undecided" if y == 2046 else ""}
        for y, i in PHASES.items()
    ]
    scores = {
        "reference": "do-minimum", "scenarios": title, "criteria": criteria, "ranking": [], "phases": phases,
        "side_by_side": ["do-minimum", "tunnel"],
    }  # fmt: skip
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("figures") / "result")


@pytest.fixture(scope="module")
def base() -> Any:
    from corridor.drawing.ground import ground
    from corridor.schema.catalog import Catalog

    return ground(Catalog.bundled())


@pytest.fixture
def draw(
    base: Any, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, bytes]]:
    """Figures of the small folder by name; the ground is prepared once for all tests."""
    monkeypatch.setattr("corridor.drawing.write.ground", lambda catalog: base)

    def drawn(**wanted: Any) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in draw_figures(result, tmp_path / "out", Wanted(**wanted))}

    return drawn


def hours_table(folder: Path) -> Path:
    """At 06:00 closed control points cost 40 of the 50 jobs across that would be reached."""
    table = {
        "hour": ["06:00", "08:30"],
        "jobs_60": [900, 1000],
        "lost_jobs_60": [50, 0],
        "jobs_across_60": [10, 100],
        "lost_jobs_across_60": [40, 0],
        "open_control_points": [1, 7],
    }
    pd.DataFrame(table).to_csv(folder / "hours.csv", index=False)
    return folder / "hours.csv"


def colours_in(data: bytes) -> int:
    pixels = (imread(io.BytesIO(data))[..., :3] * 255).astype(np.int64)
    return len(np.unique(pixels @ np.array([65536, 256, 1])))


@pytest.fixture(scope="module")
def pictures(base: Any, result: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every kind for one scenario in two languages."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corridor.drawing.write.ground", lambda catalog: base)
        asked = Wanted(langs=("en", "zh-Hant"), scenarios=("viaduct",), hours=hours_table(folder))
        return {p.name: p.read_bytes() for p in draw_figures(result, folder / "out", asked)}


KINDS = {
    "compare-viaduct-jobs_60_0830-change", "pair-viaduct-jobs_60_0830", "criteria", "district-viaduct-jobs_60_0830", "pareto", "hours-viaduct", "phases",
    "groups",
}  # fmt: skip


def test_every_kind_is_drawn_to_size_with_figures_in_its_alt_text(pictures: dict[str, bytes]) -> None:
    assert set(pictures) == {
        f"{kind}.{lang}.{end}" for kind in KINDS for lang in ("en", "zh-Hant") for end in ("png", "txt")
    }
    for name, data in pictures.items():
        if name.endswith(".png"):
            assert imread(io.BytesIO(data)).shape[:2] == (900, 1600)
            assert colours_in(data) > 40, name
        else:
            said = data.decode("utf-8")
            assert re.search(r"\d", said) and "None" not in said and "{" not in said, name


def test_each_language_has_its_own_picture(pictures: dict[str, bytes]) -> None:
    for kind in KINDS:
        assert pictures[f"{kind}.en.png"] != pictures[f"{kind}.zh-Hant.png"]
        assert not any(wide(char) for char in pictures[f"{kind}.en.txt"].decode())
        assert not pictures[f"{kind}.zh-Hant.txt"].isascii()


def test_alt_text_says_what_the_numbers_say(pictures: dict[str, bytes]) -> None:
    said = {n.split("-")[0].split(".")[0]: d.decode() for n, d in pictures.items() if n.endswith("en.txt")}
    # the mean of the criterion: 1,000 to 7,250; one zone of 1,000 residents gains 25,000
    assert "1,000 → 7,200 (+6,200)" in said["compare"]
    assert "1,000 residents live in zones that gain" in said["compare"]
    # Yuen Long: (300 × 25,000 + 100 × 0) / 400 = 18,750, said to the hundred; North: 0
    assert "Yuen Long (+18,800 jobs)" in said["district"] and "North (0 jobs)" in said["district"]
    assert "Viaduct (counterfactual) +6,200 jobs and +8 ha" in said["pareto"]
    assert "06:00 (40 jobs)" in said["hours"] and "highest at 08:30 (100 jobs)" in said["hours"]


def test_phases_say_what_is_undecided_and_groups_their_changes(pictures: dict[str, bytes]) -> None:
    phases, groups = (pictures[f"{kind}.en.txt"].decode() for kind in ("phases", "groups"))
    assert "2030: Do minimum" in phases and "2046: Tunnel (with concepts)" in phases
    assert "west +6,200" in groups and "east 0" in groups and "west +0.5" in groups
    assert "an assumption of this study" in groups


def test_a_folder_without_phases_or_groups_draws_the_other_kinds(
    base: Any, result: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(result, bare)
    scores = json.loads((bare / "scores.json").read_text("utf-8"))
    (bare / "scores.json").write_text(
        json.dumps({k: v for k, v in scores.items() if k not in {"phases", "side_by_side"}})
    )
    drawn = maps.Drawn(written.read(bare), base)
    assert not has_phases(drawn.written) and not has_groups(drawn.written)
    for figure in (phases_figure, groups_figure):
        with pytest.raises(LayerError, match="holds no"):
            figure(drawn, Sheet("en"))


def test_labels_of_groups_are_inside_the_map_and_apart(base: Any, result: Path) -> None:
    drawn = maps.Drawn(written.read(result), base)
    changes = drawn.written.layer("groups")[["grouping_id", "group_id"]].assign(jobs_60=[1.0, -1.0])
    (found,) = group_maps(drawn.written.layer("groups"), changes, base)
    (one,) = found.shown
    words = [m for m in found.drawing(one).marks if isinstance(m, Words)]
    assert [w.scripts.en for w in words] == ["west", "≈ 0", "east", "≈ 0"]
    assert abs(words[0].x - words[2].x) > words[0].size * 4
    assert all(0 < w.x < found.drawing(one).width and 0 < w.y < found.drawing(one).height for w in words)


def test_a_counterfactual_is_named_so_wherever_it_is_named(pictures: dict[str, bytes]) -> None:
    words = {"en": "counterfactual", "zh-Hant": "虛擬對照"}
    # no phase is one, and groups show the scenario that the answer ends with
    of_any = {n: data for n, data in pictures.items() if not n.startswith(("phases", "groups"))}
    for name, data in of_any.items():
        if name.endswith(".txt"):
            assert words[name.split(".")[1]] in data.decode("utf-8"), name


def test_the_same_bytes_twice(draw: Callable[..., dict[str, bytes]]) -> None:
    asked = {"kinds": ("pareto",), "langs": ("zh-Hant",), "formats": ("png", "svg", "pdf")}
    once, again = draw(**asked), draw(**asked)
    assert once == again
    assert once["pareto.zh-Hant.pdf"].startswith(b"%PDF")
    assert b"CreationDate" not in once["pareto.zh-Hant.pdf"]


def test_the_width_asked_for(draw: Callable[..., dict[str, bytes]]) -> None:
    wide = draw(kinds=("pareto",), width=save.WIDTHS[1])["pareto.en.png"]
    assert imread(io.BytesIO(wide)).shape[:2] == (2160, 3840)


def test_an_svg_is_well_formed_speaks_and_fetches_nothing(draw: Callable[..., dict[str, bytes]]) -> None:
    files = draw(kinds=("compare",), scenarios=("tunnel",), langs=("zh-Hans",), formats=("svg",))
    source = files["compare-tunnel-jobs_60_0830-change.zh-Hans.svg"].decode()
    root = ET.fromstring(source)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img" and root.get("lang") == "zh-Hans"
    desc = root.find(f"{space}desc")
    assert (
        desc is not None
        and desc.text == files["compare-tunnel-jobs_60_0830-change.zh-Hans.txt"].decode().strip()
    )
    links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href") or "url(" in v]
    assert links and all(v.startswith("#") or "url(#" in v for v in links)
    assert not re.search(r"https?://(?!www\.w3\.org/(2000/svg|1999/xlink))", source)
    assert (
        "DOCTYPE" not in source and "<text" not in source
    )  # letters are shapes: no font of the machine is asked


@pytest.mark.parametrize("name", ["results.gpkg", "results.csv", "scores.json"])
def test_a_missing_file_is_named(result: Path, tmp_path: Path, name: str) -> None:
    for file in result.iterdir():
        if file.is_file() and file.name != name:
            shutil.copyfile(file, tmp_path / file.name)
    with pytest.raises(LayerError, match=f"has no {re.escape(name)}.*corridor compare"):
        written.read(tmp_path)


def test_a_missing_layer_and_a_missing_column_are_named(result: Path, tmp_path: Path) -> None:
    for name in ("scores.json", "results.csv"):
        shutil.copyfile(result / name, tmp_path / name)
    zones().drop(columns="residents").to_file(tmp_path / "results.gpkg", layer="zones", engine="pyogrio")
    found = written.read(tmp_path)
    with pytest.raises(LayerError, match="has no layer lines"):
        found.layer("lines")
    with pytest.raises(MissingColumnError, match="has no column residents"):
        found.layer("zones")


def test_unknown_scenarios_and_measures_name_the_nearest(result: Path) -> None:
    found = written.read(result)
    with pytest.raises(ScenarioError, match="tunel is not in.*did you mean 'tunnel'"):
        written.chosen(found, ["tunel"])
    with pytest.raises(ScenarioError, match=r"jobs_60_083 is not in.*jobs_60_0830"):
        found.row("jobs_60_083")


@pytest.mark.parametrize(
    ("measure_id", "title", "unit"),
    [
        ("jobs_gravity_0830", "Jobs by generalised cost", "jobs, discounted"),
        (
            "other_side_jobs_gravity_0830",
            "Jobs across the boundary by generalised cost",
            "jobs, discounted",
        ),
        ("residents_45_2300", "Residents within 45 min", "residents"),
    ],
)
def test_a_measure_is_named_from_its_id(measure_id: str, title: str, unit: str) -> None:
    found = Measure.parse(measure_id)
    assert found is not None and found.measure_id == measure_id
    assert (found.name.en, found.unit.en) == (title, unit)


def test_where_some_criteria_are_scored_only_those_are_drawn(
    base: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "result")
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    scores["criteria"]["jobs_gravity_0830"]["anchor"] = 1000
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    monkeypatch.setattr("corridor.drawing.write.ground", lambda catalog: base)
    files = {
        p.name: p
        for p in draw_figures(folder, tmp_path / "out", Wanted(kinds=("criteria",), formats=("svg",)))
    }
    drawn = files["criteria.en.svg"].read_text("utf-8")
    assert "jobs_gravity_0830" in drawn and "operation_wetland" not in drawn


def test_an_hours_table_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("hour,jobs_60\n08:30,1\n", encoding="utf-8")
    with pytest.raises(MissingColumnError, match="has no column lost_jobs_60"):
        figures.read_hours(tmp_path / "t.csv")


def test_scales_are_one_for_all_scenarios_and_hours(result: Path) -> None:
    found = written.read(result)
    assert found.scale(0) is found.scale(1)
    colours = found.scale(0).change_classes(np.array([-1e9, 0.0, 1e9, np.nan]))
    scale = found.scale(0).change_colours
    assert colours[:3] == [scale[0], scale[len(scale) // 2], scale[-1]] and colours[3] not in scale


def test_the_command_writes_where_it_is_told(
    cli: Cli, result: Path, tmp_path: Path, base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.drawing.write.ground", lambda catalog: base)
    done = cli(
        "map",
        result,
        "--only",
        "pareto",
        "--lang",
        "zh-Hant",
        "--png",
        "--svg",
        "--quiet",
        "--out",
        tmp_path / "o",
    )
    assert done.exit_code == 0
    assert sorted(p.name for p in (tmp_path / "o").iterdir()) == [
        "pareto.zh-Hant.png",
        "pareto.zh-Hant.svg",
        "pareto.zh-Hant.txt",
    ]
    wrong = cli("map", tmp_path / "none", "--quiet")
    assert wrong.exit_code == 1 and "run 'corridor compare' first" in wrong.output
    assert cli("map", result, "--only", "hours").exit_code == 2
