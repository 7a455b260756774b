"""What a value of a YAML file means: what a reader sees, never what YAML 1.1 makes of it unseen.

YAML 1.1 reads ``010`` as 8, ``1_000`` as 1000, ``22:30`` as 1350, ``no`` as false and ``2030-06-01`` as a date. Here clock
times, dates, and yes and no stay the texts they are (a key that takes a date, or true and false, takes these texts
too), and a number that is not written plainly is refused with the two ways to write it.
"""

from __future__ import annotations

import math
import re

import yaml

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.ASCII | re.IGNORECASE)
_TAG = "tag:yaml.org,2002:"


class OddNumberError(ValueError):
    """A number that YAML reads otherwise than a reader may.

    Attributes
    ----------
    what, remedy
        What is there, and how to write it.
    """

    def __init__(self, text: str, read_as: object):
        seen = text.replace("_", "")
        plain = seen.lstrip("+-0") or "0"
        sign = "-" if seen.startswith("-") else ""
        better = f"{sign}{plain}" if re.fullmatch(r"[0-9]+(\.[0-9]*)?", plain) else str(read_as)
        self.what = f"the number {text}" + (
            "" if better == str(read_as) else f", which YAML reads as {read_as}"
        )
        self.remedy = f'write {better}, or "{text}" in quotes where a text is meant'
        super().__init__(self.what)


def scalar(node: yaml.ScalarNode, constructor: yaml.SafeLoader) -> object:
    """The value of a scalar.

    Parameters
    ----------
    node
        The scalar as parsed, with the tag that YAML 1.1 gives it.
    constructor
        Makes what is not covered here.

    Returns
    -------
    object
        A text, a number, true or false, or None.

    Raises
    ------
    OddNumberError
        For numbers in octal, hexadecimal or binary, and for those with ``_``.
    """
    kind, text = node.tag.removeprefix(_TAG), str(node.value)
    if kind == "timestamp" or (kind == "bool" and text.lower() not in ("true", "false")):
        return text
    if kind in ("int", "float"):
        if ":" in text:
            return text  # 06:00 is a clock time, not a number to the base of 60
        value = constructor.construct_object(node)
        if not (_WHOLE if kind == "int" else _DECIMAL).fullmatch(text) and math.isfinite(value):
            raise OddNumberError(text, value)
        return value
    return constructor.construct_object(node)


def cut_by_commas(pairs: list[tuple[yaml.Node, yaml.Node]]) -> list[tuple[str, str, str]]:
    """Values in a mapping in braces that a comma ends: in ``{en: Longer, better}`` `better` is a key without a value.

    Parameters
    ----------
    pairs
        Keys and values of a mapping in braces.

    Returns
    -------
    list of tuple
        The key of each such value, the value as it was meant, and what to do.
    """
    runs: list[tuple[str, list[str]]] = []
    for key, value in pairs:
        bare = value.start_mark.index == value.end_mark.index == key.end_mark.index  # not even a colon
        if bare and runs:
            runs[-1][1].append(str(key.value))
        elif isinstance(value, yaml.ScalarNode) and not value.style:  # None, or "" of the reader in C
            runs.append((str(key.value), [str(value.value)]))
    return [(key, ", ".join(parts), _joined(key, parts)) for key, parts in runs if len(parts) > 1]


def _joined(key: str, parts: list[str]) -> str:
    if len(parts) == 2 and all(re.fullmatch(r"[-+]?[0-9]+", part) for part in parts):
        return f"write {key}: {parts[0]}.{parts[1]}, with a point"
    return f'quote it: {key}: "{", ".join(parts)}"'
