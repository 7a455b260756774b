"""Walking: over land of one side, round the water, never across it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from corridor.core.crs import WGS84, WORKING, project, project_xy
from corridor.network.walk import CELL_M, Ground, Points, WalkParameters
from corridor.study.study import Study

# Places that anybody can find on a map, lon and lat.
LAU_FAU_SHAN = (113.9830, 22.4690)  # Hong Kong shore of Deep Bay
SHEKOU = (113.9190, 22.4900)  # Shenzhen shore of Deep Bay
HOUHAI = (113.9372, 22.5210)
TSIM_SHA_TSUI = (114.1722, 22.2976)
CENTRAL = (114.1588, 22.2818)
LO_WU = (114.1130, 22.5270)  # south of the Shenzhen River
LUOHU = (114.1150, 22.5380)  # north of it
TSING_YI = (114.1075, 22.3585)
KWAI_FONG = (114.1280, 22.3570)  # across Rambler Channel, some 400 m of water
TUEN_MUN = (113.9733, 22.3951)
HUNG_SHUI_KIU = (113.9867, 22.4280)


def metres(
    ground: Ground,
    a: tuple[float, float],
    b: tuple[float, float],
    sides: str = "hk hk",
    limit: float = 5_000.0,
) -> float | None:
    """Walking distance between two positions, None where there is no way within the limit."""
    x, y = project_xy([a[0], b[0]], [a[1], b[1]])
    one, two = sides.split()
    _, target, distance = ground.distances(Points(x[:1], y[:1], [one]), Points(x[1:], y[1:], [two]), limit)
    return float(distance[0]) if target.size else None


def straight(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.hypot(*np.diff(project_xy([a[0], b[0]], [a[1], b[1]]))[:, 0]))


def made(*parts: tuple[str, tuple[float, float, float, float]]) -> Ground:
    """Land of boxes in EPSG:4547 metres."""
    shapes = project(np.array([box(*b) for _, b in parts], dtype=object), WORKING, WGS84)
    return Ground.from_coastline(
        gpd.GeoDataFrame({"region": [r for r, _ in parts]}, geometry=shapes, crs=WGS84)
    )


def between(
    ground: Ground, a: tuple[float, float], b: tuple[float, float], limit: float = 5_000.0
) -> float | None:
    """The same in metres of EPSG:4547, on Hong Kong's side."""
    ends = np.array([a, b], dtype=float)
    _, target, distance = ground.distances(
        Points(ends[:1, 0], ends[:1, 1], ["hk"]), Points(ends[1:, 0], ends[1:, 1], ["hk"]), limit
    )
    return float(distance[0]) if target.size else None


# --- the real ground --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "sides"),
    [
        (LAU_FAU_SHAN, SHEKOU, "hk sz"),
        (LAU_FAU_SHAN, HOUHAI, "hk sz"),
        (LO_WU, LUOHU, "hk sz"),
        (TSIM_SHA_TSUI, CENTRAL, "hk hk"),
    ],
)
def test_nobody_walks_across_the_water_or_the_boundary(
    study: Study, a: tuple[float, float], b: tuple[float, float], sides: str
) -> None:
    assert straight(a, b) < 8_000
    assert metres(study.ground, a, b, sides, 8_000.0) is None
    assert metres(study.ground, b, a, " ".join(sides.split()[::-1]), 8_000.0) is None


def test_the_river_parts_the_sides_even_where_it_is_narrow(study: Study) -> None:
    ground = study.ground
    rng = np.random.default_rng(1)
    x, y = project_xy(rng.uniform(114.03, 114.14, 400), rng.uniform(22.50, 22.545, 400))
    side = [ground.region_at(*xy) for xy in zip(x, y, strict=True)]
    hk, sz = ([i for i, s in enumerate(side) if s == region] for region in ("hk", "sz"))
    assert min(len(hk), len(sz)) > 50
    _, target, _ = ground.distances(
        Points(x[hk], y[hk], ["hk"] * len(hk)), Points(x[sz], y[sz], ["sz"] * len(sz)), 5_000.0
    )
    assert target.size == 0


def test_the_land_of_the_two_sides_does_not_mix(study: Study) -> None:
    """A place that claims the wrong side reaches nothing there either."""
    assert metres(study.ground, LO_WU, LUOHU, "hk hk") is None
    assert metres(study.ground, LUOHU, LO_WU, "sz sz") is None


def test_where_the_way_is_free_it_is_straight(study: Study) -> None:
    near = (TUEN_MUN[0] + 0.004, TUEN_MUN[1] + 0.003)
    level = replace(study.ground, height_m=None)
    assert metres(level, TUEN_MUN, near) == pytest.approx(straight(TUEN_MUN, near), rel=1e-5)
    assert metres(study.ground, TUEN_MUN, HUNG_SHUI_KIU) == pytest.approx(
        straight(TUEN_MUN, HUNG_SHUI_KIU), rel=0.1
    )


def test_a_way_is_never_shorter_than_straight_and_the_same_both_ways(study: Study) -> None:
    cells = study.cells
    rng = np.random.default_rng(2)
    some = rng.choice(len(cells.region), 60, replace=False)
    x, y, side = cells.x_m[some], cells.y_m[some], [cells.region[i] for i in some]
    start, target, distance = study.ground.distances(
        Points(x, y, side), Points(cells.x_m, cells.y_m, cells.region), 3_000.0
    )
    ways = {
        (int(some[i]), int(j)): float(d)
        for i, (a, b) in enumerate(pairwise(start))
        for j, d in zip(target[a:b], distance[a:b], strict=True)
    }
    for (i, j), d in ways.items():
        assert d >= np.hypot(cells.x_m[i] - cells.x_m[j], cells.y_m[i] - cells.y_m[j]) - 0.5
        assert cells.region[i] == cells.region[j]
    assert all(ways[i, i] == 0 for i in some)
    picked = sorted(ways)[:: max(1, len(ways) // 150)]
    for i, j in picked:
        _, _, back = study.ground.distances(Points(cells.x_m[[j]], cells.y_m[[j]], [cells.region[j]]), Points(cells.x_m[[i]], cells.y_m[[i]], [cells.region[i]]), 4_000.0)  # fmt: skip
        assert back.size == 1
        # straight one way and round the corner the other may differ by the rule for "free": 6 % and 1.5 cells
        assert float(back[0]) == pytest.approx(ways[i, j], rel=0.07, abs=1.6 * CELL_M)


def test_no_cell_stands_where_nobody_can_start(study: Study) -> None:
    """Every populated cell lies on (or a grid cell from) land of its own side."""
    cells = study.cells
    for i in np.random.default_rng(3).choice(len(cells.region), 500, replace=False):
        assert study.ground.region_at(float(cells.x_m[i]), float(cells.y_m[i])) is not None


@pytest.mark.parametrize(
    ("place", "side"),
    [(LAU_FAU_SHAN, "hk"), (HOUHAI, "sz"), (LUOHU, "sz"), (CENTRAL, "hk"), ((113.90, 22.20), None), ((2.0, 48.0), None), ((22.3, 114.2), None)],
)  # fmt: skip
def test_the_side_of_a_place(study: Study, place: tuple[float, float], side: str | None) -> None:
    assert study.ground.region_at(*(float(v) for v in project_xy(*place))) == side


# --- made ground ------------------------------------------------------------------------------------

X, Y = 500_000.0, 2_490_000.0


def island(
    x0: float, y0: float, x1: float, y1: float, side: str = "hk"
) -> tuple[str, tuple[float, float, float, float]]:
    return side, (X + x0, Y + y0, X + x1, Y + y1)


def at(x: float, y: float) -> tuple[float, float]:
    return X + x, Y + y


def test_a_narrow_channel_is_bridged() -> None:
    ground = made(island(0, 0, 2_000, 2_000), island(2_125, 0, 4_000, 2_000))
    assert between(ground, at(1_500, 1_000), at(2_600, 1_000)) == pytest.approx(1_100, rel=0.01)


def test_a_wide_channel_is_not() -> None:
    ground = made(island(0, 0, 2_000, 2_000), island(2_625, 0, 4_500, 2_000))
    assert between(ground, at(1_500, 1_000), at(3_000, 1_000)) is None


def test_a_narrow_channel_between_the_sides_is_not_bridged() -> None:
    ground = made(island(0, 0, 2_000, 2_000), island(2_125, 0, 4_000, 2_000, "sz"))
    ends = np.array([at(1_500, 1_000), at(2_600, 1_000)])
    _, target, _ = ground.distances(
        Points(ends[:1, 0], ends[:1, 1], ["hk"]), Points(ends[1:, 0], ends[1:, 1], ["sz"]), 5_000.0
    )
    assert target.size == 0
    assert not ground.walkable("hk", at(1_500, 1_000), at(2_600, 1_000))


def test_round_a_bay() -> None:
    # two arms 500 m wide and 2 km long, 1 km of water between them, joined at the south: from tip to tip
    # the way leads down one arm and up the other: 2 x 1,750 + 1,500 = 5,000 m, and less by cutting corners
    ground = made(island(0, 0, 2_000, 500), island(0, 500, 500, 2_250), island(1_500, 500, 2_000, 2_250))
    way = between(ground, at(250, 2_000), at(1_750, 2_000), 6_000.0)
    assert way is not None
    assert 2 * np.hypot(1_500, 250) + 1_000 - 3 * CELL_M <= way <= 5_000
    assert between(ground, at(250, 2_000), at(1_750, 2_000), 2_500.0) is None


def test_beyond_the_limit_there_is_nothing() -> None:
    ground = made(island(0, 0, 6_000, 1_000))
    assert between(ground, at(500, 500), at(3_400, 500), 3_000.0) == pytest.approx(2_900)
    assert between(ground, at(500, 500), at(3_600, 500), 3_000.0) is None


def test_walking_and_feeder_times_by_hand() -> None:
    p = WalkParameters()
    one_km = np.array([1_000.0, 4_000.0], dtype=np.float32)
    # 1.3 x 1,000 m at 1.2 m/s = 1,083 s; 4 km on foot 4,333 s
    assert p.walk_s(one_km) == pytest.approx([1_083.3, 4_333.3], abs=0.1)
    # feeder: 300 s and 1.4 x 4,000 m at 15 km/h = 1,344 s; at 1 km 300 + 336 = 636 s
    assert p.reach_s(one_km) == pytest.approx([636.0, 1_644.0], abs=0.1)
