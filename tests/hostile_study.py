"""A study with texts meant for an interpreter in every field that a text may be in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import yaml
from shapely import Point, box

from tests.hostile import CONTROL, HOSTILE
from tests.zhuhai_macao import REGION, make_study

BREAKS = {"line feed": CONTROL["line feed"], "tab": CONTROL["tab"]}
TEXTS = [*HOSTILE.values(), *BREAKS.values(), "＝1+1"]
"""30 texts: ten rows with a name in three scripts hold them all."""
NAMES = ("name_en", "name_zh_hant", "name_zh_hans")
SIGNS = {name: text for name, text in CONTROL.items() if name not in BREAKS} | {"c1": "a\x9bb"}
"""Texts that no file may hold."""
HEADING = "=cmd|' /C calc'!A0"
LAYERS = (
    "stations",
    "lines",
    "checkpoints",
    "isochrones",
    "designations",
    "green_corridors",
    "wildlife_sites",
)


def names(row: int) -> dict[str, str]:
    """A name in three scripts; those of rows 0 to 9 are all texts."""
    return dict(zip(NAMES, TEXTS[3 * (row % 10) : 3 * (row % 10) + 3], strict=True))


def texts(row: int) -> dict[str, str]:
    """The same, as YAML says it."""
    return dict(zip(("en", "zh-Hant", "zh-Hans"), names(row).values(), strict=True))


def _more(path: Path, key: str, stem: str, **changes: object) -> None:
    """A table with ten rows and more, all of them with hostile names; new rows are like the first."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    first = table.iloc[[0] * 10].assign(**{key: [f"{stem}{n}" for n in range(10)]}, **changes)
    table = pd.concat([table, first], ignore_index=True)
    table[list(NAMES)] = [list(names(n).values()) for n in range(len(table))]
    table[HEADING] = [TEXTS[n % len(TEXTS)] for n in range(len(table))]
    table.to_csv(path, index=False)


def hostile_study(folder: Path) -> Path:
    """The study of Zhuhai and Macao with hostile texts in every field that a text may stand in."""
    layers = make_study(folder) / "layers"
    _more(layers / "stations.csv", "station_id", "extra")
    _more(layers / "lines.csv", "line_id", "extra", operator=TEXTS[:10])
    _more(layers / "checkpoints.csv", "checkpoint_id", "extra", kind="external")
    _more(layers / "places.csv", "place_id", "extra")
    for name, rows in (("patterns", 1), ("pattern_stops", 3), ("headways", 6), ("hours", 2)):
        table = pd.read_csv(layers / f"{name}.csv")
        first = [
            table.iloc[:rows].replace("taipa-line", f"extra{n}").assign(pattern_id=f"extra{n}")
            for n in range(10)
        ]
        pd.concat([table, *first]).to_csv(layers / f"{name}.csv", index=False)
    for name, key, file in (
        ("districts", "district_id", "districts.geojson"),
        ("", "habitat_id", "habitat_classes.csv"),
    ):
        frame = gpd.read_file(layers / file) if name else pd.read_csv(layers / file)
        frame[list(NAMES)] = [list(names(n).values()) for n in range(len(frame))]
        assert key in frame
        frame.to_file(layers / file) if name else frame.to_csv(layers / file, index=False)
    cells = pd.read_csv(layers / "cells.csv")
    cells[HEADING] = [TEXTS[n % len(TEXTS)] for n in range(len(cells))]
    cells.to_csv(layers / "cells.csv", index=False)
    squares = [box(113.54 + n / 1000, 22.215, 113.57, 22.24) for n in range(10)]
    _map(layers / "designations.geojson", "designation_id", squares, designation="wetland_park", region="zh")
    _map(layers / "green_corridors.geojson", "corridor_id", squares)
    points = [Point(113.545 + n / 1000, 22.22) for n in range(10)]
    _map(layers / "wildlife_sites.geojson", "site_id", points, kind="egretry")
    _documents(folder)
    return folder


def _map(path: Path, key: str, shapes: list[Any], **columns: str) -> None:
    rows = [{key: f"=1-{n}", **names(n), **columns, HEADING: TEXTS[n], "source": TEXTS[n]} for n in range(10)]
    # columns that a GeoPackage would mix up with its own, or with others that differ in capitals alone
    odd = {"fid": "x", "geom": "x", "NAME_EN": "x", "": "x", '"; DROP TABLE cells; --': "x"}
    gpd.GeoDataFrame([row | odd for row in rows], geometry=shapes, crs=4326).to_file(path, driver="GeoJSON")


def _documents(folder: Path) -> None:
    """Catalogue, region, proposals and scenarios, with hostile texts."""
    catalog = []
    for n, path in enumerate(sorted((folder / "layers").iterdir())):
        kind = {".csv": "table", ".geojson": "vector", ".tif": "raster", ".yaml": "document"}[path.suffix]
        said = {
            key: TEXTS[(n + k) % len(TEXTS)]
            for k, key in enumerate(("source", "licence", "attribution", "notes"))
        }
        catalog.append(
            {"id": path.stem, "role": path.stem, "title": texts(n), "kind": kind, "path": f"layers/{path.name}"}
            | {"date": TEXTS[n % len(TEXTS)]} | said
        )  # fmt: skip
    write_yaml(folder / "catalog.yaml", catalog)
    region = yaml.safe_load(REGION)
    region["title"], region["south"]["name"] = texts(0), texts(1)
    write_yaml(folder / "layers/region.yaml", region)
    (proposal,) = yaml.safe_load((folder / "layers/proposals.yaml").read_text(encoding="utf-8"))
    proposal |= {"name": texts(2), "assumptions": [texts(n) for n in range(10)], "note": texts(3)}
    proposal["source"], proposal["profile"][0]["source"], proposal["sites"][0]["source"] = TEXTS, TEXTS, TEXTS
    write_yaml(folder / "layers/proposals.yaml", [proposal])
    for n, path in enumerate(sorted((folder / "scenarios").iterdir())):
        scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
        scenario |= {"title": texts(n), "question": texts(n + 4), "source": TEXTS, "note": texts(n + 5)}
        scenario |= {key: [texts(k) for k in range(10)] for key in ("assumptions", "not_modelled")}
        write_yaml(path, scenario)


def write_yaml(path: Path, data: object) -> None:
    data = json.loads(json.dumps(data, default=str))  # no aliases, which are not read
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
