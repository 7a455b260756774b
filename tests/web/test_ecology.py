"""The page of conflicts: what is packed, that it is shown and not run, and what a browser makes of it."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely.geometry import LineString, Point, box

from corridor.core.crs import project_xy
from corridor.drawing.i18n import region_words, t
from corridor.ecology.appraisal import significance
from corridor.ecology.impact.conflicts import BLANK, conflicts
from corridor.schema.region import shipped_region
from corridor.schema.section import Band, LongSection, Run, Station
from corridor.schema.text import Text, all_visible
from corridor.study.compare import Comparison
from corridor.study.conflict_report import EcologyView, Grid, LayerNote, views_of_comparison
from corridor.study.study import Study
from corridor.web import ecology as page_module
from corridor.web import switch
from corridor.web.conflict_card import LEVELS, group_of
from corridor.web.ecology import WORDS, write_ecology
from corridor.web.ecology_model import build_ecology
from corridor.web.inline import asset
from corridor.web.raster import WEB, Warp, classed, png
from corridor.web.templates import render
from tests import web_factory as made

COURSE = [(113.985, 22.425), (113.975, 22.45), (113.945, 22.475), (113.89, 22.54)]
CORNER = Affine(100, 0, 494_000, 0, -100, 2_490_000)  # EPSG:4547, within the Deep Bay of the made-up coast
NOTES = {
    role: LayerNote(Text(en=f"Layer {role}"), "2024-12", "CC BY 4.0", "© " + made.HOSTILE)
    for role in ("designations", "habitat", "green_corridors", "wildlife_sites")
}


def conflict(number: int, kind: str, layer: str, shape: Any, **more: Any) -> dict[str, Any]:
    row = (
        BLANK
        | made.named("Mai Po", "米埔", "米埔")
        | {"line_id": "hswrl", "part_id": "bay", "structure": "bored_tunnel"}
    )
    return row | {"conflict_id": f"C{number:03d}", "kind": kind, "layer": layer, "geometry": shape, **more}


def view(scenario_id: str = "western-2035", name: str = "Western Rail Link") -> EcologyView:
    """One line of two parts with a conflict of each kind and a grid of each kind."""
    viaduct = scenario_id == "western-viaduct"
    rows = [
        conflict(1, "designation_take", "designations", box(114.0, 22.47, 114.01, 22.475), subject_id="ramsar-a", subject="ramsar",
                 component="pier", permanence="permanent", area_ha=0.7, assumed=True, confidence="M", subject_confidence="A"),
        conflict(2, "habitat_take", "habitat", box(113.94, 22.47, 113.946, 22.475), subject_id="marine", subject="marine",
                 permanence="temporary", area_ha=2.5),
        conflict(3, "habitat_take", "habitat", box(113.97, 22.445, 113.978, 22.45), subject_id="farmland", subject="farmland",
                 permanence="permanent", area_ha=0.4, **made.named(made.HOSTILE_IMAGE)),
        conflict(4, "corridor_crossing", "green_corridors", LineString([(113.98, 22.47), (113.99, 22.49)]), subject_id="deep-bay",
                 subject="deep-bay", length_m=420.0, underground=not viaduct),
        conflict(5, "wildlife_near", "wildlife_sites", Point(114.01, 22.47), subject_id="egretry-a", subject="egretry",
                 phase="construction", distance_m=310.0),
        *([conflict(6, "not_assessed", "habitat", LineString(COURSE[2:]), length_m=900.0)] if viaduct else []),
    ]  # fmt: skip
    section = LongSection(
        line_id="hswrl", name=Text(en=name), status="planned_official", counterfactual=viaduct, length_m=16_000.0,
        bands=(Band("bay", "bored_tunnel", "below", 0, 16_000, True, "W03"),), stations=(Station("a", Text(en="A"), 0.0),), sites=(),
        habitat=(Run("marine", "marine", Text(en="Sea"), 0, 16_000),), designations=(), corridors=(), sides=(), findings=(),
    )  # fmt: skip
    before = np.full((40, 50), 0.1)
    before[:, 20:30] = 4.0
    after = before.copy()
    after[10:20, 10:20] += 0.5
    quality = np.full((40, 50), 0.8)
    return EcologyView(
        scenario=SimpleNamespace(id=scenario_id, title=made.TITLES[scenario_id], question=Text(en="What does it touch?"),
                                 year=2035, flag="counterfactual" if viaduct else ""),
        names={"hswrl": Text(en=name)},
        parts=made.frame([
            {"line_id": "hswrl", "part_id": p, "structure": s, "assumed": True, "status": "planned_official", "counterfactual": viaduct,
             "geometry": LineString(c)}
            for p, s, c in (("land", "bored_tunnel", COURSE[:3]), ("bay", "viaduct" if viaduct else "bored_tunnel", COURSE[2:]))
        ]),
        courses=made.frame([{"line_id": "hswrl", "geometry": LineString(COURSE)}]),
        stations=made.frame([{"station_id": "a", "name": Text(en="Hung Shui Kiu " + name), "geometry": Point(COURSE[0])}]),
        footprint=made.frame([{"line_id": "hswrl", "permanence": "permanent", "geometry": box(113.94, 22.47, 113.946, 22.475)}]),
        bands=made.frame([{"phase": "construction", "within_m": m, "geometry": Point(113.943, 22.472).buffer(m / 1e5)} for m in (100, 300)]),
        conflicts=made.frame(rows),
        crossings=pd.DataFrame([
            {"line_id": "hswrl", "corridor_id": c, "corridor_part": "", "part_id": "bay", "site_id": "", "structure": "viaduct",
             "crossed": c == "deep-bay", "underground": False, "length_m": 420.0, "corridor_width_m": 900.0, "permanent_ha": 0.0,
             "temporary_ha": 0.0, "shade_ha": 0.7, "width_taken_share": 0.0, "width_worked_share": 0.0, "distance_m": 310.0,
             "species_note_en": made.HOSTILE} for c in ("robin", "deep-bay")
        ]),
        sections=(section,),
        seasons=pd.DataFrame([
            {"rule_id": "egretry_breeding", "line_id": "hswrl", "part_id": "bay", "site_id": "", "subject_id": "egretry-a", "months": "3-8",
             "sure": True, "title_en": "Breeding", "rule_en": "No works near by"}
        ]),
        significance=pd.DataFrame([
            {"line_id": "hswrl", "unit_kind": "part", "unit_id": "bay", "group": "protected", "level": 3, "level_name": "severe",
             "reason_en": "inside a Ramsar site"}
        ]),
        grids=(
            Grid("current", "otter", Text(en="Otter", zh_hant="水獺", zh_hans="水獭"), before, after, CORNER),
            Grid("quality", "quality", Text(en=""), quality, np.where(after > before, 0.3, quality), CORNER),
        ),
    )  # fmt: skip


def built(*views: EcologyView) -> dict[str, Any]:
    model, _ = build_ecology(views, NOTES, made.layers())
    return all_visible(model)


# --- what is packed --------------------------------------------------------------------------------


def test_conflicts_fall_into_the_groups_of_the_list() -> None:
    groups = [group_of(row) for row in view("western-viaduct").conflicts.to_dict("records")]
    assert groups == ["designations", "water", "other", "corridors", "wildlife", "unknown"]


def test_levels_are_those_of_the_matrix() -> None:
    assert {n: LEVELS[n] for n in LEVELS if n is not None} == dict(enumerate(significance.LEVELS))
    assert [n for n in LEVELS if n is not None] == [3, 2, 1, 0]


def test_the_list_goes_by_significance_then_by_span_and_size() -> None:
    whole = view()
    wet = {"part_id": "bay", "subject": "wetland"}
    more = [
        conflict(7, "habitat_take", "habitat", box(113.9, 22.4, 113.91, 22.41), permanence="permanent", area_ha=0.1, **wet),
        conflict(8, "habitat_take", "habitat", box(113.9, 22.4, 113.91, 22.42), permanence="permanent", area_ha=0.2, **wet),
        conflict(9, "habitat_take", "habitat", box(113.9, 22.4, 113.91, 22.43), permanence="temporary", area_ha=9.0, **wet),
    ]  # fmt: skip
    levels = [("wetland", 2, "moderate"), ("marine", 0, "none"), ("farmland", 1, "minor")]
    judged = [
        {
            "line_id": "hswrl",
            "unit_kind": "line",
            "unit_id": "hswrl",
            "group": g,
            "level": n,
            "level_name": name,
        }
        for g, n, name in levels
    ]
    rows = pd.concat([whole.conflicts, made.frame(more)], ignore_index=True)
    significance = pd.concat([whole.significance, pd.DataFrame(judged)], ignore_index=True)
    significance["unit_id"] = significance["unit_id"].where(significance["unit_kind"] != "line", "hswrl")
    model = built(replace(whole, conflicts=gpd.GeoDataFrame(rows, crs=4326), significance=significance))
    listed = model["scenarios"][0]["conflicts"]
    # severe; moderate: permanent before temporary, the larger first; minor; what the matrix does not rate; none
    assert [c for c, _ in listed] == ["C001", "C008", "C007", "C009", "C003", "C004", "C005", "C002"]
    assert [model["conflicts"][at]["severity"] for _, at in listed] == [3, 2, 2, 2, 1, None, None, 0]
    assert [row["severity"] for row in model["levels"]] == [3, 2, 1, None, 0]


def test_a_card_is_in_the_script_of_the_page() -> None:
    cards = built(view())["conflicts"]
    assert [c["how"][1] for c in cards if c["permanence"] == "permanent"] == ["橋墩、永久", "鑽挖隧道、永久"]


def test_a_card_says_level_rules_layer_and_confidence() -> None:
    model = built(view())
    cards = {number: model["conflicts"][at] for number, at in model["scenarios"][0]["conflicts"]}
    assert (
        cards["C001"]["level"][0] == t("level_severe").en
        and cards["C001"]["reason"][0] == "inside a Ramsar site"
    )
    assert cards["C001"]["confidence"] == ["M", "A"] and cards["C001"]["assumed"]
    assert cards["C005"]["rules"][0]["months"] == "3-8" and cards["C005"]["size"][0] == "310 m away"
    assert cards["C002"]["level"] is None and cards["C002"]["size"] == ["2.50 ha", "2.50 公頃", "2.50 公顷"]
    assert model["layerNotes"]["habitat"]["date"] == "2024-12"


def test_a_reader_sees_places_and_no_ids() -> None:
    model = built(replace(view(), places={("hswrl", "bay"): (4.0, 9.1)}))
    cards = {number: model["conflicts"][at] for number, at in model["scenarios"][0]["conflicts"]}
    assert cards["C001"]["place"][:2] == ["km 4.0–9.1", "4.0–9.1公里"]
    crossed, spared = model["scenarios"][0]["crossings"]
    assert crossed["text"][0] == (
        "km 4.0–9.1 (viaduct) crosses deep-bay at or above ground level for 420 m, where the corridor is 900 m wide; "
        "0.70 ha shaded."
    )
    assert spared["text"][1] == "本線並無穿越或位於robin；最近者為4.0–9.1公里，相距310米。"


def test_the_calendar_gathers_works_by_rule_and_feature() -> None:
    breeding = {"rule_id": "egretry_breeding", "line_id": "hswrl", "part_id": "bay", "site_id": "", "subject_id": "egretry-a",
                "phase": "construction", "within_m": 300.0, "months": "3-8", "sure": False, "source": "V13", "confidence": "B",
                "distance_source": "Q05", "distance_confidence": "M", "months_source": "V13", "months_confidence": "B",
                "title_en": "Breeding"}  # fmt: skip
    winter = {
        "rule_id": "roost",
        "subject_id": "roost-a",
        "months": "10-3",
        "months_source": "assumption",
        "months_confidence": "M",
    }
    rows = [
        breeding,
        breeding | {"part_id": "land", "sure": True},
        breeding | {"rule_id": "always", "months": ""},
        breeding | winter,
    ]
    places = {("hswrl", "bay"): (4.0, 9.1), ("hswrl", "land"): (0.0, 4.0)}
    found = built(replace(view(), seasons=pd.DataFrame(rows), places=places))["scenarios"][0]["calendar"]
    assert [(e["rule"], e["sure"]) for e in found] == [
        ("egretry_breeding", True),
        ("roost", False),
        ("always", False),
    ]
    assert [e["months"] for e in found] == [[3, 4, 5, 6, 7, 8], [10, 11, 12, 1, 2, 3], [*range(1, 13)]]
    assert found[0]["works"][0]["places"][0] == "km 0.0–4.0, km 4.0–9.1"
    assert found[0]["sources"][0] == "V13 (B), Q05 (M)"
    assert found[1]["sources"][1] == "V13 (B)、Q05 (M)、假設 (M)"


def test_what_two_scenarios_share_is_kept_once() -> None:
    model = built(view(), view("western-viaduct"))
    tunnel, viaduct = model["scenarios"]
    assert tunnel["footprint"] == viaduct["footprint"] and len(model["footprint"]) == 1
    assert tunnel["parts"] != viaduct["parts"]
    named = model["parts"][viaduct["parts"][0]]["name"]
    assert all(
        mark in words for mark, words in zip(("counterfactual", "虛擬對照", "虚拟对照"), named, strict=True)
    )


def test_what_is_being_built_is_not_called_counterfactual() -> None:
    viaduct = view("western-viaduct")
    model = built(replace(viaduct, parts=viaduct.parts.assign(status="construction")))
    assert all("counterfactual" not in part["name"][0] for part in model["parts"])


def test_sentences_on_corridors_find_their_shapes() -> None:
    crossings = built(view())["scenarios"][0]["crossings"]
    assert [c["crossed"] for c in crossings] == [True, False]
    assert crossings[0]["shapes"] and crossings[0]["shapes"] != crossings[1]["shapes"]


def test_a_scenario_that_builds_nothing_has_a_page(tmp_path: Path) -> None:
    none = made.frame(
        [], ("line_id", "part_id", "structure", "counterfactual", "permanence", "phase", "within_m")
    )
    empty = replace(
        view(), names={}, parts=none, courses=none, stations=none, footprint=none, bands=none, conflicts=none, sections=(),
        crossings=pd.DataFrame(), seasons=pd.DataFrame(), significance=pd.DataFrame(), grids=(),
    )  # fmt: skip
    write_ecology([empty], NOTES, made.layers(), tmp_path / "ecology.html")
    assert (tmp_path / "ecology.html").stat().st_size > 100_000


def test_a_comparison_numbers_conflicts_as_its_scenarios_do(study: Study, comparison: Comparison) -> None:
    views = {v.scenario.id: v for v in views_of_comparison(study, comparison)}
    assert "baseline-2024" not in views and "western-viaduct" in views
    whole = conflicts(
        comparison.results["western-viaduct"].ecology, study.works("western-viaduct"), study.land
    )
    mine = views["western-viaduct"].conflicts
    for column in ("conflict_id", "kind", "line_id", "part_id", "site_id", "subject_id"):
        assert list(mine[column]) == list(whole[column]), column
    assert np.allclose(mine["area_ha"].astype(float), whole["area_ha"], equal_nan=True)


# --- pictures --------------------------------------------------------------------------------------


def decoded(address: str) -> np.ndarray:
    """The palette indices of a PNG of ours, read by its own format: rows of one filter byte and the pixels."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    at, body, size = 8, b"", (0, 0)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        if kind == b"IHDR":
            size = struct.unpack(">II", content[:8])
        body += content if kind == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(body), dtype=np.uint8).reshape(size[1], size[0] + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def test_classes_begin_at_their_breaks() -> None:
    values = np.array([np.nan, -1.0, 0.0, 0.5, 1.0, 7.0])
    assert classed(values, [0.0, 1.0]).tolist() == [0, 1, 2, 2, 3, 3]


def test_a_png_holds_its_classes() -> None:
    pixels = np.array([[0, 1, 2], [2, 1, 0]], dtype=np.uint8)
    assert (decoded(png(pixels, ("", "#ff0000", "#00ff00"))) == pixels).all()


def test_a_cell_stands_where_it_is_on_the_map() -> None:
    """Mercator is not square to the grid here: corners of the grid would put this cell tens of metres off."""
    classes = np.zeros((200, 300), dtype=np.uint8)
    classes[150, 40] = 1
    warp = Warp((200, 300), CORNER, 2.0)
    rows, columns = np.nonzero(warp.picture(classes))
    (south, west), (north, east) = warp.corners
    x, y = project_xy([west, east], [south, north], 4326, WEB)
    high, wide = warp.picture(classes).shape
    middle = (
        x[0] + (columns.mean() + 0.5) / wide * (x[1] - x[0]),
        y[1] - (rows.mean() + 0.5) / high * (y[1] - y[0]),
    )
    found = project_xy(*middle, WEB, 4547)
    assert (
        np.hypot(found[0] - (494_000 + 4_050), found[1] - (2_490_000 - 15_050)) < 26
    )  # half a pixel of 50 m


def test_pictures_are_cut_to_what_is_seen_and_share_one_scale() -> None:
    model = built(view(), view("western-viaduct"))
    grids = model["scenarios"][0]["grids"]
    assert [(g["kind"], g["what"]) for g in grids] == [
        ("current", "before"),
        ("current", "change"),
        ("quality", "change"),
    ]
    assert decoded(grids[2]["png"]).shape[0] < 30  # ten of forty rows lose quality, at two pixels a cell
    assert model["scales"]["quality:change"][-1]["colour"] == ""
    assert [g["png"] for g in grids] == [g["png"] for g in model["scenarios"][1]["grids"]]


# --- the file --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ecology") / "ecology.html"
    views = [view(name=made.HOSTILE), view("western-viaduct", made.HOSTILE_IMAGE)]
    write_ecology(views, NOTES, made.layers(made.HOSTILE), path, beside=("review.html", "eco_open_review"))
    return path


def test_the_same_bytes_again(written: Path, tmp_path: Path) -> None:
    views = [view(name=made.HOSTILE), view("western-viaduct", made.HOSTILE_IMAGE)]
    write_ecology(
        views,
        NOTES,
        made.layers(made.HOSTILE),
        tmp_path / "e.html",
        beside=("review.html", "eco_open_review"),
    )
    assert (tmp_path / "e.html").read_bytes() == written.read_bytes()


def test_the_page_forbids_the_network_and_says_what_it_is(written: Path) -> None:
    page = written.read_text("utf-8")
    assert re.search(r"Content-Security-Policy[^>]+default-src (&#x27;|'|&#39;)none", page)
    assert (
        t("screening").en in page
        and region_words(shipped_region())["review_sure"].zh_hant in page
        and t("counterfactual").zh_hans in page
    )
    assert made.HOSTILE not in page and 'href="review.html"' in page


def test_a_page_too_large_leaves_out_and_says_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    said: list[bool] = []

    def html(model: Any, *_: Any) -> str:
        seen.append(len(model["scenarios"]))
        said.append(model["noSections"])
        return json.dumps(model["leftOut"]).ljust(3_000_000 if len(model["scenarios"]) > 1 else 10)

    monkeypatch.setattr(page_module, "_html", html)
    write_ecology(
        [view(), view("western-viaduct")], NOTES, made.layers(), tmp_path / "e.html", first="western-viaduct"
    )
    assert seen == [2, 2, 2, 1]
    assert said == [False, False, True, True]  # pictures go first, then long sections, which is said
    assert json.loads((tmp_path / "e.html").read_text()) == ["western-2035"]


def test_words_of_the_script_are_given_to_it() -> None:
    code = asset("ecology.js") + asset("mappage.js")
    used = set(re.findall(r'words\.(?:t|fill)\("(\w+)"[,)]', code)) | set(
        re.findall(r'\brow\("(eco_\w+)", ', code)
    )
    attributions = (Text(en="a"),)
    body = switch.beside_map(
        "ecology.html.j2", shipped_region(), "", WORDS.__contains__, beside=("index.html", "open_index")
    )
    body += render("over_ecology.html.j2", attributions=attributions)
    used |= set(re.findall(r'data-i18n(?:-label)?="(\w+)"', body))
    assert len(used) > 40 and used <= WORDS
