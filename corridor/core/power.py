"""Powers of many numbers by one exponent, several numbers at a time.

Libraries take one number at a time on processors without the widest instructions, some 15 to 20 ns each; this takes a fifth of that. With
x = 2 ^ k m, m between the roots of 1/2 and 2, and s = (m - 1) / (m + 1),

    x ^ a = 2 ^ (a (k + log2 m)),    ln m = 2 (s + s ^ 3 / 3 + s ^ 5 / 5 + ...),    2 ^ f = sum over n of (f ln 2) ^ n / n!,

to as many terms as double precision shows. Nothing is contracted or reordered, so that every processor finds the same digits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from corridor.core.jit import kernel_part, njit

F64 = NDArray[np.float64]
_MANY = 1_024  # at a time: they stay in the fastest memory of the processor
_LEAST = np.finfo(np.float64).smallest_normal
_ROOT = int(np.float64(math.sqrt(0.5)).view(np.int64))
_SHIFT = np.uint64(52)  # bits of a number behind the point
_MORE = 1_024  # keeps exponents above 0, since they are shifted as numbers without a sign
_WHOLE = int(np.float64(2.0**52).view(np.int64))  # its last bits are those of a whole number added to it
_TO_WHOLE = 1.5 * 2.0**52  # added and taken off again, it rounds to whole numbers
_LN = tuple(2 / math.log(2) / (2 * n + 1) for n in range(10))
_EXP = tuple(math.log(2) ** n / math.factorial(n) for n in range(13))
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8, _L9 = _LN
_, _E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12 = _EXP


def power(values: F64, exponent: float) -> F64:
    """``values ** exponent``, to a few parts in 10 ^ 14.

    Parameters
    ----------
    values
        Of any shape; finite, 0 or more.
    exponent
        Above 0 and at most 1.

    Returns
    -------
    ndarray of float
        Of the same shape; 0 where the value or the result is below the least normal number, 2.2e-308.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    found = np.empty_like(flat)
    _power(flat, float(exponent), found)
    return found.reshape(values.shape)


@njit(cache=True, nogil=True, error_model="numpy")
def _power(values, exponent, found):  # type: ignore[no-untyped-def]
    power_of(values, exponent, found)


@kernel_part
def power_of(values, exponent, found):  # type: ignore[no-untyped-def]
    """As :func:`power`, of a row of numbers, for kernels."""
    log, workspace = np.empty(_MANY), np.empty(_MANY)
    for first in range(0, values.size, _MANY):
        part = values[first : first + _MANY]
        _log2(part, log[: part.size], workspace[: part.size])
        _exp2(log[: part.size], exponent, found[first : first + _MANY], workspace[: part.size])
        for j in range(part.size):
            found[first + j] = found[first + j] if part[j] >= _LEAST else 0.0


@kernel_part
def _log2(values, found, mantissa):  # type: ignore[no-untyped-def]
    bits, whole, between = values.view(np.int64), found.view(np.int64), mantissa.view(np.int64)
    for j in range(values.size):
        k = np.int64(np.uint64(bits[j] - _ROOT + (_MORE << 52)) >> _SHIFT)
        between[j] = bits[j] - ((k - _MORE) << 52)
        whole[j] = k | _WHOLE
    for j in range(values.size):
        s = (mantissa[j] - 1.0) / (mantissa[j] + 1.0)
        z = s * s
        z2 = z * z
        # sums of short sums: the processor works on several at a time
        near, far = _L2 + _L3 * z + z2 * (_L4 + _L5 * z), _L6 + _L7 * z + z2 * (_L8 + _L9 * z)
        found[j] = (found[j] - (2.0**52 + _MORE)) + (s * _L0 + s * z * (_L1 + z * (near + z2 * z2 * far)))


@kernel_part
def _exp2(values, times, found, whole):  # type: ignore[no-untyped-def]
    for j in range(values.size):
        t = min(max(values[j] * times, -1_022.0), 1_023.0)
        whole[j] = t + _TO_WHOLE
        f = t - (whole[j] - _TO_WHOLE)
        f2 = f * f
        near, far = _E1 + _E2 * f + f2 * (_E3 + _E4 * f), _E5 + _E6 * f + f2 * (_E7 + _E8 * f)
        farthest = _E9 + _E10 * f + f2 * (_E11 + _E12 * f)
        found[j] = 1.0 + f * (near + f2 * f2 * (far + f2 * f2 * farthest))
    bits, exponent = found.view(np.int64), whole.view(np.int64)
    for j in range(values.size):
        bits[j] += exponent[j] << 52
