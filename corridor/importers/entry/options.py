"""What a user states about a file beside the file itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from corridor.core.errors import CorridorError
from corridor.importers.entry.datum import Datum

NOT_STATED = "not stated"
NodataMeans = Literal["zero", "keep"]
Per = Literal["cell", "km2", "ha"]


@dataclass(frozen=True)
class Origin:
    """Where a layer is from, as its catalogue entry says.

    Attributes
    ----------
    title
        Title in English; empty for one made from the id.
    date
        Day of the data, YYYY-MM-DD; empty for today.
    source, licence, attribution
        As the user or the file states them.
    accuracy_m
        Accuracy of positions in metres; None where it is not stated.
    """

    title: str = ""
    date: str = ""
    source: str = ""
    licence: str = NOT_STATED
    attribution: str = ""
    accuracy_m: float | None = None

    def or_source(self, source: str) -> Origin:
        """This origin with a source where none is stated."""
        return self if self.source else replace(self, source=source)


@dataclass(frozen=True)
class Options:
    """What the user says about a vector or raster file.

    Attributes
    ----------
    crs
        The CRS to read coordinates in, as PROJ knows it; empty for the file's own.
    layer
        The layer of a vector file with several.
    encoding
        That of the file's texts; empty for what it states.
    origin
        Where the layer is from.
    entry_id
        The id asked for; empty for one made from the role.
    """

    crs: str = ""
    datum: Datum | None = None
    """None: WGS84, unless the layer looks like another; then that is an error."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Their name -> ours."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Our name -> a value for all features."""
    layer: str = ""
    encoding: str = ""
    origin: Origin = field(default_factory=Origin)
    entry_id: str = ""
    nodata: float | None = None
    """The value that means no data in a raster, where its file states none or a wrong one."""
    nodata_means: NodataMeans | None = None
    """Population: zero or keep, which must be stated. Classes: keep, else not assessed."""
    per: Per | None = None
    """Population: what the values are counted per; None: cells, unless they look like a density; then that is an error."""
    mapping: str = ""
    """A table from a raster's codes to classes: a file, or the name of a shipped one."""


UNSTATED = Options()
"""For a file that says all by itself."""


def parse_pairs(texts: Iterable[str], option: str, example: str = "theirs=ours") -> dict[str, str]:
    """``KEY=VALUE`` texts of an option as a mapping.

    Parameters
    ----------
    texts
        As the command line has them.
    option
        The option, for messages.
    example
        How it should read, for messages.

    Examples
    --------
    >>> parse_pairs(["naam=name_en"], "--map")
    {'naam': 'name_en'}
    """
    pairs: dict[str, str] = {}
    for text in texts:
        key, sign, value = (part.strip() for part in text.partition("="))
        if not (sign and key and value):
            what = "two names with '=' between"
            raise CorridorError.at(option, repr(text), what, f"for example {option} {example}")
        pairs[key] = value
    return pairs
