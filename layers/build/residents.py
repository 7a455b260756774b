"""Residents by 250 m cell, Hong Kong (census 2021) and Shenzhen (census 2020). Called by people.py.

Inputs: WorldPop 2020 (100 m, CC BY 4.0), census counts of 211 groups and the points of 292 planning units
(Census and Statistics Department), land utilisation 2024 (Planning Department), local climate zones (Liu and
Shi 2020, MIT), traffic zones of Shenzhen as its land, district boundaries; the census totals of ten
districts of Shenzhen. Method: docs/people_and_jobs.md. Nothing here knows where a station is.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from people_grid import (
    CENSUS,
    DISTRICT_IDS,
    FCOLS,
    FROWS,
    HK,
    SZ,
    Frame,
    burn,
    fine_centre,
    nearest_label,
    planning_units,
    rake,
    sample,
)
from scipy import ndimage
from shapely import Polygon, contains_xy
from tables import outline, record_rows

from corridor.core.crs import WORKING, project, project_xy

AIRPORT_ISLAND = Polygon(outline("airport-island"))
"""With the bridge port: no homes there, though the population model puts people on it."""

HOME_LAND = {r["code"]: r["homes"] for r in record_rows("land_use_weights") if r["homes"]}
"""Within a pixel of the population model people live on residential land: share of floor that is home, relative."""
HOME_LAND_ELSEWHERE = 0.01

LCZ_RESIDENTS = {r["zone"]: r["homes"] for r in record_rows("climate_zone_weights") if r["homes"]}
"""Floor space by local climate zone: building surface fraction x storeys (height / 3 m), from the middle of the ranges of
Stewart and Oke (2012), Bull. Amer. Meteor. Soc. 93, 1879-1900, table 3."""
LCZ_EVEN = dict.fromkeys(range(1, 7), 1.0)


def hong_kong(
    sources: Path, frame: Frame, land_use: dict[int, NDArray[np.float32]]
) -> tuple[pd.DataFrame, list[str]]:
    """Residents (`v`) by cell and census group, raked to the 211 groups and (exactly) to the 18 districts."""
    index = np.flatnonzero(frame.hk_land > 0)
    lon, lat = project_xy(*fine_centre(index), WORKING, 4326)
    with rasterio.open(sources / "hk_worldpop_2020" / "hkg_ppp_2020_UNadj_constrained.tif") as src:
        band = src.read(1)
        col, row = (np.floor(v).astype(int) for v in ~src.transform * (lon, lat))
    model = np.where(band > 0, band, 0).ravel()
    inside = (col >= 0) & (row >= 0) & (col < band.shape[1]) & (row < band.shape[0])
    pixel = np.where(inside, row * band.shape[1] + col, 0)
    home = HOME_LAND_ELSEWHERE * frame.hk_land[index]
    for code, share in HOME_LAND.items():
        home = home + share * land_use[code][index]
    total = np.bincount(pixel, home, minlength=model.size)
    people = np.where(inside & (total[pixel] > 0), model[pixel] * home / np.maximum(total[pixel], 1e-9), 0.0)
    on_land = people.sum()
    island = contains_xy(AIRPORT_ISLAND, lon, lat)
    dropped = people[island].sum()
    people[island] = 0

    units = planning_units(sources, index, frame.hk_land)
    census = pd.read_csv(sources / "hk_census_2021" / "census_stpug_v3.csv", dtype={"stpug_id": str})
    census = census[census.stpug_id != "9999"].set_index("stpug_id").population
    if census.sum() != 7_411_945:
        raise SystemExit(f"census groups sum to {census.sum():,}, expected 7,411,945")
    raw = pd.Series(people).groupby(units.group.to_numpy()).sum().reindex(census.index).fillna(0)

    cell, moved = frame.settle(index, HK)
    rows = pd.DataFrame({"group": units.group, "cell": cell, "v": people})
    rows["district"] = frame.cell_district[cell]
    rows = rows[rows.v > 0].groupby(["group", "district", "cell"], as_index=False).v.sum()
    first = rows.v * rows.group.map(census / rows.groupby("group").v.sum())
    districts = pd.Series({i + 1: CENSUS[d] for i, d in enumerate(DISTRICT_IDS[:18])})
    before = (first.groupby(rows.district).sum() - districts).abs().sum() / 2
    rows["v"] = rake(rows, "v", [("group", census), ("district", districts)])
    after = (rows.groupby("group").v.sum() - census).abs()
    report = [
        f"Hong Kong: WorldPop {model.sum():,.0f}, on land {on_land:,.0f}, "
        f"dropped on the airport island {dropped:,.0f}",
        f"  model against census by 211 groups: r {np.corrcoef(raw, census)[0, 1]:.3f}, "
        f"{(raw / raw.sum() - census / census.sum()).abs().sum() / 2:.1%} of people in another group",
        f"  groups scaled to the census, then against the 18 districts: {before:,.0f} people "
        f"({before / census.sum():.2%}) in another district",
        f"  after raking to both: districts exact, groups off by {after.sum() / 2:,.0f} people in all, "
        f"most in {after.idxmax()} ({after.max():,.0f})",
        f"  counted in a neighbouring cell because their own has its centre off land: "
        f"{people[moved > 0].sum() / people.sum():.1%}, moved at most {moved[people > 0].max():.0f} m",
    ]
    return rows, report


def street_labels(sources: Path, index: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Row of the sub-district table of each fine square (the nearest polygon's), and the table."""
    folder = sources / "shenzhen_streets"
    shapes = gpd.read_file(folder / "shenzhen_sub_districts.geojson").to_crs(WORKING)
    counts = pd.read_csv(folder / "DERIVED_street_workers_residence_workplace.csv")
    shapes["JDBH"] = shapes.JDBH.astype("int64")
    table = shapes[["JDBH"]].merge(counts, on="JDBH", how="left", validate="one_to_one")
    if table.res.isna().any():
        raise SystemExit("a sub-district has no worker count")
    wanted = np.zeros(FROWS * FCOLS, dtype=bool)
    wanted[index] = True
    label = nearest_label(burn(shapes, list(range(1, len(shapes) + 1))), wanted, reach=20_000)[index] - 1
    # The counts follow old districts: Dapeng's three sub-districts are under Longgang there.
    dapeng = table.JDMC.isin(["葵涌街道", "大鹏街道", "南澳街道"])
    table["district"] = table.QXMC.str[:2].mask(dapeng, "大鹏")
    return label, table


def class_weight(lcz: np.ndarray, index: np.ndarray, weights: dict[int, float], smooth: bool) -> np.ndarray:
    """Weight of each fine square by its land-cover class.

    Single cells of the land cover mean little (it was made on 480 m patches), so the weight of a built square
    is the mean over 250 m around it.
    """
    lut = np.zeros(256)
    for code, value in weights.items():
        lut[code] = value
    own = lut[lcz]
    if not smooth:
        return own
    full = np.zeros(FROWS * FCOLS)
    full[index] = own
    mean = ndimage.uniform_filter(full.reshape(FROWS, FCOLS), 5, mode="constant").ravel()[index]
    return np.where(own > 0, mean, 0.0)


def shenzhen(sources: Path, frame: Frame, weights: dict[int, float]) -> tuple[pd.Series, pd.Series]:
    """Residents by cell and, for the check, by sub-district."""
    index = np.flatnonzero(frame.sz_zone > 0)
    lcz = sample(sources / "land_cover_lcz" / "lcz_2018_2019_study_area_epsg4326.tif", index)
    w = class_weight(lcz, index, weights, smooth=len(set(weights.values())) > 1)
    cell, _ = frame.settle(index, SZ)
    rows = pd.DataFrame({"cell": cell, "district": frame.cell_district[cell], "v": w})
    target = rows.district.map({DISTRICT_IDS.index(d) + 1: n for d, n in CENSUS.items()})
    rows["v"] *= target / rows.groupby("district").v.transform("sum")
    label, table = street_labels(sources, index)
    by_street = pd.Series(np.bincount(label, rows.v, minlength=len(table)), index=table.JDBH)
    return rows.groupby("cell").v.sum(), by_street


def street_check(sources: Path, frame: Frame, name: str, by_street: pd.Series) -> str:
    _, table = street_labels(sources, np.flatnonzero(frame.sz_zone > 0)[:1])
    have, want = by_street.to_numpy(), table.res.to_numpy(dtype=float)
    r = np.corrcoef(have, want)[0, 1]
    astray = np.abs(have / have.sum() - want / want.sum()).sum() / 2
    d = pd.DataFrame({"a": have, "b": want, "q": table.district})
    d["a"] /= d.groupby("q").a.transform("sum")
    d["b"] /= d.groupby("q").b.transform("sum")
    inner = (d.a - d.b).abs().groupby(d.q).sum().mean() / 2
    return (
        f"  {name} against worker residences of {len(have)} sub-districts (a proxy): r {r:.2f}, "
        f"{astray:.0%} elsewhere; inside a district {inner:.0%} elsewhere"
    )


def island_mask(index: np.ndarray) -> np.ndarray:
    """Fine squares on the airport island."""
    x, y = fine_centre(index)
    return contains_xy(project(AIRPORT_ISLAND), x, y)
