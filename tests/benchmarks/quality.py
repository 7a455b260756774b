"""Habitat quality of the study area beside plain numpy with scipy, and InVEST where it is installed.

    python tests/benchmarks/quality.py [--cells 100 30]

The same land, sources, weights and k for all: numpy with ``scipy.ndimage.distance_transform_edt`` and no reach, as
the user's guide of InVEST reads, and ``natcap.invest`` (pip install natcap.invest) on GeoTIFFs of the same cells. Then
what the shipped scenarios cost once the reference is there. The first call compiles; it is told apart.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from scipy.ndimage import distance_transform_edt

from corridor.ecology.quality.grid import HabitatGrid, habitat_grid
from corridor.ecology.quality.model import QualityModel, habitat_quality
from corridor.ecology.quality.quality import assess_quality, reference_from_layers, threat_sources
from corridor.ecology.works.footprint import empty_footprint, footprint
from corridor.study.study import Study

SCENARIOS = (
    "baseline-2024",
    "committed-2030",
    "central-2035",
    "western-2035",
    "both-2035",
    "western-viaduct",
    "ecology-first",
)


def timed(work):  # noqa: ANN001, ANN201
    """Seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def plain(
    grid: HabitatGrid, sources: dict[str, np.ndarray], model: QualityModel, k: float | None
) -> tuple[np.ndarray, float]:
    """The formulas as they stand, whole arrays throughout."""
    total = sum(t.weight for t in model.threats)
    degradation = np.zeros(grid.codes.shape)
    for r, threat in enumerate(model.threats):
        ratio = distance_transform_edt(~sources[threat.threat_id]) * grid.cell_m / threat.max_distance_m
        near = 1 - ratio if threat.decay == "linear" else np.exp(-2.99 * ratio)
        near = np.where(ratio > 1, 0, near)
        degradation += threat.weight / total * near * np.nan_to_num(model.sensitivity[r])[grid.codes]
    degradation[~grid.known] = np.nan
    best = model.suitability[grid.codes]
    k = np.nanmax(degradation[best > 0]) / 2 if k is None else k
    return best * (1 - degradation**2.5 / (degradation**2.5 + k**2.5)), k


def invest(
    grid: HabitatGrid, sources: dict[str, np.ndarray], model: QualityModel, k: float, folder: Path
) -> tuple[float, np.ndarray]:
    """Seconds and quality of natcap.invest; writing its inputs is not counted."""
    from natcap.invest import habitat_quality as peer

    profile = {
        "driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4547", "transform": grid.transform,
        "height": grid.codes.shape[0], "width": grid.codes.shape[1], "tiled": True,
    }  # fmt: skip
    for name, cells, nodata in [("land", grid.codes, 0), *((t, m, 255) for t, m in sources.items())]:
        with rasterio.open(folder / f"{name}.tif", "w", nodata=nodata, **profile) as raster:
            raster.write(cells.astype(np.uint8), 1)
    rows = [
        (t.threat_id, t.max_distance_m / 1000, t.weight, t.decay, f"{t.threat_id}.tif") for t in model.threats
    ]
    pd.DataFrame(rows, columns=["threat", "max_dist", "weight", "decay", "cur_path"]).to_csv(
        folder / "threats.csv", index=False
    )
    codes = grid.classes["code"].to_numpy()
    table = pd.DataFrame({"lulc": codes, "lucode": codes, "habitat": model.suitability[codes]})
    for r, threat in enumerate(model.threats):
        table[threat.threat_id] = model.sensitivity[r, codes]
    table.to_csv(folder / "sensitivity.csv", index=False)
    asked = {
        "workspace_dir": str(folder / "out"),
        "lulc_cur_path": str(folder / "land.tif"),
        "threats_table_path": str(folder / "threats.csv"),
        "sensitivity_table_path": str(folder / "sensitivity.csv"),
        "half_saturation_constant": k,
        "n_workers": -1,
    }
    seconds, _ = timed(lambda: peer.execute(asked))
    with rasterio.open(next((folder / "out").rglob("quality_c*.tif"))) as raster:
        cells = raster.read(1).astype(float)
        return seconds, np.where(cells == raster.nodata, np.nan, cells)


def compare(study: Study, cell_m: float) -> None:
    """Print the table of one cell size."""
    layers = study.catalog
    grid = habitat_grid(study.land, cell_m)
    threats, sensitivity = layers.table("threats"), layers.table("sensitivity")
    model = QualityModel.from_tables(threats, sensitivity, grid.classes)
    sources = threat_sources(grid, model, layers.raster_path("land_use"))

    def ours():  # noqa: ANN202
        return habitat_quality(grid.codes, sources, cell_m, model)

    first_s, _ = timed(ours)
    ours_s, maps = min((timed(ours) for _ in range(3)), key=lambda found: found[0])
    plain_s, (expected, k) = min(
        (timed(lambda: plain(grid, sources, model, None)) for _ in range(2)), key=lambda found: found[0]
    )
    apart = np.nanmax(np.abs(maps.quality - expected))
    same = np.array_equal(np.isnan(maps.quality), np.isnan(expected))
    print(
        f"\n{cell_m:g} m: {grid.codes.shape[0]} x {grid.codes.shape[1]} cells, {len(model.threats)} threats, k {k:.6f}"
    )
    print(f"  this package        {ours_s:8.3f} s   (first call {first_s:.3f} s)")
    print(
        f"  numpy and scipy     {plain_s:8.3f} s   {plain_s / ours_s:6.1f} times; apart by at most {apart:.1e}, same cells without data: {same}"
    )
    if importlib.util.find_spec("natcap") and importlib.util.find_spec("natcap.invest"):
        with tempfile.TemporaryDirectory() as folder:
            peer_s, theirs = invest(grid, sources, model, k, Path(folder))
        apart = np.nanmax(np.abs(maps.quality - theirs))
        print(
            f"  natcap.invest       {peer_s:8.3f} s   {peer_s / ours_s:6.1f} times; apart by at most {apart:.1e}"
        )
    else:
        print("  natcap.invest       not installed")
    whole_s, reference = timed(
        lambda: reference_from_layers(
            grid, threats, sensitivity, layers.raster_path("land_use"), layers.vector("coastline")
        )
    )
    print(f"  reference from the layers {whole_s:.3f} s; then by scenario:")
    total_s = 0.0
    for scenario in SCENARIOS:
        parts = [footprint(w) for w in study.works(scenario)]
        prints = pd.concat(parts) if parts else empty_footprint()
        seconds, change = timed(lambda p=prints: assess_quality(reference, p))
        total_s += seconds
        causes = ", ".join(f"{cause} {ha:.2f}" for cause, ha in change.by_cause().items())
        print(
            f"    {scenario:26} {seconds:6.3f} s   {change.loss_ha:8.2f} quality-weighted ha lost ({causes})"
        )
    print(f"    all scenarios              {total_s:6.3f} s")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=float, nargs="+", default=[100.0, 30.0])
    study = Study.bundled()
    for cell_m in parser.parse_args().cells:
        compare(study, cell_m)


if __name__ == "__main__":
    main()
