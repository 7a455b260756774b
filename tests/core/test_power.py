"""Powers of many numbers at a time, against the library's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor.core.power import power

LEAST = np.finfo(float).smallest_normal


@given(
    arrays(float, st.integers(0, 40), elements=st.floats(LEAST, 1e300)),
    st.floats(0, 1, exclude_min=True),
)
def test_powers_are_those_of_the_library(values: np.ndarray, exponent: float) -> None:
    np.testing.assert_allclose(power(values, exponent), values**exponent, rtol=2e-13)


def test_known_powers_to_the_last_digits_and_zero_for_what_is_below_every_normal_number() -> None:
    np.testing.assert_allclose(
        power(np.array([1.0, 4.0, 2.0, 1e-300, 1024.0]), 0.5), [1, 2, 2**0.5, 1e-150, 32], rtol=1e-14
    )
    assert power(np.array([1.0]), 0.37).tolist() == [1.0]
    assert power(np.array([0.0, 5e-324]), 0.5).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1023,), (1024,), (1025,), (5, 700)])
def test_any_shape_and_any_layout_of_memory(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).uniform(0, 3, shape)
    np.testing.assert_allclose(power(values, 0.6), values**0.6, rtol=1e-14)
    np.testing.assert_allclose(power(values.T, 0.6), values.T**0.6, rtol=1e-14)
