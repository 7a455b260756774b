"""transfers.txt as changes between and inside stations: what holds for all who change, not for one trip or platform."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from corridor.importers.gtfs.read import Feed, Findings
from corridor.network.compiled import BOARD_ALIGHT_S

MAX_TRANSFER_S = 2 * 3600
DETOUR, WALK_M_S = 1.3, 1.2  # as everywhere on foot where no way is known (assumption)
IN_SEAT = ("4", "5")
SPECIAL = ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")


def changes_of(
    feed: Feed,
    station_of: pd.Series,
    home: pd.DataFrame,
    ids: Mapping[str, str],
    systems: Mapping[str, str],
    findings: Findings,
) -> pd.DataFrame:
    """Changes between stations and inside one, the same in both directions: the time stated, else a straight line on foot.

    A feed's time leads from platform to platform; the ways to and from platforms, which this program counts itself, are
    taken off. Inside one station the time stays whole. A rule for a station counts before those for its platforms.
    Inside a station, pairs of platforms without a rule keep the station's usual time, so that one rule does not speak for
    all of them.

    Parameters
    ----------
    feed
        The feed.
    station_of
        The station of each stop, by stop_id.
    home
        Stations in use, with x and y in metres (EPSG:4547) and side.
    ids
        New ids by station.
    systems
        System by new id.
    findings
        Takes rules that are not taken.

    Returns
    -------
    pandas.DataFrame
        from_station, to_station (new ids, in order) and walk_s in whole seconds: the mean of the rules.
    """
    raw = _usable(feed, station_of, home, findings)
    raw = raw.assign(stated=_stated_s(raw, findings))
    raw = _station_before_platforms(raw)
    a, b, stated = raw["a"], raw["b"], raw["stated"]
    walked = stated.isna()
    far_m = np.hypot(*(numbers(a, home[c]) - numbers(b, home[c]) for c in ("x", "y")))
    findings.add("change without a time", a[walked & (a != b)], detour=DETOUR, speed_m_s=WALK_M_S)
    board_s, alight_s = ({s: BOARD_ALIGHT_S[systems[i]][n] for s, i in ids.items()} for n in (0, 1))
    platforms_s = numbers(a, alight_s) + numbers(b, board_s)
    between = (stated - platforms_s).clip(lower=0).where(a != b, stated)
    seconds = between.where(~walked, far_m * DETOUR / WALK_M_S)
    frame = raw.assign(walk_s=seconds.astype(float), pairs=1)[~(walked & (a == b))]
    usual_s = {s: board_s[s] + alight_s[s] for s in ids}
    # columns that are used, of tables with rows: older pandas warn of empty ones
    parts = [p[["a", "b", "pairs", "walk_s"]] for p in (frame, _unstated(frame, feed, station_of, usual_s))]
    frame = pd.concat([p for p in parts if len(p)] or parts[:1])
    one, two = frame["a"].map(ids), frame["b"].map(ids)
    low_high = {"from_station": np.minimum(one, two), "to_station": np.maximum(one, two)}
    ends = pd.DataFrame({**low_high, "pairs": frame["pairs"].astype(float)})
    if ends.empty:
        return ends.assign(walk_s=pd.Series(dtype=float)).drop(columns="pairs")
    sums = ends.assign(walk_s=frame["walk_s"] * frame["pairs"]).groupby(["from_station", "to_station"]).sum()
    return (sums["walk_s"] / sums["pairs"]).round().rename("walk_s").reset_index()


def _usable(feed: Feed, station_of: pd.Series, home: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Rows between stations in use on one side that hold for every route and trip and allow the change.

    Their stations are a and b.
    """
    raw = feed["transfers"]
    raw = raw.assign(a=raw["from_stop_id"].map(station_of), b=raw["to_stop_id"].map(station_of))
    raw = raw[~raw["transfer_type"].isin(IN_SEAT)]  # rules for two trips, see calls.py
    unknown = raw["a"].isna() | raw["b"].isna()
    raw = findings.without(raw, unknown, "row of an unknown or unused stop", "from_stop_id")
    raw = raw[raw["a"].isin(home.index) & raw["b"].isin(home.index)]
    side_a, side_b = (raw[c].map(home["side"]).astype(object) for c in ("a", "b"))
    raw = findings.without(raw, side_a != side_b, "change on foot across the boundary", "a")
    special = (raw[list(SPECIAL)] != "").any(axis=1)
    raw = findings.without(raw, special, "rule for single routes or trips", "from_stop_id")
    return findings.without(raw, raw["transfer_type"] == "3", "change that is not possible", "from_stop_id")


def _stated_s(raw: pd.DataFrame, findings: Findings) -> pd.Series:
    """Seconds as stated; missing where they are not usable."""
    stated = pd.to_numeric(raw["min_transfer_time"], errors="coerce").astype(float)
    good = stated.between(0, MAX_TRANSFER_S)
    bad = raw["a"][(raw["min_transfer_time"] != "") & ~good]
    findings.add("min_transfer_time that is none of 0 to {most_s} s", bad, most_s=MAX_TRANSFER_S)
    return stated.where(good)


def _station_before_platforms(raw: pd.DataFrame) -> pd.DataFrame:
    """Without the rules of platforms where the stations have one with a time, and without those that give no time where
    another does.
    """
    pair = np.minimum(raw["a"], raw["b"]) + "\0" + np.maximum(raw["a"], raw["b"]) if len(raw) else raw["a"]
    whole = (raw["from_stop_id"] == raw["a"]) & (raw["to_stop_id"] == raw["b"])
    timed = raw["stated"].notna()
    ruled = set(pair[whole & timed])
    return raw[(whole | ~pair.isin(ruled)) & (timed | ~pair.isin(set(pair[timed])))]


def _unstated(
    rules: pd.DataFrame, feed: Feed, station_of: pd.Series, usual_s: Mapping[str, float]
) -> pd.DataFrame:
    """A station's usual time for the pairs of its platforms that no rule names, where another pair is named."""
    stops = feed["stops"]
    platforms = stops[stops["location_type"].isin(["", "0"]) & (stops["parent_station"] != "")]
    count = platforms["stop_id"].map(station_of).value_counts()
    rows: list[tuple[object, object, float, int]] = []
    inside = rules[rules["a"] == rules["b"]]
    for station, own in inside.groupby("a"):
        if ((own["from_stop_id"] == station) & (own["to_stop_id"] == station)).any():
            continue  # a rule for the whole station
        ends = zip(own["from_stop_id"], own["to_stop_id"], strict=True)
        named = {frozenset(pair) for pair in ends if len(set(pair)) == 2}
        n = int(count.get(station, 0))
        if (others := n * (n - 1) // 2 - len(named)) > 0:
            rows.append((station, station, usual_s[str(station)], others))
    return pd.DataFrame(rows, columns=["a", "b", "walk_s", "pairs"])


def numbers(keys: pd.Series, by_key: pd.Series | Mapping[str, float]) -> pd.Series:
    """Numbers by key. A feed may have no keys at all, and pandas takes a map of no texts for texts."""
    return keys.map(by_key).astype(float)
