"""What of a study an assumption may vary, and which of these an ensemble varies today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


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

    scope: Literal["", "regime", "side"] = ""
    least: float = 0.0
    not_yet: str = ""
    needs_demand: bool = False


_ANY = float("-inf")
NO_TRAVELLERS = "no criterion of travellers, or no tables of demand"
"""Why draws of a study do not vary what is of the demand model alone."""
VARIED: Mapping[str, Varied] = {
    "clearance": Varied("regime"),
    "new_line_headway": Varied(),
    "assumed_headway": Varied(),
    "feeder_speed": Varied(),
    "feeder_wait": Varied(),
    "value_of_time": Varied(),
    "fare": Varied(),
    "jobs_ratio": Varied("side"),
    "build_out_share": Varied(),
    "even_residents_share": Varied(),
    "structure_width": Varied(),
    "site_area": Varied(),
    "disturbance_curve": Varied(least=-1.0),
    "unit_cost": Varied(least=-1.0),
    "overrun_share": Varied(),
    "choice_scale": Varied(needs_demand=True),
    "total_elasticity": Varied(least=_ANY, needs_demand=True),
    "service_hours": Varied(least=_ANY),
    "resistance": Varied(least=-1.0, not_yet="no criterion of the comparison depends on it"),
    "opening_slip": Varied(
        not_yet="scenarios are compared as built: no criterion depends on when a line opens"
    ),
}
"""By the word in the column ``varies`` of the table of assumptions."""
