"""Build layers/people: residents, modelled jobs and build-out by 250 m cell, income, development areas, facilities.

Inputs (folder DIR with the reference data): WorldPop 2020 constrained 100 m (CC BY 4.0); census 2021 by
small area group and planning-unit points, place of work 2016 (Census and Statistics Department); land
utilisation 2024 and district boundaries (Planning Department and Home Affairs, DATA.GOV.HK terms); local
climate zones (Liu and Shi 2020, MIT); traffic zones, districts and sub-district worker counts of Shenzhen
(shares and ratios only); census totals of ten districts of Shenzhen; height 70 m; lists of the Hospital
Authority; amateur sketches of development areas (orientation). Method, assumptions and doubts:
docs/people_and_jobs.md. Output: own compilation, CC BY 4.0, with the sources' attribution.

    python layers/build/people.py --sources DIR
"""

from __future__ import annotations

import json
from pathlib import Path

import development
import facilities
import income
import jobs
import numpy as np
import pandas as pd
import people_grid as grid
import residents
from numpy.typing import NDArray
from people_grid import CENSUS, COLS, DISTRICT_IDS, HK, WORKING, Frame, cell_centre, largest_remainder
from scipy.spatial import cKDTree
from shapely import contains_xy, set_precision, to_geojson
from tables import LAYERS, sources_argument

from corridor.core.crs import project, project_xy

OUT = LAYERS / "people"
LandUse = dict[int, NDArray[np.float32]]
COUNTS = (
    "residents_census",
    "residents_even",
    "jobs_modelled",
    "residents_buildout_2035",
    "jobs_buildout_2035",
)
MOST_OFF_JOBS = 30
# A cell with fewer people and jobs than this gives them to the nearest fuller cell of its district (size of
# the file).
FEWEST = 30.0
REACH = 2_000.0  # metres; a cell with no fuller one as near as that stays as it is (islands, remote villages)


def tidy(frame: Frame, table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Move the people and jobs of nearly empty cells to the nearest fuller cell of the same district."""
    district = frame.cell_district[table.index]
    size = table[["residents_census", "jobs_modelled"]].sum(axis=1)
    full = (np.maximum(size, table.residents_even) >= FEWEST).to_numpy()
    to = table.index.to_numpy().copy()
    xy = np.column_stack(cell_centre(to))
    far = 0.0
    for d in np.unique(district):
        small, big = np.flatnonzero(~full & (district == d)), np.flatnonzero(full & (district == d))
        if len(small):
            distance, hit = cKDTree(xy[big]).query(xy[small])
            near = (distance <= REACH) | (size.to_numpy()[small] < 5)
            to[small[near]] = table.index.to_numpy()[big[hit[near]]]
            far = max(far, float(distance[near].max(initial=0.0)))
    moved = table[to != table.index]
    out = table.groupby(to).sum()
    note = (
        f"Nearly empty cells (under {FEWEST:.0f} people and jobs): {len(moved)}, with "
        f"{moved.residents_census.sum():,.0f} residents and {moved.jobs_modelled.sum():,.0f} jobs, "
        f"joined to the nearest of their district, at most {far:,.0f} m"
    )
    return out, [note]


def whole_numbers(frame: Frame, table: pd.DataFrame) -> pd.DataFrame:
    """Whole people and jobs: largest remainder in each district, so that totals are kept."""
    district = frame.cell_district[table.index]
    out = pd.DataFrame(index=table.index)
    for name in table.columns:
        jobs = name.startswith("jobs")
        column = np.zeros(len(table), dtype=np.int64)
        values = table[name].to_numpy()
        sums = np.bincount(district, values, minlength=len(DISTRICT_IDS) + 1)
        regional = np.concatenate([sums[1:19], sums[19:]])
        targets = np.zeros(len(DISTRICT_IDS), dtype=np.int64)
        for part in (slice(0, 18), slice(18, 28)):
            share = regional[part]
            targets[part] = largest_remainder(share, round(share.sum())) if jobs else 0
        for k, d in enumerate(DISTRICT_IDS):
            here = district == k + 1
            column[here] = largest_remainder(values[here], int(targets[k]) if jobs else CENSUS[d])
        out[name] = column
    return out


def save(name: str, text: str) -> None:
    """Write a file of layers/people."""
    path = OUT / name
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {name}: {path.stat().st_size / 1e6:.2f} MB")


def say(lines: list[str]) -> None:
    """Print lines of the report."""
    print("\n".join(lines))


def of_today(src: Path, frame: Frame, land_use: LandUse) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Residents and jobs of today by cell; people of Hong Kong by cell and census group; workers by zone of work."""
    hk_groups, lines = residents.hong_kong(src, frame, land_use)
    hk_people = hk_groups.groupby("cell").v.sum()
    say(lines)
    sz_people, streets = residents.shenzhen(src, frame, residents.LCZ_RESIDENTS)
    sz_even, streets_even = residents.shenzhen(src, frame, residents.LCZ_EVEN)
    print(f"Shenzhen: {sz_people.sum():,.0f} residents over built-up land cover")
    print(residents.street_check(src, frame, "weighted", streets))
    print(residents.street_check(src, frame, "even    ", streets_even))
    hk_jobs, work, lines = jobs.hong_kong(src, frame, land_use)
    say(lines)
    sz_jobs, lines = jobs.shenzhen(src, frame)
    say(lines)
    table = pd.DataFrame(
        {
            "residents_census": pd.concat([hk_people, sz_people]),
            "residents_even": pd.concat([hk_people, sz_even]),
            "jobs_modelled": pd.concat([hk_jobs, sz_jobs]),
        }
    ).fillna(0.0)
    table = table[(table > 0).any(axis=1)].sort_index()
    print(f"Cells with anything before tidying: {len(table)}")
    table, lines = tidy(frame, table)
    say(lines)
    return whole_numbers(frame, table), hk_groups, work


def with_buildout(table: pd.DataFrame, extra: pd.DataFrame) -> pd.DataFrame:
    """Residents and jobs of the build-out beside those of today: today's and the additions by cell."""
    table = table.reindex(table.index.union(extra.index), fill_value=0)
    for what, now in (("residents", "residents_census"), ("jobs", "jobs_modelled")):
        table[f"{what}_buildout_2035"] = table[now] + extra[what].reindex(table.index, fill_value=0)
    return table[(table > 0).any(axis=1)].sort_index()


def cells(frame: Frame, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of cells.csv: id, place, region, district, then the columns of the table."""
    cell = table.index.to_numpy()
    x, y = cell_centre(cell)
    lon, lat = project_xy(x, y, WORKING, 4326)
    region = frame.cell_region[cell]
    if (region == 0).any():
        raise SystemExit("a cell is off land")
    place = pd.DataFrame(
        {
            "cell_id": [f"c{c}r{r}" for c, r in zip(cell % COLS, cell // COLS, strict=True)],
            "x_m": x.astype(int),
            "y_m": y.astype(int),
            "lon": [f"{v:.5f}" for v in lon],
            "lat": [f"{v:.5f}" for v in lat],
            "region": np.where(region == HK, "hk", "sz"),
            "district_id": [DISTRICT_IDS[d - 1] for d in frame.cell_district[cell]],
        }
    )
    return place.assign(**{name: table[name].to_numpy() for name in COUNTS})


def save_areas(areas: pd.DataFrame) -> None:
    """Write development_areas.geojson."""
    features = []
    for row in areas.to_dict("records"):
        shape = set_precision(project(row.pop("geometry"), WORKING, 4326), 1e-5)
        row = {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()}
        if row["published_area_ha"] is not None:
            row["published_area_ha"] = int(row["published_area_ha"])
        features.append({"type": "Feature", "properties": row, "geometry": json.loads(to_geojson(shape))})
    body = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    save("development_areas.geojson", f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n')


def check(out: pd.DataFrame, work: pd.Series) -> None:
    """Print totals; stop where the jobs of an urban district are not those of its zone of work."""
    by_district = out.groupby("district_id").jobs_modelled.sum()
    say(jobs.compare(by_district))
    for d, zone in jobs.URBAN.items():
        if abs(by_district[d] - work[zone]) > MOST_OFF_JOBS:
            raise SystemExit(f"{d}: {by_district[d]:,} jobs, table has {work[zone]:,}")
    print(
        f"Cells: {len(out)} ({(out.region == 'hk').sum()} Hong Kong, {(out.region == 'sz').sum()} Shenzhen)"
    )
    print(out.groupby("region")[[c for c in COUNTS if c != "residents_even"]].sum().to_string())


def main() -> None:
    """Build the four files."""
    src = sources_argument(__doc__ or "")
    land_use = grid.land_use_counts(src / "hk_land_use_2024" / "landuse_2024_10m_epsg2326.tif")
    frame = grid.build_frame(src, land_use)
    table, hk_groups, work = of_today(src, frame, land_use)
    areas, extra, lines = development.build(src, frame, land_use)
    say(lines)
    centres = cell_centre(table.index.to_numpy())
    for name in ("residents_census", "jobs_modelled"):  # of today, in the cells whose centre is inside
        areas[name] = [int(table[name][contains_xy(g, *centres)].sum()) for g in areas.geometry]
    print(areas[["area_id", "residents_census", "jobs_modelled"]].to_string(index=False))
    table = with_buildout(table, extra)
    out = cells(frame, table)
    save("cells.csv", out.to_csv(index=False, lineterminator="\n"))
    check(out, work)
    save_areas(areas)
    in_hong_kong = frame.cell_region[table.index] == HK
    incomes, lines = income.build(src, frame, hk_groups, table.residents_census[(table.residents_census > 0) & in_hong_kong])  # fmt: skip
    say(lines)
    save("household_income.csv", incomes.to_csv(index=False, lineterminator="\n"))
    places, lines = facilities.build(src, frame)
    say(lines)
    save("facilities.csv", places.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    main()
