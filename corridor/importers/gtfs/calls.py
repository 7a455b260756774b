"""Calls and frequency windows of the trips of one service day: where passengers board and alight, and when.

Trips between which passengers keep their seats (transfer_type 4) are the one run that they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.importers.gtfs.headways import Window
from corridor.importers.gtfs.read import Feed, Findings
from corridor.importers.gtfs.times import DAY_S, calls_of, parse_clock

STAY_SEATED = "4"
BY_ARRANGEMENT = ("2", "3")
"""pickup_type and drop_off_type: phone the agency, speak to the driver."""
ALONG_THE_WAY = ("0", "2", "3")
"""continuous_pickup and continuous_drop_off: anywhere between stops, with or without arrangement."""


@dataclass(frozen=True)
class Frequencies:
    """Windows of frequencies.txt.

    Attributes
    ----------
    windows
        By trip_id, in order of start, at the trip's first stop.
    origin_s
        Departure at that first stop in stop_times.txt, by trip_id: what the windows' clocks are relative to.
    """

    windows: Mapping[str, list[Window]]
    origin_s: Mapping[str, float]

    def departures(self, trip_id: str) -> float:
        """How often a trip leaves on a day: as its windows say, else once."""
        windows = self.windows.get(trip_id)
        return 1.0 if windows is None else sum(max((w.end_s - w.start_s) / w.headway_s, 1.0) for w in windows)

    def __contains__(self, trip_id: object) -> bool:
        return trip_id in self.windows

    def at(self, trip_id: str, departure_s: float, later_s: float) -> list[Window]:
        """The windows of a trip as they pass one of its stops; none for a trip that has none.

        Parameters
        ----------
        trip_id
            The trip.
        departure_s
            Its departure there in stop_times.txt.
        later_s
            What its clocks are behind those of the study.
        """
        if trip_id not in self.windows:
            return []
        # the first stop may be outside the study, or serve nobody; a clock may start anew at midnight on the way
        after_s = (departure_s - self.origin_s.get(trip_id, departure_s)) % DAY_S + later_s
        return [w.later(after_s) for w in self.windows[trip_id]]


def _of_known_trips(feed: Feed, table: str, trips: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Rows of a table of the day's `trips`; those of trips that the feed lacks are noted."""
    raw = feed[table]
    stranger = ~raw["trip_id"].isin(set(feed["trips"]["trip_id"]))
    findings.add("row of an unknown trip", raw["trip_id"][stranger], f"{table}.txt")
    return raw[raw["trip_id"].isin(trips.index)]


def day_calls(
    feed: Feed, trips: pd.DataFrame, places: pd.DataFrame, frequencies: Frequencies, findings: Findings
) -> pd.DataFrame:
    """Calls of the day's trips at stations of the study; a station twice running is one call.

    Stops outside the study's land count for the times between them and are then passed; trips between which passengers
    keep their seats are one (:func:`with_seats_kept`).

    Parameters
    ----------
    feed
        The feed.
    trips
        Trips of the service day, by trip_id.
    places
        By stop_id, with station, x, y and side; see :func:`corridor.importers.gtfs.stops.stations_of`.
    frequencies
        Which trips they repeat.
    findings
        Takes what was broken.

    Returns
    -------
    pandas.DataFrame
        Columns trip_id, station, arrival_s, departure_s (seconds after midnight) and only (``board``, ``alight`` or
        empty for both); a trip that nobody can ride from one station to another is left out.
    """
    raw = _of_known_trips(feed, "stop_times", trips, findings)
    flexible = raw["start_pickup_drop_off_window"] != ""
    raw = findings.without(raw, flexible, "call on demand within a window of time (GTFS-Flex)")
    lost = raw["stop_id"][~raw["stop_id"].isin(set(feed["stops"]["stop_id"]))]
    findings.add("row of an unknown stop", lost)
    inside = places["station"][places["side"].notna()]
    near = set(raw["trip_id"][raw["stop_id"].isin(inside.index)])
    raw = raw[raw["stop_id"].isin(places.index) & raw["trip_id"].isin(near)]
    _note_arrangements(feed, raw, trips, findings)
    calls = calls_of(raw, places[["x", "y"]], findings)
    calls = calls.assign(station=calls["stop_id"].map(inside).to_numpy())
    calls = calls[calls["station"].notna()].reset_index(drop=True)
    calls = _ridden(with_seats_kept(calls, feed, trips, frequencies, findings), findings)
    pairs = calls[["trip_id", "station"]]
    again = (pairs == pairs.shift()).all(axis=1) if len(calls) else pd.Series(dtype=bool)
    findings.add("two calls running at one station", calls["trip_id"][again])
    first = dict.fromkeys(("trip_id", "station", "arrival_s"), "first")
    taken = first | {"departure_s": "last", "boards": "any", "alights": "any"}
    merged = calls.groupby((~again).cumsum().to_numpy()).agg(taken)
    merged = merged[merged.groupby("trip_id")["station"].transform("size") > 1].reset_index(drop=True)
    return merged.assign(only=_only(merged)).drop(columns=["boards", "alights"])


def _note_arrangements(feed: Feed, raw: pd.DataFrame, trips: pd.DataFrame, findings: Findings) -> None:
    """Boarding by arrangement, and between stops: what is taken differs from what the feed says."""
    kinds = raw[["pickup_type", "drop_off_type"]]
    agreed = kinds.isin(BY_ARRANGEMENT).any(axis=1)
    findings.add("call by arrangement with agency or driver (types 2, 3)", raw["stop_id"][agreed])
    along = ["continuous_pickup", "continuous_drop_off"]
    anywhere = raw[along].isin(ALONG_THE_WAY).any(axis=1)
    findings.add("call from which a trip stops anywhere (continuous_pickup)", raw["trip_id"][anywhere])
    routes = feed["routes"][feed["routes"]["route_id"].isin(trips["route_id"])]
    anywhere = routes[along].isin(ALONG_THE_WAY).any(axis=1)
    findings.add("route that stops anywhere (continuous_pickup)", routes["route_id"][anywhere])


def _ridden(calls: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Calls from each trip's first boarding to its last alighting; where passengers do neither, the trip passes."""
    calls = calls[calls["boards"] | calls["alights"]]
    trip = calls["trip_id"]
    begun = calls["boards"].groupby(trip).cummax()
    ends = calls["alights"][::-1].groupby(trip[::-1]).cummax()[::-1]
    used = calls[begun & ends]
    left = set(trip) - set(used["trip_id"])
    findings.add("trip that nobody can board and leave again", sorted(left))
    return used.reset_index(drop=True)


def _only(calls: pd.DataFrame) -> NDArray[np.object_]:
    """What alone each call is for; at the ends of a trip passengers do but one thing anyway."""
    first = ~calls["trip_id"].duplicated()
    last = ~calls["trip_id"].duplicated(keep="last")
    one_way = ~first & ~last
    words = np.where(one_way & ~calls["alights"], "board", np.where(one_way & ~calls["boards"], "alight", ""))
    return np.asarray(words, dtype=object)


def with_seats_kept(
    calls: pd.DataFrame, feed: Feed, trips: pd.DataFrame, repeated: Container[str], findings: Findings
) -> pd.DataFrame:
    """Calls in which a trip goes on as the next one of its route, where passengers may stay on board.

    Only transfer_type 4 says that they may; a common block_id says no more than that the vehicle is the same.

    Parameters
    ----------
    calls
        Columns trip_id, station, arrival_s, departure_s and others, sorted by trip and order of call.
    feed
        The feed.
    trips
        Trips of the service day, by trip_id.
    repeated
        Trips that frequencies repeat; which of their runs goes on as which is not known.
    findings
        Takes pairs that cannot be joined: of two routes, of a vehicle that splits, or that do not meet.

    Returns
    -------
    pandas.DataFrame
        The same columns; joined trips have the id of the first of them.
    """
    raw = feed["transfers"]
    raw = raw[(raw["transfer_type"] == STAY_SEATED) & raw["from_trip_id"].isin(trips.index)]
    raw = raw[raw["to_trip_id"].isin(trips.index)]  # the others go on as something else on this day
    pairs = dict.fromkeys(zip(raw["from_trip_id"], raw["to_trip_id"], strict=True))
    if not pairs:
        return calls
    route = trips["route_id"].to_dict()
    first = calls.drop_duplicates("trip_id").set_index("trip_id")
    last = calls.drop_duplicates("trip_id", keep="last").set_index("trip_id")
    begins = dict(zip(first.index, zip(first["station"], first["departure_s"], strict=True), strict=True))
    ends = dict(zip(last.index, zip(last["station"], last["arrival_s"], strict=True), strict=True))
    before, after = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)

    def meet(a: str, b: str) -> bool:
        if a not in ends or b not in begins or a in repeated or b in repeated or before[a] + after[b] > 2:
            return False
        (there, arrival_s), (here, departure_s) = ends[a], begins[b]
        return bool(route[a] == route[b] and there == here and departure_s >= arrival_s)

    following = {a: b for a, b in pairs if meet(a, b)}
    apart = [a for a, b in pairs if a not in following]
    findings.add("stay-seated change between trips of two routes, or that do not follow one another", apart)
    place = {
        t: (root, n) for root in set(following) - set(following.values()) for n, t in _chain(root, following)
    }
    where = [place.get(t, (t, 0)) for t in calls["trip_id"]]
    calls = calls.assign(trip_id=[root for root, _ in where], nth=[n for _, n in where])
    return calls.sort_values(["trip_id", "nth"], kind="stable").drop(columns="nth").reset_index(drop=True)


def _chain(root: str, following: dict[str, str]) -> Iterator[tuple[int, str]]:
    """A trip and those that it goes on as, numbered."""
    trip: str | None = root
    n = 0
    while trip is not None:
        yield n, trip
        trip, n = following.get(trip), n + 1


def frequencies_of(feed: Feed, trips: pd.DataFrame, findings: Findings) -> Frequencies:
    """Windows of frequencies.txt; they replace the clock times of their trip.

    Parameters
    ----------
    feed
        The feed.
    trips
        Trips, by trip_id.
    findings
        Takes what was broken: rows without a window, and windows that overlap an earlier one of their trip.

    Returns
    -------
    Frequencies
        With exact times a window ends at its last departure.
    """
    raw = _of_known_trips(feed, "frequencies", trips, findings)
    frame = pd.DataFrame(
        {
            "trip_id": raw["trip_id"],
            "start": parse_clock(raw["start_time"]),
            "end": parse_clock(raw["end_time"]),
            "headway": pd.to_numeric(raw["headway_secs"], errors="coerce"),
            "exact": raw["exact_times"] == "1",
        }
    )
    bad = ~((frame["end"] >= frame["start"]) & (frame["headway"] >= 1) & np.isfinite(frame["headway"]))
    frame = findings.without(frame, bad, "row without a window or a headway of 1 s or more")
    frame = frame.sort_values(["trip_id", "start", "end"], kind="stable")
    reach = frame.groupby("trip_id")["end"].cummax().groupby(frame["trip_id"]).shift()
    overlaps = frame["start"] < reach
    findings.add("window that overlaps the one before it", frame["trip_id"][overlaps])
    frame = frame.assign(start=frame["start"].where(~overlaps, reach))[~(overlaps & (frame["end"] <= reach))]
    windows: dict[str, list[Window]] = {}
    for r in frame.itertuples():
        last = r.start + (np.ceil((r.end - r.start) / r.headway) - 1) * r.headway if r.exact else r.end
        windows.setdefault(r.trip_id, []).append(Window(r.start, max(last, r.start), r.headway))
    return Frequencies(windows, _first_departures(feed, windows))


def _first_departures(feed: Feed, windows: Mapping[str, list[Window]]) -> dict[str, float]:
    """Departure at the first stop of each trip that has windows, wherever that stop is."""
    raw = feed["stop_times"]
    raw = raw[raw["trip_id"].isin(windows)]
    clocks = pd.concat([parse_clock(raw["arrival_time"]), parse_clock(raw["departure_time"])], axis=1)
    rows = pd.DataFrame(
        {
            "trip_id": raw["trip_id"],
            "seq": pd.to_numeric(raw["stop_sequence"], errors="coerce"),
            "clock_s": clocks.max(axis=1),
        }
    ).dropna()
    first = rows.sort_values("seq", kind="stable").drop_duplicates("trip_id")
    return dict(zip(first["trip_id"], first["clock_s"].astype(float), strict=True))
