"""Jobs by 250 m cell: a model (`jobs_modelled`), never statistics. Called by people.py.

Inputs: workers by place of work in Hong Kong (2016 by-census, 23 zones), land utilisation 2024, planning-
unit points; in Shenzhen counts of workers by sub-district of residence and of work (shares and ratios only),
local climate zones. Method and assumptions: docs/people_and_jobs.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from people_grid import (
    BY_BOUNDARY,
    CENSUS,
    DISTRICT_IDS,
    DISTRICTS,
    HK,
    SZ,
    WORKING,
    Frame,
    fine_centre,
    planning_units,
    sample,
)
from residents import class_weight, island_mask, street_labels
from tables import record_rows, records

from corridor.core.crs import project_xy

NO_FIXED_PLACE = "No fixed places of work in Hong Kong/ Marine/ Work at home/ Places outside Hong Kong"
REST = "Other areas in the New Territories"

URBAN = {i: r["zone_of_work"] for i, r in DISTRICTS.items() if r["zone_of_work"]}
"""The nine urban districts are zones of the table themselves."""
NEW_TOWNS = {str(u): r["town"] for r in record_rows("new_towns") for u in str(r["planning_units"]).split()}
"""New town of a planning unit (assumption); the rest is "other areas"."""
WEIGHTS = records("land_use_weights")
"""Jobs per hectare relative to each other inside a zone, by land-use class, in towns and elsewhere, where the same classes hold
sheds, yards, barracks and villas (assumption)."""
# Assumption: of the "other areas", 65,000 work on the airport island (from memory, no source at hand).
AIRPORT_JOBS = 65_000

LCZ_JOBS = {r["zone"]: r["jobs"] for r in record_rows("climate_zone_weights") if r["jobs"]}
"""Workplace floor by local climate zone (assumption): floor space as for residents times the share that is workplace (1: half,
2 and 3: a third, 4: 0.4, 5: half, 6: a fifth), large low-rise sheds 8 and heavy industry 10 all workplace."""
# Assumption: employed people per resident of Shenzhen (between 0.65 and 0.75; no table of 2020 at hand).
WORKERS_PER_RESIDENT = 0.70


def hong_kong(
    sources: Path, frame: Frame, land_use: dict[int, NDArray[np.float32]]
) -> tuple[pd.Series, pd.Series, list[str]]:
    """Jobs by cell, the table by zone of work, and the report."""
    table = pd.read_csv(sources / "hk_place_of_work" / "work_OD_clean.csv", encoding="utf-8-sig")
    work = table.groupby("place_of_work").N_workers.sum()
    nowhere = int(work.pop(NO_FIXED_PLACE))
    index = np.flatnonzero(frame.hk_land > 0)
    cell, _ = frame.settle(index, HK)
    unit = planning_units(sources, index, frame.hk_land).unit
    district = pd.Series(frame.cell_district[cell]).map({i + 1: d for i, d in enumerate(DISTRICT_IDS)})
    zone = district.map(URBAN)
    zone = zone.fillna(unit.map(NEW_TOWNS)).fillna(REST)
    missing = set(work.index) ^ set(zone.unique())
    if missing:
        raise SystemExit(f"zones of work that do not match: {sorted(missing)}")
    weight = np.zeros(len(index))
    rest = (zone == REST).to_numpy()
    for code, r in WEIGHTS.items():
        weight += land_use[code][index] * np.where(rest, r["jobs_elsewhere"], r["jobs_in_towns"])
    # The airport: its own zone, over built-up land cover of the island. Assumption: terminals, cargo, workshops
    # and the bridge port are east of 113.91 E; what the land cover calls built up farther west are runway ends.
    island = island_mask(index)
    lcz = sample(sources / "land_cover_lcz" / "lcz_2018_2019_study_area_epsg4326.tif", index)
    zone = zone.mask(island, "airport")
    lon, _ = project_xy(*fine_centre(index), WORKING, 4326)
    built = np.isin(lcz, [1, 2, 3, 4, 5, 6, 8, 10]) & (lon > 113.91)
    weight = np.where(island, built * frame.hk_land[index], weight)
    target = work.astype(float)
    target[REST] -= AIRPORT_JOBS
    target["airport"] = AIRPORT_JOBS
    rows = pd.DataFrame({"cell": cell, "zone": zone, "v": weight})
    rows["v"] *= rows.zone.map(target) / rows.groupby("zone").v.transform("sum")
    report = [
        f"Hong Kong jobs: {work.sum():,} with a place of work in {len(work)} zones; "
        f"left out, as they have no place: {nowhere:,} (no fixed place, marine, at home, outside Hong Kong)",
    ]
    return rows.groupby("cell").v.sum(), work, report


def shenzhen(sources: Path, frame: Frame) -> tuple[pd.Series, list[str]]:
    """Jobs by cell.

    District totals are residents x workers per resident x jobs per resident worker, scaled to the city's
    workers; inside a district by the job counts of sub-districts; inside these by land cover.
    """
    index = np.flatnonzero(frame.sz_zone > 0)
    label, table = street_labels(sources, index)
    count = table.groupby("district")[["res", "job"]].sum()
    ratio = count.job / count.res
    people = pd.Series(
        {r["name_in_boundaries"]: r["residents"] for r in DISTRICTS.values() if r["region"] == "sz"}
    )
    total = round(WORKERS_PER_RESIDENT * people.sum())
    jobs = people * ratio
    jobs *= total / jobs.sum()
    by_street = table.job * table.district.map(jobs / count.job)
    lcz = sample(sources / "land_cover_lcz" / "lcz_2018_2019_study_area_epsg4326.tif", index)
    w = class_weight(lcz, index, LCZ_JOBS, smooth=True)
    # A sub-district without any built-up land cover (there is one, tiny) shares over all its land.
    built = np.bincount(label, w, minlength=len(table))
    bare = list(table.JDMC[built <= 0])
    w = np.where(built[label] > 0, w, 1.0)
    cell, _ = frame.settle(index, SZ)
    rows = pd.DataFrame({"cell": cell, "street": label, "v": w})
    rows["v"] *= rows.street.map(by_street) / rows.groupby("street").v.transform("sum")
    lost = total - rows.v.sum()
    if abs(lost) > 1:
        raise SystemExit(f"{lost:,.0f} jobs of Shenzhen found no built-up land")
    report = [
        f"Shenzhen jobs: {total:,} = {WORKERS_PER_RESIDENT} x residents (assumption); jobs per "
        "resident worker "
        + ", ".join(f"{BY_BOUNDARY[q][3:]} {r:.2f}" for q, r in ratio.items())
        + f"; without built-up land cover: {bare or 'none'}",
    ]
    return rows.groupby("cell").v.sum(), report


def by_district(frame: Frame, jobs: pd.Series) -> pd.Series:
    name = {i + 1: d for i, d in enumerate(DISTRICT_IDS)}
    return jobs.groupby(pd.Series(frame.cell_district[jobs.index], index=jobs.index).map(name)).sum()


def compare(modelled: pd.Series) -> list[str]:
    lines = ["Jobs by district: modelled, and per resident:"]
    for d in DISTRICT_IDS:
        lines.append(f"  {d:24s} {modelled[d]:>10,.0f}  {modelled[d] / CENSUS[d]:.2f}")
    anchor = modelled["hk-yuen-long"] + modelled["hk-north"]
    lines.append(f"  Yuen Long and North together {anchor:,.0f} against 134,000 (N01, 2021)")
    return lines
