"""Slopes: Tobler's function by hand, ridges and level ground, and the heights that travel with the program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.transform import from_origin

from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.network.terrain import NO_HEIGHT, coarse_heights, heights_at, steepness
from corridor.network.walk import CELL_M, Ground, Points, WalkParameters
from corridor.study.study import Study

ROWS, COLUMNS = 41, 61


def level() -> Ground:
    return Ground(np.ones((ROWS, COLUMNS), np.uint8), 0.0, 0.0, CELL_M, WalkParameters())


def middle(row: int, column: int) -> tuple[float, float]:
    return (column + 0.5) * CELL_M, (row + 0.5) * CELL_M


def metres(ground: Ground, a: tuple[int, int], b: tuple[int, int], limit_m: float = 8_000.0) -> float | None:
    (x, y), (to_x, to_y) = middle(*a), middle(*b)
    _, _, found = ground.distances(
        Points(np.array([x]), np.array([y]), ["hk"]),
        Points(np.array([to_x]), np.array([to_y]), ["hk"]),
        limit_m,
    )
    return float(found[0]) if found.size else None


def test_tobler_against_level_ground() -> None:
    # level 6 exp(-0.175) = 5.04 km/h; at 0.05 down it is 6: a metre takes exp(-0.175) as long, up exp(0.175)
    assert steepness(np.array([0.0, 0.05])) == pytest.approx([1.0, np.cosh(0.175)])
    # at 0.2: up exp(0.7) = 2.014, down exp(0.35) = 1.419
    assert steepness(np.array([0.2, -0.2])) == pytest.approx([1.716, 1.716], abs=0.001)


@given(st.floats(0, 5), st.floats(0, 5))
def test_steeper_is_never_quicker(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 1.0 <= steepness(np.array([low]))[0] <= steepness(np.array([high]))[0]


def test_an_even_slope_by_hand() -> None:
    # 25 m a cell: 25 / (1.3 x 125) = 0.1538 on the path; up exp(0.5385) = 1.7134, down exp(0.1885) = 1.2074, mean 1.4604
    slope = np.tile((25 * np.arange(COLUMNS)).astype(np.int16), (ROWS, 1))
    ground = replace(level(), height_m=slope)
    for a, b in (((20, 10), (20, 20)), ((20, 20), (20, 10))):
        assert metres(ground, a, b) == pytest.approx(1_250 * 1.4604, rel=1e-3)
    assert metres(ground, (10, 20), (20, 20)) == 1_250.0  # along the slope it is level


def test_a_ridge_is_gone_round_as_water_is() -> None:
    ridge, lake = np.zeros((ROWS, COLUMNS), np.int16), np.ones((ROWS, COLUMNS), np.uint8)
    ridge[:30, 29:31], lake[:30, 29:31] = 400, 0
    round_it = metres(replace(level(), land=lake), (20, 20), (20, 40))
    assert metres(replace(level(), height_m=ridge), (20, 20), (20, 40)) == pytest.approx(round_it)
    assert round_it is not None
    assert round_it > 1.2 * 2_500


def test_walks_end_sooner_on_a_slope() -> None:
    slope = np.tile((25 * np.arange(COLUMNS)).astype(np.int16), (ROWS, 1))
    assert metres(level(), (20, 10), (20, 20), 1_500.0) == 1_250.0
    assert metres(replace(level(), height_m=slope), (20, 10), (20, 20), 1_500.0) is None


heights = arrays(np.int16, (ROWS, COLUMNS), elements=st.integers(0, 300))


@settings(max_examples=20)
@given(heights)
def test_no_slope_shortens_a_walk(height: np.ndarray) -> None:
    plain, sloped = level(), replace(level(), height_m=height)
    for b in ((20, 25), (28, 33), (12, 22)):
        flat = metres(plain, (20, 20), b)
        steep = metres(sloped, (20, 20), b, 50_000.0)
        assert flat is not None
        assert steep is None or steep >= flat


@pytest.mark.parametrize("height", [0, 700, NO_HEIGHT])
@pytest.mark.parametrize("coarsen", [1, 2])
def test_level_ground_changes_nothing(height: int, coarsen: int) -> None:
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, COLUMNS * CELL_M, 60), rng.uniform(0, ROWS * CELL_M, 60)
    land = np.where(rng.random((ROWS, COLUMNS)) < 0.8, 1, 0).astype(np.uint8)
    plain = replace(level(), land=land)
    same = replace(plain, height_m=np.full((ROWS, COLUMNS), height, np.int16))
    found = [
        g.distances(Points(x, y, ["hk"] * 60), Points(x, y, ["hk"] * 60), 3_000.0, coarsen)
        for g in (plain, same)
    ]
    for a, b in zip(*found, strict=True):
        assert np.array_equal(a, b)


def test_unknown_heights_count_as_level() -> None:
    half = np.full((ROWS, COLUMNS), 500, np.int16)
    half[:, 30:] = NO_HEIGHT
    assert metres(replace(level(), height_m=half), (20, 20), (20, 40)) == 2_500.0


def test_blocks_take_the_mean_of_what_is_known() -> None:
    height = np.array([[10, 20, 7, NO_HEIGHT], [30, 40, NO_HEIGHT, NO_HEIGHT]], dtype=np.int16)
    assert coarse_heights(height, 2).tolist() == [[25, 7]]
    assert coarse_heights(np.full((2, 2), NO_HEIGHT, np.int16), 2).tolist() == [[NO_HEIGHT]]


def test_heights_are_read_where_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "h.tif"
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "int16", "crs": "EPSG:4326"}
    with rasterio.open(
        path, "w", **profile, transform=from_origin(114.0, 22.4, 0.1, 0.1), nodata=-1
    ) as raster:
        raster.write(np.array([[1, 2], [3, -1]], np.int16), 1)
    lon, lat = (
        np.array([114.05, 114.15, 114.05, 114.15, 113.9]),
        np.array([22.35, 22.35, 22.25, 22.25, 22.35]),
    )
    x, y = project_xy(lon, lat, WGS84, WORKING)
    assert heights_at(path, x, y).tolist() == [1, 2, 3, NO_HEIGHT, NO_HEIGHT]


# --- the real ground ---------------------------------------------------------------------------


def test_the_peak_is_a_climb_and_the_harbour_front_is_not(study: Study) -> None:
    # Central to the Peak, 1.4 km and 380 m up; along the harbour from Central to Wan Chai
    for a, b, least, most in (
        ((114.1577, 22.2819), (114.1500, 22.2710), 1.3, 3.0),
        ((114.1600, 22.2840), (114.1730, 22.2800), 1.0, 1.05),
    ):
        x, y = project_xy([a[0], b[0]], [a[1], b[1]])
        climbed, level_m = (
            g.distances(Points(x[:1], y[:1], ["hk"]), Points(x[1:], y[1:], ["hk"]), 8_000.0)[2]
            for g in (study.ground, replace(study.ground, height_m=None))
        )
        assert least <= climbed[0] / level_m[0] <= most


def test_the_ground_knows_the_heights_of_both_sides(study: Study) -> None:
    ground = study.ground
    assert ground.height_m is not None
    for lon, lat, least, most in ((114.1245, 22.4105, 850, 957), (114.0559, 22.5375, 0, 40), (114.02, 22.66, NO_HEIGHT, NO_HEIGHT)):  # fmt: skip
        x, y = project_xy(lon, lat)
        row, col = int((float(y) - ground.y0_m) // CELL_M), int((float(x) - ground.x0_m) // CELL_M)
        assert least <= ground.height_m[row, col] <= most
