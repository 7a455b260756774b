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
from corridor.network.walk import Ground
from corridor.schema.catalog import Catalog
from corridor.schema.rows import names
from corridor.schema.text import Text
from corridor.study.network import ScenarioNetwork
from corridor.study.place_names import Halls, says, scripts, sides_named, what_it_is

if TYPE_CHECKING:
    import pandas as pd

MINOR = frozenset({"light_rail", "road", "ferry"})
"""Systems whose stops give way to a railway station of the same name."""


@dataclass(frozen=True)
class Listed:
    """A row of the table of places."""

    place: Place
    names: Text


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
    def entrances(self) -> tuple[Place, ...]:
        """Where people enter green corridors and parks, as far as the catalogue knows."""
        table = self.catalog.table_if_any("entrances")
        return tuple(self.position(str(r.entrance_id), r.lon, r.lat) for r in table.itertuples())

    @cached_property
    def listed(self) -> dict[str, Listed]:
        """The rows of the table of places, by place_id."""
        return self.known(dict[str, Listed], "places", [], self._listing)

    def _listing(self) -> dict[str, Listed]:
        texts = names(self.table, "place_id").by_id
        return {i: Listed(self._row(i), texts[i]) for i in self.table.index}

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
        """Find a station, hall or hub by id, name in any script or operator's code, or a position "lon,lat" (EPSG:4326).

        Ids come before names, names as written before those without the word for what a place is ("station", "口岸"),
        a railway station before a light rail, bus or ferry stop of the same name, a hub before a control point.

        Raises
        ------
        UnknownStationError
            With the nearest names; with the choices and what each is where a name is ambiguous, as that of a control point
            without its side.
        """
        found = self._find(text, net)
        if isinstance(found, Halls):
            raise self._ambiguous(text, [found.south, found.north], net)
        return found

    def find_two(self, origin: str, destination: str, net: ScenarioNetwork) -> tuple[Place, Place]:
        """Find the two ends of a journey; a control point without its side is the hall on the side of the other end.

        Where one name is that of one side alone ("South Gate / North Gate"), the hall is on that side.

        Parameters
        ----------
        origin, destination
            As :meth:`find` takes them.
        net
            The network of the scenario.

        Raises
        ------
        UnknownStationError
            As :meth:`find`.
        """
        start, end = (self._find(text, net) for text in (origin, destination))
        south = self.catalog.region.south.id
        start_side, end_side = (south if isinstance(p, Halls) else p.region for p in (start, end))
        if isinstance(start, Halls):
            start = net.place(start.on(end_side))
        return start, net.place(end.on(start_side)) if isinstance(end, Halls) else end

    def _find(self, text: str, net: ScenarioNetwork) -> Place | Halls:
        wanted = text.strip()
        if position := _lonlat(wanted):
            return self.position(wanted, *position)
        if wanted in net.compiled.index:
            return net.place(wanted)
        if wanted in self.listed:
            return self.named(wanted)
        word, all_stations = wanted.casefold(), net.network.stations
        stations = [i for i, s in all_stations.items() if word in map(str.casefold, scripts(s.names))]
        if stations:
            return self._of_stations(text, stations, net)
        rows = [i for i, one in self.listed.items() if word in map(str.casefold, scripts(one.names))]
        if len(rows) == 1:
            return self.named(rows[0])
        if found := self._as_said(text, net):
            return found
        known = [*net.compiled.index, *self.listed, *(s.names.en for s in all_stations.values())]
        use = "a station, control point or hub name or id, or lon,lat"
        raise UnknownStationError(unknown("", "place", text, use, known))

    def _as_said(self, text: str, net: ScenarioNetwork) -> Place | Halls | None:
        """A place by an operator's code, or by its name without the word for what it is."""
        stations, word = net.network.stations, text.strip()
        if coded := [i for i in self._codes.get(word.casefold(), ()) if i in stations]:
            return self._of_stations(text, coded, net)
        rows = [i for i, one in self.listed.items() if says(word, scripts(one.names))]
        if len(rows) == 1:
            return self.named(rows[0])
        if halls := self._halls(text, net):
            return halls
        alike = [i for i, s in stations.items() if says(word, scripts(s.names))]
        return self._of_stations(text, alike, net) if alike else None

    def _halls(self, text: str, net: ScenarioNetwork) -> Place | Halls | None:
        """A control point with halls, or the one on the side that its name says."""
        sides = self.catalog.region.sides
        found: list[tuple[Halls, set[str]]] = []
        for point_id, point in net.network.checkpoints.items():
            south, north = (f"{point_id}@{side}" for side in sides)
            said = sides_named(text, point_id, point.names)
            if said and {south, north} <= net.compiled.index.keys():
                found.append((Halls(point.names.en, south, north), said))
        if len(found) > 1:
            ids = [
                i
                for halls, said in found
                for i in (halls.south, halls.north)
                if len(said) > 1 or i == getattr(halls, *said)
            ]
            raise self._ambiguous(text, ids, net)
        if not found:
            return None
        halls, said = found[0]
        return halls if len(said) > 1 else net.place(getattr(halls, *said))

    def _of_stations(self, text: str, ids: list[str], net: ScenarioNetwork) -> Place:
        """The one of some stations of a name, a railway station before others."""
        main = [i for i in ids if net.network.stations[i].system not in MINOR]
        if len(main or ids) == 1:
            return net.place((main or ids)[0])
        raise self._ambiguous(text, main or ids, net)

    def _ambiguous(self, text: str, ids: list[str], net: ScenarioNetwork) -> UnknownStationError:
        """What a name may mean, each with what it is."""
        sides = self.catalog.region.names

        def told(point: str) -> str:
            if station := net.network.stations.get(point):
                return (
                    f"{point} ({what_it_is(station.system)} {station.names.en}, {sides[station.region].en})"
                )
            return f"{point} (hall of {net.place(point).name}, {sides[net.place(point).region].en})"

        choices = "one of " + ", ".join(told(i) for i in sorted(ids))
        return UnknownStationError.at(f"place {text!r}", "is ambiguous", choices, "give the id")

    @cached_property
    def _codes(self) -> dict[str, list[str]]:
        """Ids of stations by their operator's code."""
        table = self.catalog.table("stations")
        found: dict[str, list[str]] = {}
        for row in table.dropna(subset="code").itertuples() if "code" in table else ():
            found.setdefault(str(row.code).casefold(), []).append(str(row.station_id))
        return found

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

    def side_at(self, lon: float, lat: float) -> str | None:
        """The side of the boundary at a position (EPSG:4326); None off the land."""
        return self._side(lon, lat)[0]

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
