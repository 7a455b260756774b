"""What was broken in a feed, and what was done about each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

EXAMPLES = 3
_CONTROL = dict.fromkeys((*range(32), 127), "?")


def shown(value: object) -> str:
    """A value of a feed as a message shows it: one line of 60 characters at most."""
    text = str(value).translate(_CONTROL)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True)
class Finding:
    """One kind of fault in a feed.

    Attributes
    ----------
    file
        The file of the feed, e.g. ``stops.txt``.
    what
        What is wrong, in words.
    done
        What was done about it.
    count
        How many rows or items have it.
    examples
        The first three of them.
    """

    file: str
    what: str
    done: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f" (e.g. {', '.join(self.examples)})" if self.examples else ""
        return f"{self.file}: {self.count} x {self.what}{named}: {self.done}"


@dataclass
class Findings:
    """Problems in the order in which they were met; each kind once, with its count."""

    found: list[Finding] = field(default_factory=list)

    def add(self, file: str, what: str, done: str, items: Iterable[object] | int = 1) -> None:
        """Note one kind of fault; where no item has it, nothing is noted.

        Parameters
        ----------
        file
            The file of the feed.
        what
            What is wrong.
        done
            What was done about it.
        items
            What has the fault (ids, of which the first three different ones are shown), or a number alone.
        """
        listed = [] if isinstance(items, int) else list(items)
        count = items if isinstance(items, int) else len(listed)
        examples = tuple(shown(x) for x in itertools.islice(dict.fromkeys(listed), EXAMPLES))
        if count:
            self.found.append(Finding(file, what, done, count, examples))

    def without(
        self,
        frame: pd.DataFrame,
        bad: pd.Series,
        file: str,
        what: str,
        done: str = "left out",
        named: str = "trip_id",
    ) -> pd.DataFrame:
        """The rows that are not `bad`; the others are noted.

        Parameters
        ----------
        frame
            Rows of a file.
        bad
            (rows,) booleans with the index of `frame`.
        file, what, done
            See :meth:`add`.
        named
            The column whose values name the bad rows.

        Returns
        -------
        pandas.DataFrame
            The good rows, index kept.
        """
        self.add(file, what, done, frame[named][bad])
        return frame[~bad]

    def table(self) -> pd.DataFrame:
        """All faults as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each kind of fault: file, what, done, count, examples (joined by ``; ``).
        """
        return pd.DataFrame(
            [(f.file, f.what, f.done, f.count, "; ".join(f.examples)) for f in self.found],
            columns=["file", "what", "done", "count", "examples"],
        )

    def __str__(self) -> str:
        return "\n".join(f"- {f}" for f in self.found) or "- nothing was broken"
