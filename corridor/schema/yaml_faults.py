"""What pydantic finds wrong in a file, in sentences: what is there, what may be there, and how to write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from corridor.core.errors import nearest
from corridor.core.typed_numbers import number_cure
from corridor.schema.rows import number_of

Told = tuple[str, str, str]
"""What is there (after the name of the key), what was expected, what to do."""
STATION = frozenset({"stops", "opens", "close_stops", "between", "from", "to", "station", "at", "close"})
"""Keys whose values are ids of stations."""
CLOCK = frozenset({"hours", "open", "close"})
_ID = "an id: small letters, digits and '-'"
_STOP = "a stop: the id of a station (column station_id of the layers of role stations)"
_NEW_STATION = (
    "a new station is first a row of a layer of role stations (corridor layers add vector); name its id here"
)
_CLOCK_TIME = re.compile(r"(\d{1,2}):?(\d{2})?")


def told(item: Mapping[str, Any], keys: list[str | int], schema: str) -> Told:
    """One error of pydantic as a reader of the file needs it.

    Parameters
    ----------
    item
        An entry of ``ValidationError.errors()``.
    keys
        Where it is in the file.
    schema
        What the file is held against, in words.

    Examples
    --------
    >>> told({"type": "float_parsing", "input": "5,5", "msg": "Input should be a valid number"}, ["length_km"], "")
    (" (found '5,5')", 'a number', 'write 5.5, with a decimal point')
    """
    kind, given = str(item["type"]), item.get("input")
    key = next((k for k in reversed(keys) if isinstance(k, str)), "")
    if kind == "extra_forbidden":
        wide = "write ':' and a space for the full-width colon" if "\uff1a" in key else "correct this value"
        return " is not a known key", f"one of the keys of the {schema}", wide
    if kind == "missing":
        return " is missing", "a value", "add it"
    if given is None and kind.endswith(("_type", "_parsing")):
        return " is empty", "a value", "fill it, or remove the key"
    shown = "" if isinstance(given, dict) or len(repr(given)) > 80 else f" (found {given!r})"
    shown = " is a mapping" if isinstance(given, dict) and kind == "string_type" else shown
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", item["ctx"]["expected"])
        return shown, "one of " + ", ".join(allowed), nearest(str(given), allowed, "take one of these")
    rule = _RULES.get(kind)
    if rule is None:
        said = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
        return shown, said, "correct this value"
    return shown, *rule(given, key, item)


def _text(given: object, key: str, item: Mapping[str, Any]) -> tuple[str, str]:
    clock = _CLOCK_TIME.fullmatch(str(given))
    if key in CLOCK and clock:
        return "a clock time HH:MM", f'write "{int(clock[1]):02d}:{clock[2] or "00"}"'
    if key in STATION:
        quoted = f'write "{given}" in quotes if it is its id'
        return _STOP, _NEW_STATION if isinstance(given, dict) else quoted
    if isinstance(given, dict | list):
        return "a text", "write one text here"
    return "a text", f'put it in quotes: "{given}"'


def _id(given: object, key: str, item: Mapping[str, Any]) -> tuple[str, str]:
    plain = re.sub(r"[^a-z0-9]+", "-", str(given).lower()).strip("-")
    hint = f"did you mean {plain!r}?" if plain else "see 'corridor layers list'"
    pattern = str(item.get("ctx", {}).get("pattern", ""))
    if "a-z0-9" not in pattern:
        return str(item["msg"]).removeprefix("String should "), "correct this value"
    return (_STOP, hint) if key in STATION else (_ID, hint)


def _number(given: object, key: str, item: Mapping[str, Any]) -> tuple[str, str]:
    expected = "a whole number" if str(item["type"]).startswith("int") else "a number"
    number = number_of(given)
    if number is not None and number.is_integer():
        return expected, f"write {number:.0f}"
    return expected, number_cure(str(given)) or "correct this value"


def _date(given: object, key: str, item: Mapping[str, Any]) -> tuple[str, str]:
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", str(given))
    better = f"write {found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else "write e.g. 2030-12-31"
    return "a date YYYY-MM-DD", better


def _list(given: object, key: str, item: Mapping[str, Any]) -> tuple[str, str]:
    single = isinstance(given, str | int | float)
    return "a list", f"write [{given}]" if single else "begin each entry with '- ' on a line of its own"


def _mapping(given: object, key: str, item: Mapping[str, Any]) -> tuple[str, str]:
    model = str(item.get("ctx", {}).get("class_name", ""))
    if model == "Text":
        return "a text by script", f"write {{en: {json.dumps(str(given), ensure_ascii=False)}}}"
    if model == "Headway":
        return "minutes in the peaks and otherwise", f"write {{peak: {given}, off_peak: {given}}}"
    return "keys with values", "write 'key: value', each on a line of its own"


_RULES = {
    "string_type": _text,
    "string_pattern_mismatch": _id,
    **dict.fromkeys(("float_type", "float_parsing", "int_type", "int_parsing", "int_from_float"), _number),
    **dict.fromkeys(
        ("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"), _date
    ),
    **dict.fromkeys(("tuple_type", "list_type"), _list),
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), _mapping),
    **dict.fromkeys(("bool_type", "bool_parsing"), lambda *_: ("true or false", "write one of them")),
}
