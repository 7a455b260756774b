"""Files of a user's own that take the place of tables of the demand model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from corridor.core.cache import key_of
from corridor.core.errors import CorridorError, Problems
from corridor.schema.catalog_kept import held_in


class OwnFiles(NamedTuple):
    """Files that take the place of the shipped tables; None for those of the catalogue.

    Attributes
    ----------
    counts
        Passengers by control point (:func:`corridor.study.demand_counts.own_counts`).
    trips
        Trips between zones (:func:`corridor.study.demand_trips.own_trips`).
    shares
        Shares of groups and purposes (:func:`corridor.study.demand_segments.own_shares`).
    zones
        Where the zones of `trips` are (:func:`corridor.study.demand_ends.own_zones`).
    """

    counts: Path | None = None
    trips: Path | None = None
    shares: Path | None = None
    zones: Path | None = None

    @property
    def given(self) -> dict[str, Path]:
        """Files by what they hold."""
        return {name: path for name, path in self._asdict().items() if path}

    @property
    def hashes(self) -> list[str]:
        """What each holds; a file that cannot be read is reported where it is read."""
        return [key_of([held_in(path)]) if path else "" for path in self]

    def check(self, state: str) -> None:
        """Refuse files that the request does not use.

        Parameters
        ----------
        state
            Land state.

        Raises
        ------
        CorridorError
            For zones without trips, and for trips of one's own on another land state than that of the census.
        """
        with Problems(CorridorError) as found:
            if self.zones and not self.trips:
                found.add("zones", "a file of zones without trips", "a file of trips", "give the trips too")
            if self.trips and state != "census":
                what = f"{self.trips.name} does not grow with land state {state!r}"
                found.add("trips", what, "trips of the state that you mean", "leave the land state out")
