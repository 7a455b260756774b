"""Threats to habitat: how much each weighs, how far it reaches, and the two tables that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import MissingColumnError, Problems
from corridor.ecology.land.checks import check_choice, check_columns, check_once
from corridor.ecology.land.nearest import squared_cells
from corridor.schema.tables import Case

Decay = Literal["linear", "exponential"]
Brings = Literal["", "operation", "take"]
DECAYS: tuple[Decay, ...] = ("linear", "exponential")
BRINGS: tuple[Brings, ...] = ("", "operation", "take")
EXPONENT = 2.99
"""exp(-2.99) is 5 per cent: what an exponential threat still does at its maximum distance."""
THREAT_COLUMNS = (
    "threat_id", "decay", "weight_low", "weight", "weight_high", "max_distance_low_m", "max_distance_m",
    "max_distance_high_m", "habitats", "land_use_codes", "works",
)  # fmt: skip
NUMBERS = [c for c in THREAT_COLUMNS if c.startswith(("weight", "max_distance"))]
SENSITIVITY_COLUMNS = ("habitat_id", "suitability")


@dataclass(frozen=True)
class Threat:
    """One threat: how much it weighs beside the others, how far it reaches, and how it falls off.

    Parameters
    ----------
    threat_id
        Its name in both tables.
    weight
        Its weight w_r, 0 or more; only the ratio to the other weights counts.
    max_distance_m
        Distance (m) beyond which it has no effect.
    decay
        ``linear`` or ``exponential``: see :func:`decay`.
    habitats, land_use
        Its source cells: habitat ids, and codes of a land use map.
    works
        Which pieces of new works are sources too: those that disturb in ``operation``, those of permanent land
        ``take``, or none (empty).
    """

    threat_id: str
    weight: float
    max_distance_m: float
    decay: Decay
    habitats: tuple[str, ...] = ()
    land_use: tuple[int, ...] = ()
    works: Brings = ""

    def table(self, cell_m: float) -> NDArray[np.float64]:
        """The intensity (0 to 1) by squared distance in cells of ``cell_m``, so that a map of distances is looked up, not computed.

        The last entry, 0, is for all that is farther than the reach, as :func:`corridor.ecology.land.nearest.nearest_squared`
        marks it.
        """
        squared = np.arange(squared_cells(self.max_distance_m, cell_m) + 1)
        near = decay(np.sqrt(squared) * cell_m, self.max_distance_m, self.decay)
        return np.append(near, 0.0)


def decay(distance_m: ArrayLike, max_distance_m: float, kind: Decay) -> NDArray[np.float64]:
    """The intensity of a threat, 0 to 1: 1 in its source, 0 beyond its maximum distance.

    Parameters
    ----------
    distance_m
        Distances (m) to its nearest source.
    max_distance_m
        The distance beyond which it has no effect.
    kind
        ``linear``: 1 - d / max; ``exponential``: exp(-2.99 d / max), which is 5 per cent at the maximum.

    Examples
    --------
    >>> decay([0, 50, 101], 100, "linear").tolist()
    [1.0, 0.5, 0.0]
    """
    d = np.asarray(distance_m, dtype=float) / max_distance_m
    near = 1 - d if kind == "linear" else np.exp(-EXPONENT * d)
    return np.where(d > 1, 0.0, near)


def threat_of(row: Any, case: Case | Mapping[str, Case]) -> Threat:
    """The threat of a checked row of the threat table.

    Parameters
    ----------
    row
        A named tuple with :data:`THREAT_COLUMNS`, numbers as numbers.
    case
        One case moves weight and reach only of a threat that works bring in ``operation``; a mapping moves those of the
        threat ids that it names. All others are central.
    """
    mine: Case = "central"
    if not isinstance(case, str):
        mine = case.get(row.threat_id, "central")
    elif row.works == "operation":
        mine = case
    end = "" if mine == "central" else f"_{mine}"
    weight, reach = getattr(row, f"weight{end}"), getattr(row, f"max_distance{end}_m")
    habitats, land_use = _words(row.habitats), tuple(int(c) for c in _words(row.land_use_codes))
    return Threat(row.threat_id, weight, reach, row.decay, habitats, land_use, " ".join(_words(row.works)))  # type: ignore[arg-type]


def _words(cell: Any) -> tuple[str, ...]:
    """Words of a cell; a number is one word, and an empty cell is none."""
    return tuple(cell.split()) if isinstance(cell, str) else () if pd.isna(cell) else (f"{cell:g}",)


def check_tables(
    found: Problems, threats: pd.DataFrame, sensitivity: pd.DataFrame, classes: pd.DataFrame
) -> None:
    """Note every fault of the two tables: columns, ids, ranges, habitats that are not known.

    Parameters
    ----------
    found
        Where to note the problems.
    threats
        A row for each threat, :data:`THREAT_COLUMNS`.
    sensitivity
        A row for each habitat: :data:`SENSITIVITY_COLUMNS` and a column for each threat_id, 0 to 1.
    classes
        Column habitat_id: the habitats that may be sources.
    """
    if not check_columns(found, "threats", threats, THREAT_COLUMNS):
        return
    wanted = [*SENSITIVITY_COLUMNS, *threats["threat_id"]]
    if missing := [c for c in wanted if c not in sensitivity]:
        expected = "habitat_id, suitability and one column for each threat_id"
        what, remedy = "no column " + ", ".join(missing), "add it; 0 where a habitat does not feel a threat"
        found.add("sensitivity", what, expected, remedy, MissingColumnError)
    for layer, frame, key in (("threats", threats, "threat_id"), ("sensitivity", sensitivity, "habitat_id")):
        check_once(found, layer, key, frame.get(key, ()))
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
    check_choice(found, f"{where}, decay", row.decay, DECAYS)
    check_choice(found, f"{where}, works", " ".join(_words(row.works)), BRINGS)
    for name in sorted(set(_words(row.habitats)) - known):
        found.add(where, f"habitat {name!r}", "habitat ids of the habitat classes", "correct or drop it")
    for word in _words(row.land_use_codes):
        if not word.isdigit():
            expected = "whole numbers with a space between"
            found.add(where, f"land use code {word!r}", expected, "correct it")
