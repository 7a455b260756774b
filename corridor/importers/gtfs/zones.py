"""Clocks of a feed against those of the study: GTFS counts in the time zone of the agency."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd

from corridor.importers.gtfs.day import parse_dates
from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.read import Feed

HOUR_S = 3600


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
    findings.add("agency.txt", "time zone that is none", f"taken as {time_zone}", unknown)
    day = date or _first_day(feed)
    later = {z: _later_s(z, time_zone, day) for z in stated if z in known}
    for zone, seconds in later.items():
        if seconds:
            what = f"times of {zone}, {-seconds / HOUR_S:+g} h from {time_zone} on {day}"
            findings.add("agency.txt", what, "turned into the study's")
    only = next(iter(zones.values()), "")  # the reference asks for one zone in a feed
    return {r: later.get(zones.get(a) or only, 0.0) for r, a in routes["agency_id"].items()}


def _later_s(zone: str, time_zone: str, day: dt.date) -> float:
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(zone))
    here, there = noon.astimezone(ZoneInfo(time_zone)).utcoffset(), noon.utcoffset()
    assert here is not None and there is not None
    return (here - there).total_seconds()


def _first_day(feed: Feed) -> dt.date:
    starts = parse_dates(feed["feed_info"]["feed_start_date"]).dropna()
    return starts.iloc[0].date() if len(starts) else dt.date(2000, 1, 1)
