"""Names and stations of a network."""

from __future__ import annotations

from dataclasses import dataclass

from corridor.schema.rows import text_of
from corridor.schema.text import Text


@dataclass(frozen=True)
class Names:
    """A name in three scripts."""

    en: str
    zh_hant: str
    zh_hans: str

    @classmethod
    def of_row(cls, row: object) -> Names:
        """From the columns `name_en`, `name_zh_hant` and `name_zh_hans` of a table's row; English where a script is missing."""
        en, hant, hans = (
            text_of(getattr(row, f"name_{script}", "")) for script in ("en", "zh_hant", "zh_hans")
        )
        return cls(en, hant or en, hans or en)

    @classmethod
    def of_text(cls, text: Text) -> Names:
        """From a text of a file."""
        return cls(text.en, text.in_script("zh-Hant"), text.in_script("zh-Hans"))


@dataclass(frozen=True)
class Station:
    """A place to board.

    Attributes
    ----------
    x_m, y_m
        EPSG:4547 metres.
    region
        Its side, by id.
    system
        The kind of station, which gives the time from the concourse to the platform where no table states it.
    street_access
        Whether it is reached from the street; one in the closed area of a control point is not.
    accuracy_m
        Metres within which its position is known; NaN where nothing is said of it.
    """

    station_id: str
    names: Names
    x_m: float
    y_m: float
    region: str
    system: str
    status: str
    street_access: bool
    accuracy_m: float

    @property
    def planned(self) -> bool:
        """Whether it is not built yet: no bus of today serves it."""
        return self.status != "existing"
