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
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import LayerError, MissingColumnError, Problem, Problems
from corridor.ecology.land.checks import check_columns
from corridor.ecology.land.nearest import nearest_squared, squared_cells
from corridor.schema.tables import Case

Decay = Literal["linear", "exponential"]
Brings = Literal["", "operation", "take"]
DECAYS: tuple[Decay, ...] = ("linear", "exponential")
BRINGS: tuple[Brings, ...] = ("", "operation", "take")
Z = 2.5
"""The exponent of the quality formula; InVEST fixes it."""
EXPONENT = 2.99
"""exp(-2.99) is 5 per cent: what an exponential threat still does at its maximum distance."""
CODES = 256
ROWS_AT_ONCE = 64
"""Rows of a map worked on together: few enough to stay in the fast memory."""
THREAT_COLUMNS = (
    "threat_id", "decay", "weight_low", "weight", "weight_high", "max_distance_low_m", "max_distance_m",
    "max_distance_high_m", "habitats", "land_use_codes", "works",
)  # fmt: skip
NUMBERS = [c for c in THREAT_COLUMNS if c.startswith(("weight", "max_distance"))]
SENSITIVITY_COLUMNS = ("habitat_id", "suitability")


@dataclass(frozen=True)
class Threat:
    """One threat: how much it weighs beside the others, how far it reaches, and how it falls off.

    ``habitats`` (habitat ids) and ``land_use`` (codes of a land use map) say which cells are its source;
    ``works`` which pieces of new works are: those that disturb in operation, those of permanent land take, or none.
    """

    threat_id: str
    weight: float
    max_distance_m: float
    decay: Decay
    habitats: tuple[str, ...] = ()
    land_use: tuple[int, ...] = ()
    works: Brings = ""

    def table(self, cell_m: float) -> NDArray[np.float64]:
        """The intensity by squared distance in cells; the last entry, 0, is for all that is farther."""
        squared = np.arange(squared_cells(self.max_distance_m, cell_m) + 1)
        near = decay(np.sqrt(squared) * cell_m, self.max_distance_m, self.decay)
        return np.append(near, 0.0)


@dataclass(frozen=True, eq=False)
class QualityModel:
    """The parameters of a run: threats, and by habitat code (0 to 255) suitability and sensitivity.

    ``suitability``: H by code, NaN where none is given. ``sensitivity``: S by threat and code.
    ``half_saturation``: k; None takes half of the largest degradation of the reference land.
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
        """The model of two tables (columns as in the bundled ones), for the habitat codes of ``classes``.

        ``case`` low or high moves the threats that works bring in operation, the others stay central: what
        the case asks is how sure the effect of the works is. A mapping of threat ids moves the named ones.
        Raises :class:`LayerError` or :class:`MissingColumnError` with every fault of both tables at once.
        """
        with Problems() as found:
            _check_tables(found, threats, sensitivity, classes)
        numbers = {c: pd.to_numeric(threats[c]) for c in NUMBERS}
        rows = tuple(_threat(row, case) for row in threats.assign(**numbers).itertuples())
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
        """w_r over the sum of weights."""
        weights = np.array([t.weight for t in self.threats])
        return np.asarray(weights / weights.sum())

    @property
    def factors(self) -> NDArray[np.float64]:
        """Share of weight times sensitivity, by threat and code; 0 for codes without a value."""
        return np.asarray(self.shares[:, None] * np.nan_to_num(self.sensitivity))

    def check_codes(
        self, found: Problems, codes: NDArray[np.uint8], nodata: int, names: Mapping[int, str] | None = None
    ) -> None:
        """Note each habitat code of a map that has no suitability or sensitivity."""
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


def decay(distance_m: ArrayLike, max_distance_m: float, kind: Decay) -> NDArray[np.float64]:
    """The intensity of a threat (0 to 1) at distances in metres: 1 in its source, 0 beyond the maximum."""
    d = np.asarray(distance_m, dtype=float) / max_distance_m
    near = 1 - d if kind == "linear" else np.exp(-EXPONENT * d)
    return np.where(d > 1, 0.0, near)


def quality(suitability: ArrayLike, degradation: ArrayLike, half_saturation: float) -> NDArray[np.float64]:
    """Q = H (1 - D^2.5 / (D^2.5 + k^2.5)), between 0 and H; half of H where D is k."""
    d = np.asarray(degradation, dtype=float)
    raised = d * d * np.sqrt(d)
    share = raised / (raised + half_saturation**Z)
    return np.asarray(np.asarray(suitability, dtype=float) * (1 - share))


def rarity(
    codes: NDArray[Any], baseline: NDArray[Any], nodata: int = 0
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """How much rarer each class has become since a baseline of the same cells, and R of each cell.

    R_j = 1 - N_j / (N_j,baseline + N_j), in cells that both maps know: 0.5 where nothing has changed, nearer
    to 1 the rarer it has become, 0 for a class that the baseline lacks. The frame: code, cells,
    cells_baseline, rarity, change_ratio (1 - N_j / N_j,baseline, the form of the first editions of the user's
    guide, negative for a gain; NaN without baseline). The map is NaN where one of the two is not known.
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
    """Degradation and quality of each cell (NaN without data), and k, half of the largest degradation if not given.

    ``squared``: by threat, squared cells to its nearest source (one more than its reach for farther).
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
    """Habitat quality of a map of codes on square cells of ``cell_m`` metres.

    ``sources`` marks the source cells of each threat of the model; a threat may have none. Sources count on
    cells without data too. ``access`` is beta by cell, 0 to 1 (1 where not given). Threats beyond the edge are
    not known: degradation is a lower bound within the largest distance of it. Raises :class:`LayerError` for
    codes without a value, sources that are missing or of another shape, and k where no threat reaches a habitat.
    """
    marks = {k: np.asarray(v, dtype=bool) for k, v in sources.items()}
    beta = None if access is None else np.asarray(access, dtype=float)
    with Problems() as found:
        _check_map(found, codes, marks, cell_m, model, beta, nodata)
    squared = tuple(
        nearest_squared(marks[t.threat_id], squared_cells(t.max_distance_m, cell_m)) for t in model.threats
    )
    degraded = total_degradation(codes, squared, cell_m, model, beta, nodata)
    k = half_saturation(model, codes, degraded)
    best = np.empty(codes.shape)
    for block in blocks(codes):
        best[block] = quality(np.take(model.suitability, codes[block]), degraded[block], k)
    return QualityMaps(degraded, best, k, squared)


def total_degradation(
    codes: NDArray[np.uint8],
    squared: tuple[NDArray[np.int32], ...],
    cell_m: float,
    model: QualityModel,
    access: NDArray[np.float64] | None,
    nodata: int,
) -> NDArray[np.float64]:
    """D of each cell from the squared distances to each threat; NaN without data."""
    out = np.zeros(codes.shape)
    tables = [threat.table(cell_m) for threat in model.threats]
    for block in blocks(codes):
        for factor, table, near in zip(model.factors, tables, squared, strict=True):
            out[block] += np.take(factor, codes[block]) * np.take(table, near[block])
        if access is not None:
            out[block] *= access[block]
        out[block][codes[block] == nodata] = np.nan
    return out


def half_saturation(model: QualityModel, codes: NDArray[np.uint8], degradation: NDArray[np.float64]) -> float:
    """k: as given, or half of the largest degradation of a habitat (a code with a suitability above 0)."""
    if model.half_saturation is not None:
        return model.half_saturation
    habitat = np.where(np.nan_to_num(model.suitability) > 0, 1.0, 0.0)
    largest = max(
        (
            float(np.fmax.reduce(np.take(habitat, codes[b]) * degradation[b], axis=None))
            for b in blocks(codes)
        ),
        default=0.0,
    )
    if not largest > 0:
        what = "no threat reaches any habitat, so half of the largest degradation is 0"
        raise LayerError(Problem("habitat quality", what, "k above 0", "give half_saturation, e.g. 0.05"))
    return largest / 2


def blocks(codes: NDArray[Any]) -> Iterator[slice]:
    """Slices of rows, from the top, to work on one after the other."""
    return (slice(first, first + ROWS_AT_ONCE) for first in range(0, len(codes), ROWS_AT_ONCE))


def _threat(row: Any, case: Case | Mapping[str, Case]) -> Threat:
    mine: Case = "central"
    if not isinstance(case, str):
        mine = case.get(row.threat_id, "central")
    elif row.works == "operation":
        mine = case
    end = "" if mine == "central" else f"_{mine}"
    weight, reach = getattr(row, f"weight{end}"), getattr(row, f"max_distance{end}_m")
    habitats, land_use = _words(row.habitats), tuple(int(c) for c in _words(row.land_use_codes))
    return Threat(row.threat_id, weight, reach, row.decay, habitats, land_use, _words_or(row.works))


def _words(cell: Any) -> tuple[str, ...]:
    return tuple(cell.split()) if isinstance(cell, str) else () if pd.isna(cell) else (f"{cell:g}",)


def _words_or(cell: Any) -> Any:
    return cell if isinstance(cell, str) else ""


def _check_tables(
    found: Problems, threats: pd.DataFrame, sensitivity: pd.DataFrame, classes: pd.DataFrame
) -> None:
    """Note every fault of the two tables: columns, ids, ranges, habitats that are not known."""
    if not check_columns(found, "threats", threats, THREAT_COLUMNS):
        return
    wanted = [*SENSITIVITY_COLUMNS, *threats["threat_id"]]
    if missing := [c for c in wanted if c not in sensitivity]:
        expected = "habitat_id, suitability and one column for each threat_id"
        what, remedy = "no column " + ", ".join(missing), "add it; 0 where a habitat does not feel a threat"
        found.add("sensitivity", what, expected, remedy, MissingColumnError)
    for layer, frame, key in (("threats", threats, "threat_id"), ("sensitivity", sensitivity, "habitat_id")):
        for name in frame[key][frame[key].duplicated()] if key in frame else ():
            found.add(f"{layer}, {name}", "stands twice", f"one row for each {key}", "drop one of them")
    numbers = {c: pd.to_numeric(threats[c], errors="coerce") for c in NUMBERS}  # text becomes nan
    for row in threats.assign(**numbers).itertuples():
        _check_threat(found, row, set(classes["habitat_id"]))
    for name in (c for c in wanted[1:] if c in sensitivity):
        values = pd.to_numeric(sensitivity[name], errors="coerce")
        for habitat, value in zip(sensitivity["habitat_id"], values, strict=True):
            if not 0 <= value <= 1:
                found.add(
                    f"sensitivity, {habitat}", f"{name} {value:g}", "a number from 0 to 1", "correct it"
                )


def _check_threat(found: Problems, row: Any, known: set[str]) -> None:
    where = f"threats, {row.threat_id}"
    for name in NUMBERS:
        value, weight = getattr(row, name), name.startswith("weight")
        if not (np.isfinite(value) and (value > 0 or (weight and value == 0))):
            expected = "a number of 0 or more" if weight else "metres above 0"
            found.add(where, f"{name} {value:g}", expected, "correct it")
    if row.decay not in DECAYS:
        found.add(where, f"decay {row.decay!r}", " or ".join(DECAYS), "correct it")
    if _words_or(row.works) not in BRINGS:
        found.add(where, f"works {row.works!r}", "operation, take or empty", "correct it")
    for name in sorted(set(_words(row.habitats)) - known):
        found.add(where, f"habitat {name!r}", "habitat ids of the habitat classes", "correct or drop it")
    for word in _words(row.land_use_codes):
        if not word.isdigit():
            expected = "whole numbers with a space between"
            found.add(where, f"land use code {word!r}", expected, "correct it")


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


def _check_map(
    found: Problems,
    codes: NDArray[Any],
    sources: Mapping[str, NDArray[np.bool_]],
    cell_m: float,
    model: QualityModel,
    access: NDArray[np.float64] | None,
    nodata: int,
) -> None:
    if not (np.isfinite(cell_m) and cell_m > 0):
        found.add("habitat raster", f"cells of {cell_m:g} m", "a length above 0", "state it")
    model.check_codes(found, codes, nodata)
    for threat in model.threats:
        where, mine = f"threat {threat.threat_id}", sources.get(threat.threat_id)
        if mine is None:
            expected = "an array of the shape of the habitat"
            found.add(
                where, "no source cells are given", expected, "give an array of False if there are none"
            )
        elif mine.shape != codes.shape:
            found.add(where, f"shape {mine.shape}", f"{codes.shape}", "use the same cells")
    if access is None:
        return
    if access.shape != codes.shape or not ((access >= 0) & (access <= 1))[codes != nodata].all():
        what = f"shape {access.shape}, values {np.nanmin(access):g} to {np.nanmax(access):g}"
        found.add("accessibility", what, f"shape {codes.shape}, values from 0 to 1", "correct it")
