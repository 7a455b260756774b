"""YAML read with the line of every value, so that messages name file:line; values are what a reader sees.

YAML 1.1 reads ``010`` as 8, ``1_000`` as 1000, ``22:30`` as 1350, ``no`` as false and ``2030-06-01`` as a date. Here clock
times, dates, and yes and no stay the texts they are (a key that takes a date, or true and false, takes these texts
too), and a number that is not written plainly is refused with the two ways to write it.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from corridor.core.errors import CorridorError, Problem, Problems, ScenarioError
from corridor.schema.yaml_faults import told

M = TypeVar("M", bound=BaseModel)
MAX_BYTES = 500_000
MAX_DEPTH = 64
"""Brackets in one another, and dashes in a row; a parser takes its time over more, and then gives up."""
_PURE_ONLY = re.compile(
    r"[\t\ufeff]|^%|(?:^|[\s\[{,])[!?]|[|>][-+\d]*#|[\[{](?:[^\n]*\?|[^\]}\n]*$)", re.MULTILINE
)
"""What libyaml takes and PyYAML's own parser refuses or reads differently: tabs, byte order marks, directives, tags, explicit
keys, a comment behind the sign of a block text, a question mark in brackets, brackets over several lines."""
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.ASCII | re.IGNORECASE)
_TAG = "tag:yaml.org,2002:"
NO_LETTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a text does not hold: what terminals obey, and halves of letters that cannot be written to a file."""


@dataclass(frozen=True)
class YamlSource:
    """A parsed YAML file, with the place of each value for messages.

    Attributes
    ----------
    path
        The file.
    data
        Its content as plain mappings, lists and values.
    lines
        By keys and positions from the top, the line (from 1) of a value.
    """

    path: Path
    data: Any
    lines: dict[tuple[str | int, ...], int]

    def where(self, location: Sequence[str | int] = ()) -> str:
        """``file:line`` of the value at a location, or of its nearest parent in the file.

        Parameters
        ----------
        location
            Keys and positions from the top: ("lines", "add", 0).
        """
        for end in range(len(location), -1, -1):
            line = self.lines.get(tuple(location[:end]))
            if line is not None:
                return f"{self.path.name}:{line}"
        return self.path.name

    def as_model(self, model: type[M], schema: str, error: type[CorridorError] = ScenarioError) -> M:
        """The whole file as a model.

        Parameters
        ----------
        model
            What it should be.
        schema
            What the model is called in messages: "scenario schema".
        error
            The class of error that a wrong file raises.

        Raises
        ------
        CorridorError
            Of class `error`, with every problem and its line.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as fault:
            raise error(_problems(self, fault, schema)) from None


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


class _Reader:
    """Builds plain data from YAML nodes; refuses aliases, tags and double keys instead of guessing."""

    def __init__(self, path: Path, error: type[CorridorError]):
        self.path = path
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.problems = Problems(error)
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def read(self, node: yaml.Node, location: tuple[str | int, ...] = ()) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(location, line)
        if id(node) in self._seen:
            self._refuse(line, "an alias (*name)", "the value written out", "YAML aliases are not read")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*location, i)) for i, child in enumerate(node.value)]
        if (
            not isinstance(node, yaml.ScalarNode)
            or not node.tag.startswith("tag:yaml.org,2002:")
            or "python" in node.tag
        ):
            self._refuse(line, f"the tag {node.tag}", "a plain value", "remove the tag")
            return None
        try:
            value = scalar(node, self._scalars)
        except OddNumberError as odd:
            self._refuse(line, odd.what, "a number as it is meant", odd.remedy)
            return None
        except (yaml.YAMLError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            self._refuse(line, f"the value {node.value!r} ({error})", "a plain value", "quote it")
            return None
        if isinstance(value, str) and (found := NO_LETTER.search(value)):
            self._refuse(line, f"the sign {found[0]!r}", "letters that can be printed", "remove it")
            return None
        return value

    def _mapping(self, node: yaml.MappingNode, location: tuple[str | int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, meant, remedy in cut_by_commas(node.value) if node.flow_style else ():
            what = f"{name}: {meant}, where the comma ends the value"
            self._refuse(node.start_mark.line + 1, what, "one value for each key", remedy)
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if found := NO_LETTER.search(key):
                self._refuse(line, f"the sign {found[0]!r}", "letters that can be printed", "remove it")
            if key in result:
                self._refuse(line, f"the key {key!r} a second time", "each key once", "remove one of the two")
            result[key] = self.read(value_node, (*location, key))
            self.lines[(*location, key)] = line
        return result

    def _refuse(self, line: int, what: str, expected: str, remedy: str) -> None:
        self.problems.add(f"{self.path.name}:{line}", what, expected, remedy)


@lru_cache(maxsize=4)
def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text. Kept for the next time: one command opens the same catalogue several times. Nobody changes them.

    By libyaml, which is ten times faster, where PyYAML was built with it; a text that it refuses, or could read otherwise than
    PyYAML's own parser, is left to that parser, so that the same texts are read everywhere and messages do not differ.
    """
    if not _PURE_ONLY.search(text):
        with contextlib.suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=_FAST)
    return yaml.compose(text, Loader=yaml.SafeLoader)


_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, error: type[CorridorError]) -> YamlSource:
    """Read one YAML file.

    Parameters
    ----------
    path
        The file, 500 kB at most.
    error
        The class raised for a file that is missing, too large or broken.

    Returns
    -------
    YamlSource
        Plain data, and the line of each value. Aliases, tags and double keys are refused.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        what = f"cannot be read ({fault.strerror})"
        raise error.at(str(path), what, "a YAML file", "check the path") from None
    if len(raw) > MAX_BYTES:
        raise error.at(path.name, f"is {len(raw):,} bytes", f"at most {MAX_BYTES:,}", "split the file")
    try:
        text = raw.decode("utf-8-sig")
        if _depth(text) > MAX_DEPTH:
            raise RecursionError
        node = _composed(text)
        reader = _Reader(path, error)
        data = None if node is None else reader.read(node)
    except UnicodeDecodeError as fault:
        what = f"is not UTF-8 (byte {fault.start})"
        raise error.at(path.name, what, "UTF-8 text", "save it as UTF-8") from None
    except (yaml.YAMLError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"{path.name}:{mark.line + 1}" if mark else path.name
        what = getattr(fault, "problem", None) or "nested too deeply"
        line = "\n".join(text.splitlines()[max(mark.line - 1, 0) : mark.line + 1]) if mark else ""
        raise error.at(where, f"broken YAML: {what}", "valid YAML", _cure(what, line)) from None
    if node is None:
        raise error.at(path.name, "is empty", "a YAML mapping", "write the entries or remove the file")
    reader.problems.raise_all()
    return YamlSource(path, data, reader.lines)


def _cure(what: str, line: str) -> str:
    """What to do about a line that is no YAML."""
    if "\\t" in what:
        return "indent with spaces, not with tabs"
    if "\uff1a" in line:
        return "write ':' and a space for the full-width colon"
    if (
        "cannot start any token" in what
        or "got '?'" in what
        or (("got ':'" in what or "mapping values" in what) and line.count(": ") > 1)
    ):
        return "put the text in quotes: it holds a sign that YAML reads as its own"
    return "check indents, quotes and colons"


def _depth(text: str) -> int:
    """How deep brackets are nested, or how many dashes follow one another."""
    depth = most = 0
    for sign in re.findall(r"[\[{\]}]", text):
        depth = depth + 1 if sign in "[{" else max(depth - 1, 0)
        most = max(most, depth)
    dashes = max((len(m[0].replace(" ", "")) for m in re.finditer(r"(?:[-?] +)+", text)), default=0)
    return max(most, dashes)


def validated(
    source: YamlSource,
    model: type[M],
    raw: object,
    schema: str,
    problems: Problems,
    prefix: tuple[str | int, ...] = (),
) -> M | None:
    """A part of a file as a model.

    Parameters
    ----------
    source
        The file.
    model
        What it should be.
    raw
        The part, as read.
    schema
        What the model is called in messages: "scenario schema".
    problems
        Takes what is wrong.
    prefix
        Where in the file the part is.

    Returns
    -------
    M or None
        None where it is none.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems.extend(_problems(source, error, schema, prefix))
        return None


def _problems(
    source: YamlSource, error: ValidationError, schema: str, prefix: tuple[str | int, ...] = ()
) -> list[Problem]:
    """What pydantic found wrong, with the line, the value and what was expected; `schema` names what it is held against."""
    problems = []
    for item in error.errors():
        given = item.get("input")
        if "constrained-str" in item["loc"] and isinstance(given, dict):
            continue  # the other reading of an entry that is written as a mapping
        if item["type"] == "too_short" and len(given or ()) >= item["ctx"]["min_length"]:
            continue  # too short only without its wrong entries, which are reported themselves
        plain = [x for x in item["loc"] if x not in {"constrained-str", "LineSpec"} and "[" not in str(x)]
        location = (*prefix, *plain)
        name = ".".join(str(x) for x in plain) or "entry"
        shown, expected, remedy = told(item, plain, schema)
        problems.append(Problem(source.where(location), f"{name}{shown}", expected, remedy))
    return problems
