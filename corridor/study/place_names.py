"""Names of places as people say them: without the word for what they are, by one of two names, by an operator's code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from corridor.network.stations import Names
from corridor.schema.text import Text

_ENDINGS = (
    "railway station", "station", "boundary control point", "control point", "checkpoint", "port",
    "管制站", "口岸站", "口岸", "站",
)  # fmt: skip
_SYSTEMS = {"metro": "metro station", "hsr": "railway station", "light_rail": "light rail stop", "road": "bus stop", "ferry": "pier"}  # fmt: skip


@dataclass(frozen=True)
class Halls:
    """A control point that was named without its side.

    Attributes
    ----------
    name
        Its name.
    south, north
        Ids of its halls.
    """

    name: str
    south: str
    north: str

    def on(self, region: str) -> str:
        """The hall on a side; the southern one for any other id."""
        return self.north if self.north.endswith(f"@{region}") else self.south


def what_it_is(system: str) -> str:
    """What a station of a system is called in a list of choices."""
    return _SYSTEMS.get(system, "station")


def folded(name: str) -> str:
    """A name as it is compared: no capitals, no forms of full width, single spaces, hyphens as spaces.

    Examples
    --------
    >>> folded("Sha-Tin  ＡＢ")
    'sha tin ab'
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("-", " ").split())


def bare(name: str) -> str:
    """A folded name without the word for what it is, and without brackets; a name that is nothing else keeps it.

    Examples
    --------
    >>> bare("West Gate Control Point"), bare("North Gate Station (bus)"), bare("Airport"), bare("東門口岸")
    ('west gate', 'north gate', 'airport', '東門')
    """
    text = folded(re.sub(r"\s*[（(].*?[)）]\s*", " ", name))
    for ending in _ENDINGS:
        latin = ending.isascii()
        cut = text.removesuffix(f" {ending}" if latin else ending)
        if cut and cut != text:
            return cut
    return text


def scripts(names: Names | Text) -> tuple[str, ...]:
    """The names in three scripts, without empty ones."""
    return tuple(filter(None, (names.en, names.zh_hant, names.zh_hans)))


def says(wanted: str, names: Iterable[str]) -> bool:
    """Whether one of some names is meant by what a user wrote, but for the word for what it is."""
    return bare(wanted) in {bare(name) for name in names}


def sides_named(wanted: str, point_id: str, names: Names) -> set[str]:
    """Which sides of a control point a name is that of: ``south``, ``north``, both, or none.

    A control point is called after both sides, the south first: "South Gate / North Gate". Its whole name, a name that both
    sides share, and an id that is neither's name mean either.

    Parameters
    ----------
    wanted
        What the user wrote.
    point_id
        Of the control point.
    names
        Its names.

    Examples
    --------
    >>> point = Names("East Pass / Westing", "東關／西城口岸", "东关／西城口岸")
    >>> sides_named("Westing", "pass", point), sides_named("pass", "pass", point) == {"south", "north"}
    ({'north'}, True)
    """
    found: set[str] = set()
    for name in scripts(names):
        parts = re.split(r"\s*[/／]\s*", name)
        by_side = (
            {"south": parts[0], "north": parts[-1]} if len(parts) == 2 else {"south": name, "north": name}
        )
        found |= {side for side, part in by_side.items() if bare(part) == bare(wanted)}
        if folded(name) == folded(wanted):
            return {"south", "north"}
    return found or ({"south", "north"} if bare(wanted) == bare(point_id) else set())
