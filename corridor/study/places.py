"""Places by name: stations, control point halls and hubs, and positions on land."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.core.cache import Known, made
from corridor.core.crs import project_xy
from corridor.core.errors import Problems, UnknownStationError, unknown
from corridor.network.stations import Names
from corridor.network.walk import Ground
from corridor.schema.catalog import Catalog
from corridor.schema.rows import names
from corridor.schema.text import Text
from corridor.study.network import ScenarioNetwork

if TYPE_CHECKING:
    import pandas as pd

MINOR = frozenset({"light_rail", "road", "ferry"})
"""Systems whose stops give way to a railway station of the same name."""


@dataclass(frozen=True)
class Listed:
    """A row of the table of places."""

    place: Place
    names: Text


@dataclass(frozen=True)
class _Listing:
    by_id: dict[str, Listed]


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """The places of a study that have names, and its land."""

    catalog: Catalog
    ground: Ground
    known: Known = made

    @cached_property
    def table(self) -> pd.DataFrame:
        """Named places, by place_id."""
        return self.catalog.table("places").set_index("place_id", drop=False)

    @cached_property
    def hubs(self) -> tuple[tuple[str, Place], ...]:
        """The places that are hubs, with their ids."""
        import pandas as pd

        table = self.table
        chosen = table[pd.to_numeric(table["hub"]) == 1] if "hub" in table else table
        return tuple((place_id, self.named(place_id)) for place_id in chosen.index)

    @cached_property
    def centres(self) -> NDArray[np.bool_]:
        """Which hubs are a centre of work of their side today; planned centres are none yet."""
        import pandas as pd

        table = self.table
        chosen = pd.to_numeric(table["centre"]) == 1 if "centre" in table else table["place_id"].notna()
        return np.array([bool(chosen[place_id]) for place_id, _ in self.hubs])

    @cached_property
    def hospitals(self) -> tuple[Place, ...]:
        """Public hospitals, on the sides whose facilities the catalogue knows."""
        table = self.catalog.table_if_any("facilities")
        listed = table[table["kind"] == "hospital"]
        return tuple(self.position(str(r.facility_id), r.lon, r.lat) for r in listed.itertuples())

    @cached_property
    def listed(self) -> dict[str, Listed]:
        """The rows of the table of places, by place_id."""
        return self.known(_Listing, "places", [], self._listing).by_id

    def _listing(self) -> _Listing:
        texts = names(self.table, "place_id").by_id
        return _Listing({i: Listed(self._row(i), texts[i]) for i in self.table.index})

    def named(self, place_id: str) -> Place:
        """The place of an id of the table of places, with its station where the table names one.

        Raises
        ------
        KeyError
            Where no row has this id; :meth:`find` takes what a user wrote.
        """
        return self.listed[place_id].place

    def _row(self, place_id: str) -> Place:
        row = self.table.loc[place_id]
        station = row.get("station_id")
        x, y = (float(v) for v in project_xy(row["lon"], row["lat"]))
        point = station if isinstance(station, str) else None
        return Place(str(row["name_en"]), point, x, y, str(row["region"]))

    def find(self, text: str, net: ScenarioNetwork) -> Place:
        """Find a station, hall or hub by id or by name in any script, or a position "lon,lat" (EPSG:4326).

        Ids come before names; a railway station comes before a light rail, bus or ferry stop of the same name.

        Raises
        ------
        UnknownStationError
            With the nearest names, or with the choices where a name is ambiguous.
        """
        wanted = text.strip()
        if position := _lonlat(wanted):
            return self.position(wanted, *position)
        if wanted in net.compiled.index:
            return net.place(wanted)
        if wanted in self.listed:
            return self.named(wanted)
        folded, all_stations = wanted.casefold(), net.network.stations
        stations = [i for i, s in all_stations.items() if folded in _folded(s.names)]
        main = [i for i in stations if all_stations[i].system not in MINOR]
        if len(main or stations) == 1:
            return net.place((main or stations)[0])
        rows = [i for i, found in self.listed.items() if folded in _folded(found.names)]
        if not stations and len(rows) == 1:
            return self.named(rows[0])
        if stations:
            choices = "one of " + ", ".join(sorted(stations))
            raise UnknownStationError.at(f"place {text!r}", "is ambiguous", choices, "give the id")
        known = [*net.compiled.index, *self.listed, *(s.names.en for s in all_stations.values())]
        use = "a station, control point or hub name or id, or lon,lat"
        raise UnknownStationError(unknown("", "place", text, use, known))

    def position(self, name: str, lon: float, lat: float, where: str = "") -> Place:
        """Make a place of a position (EPSG:4326); its side of the boundary is read off the coastline.

        Raises
        ------
        UnknownStationError
            Where the position is not on land; `where` says in it where the position is written.
        """
        region, x, y = self._side(lon, lat)
        if region is None:
            remedy = "swap lon and lat" if self._side(lat, lon)[0] else "move it onto land"
            what = f"lon {lon}, lat {lat} is not on land of the study area"
            if where:
                what = f"{name!r}, {what}"
            raise UnknownStationError.at(where or f"position {name}", what, "a place on land", remedy)
        return Place(name, None, x, y, region)

    def _side(self, lon: float, lat: float) -> tuple[str | None, float, float]:
        x, y = (float(v) for v in project_xy(lon, lat))
        return self.ground.region_at(x, y), x, y

    def positions(self, frame: pd.DataFrame, problems: Problems) -> list[Place]:
        """Make places of the rows of a table.

        Parameters
        ----------
        frame
            Columns id, lon, lat (EPSG:4326).
        problems
            Takes every position that is not on land, by the label of its row: its index where that is a text.

        Returns
        -------
        list of Place
            Those on land, in order: shorter than the frame where there are problems.
        """
        places = []
        for row in frame.itertuples():
            where = row.Index if isinstance(row.Index, str) else f"row {row.Index}"
            try:
                places.append(self.position(str(row.id), float(row.lon), float(row.lat), where))
            except UnknownStationError as error:
                problems.extend(error)
        return places


def _lonlat(text: str) -> tuple[float, float] | None:
    """Two finite numbers with a comma between them."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (lon, lat) if np.isfinite([lon, lat]).all() else None


def _folded(found: Names | Text) -> set[str]:
    return {name.casefold() for name in (found.en, found.zh_hant, found.zh_hans)} - {""}
