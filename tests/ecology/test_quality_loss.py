"""Habitat quality lost to works: by hand, against the model run again, and on the bundled land."""

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

from corridor.ecology.quality.grid import habitat_grid
from corridor.ecology.quality.model import Threat, habitat_quality, quality
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
from tests.quality_factory import (
    BUILT,
    RAIL,
    X,
    Y,
    grid_of,
    model,
    one_source,
    reference,
    works,
)


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


@pytest.fixture(scope="module")
def bundled(study: Study) -> tuple[Study, QualityReference]:
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
