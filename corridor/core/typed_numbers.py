"""Numbers as hands and spreadsheets write them: what is wrong with one that cannot be read, and how to write it."""

from __future__ import annotations

import re

_CURES = (
    (re.compile(r"([-+]?\d+),(\d+)"), "write {0}.{1}, with a decimal point"),
    (re.compile(r"([-+]?\d{1,3}(?:,\d{3})+)(\.\d+)"), "write {0}{1}, without commas"),
    (re.compile(r"\d{1,2}\s?[C-HJ-NP-X]\s?(\d{5,7}(?:\.\d+)?)(?:\s?m)?[EN]?"),
     "write {0} alone; the zone belongs to the coordinate system (--crs)"),
    (re.compile(r".*\d\s?[°º˚]\s?.*|\d+\s\d+\s\d+(?:\.\d+)?\s?[NESW]?"), "write decimal degrees, such as 114.1835"),
    (re.compile(r"([-+]?[0-9.]+)\s*[^\W\d_].*"), "write {0} alone; the unit is that of the column or key"),
)  # fmt: skip


def number_cure(text: str) -> str:
    """How to write a number that cannot be read as it is; empty where that is not known.

    Parameters
    ----------
    text
        As written.

    Examples
    --------
    >>> number_cure("114,18"), number_cure("836,694.05"), number_cure("5 km")
    ('write 114.18, with a decimal point', 'write 836694.05, without commas', 'write 5 alone; the unit is that of the column or key')
    >>> number_cure("many")
    ''
    """
    try:
        float(text)
        return ""  # it can be read: what is wrong is its size
    except ValueError:
        pass
    for pattern, cure in _CURES:
        if found := pattern.fullmatch(text.strip()):
            return cure.format(*(part.replace(",", "") for part in found.groups()))
    return ""
