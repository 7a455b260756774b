"""The region of a study: the two sides of the boundary, its extent, and its texts on pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, field_validator, model_validator

from corridor.core import paths
from corridor.core.crs import LARGEST_SCALE_ERROR, WORKING, scale_error
from corridor.core.errors import CatalogError, ScenarioError, unknown
from corridor.schema.line import Id, Model
from corridor.schema.text import Text
from corridor.schema.yaml_source import read_yaml

Sides = tuple[str, str]
"""The ids of the two sides: that of the south, that of the north."""
Extent = tuple[float, float, float, float]
"""West, south, east, north in degrees (WGS84)."""
SideId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a time zone of the IANA database, such as Asia/Singapore")
    return name


class Side(Model):
    """One side of the boundary. Its id is in the columns `region` and in the ids of halls, `checkpoint@id`."""

    id: SideId
    name: Text


class Water(Model):
    """The name of a sea, bay or river, and where it is written on maps."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    name: Text


class Axis(Model):
    """What proposed lines of one corridor are drawn together as, such as the western line and its variants."""

    id: Id
    name: Text


class BuildOut(Model):
    """How much of the planned growth of residents and of jobs has come, 0 to 1; all figures are assumptions."""

    id: Id
    residents: float = Field(ge=0, le=1)
    jobs: float = Field(ge=0, le=1)
    title: Text
    """What the land state is then called."""
    source: tuple[str, ...] = ()


class Region(Model):
    """The region of a study.

    `south` and `north` give `northbound` and `southbound` their meaning; where the two lie side by side, either may be
    the south. `extent_deg` (west, south, east, north) bounds it: a position outside is a mistake.
    For texts that are left out the pages have general ones, with the names of the two sides.
    """

    title: Text | None = None
    """What pages say below their headings."""
    south: Side
    north: Side
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    extent_deg: Extent
    boundary: Text | None = None
    """What the line of the boundary is called in legends."""
    axes: tuple[Axis, ...] = ()
    """Corridors of the region, which lines name as their `axis`; colours go by their order."""
    waters: tuple[Water, ...] = ()
    how_sure: Text | None = None
    """How well each side is known, for the reviewer."""
    build_out: Text | None = None
    """What the land state of the planned build-out is called, with whose plans it rests on."""
    build_outs: tuple[BuildOut, ...] = ()
    """Other shares of the build-out on which scenarios may be scored, instead of all of it."""
    season_rules: Text | None = None
    """The note above the rules on seasons and distances: where they come from."""
    credits: tuple[Text, ...] = ()
    """Whom pages must name, in three scripts: `en` as the attributions of the catalogue have it."""

    @field_validator("extent_deg")
    @classmethod
    def _true_lengths(cls, extent: Extent) -> Extent:
        west, south, east, north = extent
        if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
            raise ValueError("[west, south, east, north] in degrees, west < east, south < north")
        error = max(abs(scale_error(lon, lat)) for lon in (west, east) for lat in (south, north))
        if error > LARGEST_SCALE_ERROR:
            raise ValueError(
                f"an extent in which lengths in EPSG:{WORKING} are true to {LARGEST_SCALE_ERROR:.1%}; at its far corner they "
                f"are {error:.2%} off (all measures are taken in EPSG:{WORKING}, whose middle is 114 degrees east: see "
                "docs/another_region.md)"
            )
        return extent

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.south.id == self.north.id:
            raise ValueError(f"two sides of different ids (both are {self.south.id!r})")
        return self

    def built_out(self, build_out: str) -> BuildOut:
        """The shares of a build-out by its id; all of it where that is empty.

        Raises
        ------
        ScenarioError
            Where the region has none of that id.
        """
        if not build_out:
            title = self.build_out or Text(en="With the planned build-out")
            return BuildOut(id="planned", residents=1, jobs=1, title=title)
        known = {each.id: each for each in self.build_outs}
        if build_out not in known:
            use = "one of the region's build_outs, or none for the whole of it"
            raise ScenarioError(unknown("", "build-out", build_out, use, known))
        return known[build_out]

    @property
    def sides(self) -> Sides:
        """The ids of the sides, south first."""
        return self.south.id, self.north.id

    @property
    def names(self) -> dict[str, Text]:
        """The names of the sides by their ids, south first."""
        return {side.id: side.name for side in (self.south, self.north)}


def read_region(path: Path) -> Region:
    """Read a region file.

    Parameters
    ----------
    path
        region.yaml.

    Raises
    ------
    CatalogError
        With every problem and its line.
    """
    return read_yaml(path, CatalogError).as_model(Region, "region", CatalogError)


@cache
def shipped_region() -> Region:
    """The region of the shipped layers."""
    return read_region(paths.layers_dir() / "region.yaml")


def shipped_sides() -> Sides:
    """The ids of the sides in the shipped layers; what is made by hand without a region has these."""
    return shipped_region().sides
