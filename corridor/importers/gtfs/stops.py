"""Stops of a feed as stations: positions mended, platforms folded into their parent station, names in three scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from corridor.core.crs import project_xy
from corridor.core.errors import Problems
from corridor.importers.gtfs.read import Feed, Findings
from corridor.schema.region import Extent, Region

SCRIPTS = ("name_en", "name_zh_hant", "name_zh_hans")
Side = Callable[[float, float], str | None]
"""The side of the boundary at a position (EPSG:4547, m), or None off its land."""
_OPEN_SEA_DEG = 0.1  # a stop nearer than this to 0,0 has no position


def stations_of(
    feed: Feed, side: Side, stated: Mapping[str, str], findings: Findings, region: Region
) -> pd.DataFrame:
    """Stops as stations; those without a position left out.

    Parameters
    ----------
    feed
        The feed.
    side
        The side of the boundary at a position (EPSG:4547, metres); None off its land.
    stated
        The side of some stops or stations outright.
    findings
        Takes what was broken.
    region
        The region, for its extent and sides.

    Returns
    -------
    pandas.DataFrame
        By stop_id: station (the parent's id, or its own), lon, lat (degrees), x, y (metres), side (missing off the
        study's land: such a stop is passed, but its times count).
    """
    raw = once(feed["stops"], "stop_id", "stops.txt", findings)
    lon, lat = _positions(raw, findings, region.extent_deg)
    parent = _parents(raw, findings)
    places = {"station": parent.to_numpy(), "lon": lon, "lat": lat}
    stops = pd.DataFrame(places, index=raw["stop_id"].to_numpy())
    stops = _borrowed(stops, findings)
    lost = stops["lon"].isna()
    findings.add("stop without a position", stops.index[lost])
    stops = stops[~lost]
    home = stops.reindex(stops["station"])  # a station has the position of its own row
    for column in ("lon", "lat"):
        stops[column] = np.where(home[column].notna(), home[column], stops[column])
    stops["x"], stops["y"] = project_xy(stops["lon"], stops["lat"])
    named = by_station(stops, stated, "--side", region.sides)
    found = {(x, y): side(x, y) for x, y in zip(stops["x"], stops["y"], strict=True)}
    stops["side"] = [named.get(row.station) or found[row.x, row.y] for row in stops.itertuples()]
    findings.add("stop outside the land of the study", stops.index[stops["side"].isna()])
    return stops


def by_station(
    stops: pd.DataFrame, stated: Mapping[str, str], option: str, allowed: Collection[str] = ()
) -> dict[str, str]:
    """What the user states for stations or one of their stops, by station.

    Parameters
    ----------
    stops
        By stop_id, with a column station.
    stated
        Values by id of a stop or station.
    option
        The option that states it, for messages.
    allowed
        The values that it may have; empty where any may.

    Raises
    ------
    CorridorError
        For stops that the feed lacks, and for other values.
    """
    station = {**{s: s for s in stops["station"]}, **stops["station"].to_dict()}
    with Problems() as faults:
        for stop, value in stated.items():
            if stop not in station:
                faults.add(option, f"stop {stop!r} is not in the feed", "a stop_id", "see stops.txt")
            if allowed and value not in allowed:
                faults.add(option, repr(value), "one of " + ", ".join(allowed), "correct it")
    return {station[stop]: value for stop, value in stated.items()}


def once(raw: pd.DataFrame, key: str, file: str, findings: Findings) -> pd.DataFrame:
    """Rows that have an id, each id once.

    Parameters
    ----------
    raw
        Rows of a file.
    key
        The column of the id.
    file
        The file, for messages.
    findings
        Takes rows without an id, and those whose id came before.
    """
    findings.add("row without {key}", int((raw[key] == "").sum()), file, key=key)
    raw = raw[raw[key] != ""]
    return findings.without(raw, raw[key].duplicated(), "{key} twice", key, file=file, key=key)


def _inside(lon: pd.Series, lat: pd.Series, extent: Extent) -> pd.Series:
    west, south, east, north = extent
    return lon.between(west, east) & lat.between(south, north)


def _positions(raw: pd.DataFrame, findings: Findings, extent: Extent) -> tuple[pd.Series, pd.Series]:
    """Degrees; missing where there is no number, 0,0 or a place far from the study; swapped back where that fits."""
    texts = raw[["stop_lon", "stop_lat"]]
    commas = texts.apply(lambda cells: cells.str.contains(",")).any(axis=1)
    findings.add("position with a decimal comma", raw["stop_id"][commas])
    lon, lat = (pd.to_numeric(texts[c].str.replace(",", "."), errors="coerce").astype(float) for c in texts)
    nothing = (lon.abs() < _OPEN_SEA_DEG) & (lat.abs() < _OPEN_SEA_DEG)
    findings.add("position at 0,0", raw["stop_id"][nothing])
    # only where the swapped reading fits the study and the stated one does not: no good position is touched
    swapped = _inside(lat, lon, extent) & ~_inside(lon, lat, extent)
    findings.add("longitude and latitude swapped", raw["stop_id"][swapped])
    lon, lat = lon.where(~swapped, lat), lat.where(~swapped, lon)
    far = ~nothing & lon.notna() & lat.notna() & ~_inside(lon, lat, extent)
    findings.add("position outside the study's part of the earth", raw["stop_id"][far])
    good = _inside(lon, lat, extent)
    return lon.where(good).set_axis(raw["stop_id"]), lat.where(good).set_axis(raw["stop_id"])


def _parents(raw: pd.DataFrame, findings: Findings) -> pd.Series:
    """The station of each stop by stop_id: its parent's parent, its parent, or itself."""
    parent = pd.Series(raw["parent_station"].to_numpy(), index=raw["stop_id"].to_numpy(), dtype=object)
    own = pd.Series(parent.index, index=parent.index, dtype=object)
    unknown = (parent != "") & ~parent.isin(parent.index)
    findings.add("unknown parent_station", parent.index[unknown])
    first = parent.where((parent != "") & ~unknown, own)
    return first.map(first)  # a boarding area, its platform, the station


def _borrowed(stops: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """A stop without a position takes that of its station, or the middle of the station's other stops."""
    lost = stops["lon"].isna()
    if not lost.any():
        return stops
    for column in ("lon", "lat"):
        middle = stops.groupby("station")[column].mean()
        home = stops["station"].map(stops[column])
        stops[column] = stops[column].fillna(home).fillna(stops["station"].map(middle))
    found = lost & stops["lon"].notna()
    findings.add("stop without a position in a station that has one", stops.index[found])
    return stops


def names_of(feed: Feed, table: str, ids: Iterable[str], stated: dict[str, str], field: str) -> pd.DataFrame:
    """Names by id in three scripts: the feed's own in its language's script, translations where given.

    The English name falls back to any other; a script that is not given stays empty.

    Parameters
    ----------
    feed
        The feed.
    table
        ``stops`` or ``routes``, as translations name it.
    ids
        Ids, one row each.
    stated
        The feed's own name by id.
    field
        The field of that name, as translations name it.
    """
    info = feed["feed_info"]
    own = _script(info["feed_lang"].iloc[0] if len(info) else "")
    names = pd.DataFrame("", index=pd.Index(list(ids)), columns=list(SCRIPTS), dtype=object)
    if own:
        names[own] = [stated.get(i, "") for i in names.index]
    by_name: dict[str, list[str]] = {}
    for i in names.index:
        by_name.setdefault(stated.get(i, ""), []).append(i)
    for row in feed["translations"].itertuples():
        script = _script(row.language or row.lang)
        if not script:
            continue
        if row.table_name == table and row.field_name == field and row.record_id in names.index:
            names.loc[row.record_id, script] = row.translation
        # feeds of the older standard translate a text wherever it occurs, not a record
        elif row.record_id == "" and (row.field_value or row.trans_id) and row.table_name in {"", table}:
            names.loc[by_name.get(row.field_value or row.trans_id, []), script] = row.translation
    fallback = pd.Series([stated.get(i, "") or str(i) for i in names.index], index=names.index)
    names["name_en"] = names["name_en"].where(names["name_en"] != "", fallback)
    return names


def _script(language: str) -> str:
    tag = language.lower()
    if tag.startswith("en"):
        return "name_en"
    if tag.startswith("zh"):
        return "name_zh_hant" if re.search(r"hant|hk|tw|mo", tag) else "name_zh_hans"
    return ""
