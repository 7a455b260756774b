"""A study of another region, made for tests: Zhuhai and Macao with rough shapes, few stations and invented figures.

Places lie about where they do; nothing else here is a fact. The catalogue stands alone: it does not extend the shipped one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import yaml
from rasterio.transform import Affine
from shapely import Point, box, union_all
from shapely.geometry import LineString

from corridor.core.crs import WGS84, WORKING, project, project_xy

CELL_M = 500
REGION = """\
title:
  en: "Zhuhai–Macao corridors: access and nature"
  zh-Hant: 珠澳走廊：可達性與自然
  zh-Hans: 珠澳走廊：可达性与自然
south: {id: mo, name: {en: Macao, zh-Hant: 澳門, zh-Hans: 澳门}}
north: {id: zh, name: {en: Zhuhai, zh-Hant: 珠海, zh-Hans: 珠海}}
time_zone: Asia/Macau
extent_deg: [113.0, 21.7, 114.0, 22.7]
waters:
- {lon: 113.59, lat: 22.19, name: {en: Outer Harbour, zh-Hant: 外港, zh-Hans: 外港}}
- {lon: 113.515, lat: 22.19, name: {en: Inner Harbour, zh-Hant: 內港, zh-Hans: 内港}}
"""
MACAO = union_all([box(113.530, 22.180, 113.560, 22.2145), box(113.548, 22.110, 113.600, 22.165)])
GONGBEI = box(113.450, 22.2160, 113.600, 22.300)
HENGQIN = box(113.480, 22.080, 113.545, 22.155)
DISTRICTS = {
    "macao-peninsula": (
        "mo",
        "Macao Peninsula",
        "澳門半島",
        "澳门半岛",
        box(113.530, 22.180, 113.560, 22.2145),
    ),
    "taipa": ("mo", "Taipa", "氹仔", "氹仔", box(113.548, 22.110, 113.600, 22.165)),
    "xiangzhou": ("zh", "Xiangzhou", "香洲", "香洲", GONGBEI),
    "hengqin": ("zh", "Hengqin", "橫琴", "横琴", HENGQIN),
}
STATIONS = """\
station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access
barra,Barra,媽閣,妈阁,113.533,22.187,mo,light_rail,existing,,1
ocean,Ocean,海洋,海洋,113.552,22.158,mo,light_rail,existing,,1
lotus,Lotus,蓮花,莲花,113.551,22.140,mo,light_rail,existing,,1
zhuhai,Zhuhai,珠海,珠海,113.5475,22.2185,zh,hsr,existing,,1
mingzhu,Mingzhu,明珠,明珠,113.520,22.270,zh,hsr,existing,,1
hengqin,Hengqin,橫琴,横琴,113.541,22.139,zh,metro,existing,,1
hengqin-north,Hengqin North,橫琴北,横琴北,113.510,22.148,zh,metro,existing,,1
xiangzhou,Xiangzhou,香洲,香洲,113.560,22.260,zh,metro,planned_official,2035,1
gongbei-new,Gongbei New Station,拱北新站,拱北新站,113.5455,22.2175,zh,metro,planned_official,2035,1
"""
LINES = """\
line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour
taipa-line,Taipa Line,氹仔線,氹仔线,light_rail,a test,existing,#2e8b57
intercity,Intercity,城際,城际,high_speed,a test,existing,#666666
hengqin-line,Hengqin Line,橫琴線,横琴线,metro,a test,existing,#aa5500
"""
RIDES = {
    "taipa-line": (("barra", 300), ("ocean", 240), ("lotus", 0)),
    "intercity": (("zhuhai", 420), ("mingzhu", 0)),
    "hengqin-line": (("hengqin", 300), ("hengqin-north", 0)),
}
CHECKPOINTS = """\
checkpoint_id,name_en,name_zh_hant,name_zh_hans,kind,south_lon,south_lat,north_lon,north_lat,south_street_access,north_street_access,regime,open,close,status,clearance_mean_min,clearance_low_min,clearance_high_min,clearance_assumed
gongbei,Gongbei / Portas do Cerco,關閘／拱北,关闸／拱北,hall,113.5475,22.2135,113.5475,22.2170,1,1,separate_walk,06:00,25:00,existing,20,12,35,1
hengqin-port,Hengqin Port,橫琴口岸,横琴口岸,hall,113.5495,22.1400,113.5430,22.1395,1,1,joint_clearance,00:00,24:00,existing,6,4,12,1
link-gongbei,Gongbei station of the link,連接線拱北站,连接线拱北站,line,113.5470,22.2140,113.5455,22.2175,0,0,co_location,06:00,24:00,existing,12,8,20,1
"""
PLACES = """\
place_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,hub
senado,Senado Square,議事亭前地,议事亭前地,113.540,22.193,mo,1
cotai,Cotai,路氹城,路氹城,113.560,22.145,mo,1
gongbei,Gongbei,拱北,拱北,113.546,22.222,zh,1
hengqin-centre,Hengqin centre,橫琴中心,横琴中心,113.520,22.130,zh,1
"""
CLASSES = """\
code,habitat_id,name_en,name_zh_hant,name_zh_hans,group,ecological_value
1,built,Built-up land,建成區,建成区,built,0
2,woodland,Woodland,林地,林地,woodland,4
3,mangrove,Mangrove,紅樹林,红树林,wetland,5
4,sea,Sea,海域,海域,marine,2
"""
COURSE = LineString([(113.533, 22.187), (113.540, 22.200), (113.5455, 22.2175), (113.560, 22.260)])
LINK = """\
- id: barra-xiangzhou
  name: {en: Barra–Xiangzhou link, zh-Hant: 媽閣至香洲連接線, zh-Hans: 妈阁至香洲连接线}
  mode: metro
  status: concept
  stops: [barra, gongbei-new, xiangzhou]
  length_km: 8.7
  run_time_min: 11
  headway_min: {peak: 5, off_peak: 10}
  hours: ['06:00', '24:00']
  clearance:
    regime: co_location
    at: [gongbei-new, xiangzhou]
    checkpoint: {gongbei-new: link-gongbei, xiangzhou: link-gongbei}
    mean_min: 12
    low_min: 8
    high_min: 20
    assumed: true
  alignment: barra-xiangzhou
  profile:
  - {id: under-the-old-town, chainage_km: [0, 3.6], structure: bored_tunnel, assumed: true}
  - {id: along-the-shore, chainage_km: [3.6, LENGTH], structure: viaduct, assumed: true}
  sites:
  - {id: xiangzhou-box, kind: station_box, at: {station: xiangzhou}, area_ha: 1.2, permanent: true, assumed: true, confidence: M}
"""
SCENARIOS = {
    "today": """\
id: today
title: {en: Today, zh-Hant: 現況, zh-Hans: 现况}
question: {en: "Who reaches what today?", zh-Hant: 今天可達何處？, zh-Hans: 今天可达何处？}
year: 2025
date: 2025-12-31
""",
    "with-link": """\
id: with-link
title: {en: With the link, zh-Hant: 有連接線, zh-Hans: 有连接线}
question: {en: "Who gains from the link?", zh-Hant: 誰受惠於連接線？, zh-Hans: 谁受惠于连接线？}
extends: today
year: 2035
date: 2035-12-31
lines: {add: [barra-xiangzhou]}
""",
}
HOURS = ("early", "am_peak", "midday", "pm_peak", "evening", "late")
KINDS = {".csv": "table", ".geojson": "vector", ".tif": "raster", ".yaml": "document"}


def make_study(folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """Write the study into a folder that is not there yet, with more tables, as text by file name, where there are any."""
    layers = folder / "layers"
    layers.mkdir(parents=True)
    (folder / "scenarios").mkdir()
    texts = {
        "region.yaml": REGION, "stations.csv": STATIONS, "lines.csv": LINES, "checkpoints.csv": CHECKPOINTS,
        "places.csv": PLACES, "habitat_classes.csv": CLASSES,
        "proposals.yaml": LINK.replace("LENGTH", f"{_length_km():.4f}"), **(more or {}),
    }  # fmt: skip
    for name, text in texts.items():
        (layers / name).write_text(text, encoding="utf-8")
    for name, frame in {**_services(), "cells": _cells()}.items():
        frame.to_csv(layers / f"{name}.csv", index=False)
    for name, shapes in _shapes().items():
        shapes.to_file(layers / f"{name}.geojson", driver="GeoJSON")
    _habitat(layers / "habitat.tif")
    entries = [_entry(path) for path in sorted(layers.iterdir())]
    (folder / "catalog.yaml").write_text(
        yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    for name, text in SCENARIOS.items():
        (folder / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def _length_km() -> float:
    return float(project(COURSE).length) / 1000


def _entry(path: Path) -> dict[str, object]:
    return {
        "id": path.stem, "role": path.stem, "title": {"en": path.stem.replace("_", " ").capitalize()},
        "kind": KINDS[path.suffix], "path": f"layers/{path.name}", "date": "2026-01",
        "source": "invented for a test", "licence": "none", "attribution": "Test of Zhuhai and Macao",
    }  # fmt: skip


def _services() -> dict[str, pd.DataFrame]:
    stops = [
        {"pattern_id": line, "seq": n, "station_id": station, "run_s": run or None, "dwell_s": 30}
        for line, calls in RIDES.items()
        for n, (station, run) in enumerate(calls, start=1)
    ]
    return {
        "patterns": pd.DataFrame({"pattern_id": list(RIDES), "line_id": list(RIDES), "direction": "both"}),
        "pattern_stops": pd.DataFrame(stops),
        "headways": pd.DataFrame(
            [{"pattern_id": p, "period": h, "headway_s": 480, "assumed": 1} for p in RIDES for h in HOURS]
        ),
        "hours": pd.DataFrame(
            [
                {"pattern_id": p, "direction": d, "first": "06:00", "last": "24:30", "assumed": 1}
                for p in RIDES
                for d in ("forward", "backward")
            ]
        ),
    }


def _cells() -> pd.DataFrame:
    """A cell each 500 m on land; people and jobs thin out away from the gate."""
    rows = []
    for district_id, (region, *_, shape) in DISTRICTS.items():
        land = project(shape)
        west, south, east, north = land.bounds
        for x in np.arange(np.ceil(west / CELL_M) * CELL_M, east, CELL_M):
            for y in np.arange(np.ceil(south / CELL_M) * CELL_M, north, CELL_M):
                if land.contains(Point(x, y)):
                    rows.append({"x_m": x, "y_m": y, "region": region, "district_id": district_id})
    cells = pd.DataFrame(rows)
    cells["lon"], cells["lat"] = (v.round(6) for v in project_xy(cells["x_m"], cells["y_m"], WORKING, WGS84))
    gate = project(Point(113.5475, 22.215))
    near = np.exp(-np.hypot(cells["x_m"] - gate.x, cells["y_m"] - gate.y) / 4000)
    people = (400 + 9000 * near).round().astype(int)
    return cells.assign(
        cell_id=[f"c{n}" for n in range(len(cells))],
        residents_census=people,
        jobs_modelled=people // 2,
        residents_buildout_2035=people + 100,
        jobs_buildout_2035=people // 2 + 50,
    )


def _shapes() -> dict[str, gpd.GeoDataFrame]:
    return {
        "coastline": gpd.GeoDataFrame(
            {"region": ["mo", "zh"]}, geometry=[MACAO, union_all([GONGBEI, HENGQIN])], crs=WGS84
        ),
        "districts": gpd.GeoDataFrame(
            [
                dict(zip(("district_id", "region", "name_en", "name_zh_hant", "name_zh_hans"), (k, *v), strict=False))
                for k, v in DISTRICTS.items()
            ],
            geometry=[v[-1] for v in DISTRICTS.values()],
            crs=WGS84,
        ),
        "alignments": gpd.GeoDataFrame({"line_id": ["barra-xiangzhou"]}, geometry=[COURSE], crs=WGS84),
    }  # fmt: skip


def _habitat(path: Path) -> None:
    """Cells of 0.0005 degrees: sea, built-up land, a wood, and mangrove along the shore that the viaduct crosses."""
    step, west, north = 0.0005, 113.44, 22.31
    lon, lat = np.meshgrid(west + step * (np.arange(340) + 0.5), north - step * (np.arange(480) + 0.5))
    codes = np.full(lon.shape, 4, dtype=np.uint8)
    for code, shape in (
        (1, MACAO), (1, GONGBEI), (1, HENGQIN), (2, box(113.46, 22.24, 113.53, 22.29)), (3, box(113.54, 22.226, 113.56, 22.24)),
    ):  # fmt: skip
        for part in getattr(shape, "geoms", [shape]):
            x0, y0, x1, y1 = part.bounds
            codes[(lon > x0) & (lon < x1) & (lat > y0) & (lat < y1)] = code
    with rasterio.open(
        path, "w", driver="GTiff", width=340, height=480, count=1, dtype="uint8", nodata=0, crs="EPSG:4326",
        transform=Affine(step, 0, west, 0, -step, north),
    ) as raster:  # fmt: skip
        raster.write(codes, 1)
