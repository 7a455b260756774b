"""Calls of trips with clock times that rise: parsed, interpolated where missing, repaired past midnight."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.importers.gtfs.read import Findings

DAY_S = 86_400
MAX_CLOCK_S = 72 * 3600
HALF_DAY_S = DAY_S // 2


def parse_clock(texts: pd.Series) -> pd.Series:
    """Seconds after midnight of H:MM:SS (hours may pass 24, up to 72); anything else is missing.

    Examples
    --------
    >>> parse_clock(pd.Series(["7:30:00", "25:10:00", "soon"])).tolist()
    [27000.0, 90600.0, nan]
    """
    known = pd.Series(texts.unique(), dtype=object)
    parts = known.str.extract(r"^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?$").astype(float)
    seconds = 3600 * parts[0] + 60 * parts[1] + parts[2].fillna(0)
    seconds[~(seconds <= MAX_CLOCK_S)] = np.nan
    return texts.map(dict(zip(known, seconds, strict=True))).astype(float)


def calls_of(raw: pd.DataFrame, position_m: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Calls of trips with times that rise; trips that cannot be mended are left out.

    Parameters
    ----------
    raw
        Rows of stop_times of known trips and stops, as text.
    position_m
        Columns x, y (metres) by stop_id.
    findings
        Takes what was broken.

    Returns
    -------
    pandas.DataFrame
        trip_id, stop_id, seq, arrival_s, departure_s (seconds after midnight), boards and alights (whether passengers
        may), sorted by trip and seq.
    """
    calls = raw[["trip_id", "stop_id"]].copy()
    calls["seq"] = pd.to_numeric(raw["stop_sequence"], errors="coerce")
    calls["arrival_s"] = parse_clock(raw["arrival_time"])
    calls["departure_s"] = parse_clock(raw["departure_time"])
    calls["boards"], calls["alights"] = raw["pickup_type"] != "1", raw["drop_off_type"] != "1"
    calls["shape_dist"] = pd.to_numeric(raw["shape_dist_traveled"], errors="coerce")
    for name, column in (("arrival_time", "arrival_s"), ("departure_time", "departure_s")):
        bad = calls[column].isna() & (raw[name] != "")
        findings.add("{column} that is not a clock time", raw[name][bad], column=name)
    wrong = ~np.isfinite(calls["seq"])
    findings.add("stop_sequence that is not a number", raw["stop_sequence"][wrong])
    calls = calls[~wrong].sort_values(["trip_id", "seq"], kind="stable")
    again = calls.duplicated(["trip_id", "seq"])
    calls = findings.without(calls, again, "stop_sequence twice in one trip")
    calls = _timed_ends(calls, findings)
    calls = _past_midnight(calls, findings)
    calls = _with_missing(calls, position_m, findings)
    return _rising(calls, findings)


def _timed_ends(calls: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Calls from each trip's first time to its last; a call with one of its two times has it for both."""
    arrival, departure = calls["arrival_s"], calls["departure_s"]
    calls = calls.assign(arrival_s=arrival.fillna(departure), departure_s=departure.fillna(arrival))
    known = calls["arrival_s"].notna()
    before = known.groupby(calls["trip_id"]).cummax()
    after = known[::-1].groupby(calls["trip_id"][::-1]).cummax()[::-1]
    calls = findings.without(calls, ~(before & after), "first or last stop of a trip without a time")
    single = calls.groupby("trip_id")["seq"].transform("size") < 2
    return findings.without(calls, single, "trip of one stop").reset_index(drop=True)


def _same_trip(calls: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each call but the first has the trip of the one before it."""
    trip = calls["trip_id"].to_numpy()
    return np.asarray(trip[1:] == trip[:-1], dtype=bool)


def _past_midnight(calls: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Clocks that start anew at midnight go on past 24:00; departures before their arrival are swapped."""
    if calls.empty:
        return calls
    known = calls[calls["arrival_s"].notna()]
    arrival, departure = (known[c].to_numpy(dtype=float) for c in ("arrival_s", "departure_s"))
    back = (departure < arrival) & (departure > arrival - HALF_DAY_S)
    findings.add("departure before arrival", known["trip_id"][back])
    arrival, departure = np.where(back, departure, arrival), np.where(back, arrival, departure)
    same = _same_trip(known)
    inside = (departure < arrival - HALF_DAY_S).astype(int)
    between = np.r_[0, ((arrival[1:] < departure[:-1] - HALF_DAY_S) & same).astype(int)]
    trips = known["trip_id"].to_numpy()
    at_arrival = pd.Series(between + np.r_[0, inside[:-1] * same]).groupby(trips).cumsum().to_numpy()
    at_departure = at_arrival + inside
    findings.add("clock that starts anew at midnight", trips[(between + inside) > 0])
    calls.loc[known.index, "arrival_s"] = arrival + DAY_S * at_arrival
    calls.loc[known.index, "departure_s"] = departure + DAY_S * at_departure
    return calls


def _with_missing(calls: pd.DataFrame, position_m: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Times between timed stops: by shape_dist_traveled where it rises along the whole trip, else by straight lines."""
    missing = calls["arrival_s"].isna()
    if not missing.any():
        return calls
    holed = calls["trip_id"].isin(calls["trip_id"][missing])
    part = calls[holed]
    same = np.r_[False, _same_trip(part)]
    straight = part["stop_id"].map(position_m["x"]), part["stop_id"].map(position_m["y"])
    leg = np.r_[0.0, np.hypot(*(np.diff(v.to_numpy(dtype=float)) for v in straight))]
    step = np.r_[0.0, np.diff(part["shape_dist"].to_numpy(dtype=float))]
    good = pd.Series(np.where(same, step >= 0, np.isfinite(part["shape_dist"])), index=part.index)
    by_shape = good.groupby(part["trip_id"]).transform("all").to_numpy()
    size = np.where(same, np.where(by_shape, step, leg), 1.0)
    even = np.finfo(float).eps * 1e6  # stops at one place share the time evenly
    along = np.cumsum(np.where(same, np.maximum(np.nan_to_num(size), even), 1.0))
    timed = part["arrival_s"].notna().to_numpy()
    departure, arrival = (part[c].to_numpy()[timed] for c in ("departure_s", "arrival_s"))
    arrive = _between(along, along[timed], departure, arrival)
    measures = {"shape_dist_traveled": by_shape, "straight distance between the stops": ~by_shape}
    for measure, chosen in measures.items():
        findings.add("stop without a time", part["trip_id"][~timed & chosen], measure=measure)
    values = np.where(timed, part["arrival_s"], arrive), np.where(timed, part["departure_s"], arrive)
    calls.loc[part.index, "arrival_s"], calls.loc[part.index, "departure_s"] = values
    return calls


def _between(
    along: NDArray[np.float64],
    timed: NDArray[np.float64],
    departure_s: NDArray[np.float64],
    arrival_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The clock at positions between timed stops: from the departure of the one before to the arrival at the next."""
    after = np.clip(np.searchsorted(timed, along, side="left"), 1, len(timed) - 1)
    share = (along - timed[after - 1]) / (timed[after] - timed[after - 1])
    return np.asarray(departure_s[after - 1] + share * (arrival_s[after] - departure_s[after - 1]))


def _rising(calls: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    if calls.empty:
        return calls
    arrival, departure = calls["arrival_s"].to_numpy(), calls["departure_s"].to_numpy()
    falls = np.r_[False, (arrival[1:] < departure[:-1]) & _same_trip(calls)] | (departure < arrival)
    bad = set(calls["trip_id"].to_numpy()[falls])
    findings.add("trip that runs back in time", sorted(bad))
    return calls[~calls["trip_id"].isin(bad)].reset_index(drop=True)
