"""Which services of a feed run on which day, the typical day, and what clocks differ by then from those of the study."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.errors import CorridorError, LayerError
from corridor.importers.gtfs.read import Feed, Findings
from corridor.schema.gtfs import WEEKDAYS

HOUR_S = 3600
WINDOW_DAYS = 366  # of a feed that is valid for longer, the last year with exceptions, or its first
TYPICAL_SHARE = 0.1
"""A level of service counts as typical when at least this share of the working days has it."""


def parse_day(text: str | None) -> dt.date | None:
    """The day of --date.

    Parameters
    ----------
    text
        YYYY-MM-DD; None or empty for none.

    Raises
    ------
    CorridorError
        For what is no such day.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise CorridorError.at("--date", repr(text), "YYYY-MM-DD", "for example 2026-01-26") from None


def parse_dates(texts: pd.Series) -> pd.Series:
    """Dates of a feed.

    Parameters
    ----------
    texts
        YYYYMMDD.

    Returns
    -------
    pandas.Series
        Datetimes; missing where a text is no date.
    """
    return pd.to_datetime(texts.where(texts.str.fullmatch(r"\d{8}"), None), format="%Y%m%d", errors="coerce")


def running(
    feed: Feed, date: dt.date | None, departures_by_service: pd.Series, findings: Findings
) -> tuple[dt.date | None, set[str]]:
    """The day and its services: a stated one, or the working day with most departures among the usual ones.

    Parameters
    ----------
    feed
        The feed.
    date
        The stated day; None for a typical one.
    departures_by_service
        Number of departures by service_id.
    findings
        Takes what was broken.

    Returns
    -------
    tuple
        The day (None for a feed without calendars, of which all services run) and the ids of its services.

    Raises
    ------
    LayerError
        Where no trip runs that day.
    """
    calendar, exceptions = _calendar(feed, findings), _exceptions(feed, findings)
    if calendar.empty and exceptions.empty:
        findings.add("no day is given for any service")
        return None, set(departures_by_service.index)
    days = _window(calendar, exceptions)
    services = sorted(set(departures_by_service.index) & {*calendar["service_id"], *exceptions["service_id"]})
    if date is not None:
        days = pd.DatetimeIndex([pd.Timestamp(date)])
    runs = _runs(calendar, exceptions, services, days)
    departures = departures_by_service.reindex(services).to_numpy(dtype=float) @ runs
    if not (departures > 0).any():
        first, last = _span(calendar, exceptions)
        what = f"no trip runs on {date or 'any day'}"
        days_given = f"a day from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        raise LayerError.at("calendar.txt", what, days_given, "choose another --date")
    chosen = 0 if date is not None else _typical(days, departures)
    active = {s for s, on in zip(services, runs[:, chosen], strict=True) if on}
    return days[chosen].date(), active


def _calendar(feed: Feed, findings: Findings) -> pd.DataFrame:
    raw = feed["calendar"].copy()
    raw["start"], raw["end"] = parse_dates(raw["start_date"]), parse_dates(raw["end_date"])
    bad = raw["start"].isna() | raw["end"].isna() | (raw["start"] > raw["end"])
    raw = findings.without(raw, bad, "service without a valid span of dates", "service_id")
    again, key = raw["service_id"].duplicated(), "service_id"
    return findings.without(raw, again, "{key} twice", key, file="calendar.txt", key=key)


def _exceptions(feed: Feed, findings: Findings) -> pd.DataFrame:
    raw = feed["calendar_dates"].copy()
    raw["day"] = parse_dates(raw["date"])
    bad = raw["day"].isna() | ~raw["exception_type"].isin(["1", "2"])
    raw = findings.without(raw, bad, "row without a date or type 1 or 2", "service_id")
    return raw.drop_duplicates(["service_id", "day"])


def _span(calendar: pd.DataFrame, exceptions: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    added = exceptions["day"][exceptions["exception_type"] == "1"]
    stated = [*calendar["start"], *calendar["end"], *added] or [*exceptions["day"]]
    return min(stated), max(stated)


def _window(calendar: pd.DataFrame, exceptions: pd.DataFrame) -> pd.DatetimeIndex:
    first, last = _span(calendar, exceptions)
    length = pd.Timedelta(days=WINDOW_DAYS - 1)
    if last - first > length:
        inside = exceptions["day"][exceptions["day"].between(first, last)]
        last = min(last, max(inside.max(), first + length)) if len(inside) else first + length
        first = last - length
    return pd.date_range(first, last)


def _runs(
    calendar: pd.DataFrame, exceptions: pd.DataFrame, services: list[str], days: pd.DatetimeIndex
) -> NDArray[np.bool_]:
    """Services by days: whether each runs."""
    row = {s: i for i, s in enumerate(services)}
    column = {d: i for i, d in enumerate(days)}
    runs = np.zeros((len(services), len(days)), dtype=bool)
    weekday = days.day_of_week.to_numpy()
    for r in calendar.itertuples():
        if r.service_id in row:
            on = np.array([getattr(r, name) == "1" for name in WEEKDAYS])
            runs[row[r.service_id]] = on[weekday] & (days >= r.start) & (days <= r.end)
    for r in exceptions.itertuples():
        if r.service_id in row and r.day in column:
            runs[row[r.service_id], column[r.day]] = r.exception_type == "1"
    return runs


def _typical(days: pd.DatetimeIndex, departures: NDArray[np.float64]) -> int:
    """The first working day with most departures; a level of service that few days have does not count."""
    departures = departures.round(3)  # sums of the same shares of windows, in any order
    working = np.flatnonzero((days.day_of_week < 5) & (departures > 0))
    if not len(working):
        return int(departures.argmax())
    levels, counts = np.unique(departures[working], return_counts=True)
    usual = levels[counts >= TYPICAL_SHARE * len(working)]
    level = usual.max() if len(usual) else levels.max()
    return int(working[departures[working] == level][0])


def later_by_route(
    feed: Feed, routes: pd.DataFrame, time_zone: str, date: dt.date | None, findings: Findings
) -> dict[str, float]:
    """Seconds to add to a feed's clock times so that they are those of the study.

    A time of GTFS counts from noon less 12 hours of the service day in the agency's zone, whatever the zone of the stop
    (gtfs.org/documentation/schedule/reference, "Time"). So the offsets at the agency's noon decide, summer time by date.

    Parameters
    ----------
    feed
        The feed.
    routes
        By route_id, with agency_id.
    time_zone
        The study's, a name of the IANA database.
    date
        The service day; None where the feed has no calendar, for which its first day or 1 January counts.
    findings
        Takes zones that are unknown or another than the study's.

    Returns
    -------
    dict
        By route_id; 0 where the zone is the study's, not given or unknown.
    """
    agencies, known = feed["agency"], available_timezones()
    zones = dict(zip(agencies["agency_id"], agencies["agency_timezone"], strict=True))
    stated = sorted({z for z in zones.values() if z})
    unknown = [z for z in stated if z not in known]
    findings.add("unknown time zone", unknown, time_zone=time_zone)
    starts = parse_dates(feed["feed_info"]["feed_start_date"]).dropna()
    day = date or (starts.iloc[0].date() if len(starts) else dt.date(2000, 1, 1))
    later = {z: _later_s(z, time_zone, day) for z in stated if z in known}
    for zone, seconds in later.items():
        if seconds:
            what = "times of {zone}, {ahead_h:+g} h from {time_zone} on {day}"
            findings.add(what, zone=zone, ahead_h=-seconds / HOUR_S, time_zone=time_zone, day=day)
    only = next(iter(zones.values()), "")  # the reference asks for one zone in a feed
    return {r: later.get(zones.get(a) or only, 0.0) for r, a in routes["agency_id"].items()}


def _later_s(zone: str, time_zone: str, day: dt.date) -> float:
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(zone))
    here, there = noon.astimezone(ZoneInfo(time_zone)).utcoffset(), noon.utcoffset()
    assert here is not None and there is not None
    return (here - there).total_seconds()
