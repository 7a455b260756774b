"""The files and fields of GTFS Schedule that this program reads and writes (gtfs.org/documentation/schedule/reference)."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _fields(which: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with Path(__file__).with_name("gtfs_fields.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row[which]:
                found[row["file"]] = (*found.get(row["file"], ()), row["field"])
    return found


FIELDS = _fields("read")
"""Files of a feed that are read, without ".txt", and the fields of each that are used. Others are left alone."""
NEEDED = _fields("needed")
"""Files and fields without which there are no lines; the reference asks for more."""
WRITTEN = _fields("written")
"""Files of a written feed and their fields, in order."""


def slug(text: str) -> str:
    """A text as part of an id: small letters and digits, anything else as a hyphen, 40 characters at most.

    Examples
    --------
    >>> slug("MTR East Rail Line!")
    'mtr-east-rail-line'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
