"""Time left by step of access, where steps share rows, against the table of all steps and points."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corridor.access.reach.kernels import FAR, Left
from corridor.access.reach.left import _by_step, _joined
from corridor.access.search.strategy import NEVER_S

STEP_S = np.float32(300.0)
LANES = 128


def blocks_of(seed: int, windows: int, points: int) -> np.ndarray:
    """Seconds by window, point and lane, nearly the same in all lanes of a point, some of them never."""
    rng = np.random.default_rng(seed)
    near = rng.uniform(0, 5_500, (windows, points, 1)) + rng.uniform(0, rng.choice([1, 900]), (points, LANES))
    never = rng.random((windows, points, LANES)) < rng.choice([0, 0.3], (windows, points, 1))
    return np.where(never | (near > 5_400), NEVER_S, near).astype(np.float32)


def every_step(blocks: np.ndarray, steps: int, horizons: np.ndarray) -> np.ndarray:
    """(step, point, lane) whole seconds: the soonest window in which the journey ends."""
    whole = np.rint(np.minimum(blocks, np.float32(FAR))).astype(np.int16)
    left = [horizons - k * STEP_S for k in range(steps)]
    return np.stack([np.where(blocks <= m[:, None, None], whole, FAR).min(axis=0) for m in left])


@given(seed=st.integers(0, 10_000), windows=st.integers(1, 3), steps=st.integers(1, 18))
def test_rows_that_steps_share_are_those_of_each_step(seed: int, windows: int, steps: int) -> None:
    blocks = blocks_of(seed, windows, points=5)
    horizons = np.array([*(1_800.0, 3_600.0)[: windows - 1], np.inf], dtype=np.float32)
    left = Left.of(*_by_step(blocks, steps, horizons, STEP_S))
    whole = every_step(blocks, steps, horizons)
    np.testing.assert_array_equal(left.rows[left.which], whole)
    np.testing.assert_array_equal(left.soonest, whole.min(axis=(0, 2)))
    kept = left.shared()
    np.testing.assert_array_equal(kept.rows[kept.which], whole)
    assert len(kept.rows) <= len(left.rows) <= 1 + left.which.size


def test_steps_within_one_window_share_one_row() -> None:
    blocks = np.full((1, 1, LANES), 600.0, dtype=np.float32)
    which, rows = _by_step(blocks, 18, np.array([np.inf], dtype=np.float32), STEP_S)
    assert len(np.unique(which)) == 1
    assert len(rows) == 2  # and the row of no way


@given(seed=st.integers(0, 10_000))
def test_the_clock_search_is_taken_where_it_is_sooner(seed: int) -> None:
    rng, steps, points = np.random.default_rng(seed), 4, 5
    egress = np.where(rng.random((points, LANES)) < 0.4, rng.uniform(0, 1_800, (points, LANES)), NEVER_S)
    egress = egress.astype(np.float32)
    clocked = np.where(
        rng.random((steps, points, points)) < 0.6, rng.integers(0, 5_000, (steps, points, points)), FAR
    )
    blocks, horizons = blocks_of(seed, 2, points), np.array([3_600.0, np.inf], dtype=np.float32)
    which, rows = _joined(*_by_step(blocks, steps, horizons, STEP_S), clocked.astype(np.int16), egress)
    extra = np.rint(np.minimum(egress, np.float32(FAR)))
    by_clock = (clocked[:, :, :, None] + extra[None, :, None, :]).min(axis=1)
    whole = np.minimum(every_step(blocks, steps, horizons), by_clock)
    np.testing.assert_array_equal(rows[which], whole)
    kept = Left.of(which, rows).shared()
    np.testing.assert_array_equal(kept.rows[kept.which], whole)
    assert len(kept.rows) <= len(rows) + 1
