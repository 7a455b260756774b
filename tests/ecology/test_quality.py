"""Habitat quality: cases worked by hand, a plain reference, and what always holds."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from shapely.geometry import box

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.land.nearest import nearest_m
from corridor.ecology.quality.grid import HabitatGrid, habitat_grid
from corridor.ecology.quality.model import QualityModel, Threat, decay, habitat_quality, quality, rarity
from corridor.ecology.quality.quality import (
    DIRECT_TAKE,
    QualityReference,
    assess_quality,
    quality_reference,
    reference_from_layers,
    sides_of,
    threat_sources,
)
from corridor.ecology.works.footprint import footprint
from corridor.study.study import Study

X, Y = 500_000.0, 2_490_000.0
CLASSES = pd.DataFrame(
    {
        "code": [1, 2, 3],
        "habitat_id": ["pond", "wood", "town"],
        "group": ["wetland", "woodland", "built"],
    }
)


def model(
    *threats: Threat, h: tuple[float, ...] = (1, 1, 0), s: Any = None, k: float | None = 0.5
) -> QualityModel:
    """A model for codes 1, 2 and 3; sensitivity 1 (town 0) unless given by threat."""
    suitability, sensitivity = np.full(256, np.nan), np.full((len(threats), 256), np.nan)
    suitability[1:4] = h
    sensitivity[:, 1:4] = (1, 1, 0) if s is None else s
    return QualityModel(threats, suitability, sensitivity, k)


def one_source(shape: tuple[int, int] = (5, 5), at: tuple[int, int] = (2, 2)) -> np.ndarray:
    cells = np.zeros(shape, dtype=bool)
    cells[at] = True
    return cells


PONDS = np.ones((5, 5), dtype=np.uint8)


def test_linear_by_hand() -> None:
    # One source in the middle of 5 x 5 cells of 100 m, reach 200 m, weight and sensitivity 1, so D is the intensity:
    # beside it 1 - 100/200 = 0.5; on the diagonal 1 - 141.42/200 = 0.29289; 200 m off 0; in the corner (282.8 m) 0.
    # k = 0.5: Q = 0.5 where D = 0.5, and 1/(1 + 1/0.5^2.5) = 0.1767767/1.1767767 = 0.150221 in the source.
    maps = habitat_quality(PONDS, {"rail": one_source()}, 100.0, model(Threat("rail", 1, 200, "linear")))
    assert maps.degradation[2] == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert maps.degradation[1] == pytest.approx([0, 0.292893, 0.5, 0.292893, 0], abs=1e-6)
    assert maps.quality[2] == pytest.approx([1, 0.5, 0.150221, 0.5, 1], abs=1e-6)
    assert maps.quality[0, 0] == 1


def test_exponential_by_hand() -> None:
    # exp(-2.99 * 100/200) = exp(-1.495) = 0.224248; at the maximum distance itself exp(-2.99) = 0.050287; in the
    # corner, at 282.8 m, nothing: beyond the maximum distance the threat is 0.
    maps = habitat_quality(PONDS, {"rail": one_source()}, 100.0, model(Threat("rail", 1, 200, "exponential")))
    assert maps.degradation[2] == pytest.approx([0.050287, 0.224248, 1, 0.224248, 0.050287], abs=1e-6)
    assert maps.degradation[0, 0] == 0


def test_nearest_cell_counts_not_their_number() -> None:
    # A column of five sources or one of them: the cell beside it is 100 m from the nearest either way.
    column = np.zeros((5, 5), dtype=bool)
    column[:, 2] = True
    m = model(Threat("rail", 1, 200, "linear"))
    many, one = (habitat_quality(PONDS, {"rail": s}, 100.0, m) for s in (column, one_source()))
    assert many.degradation[2, 1] == one.degradation[2, 1] == 0.5


def test_weights_sensitivity_and_access_by_hand() -> None:
    # Weights 1 and 3: shares 1/4 and 3/4. In the cell 100 m from the source of both: intensities 0.5 (linear) and
    # 0.224248 (exponential). Pond: S = 0.8 and 0.4: D = 0.25*0.5*0.8 + 0.75*0.224248*0.4 = 0.1 + 0.0672744. beta 0.5
    # halves it.
    m = model(
        Threat("rail", 1, 200, "linear"),
        Threat("town", 3, 200, "exponential"),
        s=[(0.8, 1, 0), (0.4, 1, 0)],
    )
    sources = {"rail": one_source(), "town": one_source()}
    full = habitat_quality(PONDS, sources, 100.0, m)
    half = habitat_quality(PONDS, sources, 100.0, m, access=np.full((5, 5), 0.5))
    assert full.degradation[2, 1] == pytest.approx(0.1672744, abs=1e-6)
    assert half.degradation[2, 1] == pytest.approx(0.0836372, abs=1e-6)


def test_half_saturation_is_half_of_the_largest_degradation_of_a_habitat() -> None:
    # The source itself is town (suitability 0): the largest D of a habitat is 0.5 beside it, so k = 0.25.
    codes = PONDS.copy()
    codes[2, 2] = 3
    m = model(Threat("rail", 1, 200, "linear"), s=[(1, 1, 1)], k=None)
    maps = habitat_quality(codes, {"rail": one_source()}, 100.0, m)
    assert maps.half_saturation == 0.25
    assert maps.quality[2, 2] == 0


def test_quality_is_half_at_k_and_whole_without_degradation() -> None:
    assert quality(0.8, [0.0, 0.3], 0.3) == pytest.approx([0.8, 0.4])


def test_decay_at_the_ends() -> None:
    assert decay([0, 1000, 1001], 1000, "linear").tolist() == [1, 0, 0]
    assert decay([0, 1000, 1001], 1000, "exponential") == pytest.approx([1, math.exp(-2.99), 0])


def test_rarity_by_hand() -> None:
    # Baseline: 10 pond, 6 wood. Now: 6 pond, 6 wood, 4 town, which the baseline lacks.
    # Pond: 1 - 6/(10 + 6) = 0.625; wood unchanged: 0.5; town: 0. The older form: 1 - 6/10 = 0.4.
    baseline = np.repeat(np.array([1, 2], dtype=np.uint8), [10, 6]).reshape(4, 4)
    now = np.repeat(np.array([1, 3, 2], dtype=np.uint8), [6, 4, 6]).reshape(4, 4)
    frame, cells = rarity(now, baseline)
    assert frame.set_index("code")["rarity"].to_dict() == {1: 0.625, 2: 0.5, 3: 0.0}
    assert frame.set_index("code")["change_ratio"][1] == pytest.approx(0.4)
    assert cells[0, 0] == 0.625
    unknown = now.copy()
    unknown[0, 0] = 0
    assert np.isnan(rarity(unknown, baseline)[1][0, 0])


masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


def brute_force_m(sources: np.ndarray, cell_m: float) -> np.ndarray:
    """Every cell against every source."""
    where = np.argwhere(sources)
    out = np.full(sources.shape, np.inf)
    for cell in np.ndindex(sources.shape):
        if len(where):
            out[cell] = np.sqrt(((where - cell) ** 2).sum(axis=1).min()) * cell_m
    return out


@settings(max_examples=60)
@given(masks, st.sampled_from([15.0, 40.0, 1e6]))
def test_distance_equals_every_cell_against_every_source(sources: np.ndarray, reach_m: float) -> None:
    expected = brute_force_m(sources, 10.0)
    expected[expected > reach_m] = np.inf
    assert np.allclose(nearest_m(sources, 10.0, reach_m), expected)


@st.composite
def lands(draw: st.DrawFn) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray, QualityModel]:
    shape = draw(st.tuples(st.integers(2, 8), st.integers(2, 8)))
    codes = draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, 3)))
    share = st.floats(0, 1)
    threats = tuple(
        Threat(
            name,
            draw(st.floats(0.1, 1)),
            draw(st.floats(5, 120)),
            draw(st.sampled_from(["linear", "exponential"])),
        )
        for name in ("a", "b")
    )
    s = draw(hnp.arrays(float, (2, 3), elements=share))
    m = model(*threats, h=tuple(draw(st.tuples(share, share, share))), s=s, k=draw(st.floats(0.05, 1)))
    sources = {name: draw(hnp.arrays(bool, shape)) for name in ("a", "b")}
    return codes, sources, draw(hnp.arrays(float, shape, elements=share)), m


@settings(max_examples=60)
@given(lands())
def test_equals_a_plain_reference(land: Any) -> None:
    codes, sources, access, m = land
    maps = habitat_quality(codes, sources, 10.0, m, access)
    total = sum(t.weight for t in m.threats)
    for cell in np.ndindex(codes.shape):
        code = codes[cell]
        if code == 0:
            assert np.isnan(maps.quality[cell]) and np.isnan(maps.degradation[cell])
            continue
        d = 0.0
        for r, t in enumerate(m.threats):
            away = brute_force_m(sources[t.threat_id], 10.0)[cell]
            if away <= t.max_distance_m:
                ratio = away / t.max_distance_m
                near = 1 - ratio if t.decay == "linear" else math.exp(-2.99 * ratio)
                d += t.weight / total * near * access[cell] * m.sensitivity[r, code]
        k = m.half_saturation or 0
        assert maps.degradation[cell] == pytest.approx(d, abs=1e-9)
        assert maps.quality[cell] == pytest.approx(
            m.suitability[code] * (1 - d**2.5 / (d**2.5 + k**2.5)), abs=1e-9
        )


@settings(max_examples=40)
@given(lands(), st.data())
def test_more_threat_never_raises_quality(land: Any, data: st.DataObject) -> None:
    codes, sources, access, m = land
    more = {**sources, "a": sources["a"] | data.draw(hnp.arrays(bool, codes.shape))}
    before, after = (habitat_quality(codes, s, 10.0, m, access).quality for s in (sources, more))
    known = codes > 0
    assert (after[known] <= before[known] + 1e-12).all()


# Works


def grid_of(codes: np.ndarray, cell_m: float = 100.0) -> HabitatGrid:
    return HabitatGrid(codes, Affine(cell_m, 0, X, 0, -cell_m, Y), CLASSES)


def works(*pieces: tuple[str, bool, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    """Footprint rows: permanence, operation, and west, south, east, north in metres from the corner at the north-west."""
    rows = [("line", p, o, box(X + w, Y + s, X + e, Y + n)) for p, o, (w, s, e, n) in pieces]
    return gpd.GeoDataFrame(
        rows, columns=["line_id", "permanence", "operation", "geometry"], geometry="geometry", crs=4547
    )


RAIL = Threat("rail", 1, 200, "linear", works="operation")
BUILT = Threat("town", 1, 300, "exponential", habitats=("town",), works="take")


def reference(
    codes: np.ndarray, m: QualityModel | None = None, cell_m: float = 100.0, **options: Any
) -> QualityReference:
    grid = grid_of(codes, cell_m)
    m = m or model(RAIL, BUILT)
    return quality_reference(grid, m, threat_sources(grid, m), **options)


def test_loss_by_hand() -> None:
    # One cell of 1 ha pond; a deck touches it and a quarter of it is taken. Before: D = 0, Q = 1. Rail alone, in its
    # own source: D = 1, Q = 0.150221 (k = 0.5), loss 0.849779. Take alone: loss 0.25. Both: 1 - 0.75*0.150221 =
    # 0.887334. Shapley: take = (0.25 + (0.887334 - 0.849779))/2 = 0.143777; rail = 0.887334 - 0.143777 = 0.743557.
    m = model(RAIL)
    ref = reference(np.ones((1, 1), dtype=np.uint8), m)
    change = assess_quality(
        ref, works(("permanent", False, (0, -50, 50, 0)), ("shade", True, (0, -100, 100, -90)))
    )
    found = change.by_cause()
    assert found[DIRECT_TAKE] == pytest.approx(0.143777, abs=1e-6)
    assert found["rail"] == pytest.approx(0.743557, abs=1e-6)
    row = change.totals.iloc[0]
    assert (row["area_ha"], row["before_ha"]) == (1, 1)
    assert row["after_ha"] == pytest.approx(0.112666, abs=1e-6)


def test_a_cell_taken_to_more_than_half_is_built_up() -> None:
    # 3 ponds in a row. Taking 60 per cent of the first makes it town: the next, 100 m off, has D = exp(-2.99/3).
    # Taking 40 per cent does not.
    m = model(BUILT)
    ref = reference(np.ones((1, 3), dtype=np.uint8), m)
    for share, degraded in ((0.6, math.exp(-2.99 / 3)), (0.4, 0.0)):
        change = assess_quality(ref, works(("permanent", False, (0, -100, 100 * share, 0))), maps=True)
        assert change.maps is not None
        column = round((X - change.maps.transform.c) / 100)
        assert change.maps.after[0, column + 1] == pytest.approx(float(quality(1, degraded, 0.5)))


def test_nothing_built_changes_nothing() -> None:
    codes = np.random.default_rng(3).integers(0, 4, (8, 9)).astype(np.uint8)
    ref = reference(codes)
    for prints in (works(), works(("temporary", False, (0, -300, 300, 0)))):
        change = assess_quality(ref, prints, whole=True, maps=True)
        assert change.loss_ha == 0 and change.losses.empty
        assert (change.totals["before_ha"] == change.totals["after_ha"]).all()
        assert change.maps is not None
        assert np.array_equal(change.maps.before, change.maps.after, equal_nan=True)


@st.composite
def cases(draw: st.DrawFn) -> tuple[QualityReference, gpd.GeoDataFrame]:
    shape = draw(st.tuples(st.integers(3, 14), st.integers(3, 14)))
    codes = draw(hnp.arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 1, 2, 2, 3])))
    m = model(
        replace(RAIL, max_distance_m=draw(st.floats(20, 500))),
        replace(BUILT, weight=draw(st.floats(0, 1))),
        h=(1, 0.7, 0),
        s=[(0.9, 0.5, 0), (0.6, 1, 0)],
        k=draw(st.floats(0.1, 0.6)),
    )
    east, south = st.floats(-150, 100.0 * shape[1] + 100), st.floats(-100.0 * shape[0] - 100, 150)
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        w, s = draw(east), draw(south)
        size = draw(st.tuples(st.floats(5, 350), st.floats(5, 350)))
        kind = draw(
            st.sampled_from(
                [("permanent", True), ("permanent", False), ("shade", True), ("temporary", False)]
            )
        )
        pieces.append((*kind, (w, s, w + size[0], s + size[1])))
    access = draw(hnp.arrays(float, shape, elements=st.floats(0, 1)))
    return reference(codes, m, access=access), works(*pieces)


@settings(max_examples=40)
@given(cases())
def test_window_equals_whole_and_shares_add_up(case: Any) -> None:
    ref, prints = case
    window, whole = (assess_quality(ref, prints, maps=True, whole=w) for w in (False, True))
    assert window.loss_ha == pytest.approx(whole.loss_ha, abs=1e-9)
    pd.testing.assert_frame_equal(window.totals, whole.totals, rtol=1e-9)
    assert whole.maps is not None
    assert -np.nansum(whole.maps.change) * ref.grid.cell_ha == pytest.approx(whole.loss_ha, abs=1e-9)
    assert (whole.losses["loss_ha"] >= -1e-12).all()
    assert window.not_assessed_reach_ha == pytest.approx(whole.not_assessed_reach_ha)
    assert window.not_assessed_take_ha == pytest.approx(whole.not_assessed_take_ha, abs=1e-4)


@settings(max_examples=20)
@given(cases())
def test_loss_equals_the_model_run_again_and_the_mean_over_orders(case: Any) -> None:
    ref, prints = case
    change = assess_quality(ref, prints, whole=True)
    grid, m = ref.grid, ref.model
    taken = grid.covered(prints.geometry[prints["permanence"] == "permanent"].to_numpy()).astype(float)
    runs = grid.covered(prints.geometry[prints["operation"]].to_numpy()) > 1e-6
    today = threat_sources(grid, m)

    @cache
    def left_ha(causes: frozenset[str]) -> float:
        sources = {
            "rail": today["rail"] | (runs & ("rail" in causes)),
            "town": today["town"] | ((taken > 0.5) & ("town" in causes)),
        }
        q = habitat_quality(grid.codes, sources, grid.cell_m, m, ref.access).quality
        return float(np.nansum(q * (1 - taken) if DIRECT_TAKE in causes else q)) * grid.cell_ha

    orders = list(permutations(["rail", "town", DIRECT_TAKE]))
    for cause in orders[0]:
        mean = 0.0
        for order in orders:
            earlier = frozenset(order[: order.index(cause)])
            mean += (left_ha(earlier) - left_ha(earlier | {cause})) / len(orders)
        assert change.by_cause().get(cause, 0.0) == pytest.approx(mean, abs=1e-6)


def test_standing_loss_adds_up_over_threats() -> None:
    codes = np.random.default_rng(5).integers(0, 4, (12, 9)).astype(np.uint8)
    grid, m = grid_of(codes), model(RAIL, BUILT, h=(1, 0.7, 0))
    sources = {**threat_sources(grid, m), "rail": one_source((12, 9))}
    ref = quality_reference(grid, m, sources, access=np.full((12, 9), 0.7))
    best = np.nansum(m.suitability[codes][codes > 0]) * grid.cell_ha
    assert ref.standing["lost_ha"].sum() == pytest.approx(best - ref.totals["quality_ha"].sum())
    assert set(ref.standing["threat_id"]) == {"rail", "town"}


def test_ground_without_data_is_told_never_zero() -> None:
    # Left half without data; the works take 1 ha of it, 1 ha of pond, and 1 ha beyond the western edge.
    codes = np.ones((4, 8), dtype=np.uint8)
    codes[:, :4] = 0
    change = assess_quality(
        reference(codes),
        works(("permanent", True, (-100, -100, 0, 0)), ("permanent", True, (300, -100, 500, 0))),
    )
    assert change.not_assessed_take_ha == pytest.approx(2)
    assert change.not_assessed_reach_ha > 0
    assert change.reach_leaves_grid
    assert np.isnan(reference(codes).maps.quality[0, 0])


def test_sides_split_the_loss() -> None:
    grid = grid_of(np.ones((4, 8), dtype=np.uint8))
    regions = gpd.GeoDataFrame(
        {"region": ["sz", "hk"]},
        geometry=[box(X, Y - 200, X + 800, Y), box(X, Y - 300, X + 800, Y - 200)],
        crs=4547,
    )
    side, sides = sides_of(grid, regions)
    assert sides == ("hk", "sz", "elsewhere")
    assert [sides[s] for s in side[:, 0]] == ["sz", "sz", "hk", "elsewhere"]
    ref = quality_reference(grid, model(RAIL), {"rail": np.zeros((4, 8), dtype=bool)}, side, sides)
    change = assess_quality(ref, works(("shade", True, (0, -205, 800, -195))))
    assert set(change.losses["side"]) == {"hk", "sz", "elsewhere"}


def test_a_road_narrower_than_a_cell_stays_whole(tmp_path: Path) -> None:
    # A map of 10 m cells with one column of roads at 130 m east, on cells of 100 m: the whole second column is source,
    # though no middle of a cell lies on the road.
    use = np.zeros((40, 50), dtype=np.uint8)
    use[:, 13] = 41
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4547", "height": 40, "width": 50}
    with rasterio.open(tmp_path / "use.tif", "w", transform=Affine(10, 0, X, 0, -10, Y), **profile) as raster:
        raster.write(use, 1)
    grid = grid_of(np.ones((4, 5), dtype=np.uint8))
    m = model(Threat("road", 1, 200, "linear", land_use=(41,)))
    found = threat_sources(grid, m, tmp_path / "use.tif")["road"]
    assert found.tolist() == [[False, True, False, False, False]] * 4


# Input


THREATS = pd.DataFrame(
    {
        "threat_id": ["rail", "town"],
        "decay": ["linear", "exponential"],
        "weight_low": [0.3, 0.8],
        "weight": [0.6, 1.0],
        "weight_high": [1.0, 1.0],
        "max_distance_low_m": [100, 200],
        "max_distance_m": [300, 400],
        "max_distance_high_m": [500, 600],
        "habitats": [None, "town"],
        "land_use_codes": ["41 42", None],
        "works": ["operation", "take"],
    }
)
SENSITIVITY = pd.DataFrame(
    {
        "habitat_id": ["pond", "wood", "town"],
        "suitability": [1, 0.9, 0],
        "rail": [0.5, 0.7, 0],
        "town": [0.9, 0.8, 0],
    }
)


def test_tables_become_a_model_and_the_case_moves_what_works_bring() -> None:
    m = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES)
    assert m.threats[0] == Threat("rail", 0.6, 300, "linear", (), (41, 42), "operation")
    assert m.sensitivity[1, 2] == 0.8 and m.suitability[1] == 1
    high = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES, "high").threats
    assert [(t.weight, t.max_distance_m) for t in high] == [(1.0, 500), (1.0, 400)]
    named = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES, {"town": "low"}).threats
    assert [(t.weight, t.max_distance_m) for t in named] == [(0.6, 300), (0.8, 200)]


def test_every_wrong_value_of_both_tables_is_named_at_once() -> None:
    threats = THREATS.assign(max_distance_m=[0, 400], weight=[-1.0, 1.0], decay=["cubic", "linear"])
    sensitivity = SENSITIVITY.assign(rail=[1.2, 0.7, 0], suitability=[1, -0.1, 0])
    with pytest.raises(LayerError) as caught:
        QualityModel.from_tables(threats, sensitivity, CLASSES)
    text = str(caught.value)
    for part in (
        "max_distance_m 0",
        "weight -1",
        "'cubic'",
        "rail 1.2",
        "suitability -0.1",
        "sensitivity, pond",
    ):
        assert part in text


def test_text_for_a_number_is_named() -> None:
    with pytest.raises(LayerError, match="threats, rail: weight nan"):
        QualityModel.from_tables(THREATS.assign(weight=["heavy", "1"]), SENSITIVITY, CLASSES)


def test_a_threat_without_a_column_is_named() -> None:
    with pytest.raises(MissingColumnError, match="no column town"):
        QualityModel.from_tables(THREATS, SENSITIVITY.drop(columns="town"), CLASSES)
    with pytest.raises(MissingColumnError, match="max_distance_m"):
        QualityModel.from_tables(THREATS.drop(columns="max_distance_m"), SENSITIVITY, CLASSES)


def test_a_habitat_without_a_row_is_named_with_the_file_and_what_to_do() -> None:
    m = QualityModel.from_tables(THREATS, SENSITIVITY[:1], CLASSES)
    grid = grid_of(np.array([[1, 2]], dtype=np.uint8))
    with pytest.raises(LayerError, match=r"code 2 \(wood\) .*sensitivity\.csv"):
        quality_reference(grid, m, dict.fromkeys(("rail", "town"), np.zeros((1, 2), dtype=bool)))


def test_sources_that_cannot_be_found_are_an_error_not_harmless() -> None:
    m = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES)
    grid = grid_of(np.array([[1, 2]], dtype=np.uint8))
    with pytest.raises(LayerError, match="no land use map"):
        threat_sources(grid, m)
    with pytest.raises(LayerError, match="threat town: no source cells"):
        habitat_quality(grid.codes, {"rail": np.zeros((1, 2), dtype=bool)}, 100.0, m)
    with pytest.raises(LayerError, match=r"shape \(3, 3\)"):
        habitat_quality(
            grid.codes,
            {"rail": np.zeros((3, 3), dtype=bool), "town": np.zeros((1, 2), dtype=bool)},
            100.0,
            m,
        )


def test_no_threat_anywhere_asks_for_k() -> None:
    m = model(RAIL, k=None)
    with pytest.raises(LayerError, match="half_saturation"):
        habitat_quality(PONDS, {"rail": np.zeros((5, 5), dtype=bool)}, 100.0, m)


def test_access_outside_its_range_is_an_error() -> None:
    with pytest.raises(LayerError, match="accessibility"):
        habitat_quality(PONDS, {"rail": one_source()}, 100.0, model(RAIL), access=np.full((5, 5), 1.5))


def test_footprint_in_degrees_is_an_error() -> None:
    prints = works(("shade", True, (0, -100, 100, 0))).to_crs(4326)
    with pytest.raises(LayerError, match="4547"):
        assess_quality(reference(PONDS), prints)


# The bundled land


@pytest.fixture(scope="module")
def bundled() -> tuple[Study, QualityReference]:
    study = Study.bundled()
    layers = study.catalog
    ref = reference_from_layers(
        habitat_grid(study.land, 100.0),
        layers.table("threats"),
        layers.table("sensitivity"),
        layers.raster_path("land_use"),
        layers.vector("coastline"),
    )
    return study, ref


def test_every_bundled_habitat_has_its_row(bundled: tuple[Study, QualityReference]) -> None:
    _, ref = bundled
    codes = ref.grid.classes["code"].to_numpy()
    assert not np.isnan(ref.model.suitability[codes]).any()
    assert ref.model.suitability[ref.grid.code_of["marine"]] > 0  # the sea is a habitat
    assert not np.isnan(ref.maps.quality[ref.grid.known]).any()


def test_a_viaduct_over_the_bay_loses_more_than_the_tunnel(bundled: tuple[Study, QualityReference]) -> None:
    study, ref = bundled
    lost = {}
    for scenario in ("western-2035", "western-viaduct", "baseline-2024"):
        parts = [footprint(w) for w in study.works(scenario)]
        change = assess_quality(ref, pd.concat(parts) if parts else works())
        lost[scenario] = change.loss_ha
        assert change.totals["loss_ha"].sum() == pytest.approx(change.loss_ha)
        assert change.not_assessed_take_ha == 0
    assert lost["baseline-2024"] == 0
    assert lost["western-viaduct"] > lost["western-2035"] > 0
