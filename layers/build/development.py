"""Development areas with planned residents and jobs, and the build-out land state. Called by people.py.

Inputs: published figures (fact ids N01-N12), vertices drawn here by hand over the land-use raster of 2024
(roads, coast, estates and ponds as guides), amateur sketches of The Loop, Kwu Tung North and Fanling North
as orientation (simplified), land utilisation 2024, height of Hong Kong (70 m). Check: drawn area against the
published hectares where there are any. No statutory plan was at hand: every polygon is indicative.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from people_grid import HK, Frame, burn, fine_centre, largest_remainder
from shapely import MultiPolygon, Polygon

from corridor.core.crs import HK80, WORKING, project_xy

HSK = [
    (113.9770, 22.4522),
    (113.9805, 22.4560),
    (113.9850, 22.4590),
    (113.9905, 22.4595),
    (113.9938, 22.4560),
    (113.9962, 22.4520),
    (113.9990, 22.4470),
    (114.0020, 22.4460),
    (114.0030, 22.4420),
    (114.0018, 22.4375),
    (113.9995, 22.4320),
    (113.9965, 22.4250),
    (113.9915, 22.4190),
    (113.9870, 22.4185),
    (113.9835, 22.4220),
    (113.9820, 22.4290),
    (113.9838, 22.4360),
    (113.9847, 22.4420),
    (113.9820, 22.4470),
    (113.9785, 22.4495),
]
LFS = [
    (113.9808, 22.4562),
    (113.9798, 22.4600),
    (113.9795, 22.4640),
    (113.9830, 22.4680),
    (113.9848, 22.4715),
    (113.9890, 22.4745),
    (113.9925, 22.4785),
    (113.9945, 22.4820),
    (113.9960, 22.4850),
    (113.9995, 22.4860),
    (114.0050, 22.4845),
    (114.0070, 22.4810),
    (114.0070, 22.4748),
    (114.0005, 22.4738),
    (113.9965, 22.4700),
    (113.9938, 22.4640),
    (113.9938, 22.4562),
    (113.9905, 22.4597),
    (113.9850, 22.4592),
]
SAN_TIN = [
    (114.0600, 22.4905),
    (114.0612, 22.4965),
    (114.0640, 22.5010),
    (114.0672, 22.5020),
    (114.0690, 22.5080),
    (114.0705, 22.5140),
    (114.0735, 22.5160),
    (114.0765, 22.5130),
    (114.0785, 22.5080),
    (114.0830, 22.5048),
    (114.0880, 22.5055),
    (114.0895, 22.5035),
    (114.0845, 22.5005),
    (114.0850, 22.4940),
    (114.0820, 22.4925),
    (114.0835, 22.4880),
    (114.0825, 22.4830),
    (114.0785, 22.4838),
    (114.0740, 22.4845),
    (114.0740, 22.4826),
    (114.0680, 22.4824),
    (114.0665, 22.4860),
    (114.0625, 22.4872),
    (114.0610, 22.4890),
]
NTM = [
    (114.0575, 22.4795),
    (114.0615, 22.4818),
    (114.0670, 22.4822),
    (114.0722, 22.4815),
    (114.0738, 22.4775),
    (114.0695, 22.4738),
    (114.0630, 22.4738),
    (114.0590, 22.4760),
]
YLS = [
    (114.0138, 22.4330),
    (114.0175, 22.4342),
    (114.0215, 22.4338),
    (114.0240, 22.4300),
    (114.0235, 22.4225),
    (114.0262, 22.4130),
    (114.0215, 22.4112),
    (114.0180, 22.4135),
    (114.0150, 22.4185),
    (114.0138, 22.4260),
]
TCE = [
    (113.9445, 22.2962),
    (113.9490, 22.2985),
    (113.9545, 22.3040),
    (113.9590, 22.3072),
    (113.9640, 22.3048),
    (113.9678, 22.2998),
    (113.9600, 22.2975),
    (113.9550, 22.2958),
    (113.9535, 22.2948),
    (113.9520, 22.2970),
    (113.9480, 22.2970),
]
TCW = [
    (113.9277, 22.2795),
    (113.9310, 22.2795),
    (113.9330, 22.2778),
    (113.9345, 22.2790),
    (113.9352, 22.2745),
    (113.9345, 22.2685),
    (113.9315, 22.2668),
    (113.9290, 22.2690),
    (113.9275, 22.2730),
]
KTS = [
    (114.0560, 22.4400),
    (114.0640, 22.4405),
    (114.0705, 22.4370),
    (114.0690, 22.4300),
    (114.0640, 22.4265),
    (114.0585, 22.4300),
    (114.0560, 22.4350),
]
QIANHAI = [
    (113.8780, 22.5540),
    (113.8880, 22.5550),
    (113.8980, 22.5500),
    (113.9060, 22.5400),
    (113.9060, 22.5290),
    (113.9010, 22.5150),
    (113.8930, 22.5020),
    (113.8850, 22.4960),
    (113.8740, 22.4980),
    (113.8740, 22.5060),
    (113.8810, 22.5200),
    (113.8780, 22.5380),
]
LONG_VALLEY = [
    (114.1100, 22.5090),
    (114.1125, 22.5120),
    (114.1160, 22.5125),
    (114.1165, 22.5070),
    (114.1172, 22.5045),
    (114.1140, 22.5035),
    (114.1105, 22.5045),
]

DRAWN = "drawn by hand over the land-use raster of 2024"
SKETCH = "amateur sketch of 2022, simplified, checked against the published area where there is one"

# id, fact, names, (low, central, high) residents and jobs, published ha, confidence, accuracy, in the build-
# out, method, note
AREAS: list[dict[str, Any]] = [
    {
        "area_id": "hung-shui-kiu-ha-tsuen",
        "source": "N02",
        "names": (
            "Hung Shui Kiu/Ha Tsuen",
            "洪水橋／厦村",
            "洪水桥／厦村",
        ),
        "residents": 176_000,
        "jobs": 150_000,
        "published_ha": 714,
        "confidence": "A",
        "accuracy_m": 250,
        "method": DRAWN,
        "shape": HSK,
        "note": (
            "218,000 in all, of whom 176,000 new (184,000 in a later text, memory); jobs are the "
            "area's figure"
        ),
    },
    {
        "area_id": "kwu-tung-north",
        "source": "N03",
        "names": (
            "Kwu Tung North",
            "古洞北",
            "古洞北",
        ),
        "residents": 133_000,
        "jobs": 44_000,
        "published_ha": None,
        "confidence": "M",
        "accuracy_m": 200,
        "method": SKETCH,
        "shape": 2,
        "note": (
            "assumption: share of the two areas' published sum (+226,700 residents, 53,100 jobs, "
            "confidence A) from memory of the 2013 plan; earlier sums 188,100 and 40,100"
        ),
    },
    {
        "area_id": "fanling-north",
        "source": "N03",
        "names": (
            "Fanling North",
            "粉嶺北",
            "粉岭北",
        ),
        "residents": 93_700,
        "jobs": 9100,
        "published_ha": None,
        "confidence": "M",
        "accuracy_m": 200,
        "method": SKETCH,
        "shape": 3,
        "note": "assumption: the rest of the published sum of Kwu Tung North and Fanling North",
    },
    {
        "area_id": "san-tin-technopole",
        "source": "N04",
        "names": (
            "San Tin Technopole",
            "新田科技城",
            "新田科技城",
        ),
        "residents": 153_000,
        "jobs": 165_000,
        "published_ha": 626,
        "confidence": "M",
        "accuracy_m": 400,
        "method": DRAWN,
        "shape": SAN_TIN,
        "ponds": True,
        "note": (
            "147,000 to 159,000 residents and 165,000 jobs from memory (area: A); the plan fills "
            "about 90 ha of fish ponds, so ponds inside the polygon count as built on; the sketch "
            "at hand has the older, smaller shape"
        ),
    },
    {
        "area_id": "the-loop",
        "source": "N05",
        "names": (
            "The Loop, Hong Kong park",
            "河套（香港園區）",
            "河套（香港园区）",
        ),
        "residents": 0,
        "jobs": 52_000,
        "published_ha": 87,
        "confidence": "M",
        "accuracy_m": 100,
        "method": SKETCH,
        "shape": 0,
        "note": (
            "jobs from memory (area 87 to 87.7 ha: B); the Shenzhen park of 300 ha has no figure, left out"
        ),
    },
    {
        "area_id": "lau-fau-shan",
        "source": "N06",
        "names": (
            "Lau Fau Shan, Tsim Bei Tsui and Pak Nai",
            "流浮山、尖鼻咀及白泥",
            "流浮山、尖鼻咀及白泥",
        ),
        "residents": 135_000,
        "jobs": 20_000,
        "published_ha": 411,
        "confidence": "M",
        "accuracy_m": 500,
        "method": DRAWN,
        "shape": LFS,
        "note": (
            "130,000 to 140,000 residents and 20,000 jobs from memory (area: B); the strip along "
            "the coast to Pak Nai is not drawn"
        ),
    },
    {
        "area_id": "yuen-long-south",
        "source": "N07",
        "names": (
            "Yuen Long South",
            "元朗南",
            "元朗南",
        ),
        "residents": 98_700,
        "jobs": 13_600,
        "published_ha": None,
        "confidence": "M",
        "accuracy_m": 400,
        "method": DRAWN,
        "shape": YLS,
        "note": "figures from memory; no published area at hand",
    },
    {
        "area_id": "ngau-tam-mei",
        "source": "N08",
        "names": (
            "Ngau Tam Mei",
            "牛潭尾",
            "牛潭尾",
        ),
        "residents": 33_000,
        "jobs": 13_000,
        "published_ha": 127,
        "confidence": "M",
        "accuracy_m": 300,
        "method": DRAWN,
        "shape": NTM,
        "note": "figures and area from memory",
    },
    {
        "area_id": "tung-chung-east",
        "source": "N10",
        "names": (
            "Tung Chung East",
            "東涌東",
            "东涌东",
        ),
        "residents": 119_300,
        "jobs": 40_000,
        "published_ha": None,
        "confidence": "M",
        "accuracy_m": 100,
        "method": DRAWN,
        "shape": TCE,
        "note": (
            "+144,400 residents (A) and about 40,000 jobs (memory) in the extension; assumption: "
            "shared with Tung Chung West by flats, 40,800 and 8,600 of 49,400 (shares from "
            "memory), all jobs here"
        ),
    },
    {
        "area_id": "tung-chung-west",
        "source": "N10",
        "names": (
            "Tung Chung West",
            "東涌西",
            "东涌西",
        ),
        "residents": 25_100,
        "jobs": 0,
        "published_ha": None,
        "confidence": "M",
        "accuracy_m": 200,
        "method": DRAWN,
        "shape": TCW,
        "note": ("the rest of the extension's +144,400; estates finished before 2021 may be counted twice"),
    },
    {
        "area_id": "qianhai",
        "source": "N11",
        "names": (
            "Qianhai (15 km2 of 2012)",
            "前海（2012 年 15 平方公里）",
            "前海（2012年15平方公里）",
        ),
        "residents": 300_000,
        "jobs": 800_000,
        "published_ha": 1500,
        "confidence": "C",
        "accuracy_m": 800,
        "method": DRAWN,
        "shape": QIANHAI,
        "leave_out": True,
        "region": "sz",
        "note": (
            "not in the build-out: a target of 2012 for the whole area, largely built, whose "
            "people and jobs of today are already in the census and the job model; adding it would "
            "count them twice"
        ),
    },
    {
        "area_id": "kam-tin-south",
        "source": "N12",
        "names": (
            "Kam Tin South and Pat Heung",
            "錦田南及八鄉",
            "锦田南及八乡",
        ),
        "residents": 92_800,
        "jobs": 0,
        "published_ha": None,
        "confidence": "B",
        "accuracy_m": 600,
        "method": DRAWN,
        "shape": KTS,
        "leave_out": True,
        "note": ("not in the build-out: a land-use review of 2014, no later programme, area or jobs at hand"),
    },
]

# Land that is never built on: fish ponds, woodland, mangrove, reservoirs, streams, bare hill, rocky shore;
# and slopes.
NOT_BUILT = (62, 71, 74, 81, 83, 91, 92)
PONDS = 62
STEEP = 0.25  # rise over run on the 70 m height raster: hills, an assumption


def polygon(lonlat: list[tuple[float, float]]) -> Polygon:
    x, y = project_xy(*np.array(lonlat).T)
    return Polygon(np.column_stack([x, y]))


def slope(sources: Path, index: np.ndarray) -> np.ndarray:
    with rasterio.open(sources / "dem" / "hk-dtm5m_70m_2326.tif") as src:
        band = src.read(1).astype(float)
        band[~np.isfinite(band) | (band < 0)] = 0
        dy, dx = np.gradient(band, abs(src.transform.e), src.transform.a)
        col, row = ~src.transform * project_xy(*fine_centre(index), WORKING, HK80)
    col, row = np.floor(col).astype(int), np.floor(row).astype(int)
    inside = (col >= 0) & (row >= 0) & (col < band.shape[1]) & (row < band.shape[0])
    out = np.zeros(len(index))
    out[inside] = np.hypot(dx, dy)[row[inside], col[inside]]
    return out


def build(
    sources: Path, frame: Frame, land_use: dict[int, NDArray[np.float32]]
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """The areas (EPSG:4547), the additions by cell, and the report."""
    sketch = gpd.read_file(sources / "hk_future_sketch" / "FutureDevNode.json").to_crs(WORKING)
    shapes = []
    for area in AREAS:
        shape = area["shape"]
        geometry = (
            sketch.geometry.iloc[shape].buffer(0).simplify(30) if isinstance(shape, int) else polygon(shape)
        )
        shapes.append(geometry)
    # Areas do not overlap: an earlier one in the list keeps the ground.
    for i in range(len(shapes)):
        for j in range(i):
            if shapes[i].intersects(shapes[j]):
                shapes[i] = shapes[i].difference(shapes[j].buffer(1))
                if isinstance(shapes[i], MultiPolygon):
                    shapes[i] = MultiPolygon([p for p in shapes[i].geoms if p.area > 10_000])
    index = np.flatnonzero(frame.hk_land > 0)
    steep = slope(sources, index) > STEEP
    valley = burn(gpd.GeoDataFrame(geometry=[polygon(LONG_VALLEY)], crs=WORKING), [1])[index] > 0
    cell, _ = frame.settle(index, HK)
    rows, adds, lines = (
        [],
        [],
        ["Development areas: drawn ha, published ha, ponds ha, built-on ha, residents, jobs:"],
    )
    for area, shape in zip(AREAS, shapes, strict=True):
        inside = burn(gpd.GeoDataFrame(geometry=[shape], crs=WORKING), [1])[index] > 0
        free = frame.hk_land[index].astype(float)
        for code in NOT_BUILT:
            if not (code == PONDS and area.get("ponds")):
                free -= land_use[code][index]
        free = np.where(inside & ~steep & ~valley, np.maximum(free, 0), 0.0)
        ponds = land_use[PONDS][index][inside].sum() / 1e4
        counted = not area.get("leave_out")
        if counted:
            by_cell = pd.Series(free).groupby(cell).sum()
            by_cell = by_cell[by_cell > 0.02 * by_cell.max()]
            for what in ("residents", "jobs"):
                if area[what]:
                    whole = largest_remainder(by_cell.to_numpy(), area[what])
                    adds.append(pd.DataFrame({"cell": by_cell.index, "what": what, "n": whole}))
        rows.append(
            {
                "area_id": area["area_id"],
                "name_en": area["names"][0],
                "name_zh_hant": area["names"][1],
                "name_zh_hans": area["names"][2],
                "region": area.get("region", "hk"),
                "planned_residents": area["residents"],
                "planned_jobs": area["jobs"],
                "in_buildout": int(counted),
                "published_area_ha": area["published_ha"],
                "area_ha": round(shape.area / 1e4, 1),
                "built_on_ha": round(free.sum() / 1e4, 1) if counted else None,
                "source": area["source"],
                "confidence": area["confidence"],
                "accuracy_m": area["accuracy_m"],
                "method": area["method"],
                "note": area["note"],
                "geometry": shape,
            }
        )
        published = area["published_ha"] or "-"
        left_out = "" if counted else "  (left out of the build-out)"
        lines.append(
            f"  {area['area_id']:24s} {shape.area / 1e4:7.0f} {published!s:>5} {ponds:5.0f} "
            f"{free.sum() / 1e4:6.0f} {area['residents']:>8,} {area['jobs']:>8,}{left_out}"
        )
    table = pd.concat(adds).pivot_table(index="cell", columns="what", values="n", aggfunc="sum", fill_value=0)
    return gpd.GeoDataFrame(rows, crs=WORKING), table.astype(int), lines
