"""Cells of a frame as Python's own values: texts in three scripts, numbers, flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridor.schema.text import Text

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("name_en", "name_zh_hant", "name_zh_hans")


@dataclass(frozen=True)
class Names:
    """Names of things by id, in three scripts; an unknown id is its own name."""

    by_id: Mapping[str, Text]

    def __getitem__(self, key: object) -> Text:
        raw = "" if key is None or key != key else str(key)
        return self.by_id.get(raw) or Text(en=raw)


def row_name(row: Mapping[str, Any], prefix: str = "name") -> Text:
    """The name of one row in three scripts; scripts that are missing fall back to English.

    Parameters
    ----------
    row
        Cells by column.
    prefix
        Of the columns ``name_en``, ``name_zh_hant``, ``name_zh_hans``.

    Examples
    --------
    >>> row_name({"name_en": "Lo Wu", "name_zh_hant": "羅湖"}).zh_hant
    '羅湖'
    """
    en, hant, hans = (text_of(row.get(f"{prefix}_{script}")) for script in ("en", "zh_hant", "zh_hans"))
    return Text(en=en or hant or hans, zh_hant=hant, zh_hans=hans)


def in_columns(text: object, prefix: str = "name") -> dict[str, str]:
    """A text or name in three scripts as the cells of three columns, such as name_en; the reverse of :func:`row_name`."""
    return {f"{prefix}_{script}": getattr(text, script) for script in ("en", "zh_hant", "zh_hans")}


def text_of(value: object) -> str:
    """A cell as text; what is missing is empty."""
    import pandas as pd

    return "" if value is None or value is pd.NA or value != value else str(value)


def number_of(value: object) -> float | None:
    """A cell as a number; what is missing or no number is None.

    Examples
    --------
    >>> number_of("2.5"), number_of("many"), number_of(float("nan"))
    (2.5, None, None)
    """
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if found == found and abs(found) != float("inf") else None


def flag_of(value: object) -> bool:
    """A cell as yes or no, also where a table wrote it as text.

    Examples
    --------
    >>> flag_of("1"), flag_of(1.0), flag_of("no"), flag_of(None)
    (True, True, False, False)
    """
    return text_of(value).strip().lower() in {"1", "1.0", "true", "yes"}


def rows_of(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a frame as dictionaries, in order.

    Values are Python's own numbers, as JSON and formatting expect, not NumPy's; the index is left out.
    """
    columns = [np.asarray(frame.iloc[:, i].array, dtype=object).tolist() for i in range(frame.shape[1])]
    keys = list(frame.columns)
    for values in zip(*columns, strict=True):
        yield dict(zip(keys, values, strict=True))


def names(frame: pd.DataFrame, key: str) -> Names:
    """Names of the things in a frame by their ids.

    Parameters
    ----------
    frame
        Columns `key` and those of :data:`NAMES` that it has.
    key
        The column of ids; a frame without it has no names.
    """
    if key not in frame.columns:
        return Names({})
    plain = frame[[c for c in (key, *NAMES) if c in frame.columns]]
    return Names({text_of(row[key]): row_name(row) for row in rows_of(plain)})
