"""The error tree and how a message reads: where, what, what was expected, what to do.

Every error a user can cause derives from :class:`CorridorError`. One error carries every problem found in
one input, so that a file is mended in one go.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

LONGEST = 1_500
"""Letters of one part of a message, the rest is counted; what a file holds may be longer."""


def printable(text: str) -> str:
    r"""A text as it may be shown on one line: what a terminal would obey, or nobody would see, is written as an escape.

    Parameters
    ----------
    text
        Anything, from a file of unknown origin.

    Examples
    --------
    >>> printable("a" + chr(27) + "[2Jb")
    'a\\x1b[2Jb'
    """
    short = text if len(text) <= LONGEST else text[: LONGEST - 20] + f" ... ({len(text):,} letters)"
    if short.isprintable():
        return short
    line = " ".join(short.split()) if "\n" in short or "\t" in short else short
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


@dataclass(frozen=True)
class Problem:
    """One fault of an input: where it is, what is there, what was expected and what to do.

    Parameters
    ----------
    where
        File and line, option or id.
    what
        What is there.
    expected
        What should be there; may be empty.
    remedy
        What to do; may be empty.

    Examples
    --------
    >>> print(Problem("stations.csv line 3", "lon is empty", "a number (degrees)", "fill it"))
    stations.csv line 3: lon is empty; expected a number (degrees); fill it
    """

    where: str
    what: str
    expected: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        parts = [f"{printable(self.where)}: {printable(self.what)}"]
        if self.expected:
            parts.append(f"expected {printable(self.expected)}")
        if self.remedy:
            parts.append(printable(self.remedy))
        return "; ".join(parts)


@dataclass(frozen=True)
class UnknownName(Problem):
    """An id or name that nothing has; read as sentences: what is unknown, what may be meant, what to use.

    Examples
    --------
    >>> print(unknown("", "place", "Admirality", "a station or lon,lat", ["Admiralty", "Lo Wu"]))
    Unknown place 'Admirality'. Did you mean 'Admiralty'? Use a station or lon,lat.
    """

    def __str__(self) -> str:
        where = f"{printable(self.where)}: " if self.where else ""
        hint = f"{self.remedy[:1].upper()}{printable(self.remedy[1:]).rstrip('.')}" if self.remedy else ""
        hint += "" if not hint or hint.endswith("?") else "."
        use = f"Use {printable(self.expected)}." if self.expected else ""
        return where + " ".join(filter(None, (f"{printable(self.what)}.", hint, use)))


class CorridorError(Exception):
    """Base of every error that a wrong input can cause; exit code 1 on the command line.

    Parameters
    ----------
    problems
        One problem or several; a text becomes one.

    Examples
    --------
    >>> try:
    ...     raise LayerError.at("roads.gpkg", "is empty", "features", "export it again")
    ... except CorridorError as error:
    ...     print(error)
    - roads.gpkg: is empty; expected features; export it again
    """

    def __init__(self, problems: Problem | str | Iterable[Problem]):
        if isinstance(problems, str):
            problems = Problem("input", problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(f"- {p}" for p in self.problems))

    @classmethod
    def at(cls, where: str, what: str, expected: str = "", remedy: str = "") -> Self:
        """The error of one problem.

        Parameters
        ----------
        where
            File and line, or what the input is called.
        what
            What is wrong there.
        expected
            What would be right.
        remedy
            What to do, as an imperative.
        """
        return cls(Problem(where, what, expected, remedy))


def first_line(error: BaseException) -> str:
    """What a library says of a file or a server, short: its first line, or its kind where it says nothing."""
    return str(error).splitlines()[0][:140] if str(error) else type(error).__name__


def nearest(name: str, known: Iterable[str], otherwise: str = "see the list of known ids") -> str:
    """A hint that names the known ids nearest to a wrong one.

    Parameters
    ----------
    name
        The id or name as written.
    known
        The ids that exist.
    otherwise
        The hint where none of them is near.

    Examples
    --------
    >>> nearest("tunel", ["tunnel", "bridge"])
    "did you mean 'tunnel'?"
    """
    # of names that differ in capitals alone, the one with a capital
    by_letters = {k.casefold(): k for k in sorted(set(known), reverse=True)}
    near = difflib.get_close_matches(name.casefold(), by_letters, n=3, cutoff=0.6)
    matches = [by_letters[match] for match in near]
    return f"did you mean {' or '.join(map(repr, matches))}?" if matches else otherwise


def unknown(where: str, what: str, name: str, use: str, known: Iterable[str]) -> UnknownName:
    """The problem of an id that nothing has.

    Parameters
    ----------
    where
        File and line, or what names the id; may be empty.
    what
        What it should be the id of: "station", "line".
    name
        The id as written.
    use
        What to write instead: "a station id".
    known
        The ids that exist; the nearest of them are suggested.
    """
    return UnknownName(where, f"Unknown {what} {name!r}", use, nearest(name, known, ""))


class ScenarioError(CorridorError):
    """A scenario file is wrong."""


class CatalogError(CorridorError):
    """The layer catalogue is wrong."""


class LayerError(CorridorError):
    """A layer does not hold what its catalogue entry declares."""


class CrsError(LayerError):
    """Coordinates are in another system than stated."""


class GeometryError(LayerError):
    """A geometry is missing, empty, invalid or of the wrong type."""


class MissingColumnError(LayerError):
    """A required column is absent."""


class DuplicateIdError(LayerError):
    """Two features share one id."""


class NetworkError(CorridorError):
    """The network cannot be built or queried."""


class UnknownStationError(NetworkError):
    """No station, stop or place has this name."""


class UnreachableError(NetworkError):
    """No way leads from origin to destination at that hour."""


class ParameterError(CorridorError):
    """A parameter of a study cannot be used for what was asked."""


class AssetError(CorridorError):
    """A page needs something that is not shipped."""


class RequestError(CorridorError):
    """A request to the local server that its page does not send."""


@dataclass
class Problems:
    """Problems of one input as they are found; raised together, as the most telling class among them.

    Parameters
    ----------
    error
        The class of a problem that is given none; a class below it says more. As a context manager it raises them at
        the end of its block.

    Examples
    --------
    >>> faults = Problems()
    >>> faults.add("a.csv line 2", "x is empty", "a number", "fill it")
    >>> len(faults), bool(faults)
    (1, True)
    """

    error: type[CorridorError] = LayerError
    found: list[tuple[type[CorridorError], Problem]] = field(default_factory=list)

    def add(
        self,
        where: str,
        what: str,
        expected: str = "",
        remedy: str = "",
        kind: type[CorridorError] | None = None,
    ) -> None:
        """Note one problem.

        Parameters
        ----------
        where, what, expected, remedy
            As for :meth:`CorridorError.at`.
        kind
            The class of error that it makes; :attr:`error` where it is None.
        """
        self.found.append((kind or self.error, Problem(where, what, expected, remedy)))

    def extend(self, others: Problems | CorridorError | Iterable[Problem]) -> None:
        """Take over problems found elsewhere.

        Parameters
        ----------
        others
            Problems keep their classes; an error keeps its own where that is a class below :attr:`error`; plain problems become
            :attr:`error`.
        """
        if isinstance(others, Problems):
            self.found += others.found
        elif isinstance(others, CorridorError):
            kind = type(others) if isinstance(others, self.error) else self.error
            self.found += [(kind, problem) for problem in others.problems]
        else:
            self.found += [(self.error, problem) for problem in others]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.raise_all()

    def __bool__(self) -> bool:
        return bool(self.found)

    def __iter__(self) -> Iterator[Problem]:
        return (problem for _, problem in self.found)

    def __len__(self) -> int:
        return len(self.found)

    def raise_all(self) -> None:
        """Raise everything found as one error.

        Raises
        ------
        CorridorError
            If anything was found; of the class :attr:`error`, or the first other class noted, which says more.
        """
        if self.found:
            kind = next((k for k, _ in self.found if k is not self.error), self.error)
            raise kind(self)
