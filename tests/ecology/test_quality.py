"""Habitat quality by hand and against a plain reference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from corridor.ecology.land.nearest import nearest_squared, squared_cells
from corridor.ecology.quality.model import QualityModel, Threat, decay, habitat_quality, quality, rarity
from tests.quality_factory import (
    PONDS,
    model,
    one_source,
)


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
    reach2 = squared_cells(min(reach_m, 10.0 * np.hypot(*sources.shape)), 10.0)
    squared = nearest_squared(sources, reach2)
    assert np.allclose(np.where(squared > reach2, np.inf, 10.0 * np.sqrt(squared)), expected)


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
