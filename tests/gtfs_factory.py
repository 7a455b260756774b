"""A small feed of our own: line L with stops A, B, C in Hong Kong, six trips each way, one of them on Saturdays only."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

Files = dict[str, str]

SMALL: Files = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nop,Operator,https://example.org/,Asia/Hong_Kong\n",
    "stops.txt": (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
        "A,Alpha,22.280,114.160,1,\n"
        "A1,Alpha platform 1,22.280,114.160,0,A\n"
        "A2,Alpha platform 2,22.280,114.160,0,A\n"
        "B,Beta,22.300,114.170,0,\n"
        "C,Gamma,22.320,114.170,0,\n"
    ),
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type,route_color\nL,op,L,Line,1,FF0000\n",
    "trips.txt": ("route_id,service_id,trip_id\nL,wd,o1\nL,wd,o2\nL,wd,o3\nL,wd,o4\nL,sa,o5\nL,wd,b1\n"),
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        # out: A 08:00, B after 300 s, 30 s of dwell, C after 240 s more; then 08:10, 08:20, and 10:00
        "o1,08:00:00,08:00:00,A1,1\no1,08:05:00,08:05:30,B,2\no1,08:09:30,08:09:30,C,3\n"
        "o2,08:10:00,08:10:00,A1,1\no2,08:15:00,08:15:30,B,2\no2,08:19:30,08:19:30,C,3\n"
        "o3,08:20:00,08:20:00,A2,1\no3,08:25:00,08:25:30,B,2\no3,08:29:30,08:29:30,C,3\n"
        "o4,10:00:00,10:00:00,A1,1\no4,10:09:00,10:09:30,B,2\no4,10:13:30,10:13:30,C,3\n"
        "o5,11:00:00,11:00:00,A1,1\no5,11:05:00,11:05:30,B,2\no5,11:09:30,11:09:30,C,3\n"
        # back, once, past midnight
        "b1,24:30:00,24:30:00,C,1\nb1,24:34:00,24:34:20,B,2\nb1,24:40:00,24:40:00,A2,3\n"
    ),
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "wd,1,1,1,1,1,0,0,20260105,20260118\nsa,0,0,0,0,0,1,0,20260105,20260118\n"
    ),
    "feed_info.txt": "feed_publisher_name,feed_publisher_url,feed_lang\nUs,https://example.org/,en\n",
}
"""Mondays to Fridays of two weeks from 2026-01-05, a Monday."""

EVERY: Files = {
    **SMALL,
    "attributions.txt": "organization_name\nUs\n",
    "calendar_dates.txt": "service_id,date,exception_type\nwd,20260107,2\n",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs,exact_times\no4,10:00:00,11:00:00,600,0\n",
    "pathways.txt": "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional\np,A1,A2,1,1\n",
    "transfers.txt": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA1,B,2,480\nB,C,0,\n",
    "translations.txt": "table_name,field_name,language,translation,record_id\nstops,stop_name,zh-Hant,甲,A\n",
}
"""The small feed with a row or two of every file that is read."""


def zipped(files: dict[str, str] | dict[str, bytes], path: Path, folder: str = "") -> Path:
    """Files as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(folder + name, text)
    path.write_bytes(buffer.getvalue())
    return path


def changed(file: str, old: str, new: str, base: Files = SMALL) -> Files:
    """The small feed with one text replaced everywhere in one file; it must be there."""
    assert old in base[file], (file, old)
    return {**base, file: base[file].replace(old, new)}


def without(file: str) -> Files:
    """The small feed without one file."""
    return {name: text for name, text in SMALL.items() if name != file}


def more(file: str, text: str) -> Files:
    """The small feed with rows at the end of one file, or with one file more."""
    return {**SMALL, file: SMALL.get(file, "") + text}


def with_nothing_in(file: str, column: str | None = None) -> Files:
    """The feed of every file with no rows in one of them, or with one column of it empty."""
    header, *rows = (line.split(",") for line in EVERY[file].splitlines())
    if column is None:
        rows = []
    else:
        rows = [
            ["" if name == column else cell for name, cell in zip(header, row, strict=True)] for row in rows
        ]
    return {**EVERY, file: "\n".join(map(",".join, [header, *rows])) + "\n"}
