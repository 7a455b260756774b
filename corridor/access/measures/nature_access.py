"""Urban nature that people share: supply within a radius, divided among the people around it, against a demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridor.core.arrays import F64


@dataclass(frozen=True, eq=False)
class NatureAccess:
    """What urban nature people have.

    Attributes
    ----------
    per_person_m2
        (row, column) square metres of nature for each person of a cell, A of :func:`urban_nature_access`.
    left_out_m2
        Square metres around which nobody lives.
    """

    per_person_m2: F64
    left_out_m2: float

    def balance_m2(self, demand_m2: float) -> F64:
        """Square metres a person above (or below) what each is to have: ``A_i - g``."""
        return self.per_person_m2 - demand_m2


def urban_nature_access(nature_m2: F64, people: F64, cell_m: float, radius_m: float) -> NatureAccess:
    """Nature for each person: the two-step floating catchment of InVEST's Urban Nature Access, Gaussian kernel.

    ``R_j = S_j / sum_k P_k f(d_kj)`` shares the nature of a cell among the people around it,
    ``A_i = sum_j R_j f(d_ij)`` sums what people of a cell get; both over cells within the radius d0, straight distances.
    ``f(d) = (exp(-(d/d0)^2 / 2) - exp(-1/2)) / (1 - exp(-1/2))``: 1 at home, 0 at the radius. So ``sum_i P_i A_i`` is the
    nature that has anybody within the radius.

    Parameters
    ----------
    nature_m2
        (row, column) S, square metres of nature in each cell.
    people
        (row, column) P of the same cells.
    cell_m
        Side of a cell in metres.
    radius_m
        d0 in metres.

    Returns
    -------
    NatureAccess

    References
    ----------
    Natural Capital Project, InVEST User's Guide, Urban Nature Access; Luo and Wang 2003 for the two steps.

    Examples
    --------
    >>> import numpy as np
    >>> urban_nature_access(np.array([[600.0, 0.0]]), np.array([[200.0, 100.0]]), 250.0, 200.0).per_person_m2.tolist()
    [[3.0, 0.0]]
    """
    from scipy.signal import fftconvolve  # 0.5 s, which commands that compare nothing need not wait

    kernel = _kernel(cell_m, radius_m)

    def around(values: F64) -> F64:
        return np.asarray(fftconvolve(values, kernel, mode="same"))

    shared = around(people)
    least = 1e-6 * max(float(people.max(initial=0.0)), 1e-12)  # below it: rounding of the transform
    reached = shared > least
    share = np.divide(nature_m2, shared, out=np.zeros_like(shared), where=reached)
    got = np.maximum(around(share), 0.0)
    got[got < 1e-9 * max(float(got.max(initial=0.0)), 1e-12)] = 0.0
    return NatureAccess(got, float(nature_m2[~reached].sum()))


def _kernel(cell_m: float, radius_m: float) -> F64:
    steps = np.arange(-int(radius_m // cell_m), int(radius_m // cell_m) + 1) * cell_m
    far = np.hypot(steps[:, None], steps[None, :]) / radius_m
    edge = np.exp(-0.5)
    return np.where(far <= 1.0, (np.exp(-0.5 * far**2) - edge) / (1.0 - edge), 0.0)
