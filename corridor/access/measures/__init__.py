"""Measures of access, equity and poverty on any travel-time matrix: the public names, gathered from their modules.

Every measure is a pure function; docs/measures.md says what each means, with its formula and source.
"""

from corridor.access.measures.catchment import (
    Availability,
    Catchment,
    balanced,
    enhanced_two_step,
    spatial_availability,
    two_step,
)
from corridor.access.measures.equity import (
    TheilParts,
    concentration,
    corrected_concentration,
    gini,
    palma,
    palma_by_income,
    quantile_groups,
    spread,
    theil,
    theil_by_group,
)
from corridor.access.measures.impedance import (
    Exponential,
    Gaussian,
    Impedance,
    Linear,
    Logistic,
    Power,
    Steps,
    Within,
)
from corridor.access.measures.isochrone import isochrones
from corridor.access.measures.matrix import TravelMatrix, travel_matrix
from corridor.access.measures.opportunity import balancing_cost, cumulative, dual, gravity, logsum
from corridor.access.measures.poverty import Poverty, poverty, poverty_by_group
from corridor.access.measures.saved import Saved, person_minutes_saved, spread_trips

__all__ = [
    "Availability", "Catchment", "Exponential", "Gaussian", "Impedance", "Linear", "Logistic", "Poverty", "Power", "Saved",
    "Steps", "TheilParts", "TravelMatrix", "Within", "balanced", "balancing_cost", "concentration",
    "corrected_concentration", "cumulative", "dual", "enhanced_two_step", "gini", "gravity", "isochrones", "logsum", "palma",
    "palma_by_income", "person_minutes_saved", "poverty", "poverty_by_group", "quantile_groups", "spatial_availability",
    "spread", "spread_trips", "theil", "theil_by_group", "travel_matrix", "two_step",
]  # fmt: skip
