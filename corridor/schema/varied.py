"""What of a study an assumption may vary, and which of these an ensemble varies today: the rows of ``varied.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from corridor.core.csv_tables import table_rows

Scope = Literal["", "regime", "side"]


@dataclass(frozen=True)
class Varied:
    """One thing that an assumption may vary.

    Attributes
    ----------
    scope
        What its scope names: a regime of control points, a side of the boundary, or nothing.
    least
        The least value that makes sense; minus infinity where it may be negative.
    not_yet
        Why an ensemble does not vary it; empty where it does.
    needs_demand
        Whether it is of the demand model alone, which draws of a study may lack.
    """

    scope: Scope
    least: float
    not_yet: str
    needs_demand: bool


NO_TRAVELLERS = "no criterion of travellers, or no tables of demand"
"""Why draws of a study do not vary what is of the demand model alone."""
VARIED: Mapping[str, Varied] = {
    row["varies"]: Varied(
        cast(Scope, row["scope"]), float(row["least"]), row["not_yet"], bool(row["needs_demand"])
    )
    for row in table_rows(Path(__file__).with_name("varied.csv"))
}
"""By the word in the column ``varies`` of the table of assumptions, from ``varied.csv``."""
