"""Habitat quality by the InVEST formulation, on arrays of codes, threats and cells of your own.

In a cell x of habitat j, with weight w_r, sensitivity S_jr and accessibility beta_x:

    degradation D = sum over threats r of  (w_r / sum of w) * i_r(d) * beta_x * S_jr
    quality     Q = H_j * (1 - D^z / (D^z + k^z)),  z = 2.5

d is the distance to the NEAREST cell of threat r (InVEST 3.13 and later; a threat cell of any value above 0
counts whole), i_r(d) = 1 - d/max (linear) or exp(-2.99 d/max) (exponential), 0 beyond the maximum distance.
Rarity R_j = 1 - N_j / (N_j,baseline + N_j). Sources: Sharp et al., InVEST user's guide, Habitat Quality,
equations 1 to 6; Terrado et al. 2016, doi 10.1016/j.scitotenv.2015.03.064.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import LayerError, Problems
from corridor.ecology.land.checks import check_length
from corridor.ecology.land.nearest import nearest_squared, squared_cells
from corridor.ecology.quality.threats import NUMBERS, Threat, check_tables, decay, threat_of
from corridor.schema.tables import Case

__all__ = ["QualityMaps", "QualityModel", "Threat", "decay", "habitat_quality", "quality", "rarity"]

Z = 2.5
"""The exponent of the quality formula; InVEST fixes it."""
CODES = 256
ROWS_AT_ONCE = 64
"""Rows of a map worked on together: few enough to stay in the fast memory."""


@dataclass(frozen=True, eq=False)
class QualityModel:
    """The parameters of a run, checked.

    Parameters
    ----------
    threats
        The threats, in the order of the rows of ``sensitivity``.
    suitability
        H by habitat code, shape (256,), 0 to 1; NaN for codes without a value.
    sensitivity
        S by threat and habitat code, shape (threats, 256), 0 to 1; NaN for codes without a value.
    half_saturation
        k above 0; None takes half of the largest degradation of a habitat on the map.

    Raises
    ------
    LayerError
        With every value outside its range.
    """

    threats: tuple[Threat, ...]
    suitability: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    half_saturation: float | None = None

    def __post_init__(self) -> None:
        with Problems() as found:
            _check_model(found, self)

    @classmethod
    def from_tables(
        cls,
        threats: pd.DataFrame,
        sensitivity: pd.DataFrame,
        classes: pd.DataFrame,
        case: Case | Mapping[str, Case] = "central",
        half_saturation: float | None = None,
    ) -> QualityModel:
        """The model of two tables, for the habitat codes of ``classes``.

        Parameters
        ----------
        threats
            A row for each threat: :data:`THREAT_COLUMNS`, as ``layers/ecology/threats.csv``.
        sensitivity
            A row for each habitat: habitat_id, suitability, and a column for each threat_id, all 0 to 1.
        classes
            Columns code and habitat_id.
        case
            ``low`` or ``high`` moves weight and reach of the threats that works bring in operation, the others stay
            central: a case says how sure the effect of the works is. A mapping of threat ids moves those named.
        half_saturation
            k, as in :class:`QualityModel`.

        Raises
        ------
        LayerError, MissingColumnError
            With every fault of both tables.
        """
        with Problems() as found:
            check_tables(found, threats, sensitivity, classes)
        numbers = {c: pd.to_numeric(threats[c]) for c in NUMBERS}
        rows = tuple(threat_of(row, case) for row in threats.assign(**numbers).itertuples())
        code = dict(zip(classes["habitat_id"], classes["code"], strict=True))
        used = sensitivity[sensitivity["habitat_id"].isin(code)]
        at = used["habitat_id"].map(code).to_numpy(dtype=np.int64)
        suitability = np.full(CODES, np.nan)
        suitability[at] = used["suitability"].to_numpy(float)
        table = np.full((len(rows), CODES), np.nan)
        for r, threat in enumerate(rows):
            table[r, at] = used[threat.threat_id].to_numpy(float)
        return cls(rows, suitability, table, half_saturation)

    @property
    def shares(self) -> NDArray[np.float64]:
        """w_r over the sum of weights, by threat; they add up to 1."""
        weights = np.array([t.weight for t in self.threats])
        return np.asarray(weights / weights.sum())

    @property
    def factors(self) -> NDArray[np.float64]:
        """Share of weight times sensitivity, w_r / sum w * S_jr: shape (threats, 256), by code; 0 for codes without a value."""
        return np.asarray(self.shares[:, None] * np.nan_to_num(self.sensitivity))

    def check_codes(
        self, found: Problems, codes: NDArray[np.uint8], nodata: int, names: Mapping[int, str] | None = None
    ) -> None:
        """Note each habitat code of a map that has no suitability or sensitivity.

        Parameters
        ----------
        found
            Where to note the problems.
        codes
            Habitat codes of the map.
        nodata
            The code of cells without data, which needs no value.
        names
            Habitat ids by code, for the message.
        """
        lacking = np.isnan(self.suitability) | np.isnan(self.sensitivity).any(axis=0)
        lacking[nodata] = False
        wrong = np.take(lacking, codes)
        for code in np.unique(codes[wrong]) if wrong.any() else ():
            name = (names or {}).get(int(code), "unnamed")
            what = f"code {code} ({name}) has no suitability or sensitivity"
            remedy = "add its habitat_id to layers/ecology/sensitivity.csv, or to the table that you give"
            found.add(
                "habitat raster", what, "a row of the sensitivity table for each habitat of the map", remedy
            )


def quality(suitability: ArrayLike, degradation: ArrayLike, half_saturation: float) -> NDArray[np.float64]:
    """Q = H (1 - D^2.5 / (D^2.5 + k^2.5)), between 0 and H; half of H where D is k.

    Parameters
    ----------
    suitability, degradation
        H and D, arrays of one shape.
    half_saturation
        k above 0.

    Examples
    --------
    >>> quality([1.0, 1.0], [0.0, 0.3], 0.3).tolist()
    [1.0, 0.5]
    """
    d = np.asarray(degradation, dtype=float)
    raised = d * d * np.sqrt(d)
    share = raised / (raised + half_saturation**Z)
    return np.asarray(np.asarray(suitability, dtype=float) * (1 - share))


def rarity(
    codes: NDArray[Any], baseline: NDArray[Any], nodata: int = 0
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """How much rarer each class has become since a baseline of the same cells, and R of each cell.

    R_j = 1 - N_j / (N_j,baseline + N_j), in cells that both maps know: 0.5 where nothing has changed, nearer
    to 1 the rarer it has become, 0 for a class that the baseline lacks.

    Parameters
    ----------
    codes, baseline
        Habitat codes (0 to 255) now and then, rows and columns of the same cells.
    nodata
        The code of cells without data.

    Returns
    -------
    pandas.DataFrame
        Columns code, cells, cells_baseline, rarity, change_ratio (1 - N_j / N_j,baseline, the form of the first
        editions of the user's guide, negative for a gain; NaN without baseline).
    numpy.ndarray
        R of each cell; NaN where one of the two maps has no data.
    """
    known = (codes != nodata) & (baseline != nodata)
    now = np.bincount(codes[known], minlength=CODES)
    before = np.bincount(baseline[known], minlength=CODES)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(before > 0, 1 - now / (now + before), 0.0)
        change = np.where(before > 0, 1 - now / before, np.nan)
    code = np.flatnonzero(now + before)
    columns = [code, now[code], before[code], index[code], change[code]]
    names = ["code", "cells", "cells_baseline", "rarity", "change_ratio"]
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    return frame, np.where(known, index[codes], np.nan)


@dataclass(frozen=True, eq=False)
class QualityMaps:
    """Maps of a run, each rows and columns of the habitat.

    Attributes
    ----------
    degradation, quality
        D and Q of each cell, NaN without data.
    half_saturation
        The k used.
    squared
        For each threat, the squared distance in cells to its nearest source; one more than its reach for farther.
    """

    degradation: NDArray[np.float64]
    quality: NDArray[np.float64]
    half_saturation: float
    squared: tuple[NDArray[np.int32], ...]


def habitat_quality(
    codes: NDArray[np.uint8],
    sources: Mapping[str, ArrayLike],
    cell_m: float,
    model: QualityModel,
    access: ArrayLike | None = None,
    nodata: int = 0,
) -> QualityMaps:
    """Habitat quality of a map of codes.

    Threats beyond the edge of the map are not known: degradation is a lower bound within the largest distance of it.

    Parameters
    ----------
    codes
        Habitat codes, rows and columns of square cells.
    sources
        For each threat_id of the model, the cells that are its sources (boolean, the shape of ``codes``; all False if
        there are none). Sources count on cells without data too.
    cell_m
        Side of a cell (m).
    model
        Threats, suitability and sensitivity.
    access
        Accessibility beta by cell, 0 to 1; 1 everywhere where not given.
    nodata
        The code of cells without data.

    Returns
    -------
    QualityMaps
        Degradation and quality by cell.

    Raises
    ------
    LayerError
        For codes without a value, sources that are missing or of another shape, and where k must be found on the map
        but no threat reaches a habitat.

    References
    ----------
    Sharp et al., InVEST user's guide, Habitat Quality, equations 1 to 4.
    """
    marks = {k: np.asarray(v, dtype=bool) for k, v in sources.items()}
    beta = None if access is None else np.asarray(access, dtype=float)
    with Problems() as found:
        check_length(found, "cell_m", cell_m)
        model.check_codes(found, codes, nodata)
        _check_sources(found, codes, marks, model)
        if beta is not None:
            _check_access(found, codes, beta, nodata)
    squared = tuple(
        nearest_squared(marks[t.threat_id], squared_cells(t.max_distance_m, cell_m)) for t in model.threats
    )
    degraded, factors = np.zeros(codes.shape), model.factors
    tables = [threat.table(cell_m) for threat in model.threats]
    for block in blocks(codes):
        for factor, table, near in zip(factors, tables, squared, strict=True):
            degraded[block] += np.take(factor, codes[block]) * np.take(table, near[block])
        if beta is not None:
            degraded[block] *= beta[block]
        degraded[block][codes[block] == nodata] = np.nan
    k = model.half_saturation or _half_of_largest(model, codes, degraded)
    best = np.empty(codes.shape)
    for block in blocks(codes):
        best[block] = quality(np.take(model.suitability, codes[block]), degraded[block], k)
    return QualityMaps(degraded, best, k, squared)


def _half_of_largest(
    model: QualityModel, codes: NDArray[np.uint8], degradation: NDArray[np.float64]
) -> float:
    """Half of the largest degradation of a habitat (a code with a suitability above 0)."""
    habitat = np.where(np.nan_to_num(model.suitability) > 0, 1.0, 0.0)
    found = [np.fmax.reduce(np.take(habitat, codes[b]) * degradation[b], axis=None) for b in blocks(codes)]
    largest = max(map(float, found), default=0.0)
    if not largest > 0:
        what = "no threat reaches any habitat, so half of the largest degradation is 0"
        raise LayerError.at("habitat quality", what, "k above 0", "give half_saturation, e.g. 0.05")
    return largest / 2


def blocks(codes: NDArray[Any]) -> Iterator[slice]:
    """Slices of rows, from the top, to work on one after the other."""
    return (slice(first, first + ROWS_AT_ONCE) for first in range(0, len(codes), ROWS_AT_ONCE))


def _check_model(found: Problems, model: QualityModel) -> None:
    if not model.threats:
        found.add("threats", "no threat", "one or more", "add a row")
    elif sum(t.weight for t in model.threats) == 0:
        found.add("threats", "all weights are 0", "one above 0", "weigh the threats against each other")
    for t in model.threats:
        where = f"threats, {t.threat_id}"
        if not t.max_distance_m > 0:
            found.add(where, f"max distance {t.max_distance_m:g} m", "metres above 0", "correct it")
        if not t.weight >= 0:
            found.add(where, f"weight {t.weight:g}", "a number of 0 or more", "correct it")
    shares = np.concatenate([model.suitability, model.sensitivity.reshape(-1)])
    if not ((shares >= 0) & (shares <= 1) | np.isnan(shares)).all():
        expected = "suitability and sensitivity from 0 to 1"
        found.add("sensitivity", "a value outside 0 to 1", expected, "correct it")
    k = model.half_saturation
    if k is not None and not (np.isfinite(k) and k > 0):
        found.add("habitat quality", f"half saturation {k:g}", "k above 0", "give e.g. 0.05")


def _check_sources(
    found: Problems, codes: NDArray[Any], sources: Mapping[str, NDArray[np.bool_]], model: QualityModel
) -> None:
    for threat in model.threats:
        where, mine = f"threat {threat.threat_id}", sources.get(threat.threat_id)
        if mine is None:
            expected = "an array of the shape of the habitat"
            found.add(
                where, "no source cells are given", expected, "give an array of False if there are none"
            )
        elif mine.shape != codes.shape:
            found.add(where, f"shape {mine.shape}", f"{codes.shape}", "use the same cells")


def _check_access(found: Problems, codes: NDArray[Any], access: NDArray[np.float64], nodata: int) -> None:
    if access.shape != codes.shape or not ((access >= 0) & (access <= 1))[codes != nodata].all():
        what = f"shape {access.shape}, values {np.nanmin(access):g} to {np.nanmax(access):g}"
        found.add("accessibility", what, f"shape {codes.shape}, values from 0 to 1", "correct it")
