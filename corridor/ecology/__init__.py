"""What a line takes, disturbs, cuts and spares: pure functions on works and land in EPSG:4547.

A :class:`Work` (alignment, vertical profile, sites) is judged against a :class:`Land` (habitat raster,
designations, green corridors, wildlife sites) by :func:`assess`. Results are a screening aid, not an
environmental impact assessment.
"""

from corridor.ecology.assess import EcologyResult, Together, assess, assess_work, not_assessed_m, totals
from corridor.ecology.corridors import corridor_crossings, width_at_m
from corridor.ecology.difference import EcologyDifference, Headline, difference, headline
from corridor.ecology.disturbance import (
    BANDS_M,
    CURVES,
    DecayCurve,
    band_hectares,
    designation_disturbance,
    habitat_disturbance,
    rings,
    wildlife_conflicts,
)
from corridor.ecology.footprint import combined, footprint
from corridor.ecology.land import NOT_ASSESSED, NOT_ASSESSED_CODE, Land
from corridor.ecology.overlap import designated_overlap, designation_overlap, habitat_overlap, habitat_shares
from corridor.ecology.parameters import (
    SHIPPED,
    Case,
    Pads,
    ParameterTable,
    Quantity,
    SiteRule,
    Strip,
    StructureParameters,
)
from corridor.ecology.profile import SITE_KINDS, STRUCTURES, UNDERGROUND, Part, Site, Work

__all__ = [
    "BANDS_M",
    "CURVES",
    "NOT_ASSESSED",
    "NOT_ASSESSED_CODE",
    "SHIPPED",
    "SITE_KINDS",
    "STRUCTURES",
    "UNDERGROUND",
    "Case",
    "DecayCurve",
    "EcologyDifference",
    "EcologyResult",
    "Headline",
    "Land",
    "Pads",
    "ParameterTable",
    "Part",
    "Quantity",
    "Site",
    "SiteRule",
    "Strip",
    "StructureParameters",
    "Together",
    "Work",
    "assess",
    "assess_work",
    "band_hectares",
    "combined",
    "corridor_crossings",
    "designated_overlap",
    "designation_disturbance",
    "designation_overlap",
    "difference",
    "footprint",
    "habitat_disturbance",
    "habitat_overlap",
    "habitat_shares",
    "headline",
    "not_assessed_m",
    "rings",
    "totals",
    "width_at_m",
    "wildlife_conflicts",
]
