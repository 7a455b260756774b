"""Colours, dashes and weights of the maps; safe for the usual kinds of colour blindness.

Purple is better or more, orange is worse (ColorBrewer PuOr, Purples: Brewer, Harrower and others, Apache-2.0).
Proposed lines take the colours of the region's axes, which differ in lightness and hue; dash and weight show their
status as well. Hatching, not hue, tells designations from each other.
"""

from __future__ import annotations

from itertools import cycle
from typing import Any

from corridor.schema.region import Region

SEQUENTIAL = {
    2: ("#e6e4f1", "#8a7abd"),
    3: ("#ecebf4", "#b5b0d8", "#7a64b0"),
    4: ("#efeef6", "#cbc8e4", "#a199cc", "#7459ac"),
    5: ("#f0eff6", "#d5d2e9", "#b5b0d8", "#9284c4", "#6b4fa5"),
    6: ("#f2f1f7", "#dddbed", "#c3c0e0", "#a79fd0", "#8a78bd", "#65489f"),
    7: ("#f3f2f8", "#e2e0f0", "#cdcae5", "#b5b0d8", "#9b91c9", "#8069b5", "#5f4199"),
}
"""Light to dark by number of classes; dark is better."""

WORSE = ("#fbe0bd", "#f3b868", "#d98021", "#954a05")
NO_CHANGE = "#f7f6f3"
BETTER = ("#ddd8ec", "#b7acd6", "#8b78bb", "#543290")
"""Change: from the least to the largest, either side of zero."""

GAIN, LOSS, RANGE = BETTER[-1], WORSE[-1], BETTER[2]
"""What is better, what is worse, and what is uncertain: in every chart."""
INK, QUIET, RULE, ZERO = "#22262a", "#5b6268", "#d8d9d6", "#8b9298"

SEA = "#d3e0e7"
LAND = "#f4f2ec"
NOT_MAPPED = "#b3b3ae"
COAST = "#8fa3ad"
DISTRICT = "#8d8a84"
BOUNDARY = "#3a3a3a"
NO_DATA = "#b9b6ae"

AXES = ("#c8321b", "#00609c", "#7a4b00", "#00695c")
"""Proposed lines by axis, in the order of the region's axes."""
OTHER_WORKS = "#2f4b3c"
WARNING, RAIL = AXES[:2]
"""What nobody proposes, and the rails of a long section and of other programs' maps."""
EXISTING = "#77736c"

EXPRESS: dict[str, Any] = {"weight": 0.8, "dash": "7 5"}
ROAD: dict[str, Any] = {"weight": 0.8, "dash": "2 3"}
"""How lines of today are drawn that run fast or by road; thin, for they are chords from stop to stop."""

STATUS: dict[str, dict[str, Any]] = {
    "existing": {"weight": 0.8, "dash": ""},
    "construction": {"weight": 3.6, "dash": ""},
    "planned_official": {"weight": 3.6, "dash": "12 5"},
    "studied": {"weight": 3.2, "dash": "9 5 2 5"},
    "concept": {"weight": 2.8, "dash": "2 6"},
    "counterfactual": {"weight": 4.4, "dash": "5 5"},
}
"""How a line is drawn by status; dash as an SVG dash array in pixels."""

STRUCTURES: dict[str, dict[str, Any]] = {
    "bored_tunnel": {"weight": 3.4, "dash": "3 6", "colour": "#7a3fa0"},
    "immersed_tunnel": {"weight": 4.2, "dash": "9 5", "colour": "#7a3fa0"},
    "cut_and_cover": {"weight": 4.2, "dash": "9 3 2 3", "colour": "#b0531a"},
    "at_grade": {"weight": 3.6, "dash": "", "colour": "#1d1d1d"},
    "embankment": {"weight": 6.0, "dash": "", "colour": "#5e4a1e"},
    "viaduct": {"weight": 5.2, "dash": "", "colour": "#c8321b"},
    "bridge": {"weight": 5.2, "dash": "14 3", "colour": "#c8321b"},
}
"""How a stretch of line is drawn: dashed below ground, whole above; weight and colour tell the same again."""
CONFLICT_MARKS: dict[str, dict[str, str]] = {
    "designations": {"colour": "#8a1c5b", "shape": "as-square"},
    "corridors": {"colour": "#1b6e2c", "shape": "as-diamond"},
    "water": {"colour": "#00558c", "shape": "as-disc"},
    "wildlife": {"colour": "#7b3f00", "shape": "as-arch"},
    "other": {"colour": "#54595e", "shape": "as-tag"},
    "unknown": {"colour": "#ffffff", "shape": "as-hollow"},
}
"""Shape and colour of the numbered marks; the shape alone tells them apart."""
PHASES = {"construction": "#d98021", "operation": "#00609c"}
"""Bands of disturbance by phase."""

DESIGNATIONS: dict[str, dict[str, Any]] = {
    "ramsar": {"colour": "#1f6f5c", "hatch": "up"},
    "nature_reserve": {"colour": "#1b7837", "hatch": "cross"},
    "wetland_park": {"colour": "#2c7f8f", "hatch": "down"},
    "wetland_conservation_area": {"colour": "#3d8f7a", "hatch": "level"},
    "wetland_buffer_area": {"colour": "#86a98f", "hatch": "dots"},
    "sssi": {"colour": "#5a7a12", "hatch": "down"},
    "country_park": {"colour": "#6f9a5b", "hatch": "soft"},
    "marine_park": {"colour": "#3f77a8", "hatch": "level"},
    "conservation_area": {"colour": "#7a9a3a", "hatch": "dots"},
    "mudflat": {"colour": "#8a7a55", "hatch": "dots"},
}
OTHER_DESIGNATION = {"colour": "#4d7d4d", "hatch": "up"}
OPEN_AT_FIRST = frozenset({"ramsar", "nature_reserve", "wetland_park", "wetland_conservation_area"})

CORRIDOR = "#2d7d32"
WILDLIFE = "#7b3f00"
FOOTPRINT = "#6b1d0e"
CHECKPOINT = "#1d1d1d"


def sequential(count: int) -> tuple[str, ...]:
    """Colours of `count` classes, 1 to 7, light to dark."""
    return ("#9e9ac8",) if count == 1 else SEQUENTIAL[count]


def diverging(steps: int) -> tuple[str, ...]:
    """Colours of change, from worse to better.

    Parameters
    ----------
    steps
        Classes either side of the middle one, 1 to 4.

    Returns
    -------
    tuple of str
        2 x `steps` + 1 colours.
    """
    picks = {1: (3,), 2: (1, 3), 3: (0, 1, 3), 4: (0, 1, 2, 3)}[steps]
    return (*(WORSE[i] for i in reversed(picks)), NO_CHANGE, *(BETTER[i] for i in picks))


def axes(region: Region) -> dict[str, str]:
    """The colour of proposed lines by their axis; ``other`` is the rest."""
    return dict(zip((axis.id for axis in region.axes), cycle(AXES), strict=False)) | {"other": OTHER_WORKS}


def for_page(region: Region) -> dict[str, Any]:
    """All that the map's script needs, ready for JSON."""
    return {
        "sea": SEA, "land": LAND, "notMapped": NOT_MAPPED, "coast": COAST, "district": DISTRICT,
        "boundary": BOUNDARY, "express": EXPRESS, "road": ROAD, "noData": NO_DATA, "axes": axes(region), "existing": EXISTING, "status": STATUS,
        "designations": DESIGNATIONS, "otherDesignation": OTHER_DESIGNATION, "corridor": CORRIDOR,
        "wildlife": WILDLIFE, "footprint": FOOTPRINT, "checkpoint": CHECKPOINT,
        "better": BETTER[-1], "worse": WORSE[-1],
    }  # fmt: skip
