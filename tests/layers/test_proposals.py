"""The proposed lines and the shipped scenarios: complete, true to the drawing, flagged, in three scripts."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import yaml
from shapely import STRtree
from shapely.geometry import LineString, Point, box, shape
from shapely.ops import substring

from corridor.core.crs import project, project_xy
from corridor.schema.line import LineSpec
from corridor.schema.scenario import Scenario, ScenarioLibrary, read_proposals
from tests.paths import ROOT

LAYERS, SCENARIOS = ROOT / "layers", ROOT / "scenarios"
SHIPPED = [
    "baseline-2024",
    "committed-2030",
    "central-2035",
    "western-2035",
    "both-2035",
    "western-viaduct",
    "ecology-first",
    "western-full-2046",
    "central-full-2046",
    "whole-2046",
]
STACKED = [
    *SHIPPED,
    "committed-2030+clearance-joint",
    "central-2035+clearance-joint",
    "both-2035+clearance-joint",
    "western-2035+co-location-hung-shui-kiu",
]
SCRIPTS = {"en", "zh-Hant", "zh-Hans"}
# Characters that simplified Chinese writes otherwise: none may be left in a zh-Hans text.
TRADITIONAL_ONLY = set("線綫橋長灣廈開關車從這個時間萬與業過進邊區廣東鐵擬設為佔豎")


@cache
def proposals() -> dict[str, LineSpec]:
    return read_proposals(LAYERS / "proposals" / "proposals.yaml")


@cache
def scenario(name: str) -> Scenario:
    return ScenarioLibrary([SCENARIOS], proposals()).resolve(name)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def stations() -> dict[str, dict[str, str]]:
    tables = [
        LAYERS / "network" / "proposed_stations.csv",
        *sorted((LAYERS / "network").glob("stations_*.csv")),
    ]
    return {r["station_id"]: r for t in tables for r in rows(t)}


def at(lon: float, lat: float) -> Point:
    x, y = project_xy([lon], [lat])
    return Point(float(x[0]), float(y[0]))


@cache
def drawn() -> dict[str, tuple[LineString, dict[str, Any]]]:
    data = json.loads((LAYERS / "proposals" / "alignments.geojson").read_text(encoding="utf-8"))
    return {
        f["properties"]["line_id"]: (project(shape(f["geometry"])), f["properties"]) for f in data["features"]
    }


def works() -> list[tuple[str, LineSpec]]:
    """Each proposal, and each as a scenario changes it."""
    found = {("proposals", p.id): p for p in proposals().values()}
    for name in SHIPPED:
        for work in scenario(name).works:
            if work != proposals().get(work.id):
                found[(name, work.id)] = work
    return [(f"{where}:{line}", work) for (where, line), work in found.items()]


def station_xy(name: str, work_id: str) -> Point:
    moved = {m.id: m.lonlat for m in scenario(name).moved_stations} if name in SHIPPED else {}
    row = stations()[work_id]
    return at(*moved.get(work_id, (float(row["lon"]), float(row["lat"]))))


def site_xy(label: str, work: LineSpec) -> dict[str, Point]:
    where = label.split(":")[0]
    result = {}
    for site in work.sites:
        if site.at.station:
            result[site.id] = station_xy(where, site.at.station)
        elif site.at.lonlat:
            result[site.id] = at(*site.at.lonlat)
        else:
            assert work.alignment and site.at.chainage_km is not None
            result[site.id] = drawn()[work.alignment][0].interpolate(1000 * site.at.chainage_km)
    return result


ALL_WORKS = works()
IDS = [label for label, _ in ALL_WORKS]


def test_ids_of_the_brief_are_there() -> None:
    assert set(proposals()) >= {
        "kwu-tung-station",
        "hung-shui-kiu-station",
        "tuen-mun-south-extension",
        "tung-chung-line-extension",
        "northern-link",
        "northern-link-spur",
        "hswrl",
        "hk-island-west-hung-shui-kiu",
        "qianhai-airport",
        "xili-hub",
    }
    assert {p.stem for p in SCENARIOS.glob("*.yaml")} >= {*SHIPPED, "clearance-joint"}


@pytest.mark.parametrize("name", STACKED)
def test_every_scenario_resolves(name: str) -> None:
    resolved = scenario(name)
    assert resolved.year == int(name.split("+")[0][-4:] if name.split("+")[0][-4:].isdigit() else 2035)
    assert resolved.not_modelled and resolved.assumptions and resolved.source
    concepts = name.endswith(("-2046", "hung-shui-kiu"))
    assert resolved.flag == (
        "counterfactual" if name == "western-viaduct" else "undecided" if concepts else ""
    )


@pytest.mark.parametrize(("label", "work"), ALL_WORKS, ids=IDS)
def test_every_stop_and_site_station_is_known(label: str, work: LineSpec) -> None:
    named = {*work.stops, *work.opens, *(s.at.station for s in work.sites if s.at.station)}
    assert named <= set(stations()), named - set(stations())
    assert work.stops or work.opens


@pytest.mark.parametrize(("label", "work"), ALL_WORKS, ids=IDS)
def test_the_profile_covers_the_line_without_gap_or_overlap(label: str, work: LineSpec) -> None:
    if work.id == "xili-hub":  # nothing is built for the metro
        assert not work.profile and not work.sites
        return
    assert work.alignment
    length_km = drawn()[work.alignment][0].length / 1000
    parts = sorted(p.chainage_km for p in work.profile if p.chainage_km)
    assert len(parts) == len(work.profile)
    assert parts[0][0] == 0
    assert all(abs(a[1] - b[0]) < 1e-9 for a, b in zip(parts[:-1], parts[1:], strict=True))
    assert parts[-1][1] == pytest.approx(length_km, abs=0.001)
    assert len({p.id for p in work.profile}) == len(work.profile)
    assert len({s.id for s in work.sites}) == len(work.sites)
    assert all(s.at.chainage_km is None or s.at.chainage_km <= length_km for s in work.sites)


@pytest.mark.parametrize(("label", "work"), ALL_WORKS, ids=IDS)
def test_the_line_ends_at_its_stations_and_passes_its_stops(label: str, work: LineSpec) -> None:
    if not work.stops or not work.alignment:
        return
    line = drawn()[work.alignment][0]
    points = [station_xy(label.split(":")[0], s) for s in work.stops]
    for end, point, stop in zip(
        (line.coords[0], line.coords[-1]),
        (points[0], points[-1]),
        (work.stops[0], work.stops[-1]),
        strict=True,
    ):
        assert Point(end).distance(point) <= float(stations()[stop]["accuracy_m"] or 150)
    chainages = [line.project(p) for p in points]
    assert chainages == sorted(chainages)
    for stop, point in zip(work.stops, points, strict=True):
        assert line.distance(point) <= float(stations()[stop]["accuracy_m"] or 150)


@pytest.mark.parametrize(("label", "work"), ALL_WORKS, ids=IDS)
def test_drawn_length_is_near_the_published(label: str, work: LineSpec) -> None:
    if work.length_km is None or not work.alignment:
        return
    assert 0.85 <= drawn()[work.alignment][0].length / 1000 / work.length_km <= 1.1


def test_lines_are_smooth_and_say_how_sure_they_are() -> None:
    for line_id, (line, properties) in drawn().items():
        assert 150 <= properties["accuracy_m"] <= 800, line_id
        assert properties["source"] and properties["method"] and properties["confidence"] in "ABCMS"
        even = np.array([line.interpolate(s).coords[0] for s in np.arange(0, line.length, 80.0)])
        a, b, c = even[:-2], even[1:-1], even[2:]
        turn = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
        sides = np.hypot(*(b - a).T) * np.hypot(*(c - b).T) * np.hypot(*(a - c).T)
        assert np.all(sides / np.maximum(2 * turn, 1e-9) > 300), line_id


def test_published_figures_are_the_ones_chosen() -> None:
    hswrl, spur, main = (proposals()[k] for k in ("hswrl", "northern-link-spur", "northern-link"))
    assert (hswrl.length_km, hswrl.run_time_min) == (18.1, 15)  # W01, W05
    assert (main.length_km, main.run_time_min) == (10.7, 12)  # C01
    assert (spur.length_km, spur.run_time_min) == (6.2, 11)  # C02, not the 5.8 km of C04
    assert "5.8" in str(spur.length_note) and "C04" in str(spur.length_note)
    assert "xili" not in " ".join(hswrl.stops)  # trap 11
    assert hswrl.clearance is not None
    assert hswrl.clearance.checkpoint == {
        "shenzhen-bay-port": "hswrl-shenzhen-bay",
        "qianhai": "hswrl-qianhai",
    }
    assert {s.kind for s in hswrl.sites} >= {
        "depot",
        "shaft",
        "ventilation_building",
        "worksite",
        "portal",
        "barging_point",
        "spoil_yard",
        "station_box",
        "emergency_access",
    }


@pytest.mark.parametrize("name", ["western-2035", "ecology-first"])
def test_the_undersea_part_lies_over_water_and_splits_as_published(name: str) -> None:
    work = next(w for w in scenario(name).works if w.id == "hswrl")
    assert work.alignment
    line = drawn()[work.alignment][0]
    bay = {p.id: p.chainage_km for p in work.profile if p.id.startswith("deep-bay") and p.chainage_km}
    hong_kong, shenzhen = bay["deep-bay-hong-kong"], bay["deep-bay-shenzhen"]
    assert hong_kong[1] - hong_kong[0] == pytest.approx(2.8, abs=0.05)  # W04
    assert shenzhen[1] - shenzhen[0] == pytest.approx(2.6, abs=0.15)
    assert hong_kong[0] == pytest.approx(7.3 - 2.8, abs=0.15)  # W01: 7.3 km in Hong Kong
    coast = json.loads((LAYERS / "land" / "coastline.geojson").read_text(encoding="utf-8"))
    land = [project(shape(f["geometry"])).buffer(0) for f in coast["features"]]
    crossing = substring(line, 1000 * hong_kong[0], 1000 * shenzhen[1])
    ashore = sum(crossing.intersection(land[i]).length for i in STRtree(land).query(crossing))
    assert ashore < 200  # the shores are good to some 150 m
    before = substring(line, 1000 * hong_kong[0] - 500, 1000 * hong_kong[0])
    assert sum(before.intersection(land[i]).length for i in STRtree(land).query(before)) > 300


def test_the_viaduct_changes_the_structure_only() -> None:
    tunnel, viaduct = (
        next(w for w in scenario(n).works if w.id == "hswrl") for n in ("western-2035", "western-viaduct")
    )
    for field in ("stops", "length_km", "run_time_min", "headway_min", "hours", "clearance", "alignment"):
        assert getattr(tunnel, field) == getattr(viaduct, field), field
    assert viaduct.status == "counterfactual"
    assert {p.structure for p in tunnel.profile} == {"bored_tunnel"}
    over_water = {p.structure for p in viaduct.profile if p.id.startswith("deep-bay")}
    assert over_water == {"bridge"}
    elevated = next(p.chainage_km for p in viaduct.profile if p.id == "lau-fau-shan-viaduct")
    assert elevated is not None and viaduct.alignment
    line = drawn()[viaduct.alignment][0]
    assert elevated[0] < line.project(station_xy("western-viaduct", "lau-fau-shan")) / 1000 < elevated[1]
    depots = [next(s for s in w.sites if s.kind == "depot") for w in (tunnel, viaduct)]
    assert depots[0] == depots[1]
    assert sum(s.kind == "portal" for s in viaduct.sites) == sum(s.kind == "portal" for s in tunnel.sites) + 2
    text = (SCENARIOS / "western-viaduct.yaml").read_text(encoding="utf-8").lower()
    for words in ("not proposed by any government", "並非任何政府的方案", "并非任何政府的方案"):
        assert words in text
    assert scenario(
        "western-viaduct"
    ).counterfactual  # of which pages and tables put their own words beside the title


def mangrove_distance_m(point: Point) -> float:
    with rasterio.open(LAYERS / "land" / "habitat.tif") as raster:
        codes, grid = raster.read(1), raster.transform
    r, c = np.nonzero(codes == 6)
    x, y = project_xy(grid.c + (c + 0.5) * grid.a, grid.f + (r + 0.5) * grid.e)
    return float(np.hypot(x - point.x, y - point.y).min())


def test_ecology_first_moves_lau_fau_shan_out_of_500_m_and_the_spur_out_of_the_wetland() -> None:
    assert mangrove_distance_m(station_xy("western-2035", "lau-fau-shan")) < 500
    assert mangrove_distance_m(station_xy("ecology-first", "lau-fau-shan")) > 500
    data = json.loads((LAYERS / "land" / "designations.geojson").read_text(encoding="utf-8"))
    areas = {f["properties"]["designation_id"]: f for f in data["features"]}
    assert set(scenario("ecology-first").delivered_designations) <= set(areas)
    assert scenario("ecology-first").seasonal_rules == ("Q01",)
    protected = [
        project(shape(f["geometry"])).buffer(0)
        for f in areas.values()
        if f["properties"]["designation"] == "wetland_conservation_area"
    ]

    def taken(name: str) -> float:
        spur = next(w for w in scenario(name).works if w.id == "northern-link-spur")
        points = site_xy(f"{name}:spur", spur)
        squares = [points[s.id].buffer((s.area_ha * 1e4) ** 0.5 / 2, cap_style="square") for s in spur.sites]
        return sum(square.intersection(area).area for square in squares for area in protected)

    assert taken("both-2035") > 0
    assert taken("ecology-first") == 0
    western = next(w for w in scenario("ecology-first").works if w.id == "hswrl")
    assert western.run_time_min is not None and 16 <= western.run_time_min <= 17


def test_surface_sites_keep_out_of_sssi_country_parks_and_ramsar() -> None:
    path = LAYERS / "land" / "designations.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    strict = {"sssi", "country_park", "ramsar", "nature_reserve"}
    areas = [
        (f["properties"]["designation_id"], project(shape(f["geometry"])).buffer(0))
        for f in features
        if f["properties"]["designation"] in strict
    ]
    for label, work in ALL_WORKS:
        if work.status == "concept" or work.id == "central-rail-link":
            continue
        points = site_xy(label, work)
        for site in work.sites:
            half = (site.area_ha * 1e4) ** 0.5 / 2
            p = points[site.id]
            square = box(p.x - half, p.y - half, p.x + half, p.y + half)
            hits = [name for name, area in areas if area.intersects(square)]
            assert not hits, (label, site.id, hits)


def test_the_lever_leaves_lo_wu_and_futian() -> None:
    lever = scenario("both-2035+clearance-joint")
    joint = {e.id: e for e in lever.checkpoint_edits if e.regime == "joint_clearance"}
    assert {"huanggang", "heung-yuen-wai", "sha-tau-kok", "shenzhen-bay"} <= set(joint)
    assert not {"lo-wu", "lok-ma-chau-spur", "west-kowloon"} & set(joint)
    for edit in joint.values():
        assert (edit.clearance_mean_min, edit.clearance_low_min, edit.clearance_high_min) == (5, 3, 10)
    before = {e.id: e for e in scenario("committed-2030").checkpoint_edits}
    assert before["huanggang"].regime == "separate_walk"


def test_both_is_the_sum_of_the_two() -> None:
    lines = {
        n: {w.id for w in scenario(n).works}
        for n in ("committed-2030", "central-2035", "western-2035", "both-2035")
    }
    assert lines["both-2035"] == lines["central-2035"] | lines["western-2035"]
    assert lines["central-2035"] & lines["western-2035"] == lines["committed-2030"]
    by_id = {n: {w.id: w for w in scenario(n).works} for n in ("western-2035", "both-2035")}
    assert by_id["western-2035"]["hswrl"] == by_id["both-2035"]["hswrl"]


def test_what_is_not_published_says_so() -> None:
    for label, work in ALL_WORKS:
        assert work.status != "existing"
        for site in work.sites:
            assert site.assumed and site.confidence == "M", (label, site.id)
        for part in work.profile:
            assert part.assumed or part.source, (label, part.id)
        if work.runs:
            assert any("eadway" in a.en or "service" in a.en for a in work.assumptions), label


def texts(value: Any, where: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict):
        if "en" in value:
            yield where, value
        for key, child in value.items():
            yield from texts(child, f"{where}.{key}")
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from texts(child, f"{where}[{i}]")


@pytest.mark.parametrize(
    "path", [LAYERS / "proposals" / "proposals.yaml", *sorted(SCENARIOS.glob("*.yaml"))], ids=lambda p: p.stem
)
def test_three_scripts_everywhere(path: Path) -> None:
    found = list(texts(yaml.safe_load(path.read_text(encoding="utf-8")), path.stem))
    assert found
    for where, text in found:
        assert set(text) == SCRIPTS and all(text.values()), where
        assert not TRADITIONAL_ONLY & set(text["zh-Hans"]), (where, TRADITIONAL_ONLY & set(text["zh-Hans"]))


def test_station_table() -> None:
    table = rows(LAYERS / "network" / "proposed_stations.csv")
    assert [r["station_id"] for r in table] == sorted({r["station_id"] for r in table})
    for r in table:
        assert (
            r["name_en"]
            and r["name_zh_hant"]
            and r["name_zh_hans"]
            and r["confidence"] in "ABCMS"
            and r["source"]
        )
        assert 200 <= float(r["accuracy_m"]) <= 800
        assert 113.7 < float(r["lon"]) < 114.3 and 22.2 < float(r["lat"]) < 22.7
        # at Hung Shui Kiu the second reading stands 400 m off the track
        if r["check_distance_m"] and r["station_id"] != "hung-shui-kiu":
            assert float(r["check_distance_m"]) <= float(r["accuracy_m"]), r["station_id"]


def test_interchanges_are_flagged_and_known() -> None:
    for r in rows(LAYERS / "network" / "interchanges_proposed.csv"):
        assert r["assumed"] == "1" and r["note"] and float(r["walk_s"]) > 0
        for end in (r["from_station"], r["to_station"]):
            assert "@" in end or end in stations(), end
