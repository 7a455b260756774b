"""Refusals of a drawing or a request made on the page, in three scripts; faults of files are in English, as elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from corridor.core.errors import CorridorError, Problem, ScenarioError, printable
from corridor.drawing.i18n import fill
from corridor.schema.text import Text


@dataclass(frozen=True)
class Refusal(Problem):
    """A fault in the words of the page."""

    text: Text = field(kw_only=True)

    def __str__(self) -> str:
        return printable(self.text.en)


def refusal(key: str, **parts: Text | str | int) -> Refusal:
    """The refusal of a key "refused_..." of the word tables, its places filled."""
    text = fill(f"refused_{key}", **parts)
    return Refusal("drawing", text.en, text=text)


def refused(key: str, **parts: Text | str | int) -> ScenarioError:
    """The error of one refusal."""
    return ScenarioError(refusal(key, **parts))


def said(error: CorridorError) -> list[Text]:
    """Every problem of an error, as the page shows it."""
    return [p.text if isinstance(p, Refusal) else Text(en=str(p)) for p in error.problems]
