"""The long section of a line as a record: what is along it and what it crosses, by chainage.

Ecology makes it (:func:`corridor.ecology.impact.long_section.long_section`), pages draw it; neither needs the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corridor.schema.text import Text

Severity = Literal["note", "warning"]
WATER_GROUPS = frozenset({"marine", "freshwater"})


@dataclass(frozen=True)
class Finding:
    """Something in a profile that a reviewer should ask about: a flag, never a correction.

    ``value`` and ``limit`` are in ``unit``, ``low`` to ``high`` is the range of the limit; ``source`` and ``confidence``
    are those of the limit. Chainages in metres; ``site_id`` is empty where no site is meant. The value of ``no_sites`` is
    the length of bored tunnel, of ``access_spacing`` the length without a way to the surface, of ``no_portal`` 0 portals,
    of ``site_area`` the area stated.
    """

    line_id: str
    kind: Literal["no_sites", "access_spacing", "no_portal", "site_area"]
    severity: Severity
    from_m: float
    to_m: float
    site_id: str
    value: float
    limit: float
    low: float
    high: float
    unit: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Band:
    """A stretch of one structure; ``level`` is above, at or below ground.

    ``published_mpd`` is its mean level (m above principal datum) and the id of the source; None where none
    is published.
    """

    part_id: str
    structure: str
    level: str
    from_m: float
    to_m: float
    assumed: bool
    source: str
    published_mpd: tuple[float, str] | None = None


@dataclass(frozen=True)
class Station:
    """A station at its chainage."""

    station_id: str
    name: Text
    chainage_m: float


@dataclass(frozen=True)
class SectionSite:
    """A site at the chainage nearest to its middle; ``offset_m`` from the line to its edge or point."""

    site_id: str
    kind: str
    permanent: bool
    chainage_m: float
    offset_m: float
    area_ha: float
    assumed: bool


@dataclass(frozen=True)
class Run:
    """A stretch along which the line stays within one thing: a habitat, a designation, a corridor, a side.

    ``name`` is that of a corridor's part, ``whole`` that of the corridor it belongs to; elsewhere both are the
    same. ``colour`` is that of the habitat classes, empty where the layer has none.
    """

    key: str
    kind: str
    name: Text
    from_m: float
    to_m: float
    source: str = ""
    confidence: str = ""
    colour: str = ""
    belongs_to: Text | None = None

    @property
    def whole(self) -> Text:
        """The name of what this is a part of, else its own."""
        return self.belongs_to or self.name

    @property
    def length_m(self) -> float:
        """Length along the alignment."""
        return self.to_m - self.from_m


@dataclass(frozen=True)
class LongSection:
    """A work along its length, every chainage in metres from its start.

    ``habitat`` covers the whole line (key: habitat_id, kind: group; ``not_assessed`` where none is known).
    ``designations`` (key: designation_id, kind: designation) and ``corridors`` (key: corridor and part, kind:
    corridor_id) hold what is crossed, and may lie over one another. ``sides`` (key: region) is empty where no
    outlines were given; stretches off both outlines, as over water, are in none. ``findings`` are the questions
    of :func:`corridor.ecology.works.profile.findings`.
    """

    line_id: str
    name: Text
    status: str
    counterfactual: bool
    length_m: float
    bands: tuple[Band, ...]
    stations: tuple[Station, ...]
    sites: tuple[SectionSite, ...]
    habitat: tuple[Run, ...]
    designations: tuple[Run, ...]
    corridors: tuple[Run, ...]
    sides: tuple[Run, ...]
    findings: tuple[Finding, ...]

    @property
    def not_assessed_m(self) -> float:
        """Metres of the line where no habitat is known."""
        return sum(run.length_m for run in self.habitat if run.key == "not_assessed")

    @property
    def water(self) -> tuple[Run, ...]:
        """Runs over open water of any kind."""
        return tuple(run for run in self.habitat if run.kind in WATER_GROUPS)
