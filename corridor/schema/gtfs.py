"""The files and fields of GTFS Schedule that this program reads and writes (gtfs.org/documentation/schedule/reference)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from corridor.core.csv_tables import table_rows

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _fields(which: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in table_rows(Path(__file__).with_name("gtfs_fields.csv")):
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


def slugs(names: Iterable[str], prefix: str = "", nameless: str = "") -> dict[str, str]:
    """New ids by name: prefix and slug; where that is empty or taken, a number after it.

    Parameters
    ----------
    names
        Ids or names, each once.
    prefix
        Begins every new id.
    nameless
        Takes the place of an empty slug.

    Examples
    --------
    >>> slugs(["A 1", "a-1"], "mtr")
    {'A 1': 'mtr-a-1', 'a-1': 'mtr-a-1-2'}
    """
    made, taken = dict[str, str](), {prefix}
    for name in names:
        stem = "-".join(filter(None, (prefix, slug(name) or nameless)))
        numbered = (f"{stem}-{n}" for n in itertools.count(2))
        made[name] = next(new for new in itertools.chain([stem], numbered) if new not in taken)
        taken.add(made[name])
    return made
