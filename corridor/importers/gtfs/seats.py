"""Trips between which passengers keep their seats (transfer_type 4) as the one run that they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator

import pandas as pd

from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.read import Feed

FILE = "transfers.txt"
STAY_SEATED = "4"


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
    what = "stay-seated change between trips of two routes, or that do not follow one another"
    findings.add(FILE, what, "counted as a change with a wait: too long rather than too short", apart)
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
