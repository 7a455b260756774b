"""Hectares by habitat under 2,000 polygons beside rasterstats, and the ecology part of the shipped comparison.

    python tests/benchmarks/overlap.py      (pip install rasterstats)

The same polygons on the habitat raster of the study area. rasterstats counts cells by their middle; ours shares cells by
area, so that the hectares of a polygon add up to it. The first line of the ecology part loads and assesses
everything, the second finds what scenarios share.
"""

from __future__ import annotations

import importlib.util
import time

import numpy as np
import shapely

from corridor.core.crs import WGS84, WORKING, project
from corridor.ecology.impact.overlap import habitat_shares
from corridor.study.question import shipped_comparison
from corridor.study.run import assess_scenario
from corridor.study.study import Study

POLYGONS = 2_000
SEED = 7


def timed(work):  # noqa: ANN001, ANN201
    """Wall seconds, processor seconds and result."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - processor, result


def polygons(study: Study) -> np.ndarray:
    """Strips and blobs of 1 to 60 ha anywhere on the known land, EPSG:4547."""
    draw = np.random.default_rng(SEED)
    west, south, east, north = project(shapely.box(*study.land.extent), WGS84, WORKING).bounds
    middle = draw.uniform((west + 5e3, south + 5e3), (east - 5e3, north - 5e3), (POLYGONS, 2))
    angle, half = draw.uniform(0, np.pi, POLYGONS), draw.uniform(60, 2_000, POLYGONS)
    way = np.column_stack([np.cos(angle), np.sin(angle)]) * half[:, None]
    lines = shapely.linestrings(np.stack([middle - way, middle + way], axis=1))
    return shapely.buffer(lines, draw.uniform(10, 150, POLYGONS))


def overlap(study: Study) -> None:
    """Print ours beside rasterstats, with what each makes of the area."""
    land, shapes = study.land, polygons(study)
    moved = land.to_raster_system(shapes)
    whole_ha = shapely.area(shapes).sum() / 1e4
    wall, processor, ours = timed(lambda: habitat_shares(shapes, land))
    ours_ha = (ours["share"] * shapely.area(shapes)[ours["row"]]).groupby(ours["habitat_code"]).sum() / 1e4
    print(f"{POLYGONS:,} polygons, {whole_ha:,.0f} ha, habitat cells of 0.00028 degrees")
    print(f"{'':<22}{'wall s':>8}{'cpu s':>8}{'ratio':>8}{'area error %':>14}")
    print(
        f"{'corridor':<22}{wall:>8.2f}{processor:>8.2f}{1:>8.1f}{100 * (ours_ha.sum() / whole_ha - 1):>14.4f}"
    )
    if importlib.util.find_spec("rasterstats") is None:
        print("rasterstats is not installed: pip install rasterstats")
        return
    from rasterstats import zonal_stats

    whole = land.habitat.astype(np.int16)  # it needs a value for no data that no class has
    then, took, found = timed(
        lambda: zonal_stats(moved, whole, affine=land.transform, nodata=-999, categorical=True)
    )
    cell_ha = (
        shapely.area(shapes)
        / np.maximum(shapely.area(moved), 1e-15)
        * abs(land.transform.a * land.transform.e)
        / 1e4
    )
    theirs_ha = np.zeros(256)
    for row, counts in enumerate(found):
        for code, cells in counts.items():
            theirs_ha[int(code)] += cells * cell_ha[row]
    error = 100 * (theirs_ha.sum() / whole_ha - 1)
    print(f"{'rasterstats':<22}{then:>8.2f}{took:>8.2f}{then / wall:>8.1f}{error:>14.4f}")
    codes = [c for c in ours_ha.index if c > 0]
    apart = max(abs(ours_ha[c] - theirs_ha[c]) for c in codes)
    print(f"largest difference in a habitat: {apart:,.1f} ha of {whole_ha:,.0f}")


def ecology() -> None:
    """Print the ecology part of the shipped comparison, first and again."""
    study = Study.bundled()
    load, _, _ = timed(lambda: (study.land, study.tables, study.alignments))
    for label in ("first", "again"):
        wall, processor, _ = timed(
            lambda: [assess_scenario(study, s) for s in shipped_comparison().scenarios]
        )
        print(f"ecology of {len(shipped_comparison().scenarios)} scenarios, {label}: {wall:.1f} s ({processor:.1f} s of processor); "
              f"layers loaded in {load:.1f} s")  # fmt: skip


if __name__ == "__main__":
    overlap(Study.bundled())
    ecology()
