"""The declared table of the significance matrix: steps of each criterion, words in three scripts, fixed ratings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from corridor.core.errors import Problems
from corridor.ecology.land.checks import check_columns

IMPACT = ("habitat_quality", "species", "size_abundance", "duration", "reversibility", "magnitude")
"""Criteria of Annex 8, Table 1."""
HABITAT = (
    "naturalness", "size", "diversity", "rarity", "re_creatability", "fragmentation", "ecological_linkage",
    "potential_value", "nursery", "age", "abundance_richness",
)  # fmt: skip
"""Criteria of Annex 8, Table 2."""
SCRIPTS = ("en", "zh_hant", "zh_hans")
REASONS = [f"reason_{s}" for s in SCRIPTS]
STEPS = ("minor", "moderate", "severe")
TABLE_COLUMNS = ("id", "kind", "subject", *(f"label_{s}" for s in SCRIPTS), *STEPS)
WANTED_STEPS = (
    ("habitat_quality", ""), ("species", ""), ("size_abundance", ""),
    ("size_abundance", "near"), ("size_abundance", "sites"), ("duration", ""), ("duration", "permanent"), ("reversibility", ""),
    ("magnitude", ""), ("magnitude", "corridor"), ("magnitude", "corridor_taken"), ("magnitude", "deck"),
    ("size", ""), ("rarity", ""), ("re_creatability", ""), ("ecological_linkage", ""),
)  # fmt: skip
WORDS = (
    "taken", "near", "value", "no_value", "no_ground", "too_far", "protected", "wildlife", "no_wildlife", "permanent", "for_years",
    "trains", "not_given_back", "given_back", "ends", "corridor", "corridor_taken", "deck", "disturbed",
    "closed", "untouched", "unknown", "hectares", "share", "ratio", "man_made", "corridors", "survey",
    "elsewhere", "construction", "operation", "by_species", "see_wildlife", "sites", "trains_near",
)  # fmt: skip

Reason = tuple[str, str, str]
"""A text in English, traditional and simplified Chinese."""


@dataclass(frozen=True)
class Finding:
    """The result of one criterion.

    Attributes
    ----------
    level
        0 none, 1 minor, 2 moderate, 3 severe.
    reason
        Why, with the figure that set it, in three scripts.
    """

    level: int
    reason: Reason


@dataclass(frozen=True, eq=False)
class Thresholds:
    """The declared table of the significance matrix.

    Attributes
    ----------
    steps
        The figures from which an impact is minor, moderate and severe, by criterion and subject; falling where less is worse.
    words
        Texts in three scripts by id, with fields to fill in.
    ratings
        Ratings that do not depend on a figure, by criterion and subject.
    """

    steps: Mapping[tuple[str, str], tuple[float, float, float]]
    words: Mapping[str, Reason]
    ratings: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Thresholds:
        """Read the table (:data:`TABLE_COLUMNS`). Raises :class:`LayerError` with all its faults."""
        with Problems() as found:
            check_columns(found, "significance table", table, TABLE_COLUMNS)
        rows = table.assign(subject=table["subject"].fillna("").astype(str))
        thresholds, ratings = rows[rows["kind"] == "threshold"], rows[rows["kind"] == "rating"]
        named = rows.drop([*thresholds.index, *ratings.index])
        with Problems() as found:
            _check_table(
                found, thresholds, set(zip(ratings["id"], ratings["subject"], strict=True)), set(named["id"])
            )
        labels = named[[f"label_{s}" for s in SCRIPTS]].itertuples(index=False)
        return cls(
            {(r.id, r.subject): (float(r.minor), float(r.moderate), float(r.severe)) for r in thresholds.itertuples()},
            {str(i): (str(a), str(b), str(c)) for i, (a, b, c) in zip(named["id"], labels, strict=True)},
            {(r.id, r.subject): int(r.minor) for r in ratings.itertuples()},
        )  # fmt: skip

    def level(self, criterion: str, value: float, subject: str = "") -> int:
        """How many steps the value has reached; a first step of 0 means anything above 0.

        Where severe is below minor, less is worse. A subject without steps of its own has those of all.
        """
        steps = self.steps.get((criterion, subject)) or self.steps[criterion, ""]
        if steps[2] < steps[0]:
            return sum(value <= step for step in steps)
        return sum(value >= step if step > 0 else value > 0 for step in steps)

    def say(self, word: str, **values: object) -> Reason:
        """A reason in three scripts.

        Parameters
        ----------
        word
            The id of a text.
        **values
            Its fields: a float is written as hectares (two decimals, four below 0.01), three texts each in its own script, all
            else as it is.
        """
        given = {k: _ha(v) if isinstance(v, float) else v for k, v in values.items()}
        en, hant, hans = (
            text.format(**{k: v[i] if isinstance(v, tuple) else v for k, v in given.items()})
            for i, text in enumerate(self.words[word])
        )
        return en, hant, hans

    def find(self, criterion: str, value: float, word: str, subject: str = "", **values: object) -> Finding:
        """The finding of a criterion by its steps (:meth:`level`), and its reason (:meth:`say`)."""
        return Finding(self.level(criterion, value, subject), self.say(word, **values))


def _ha(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 or value == 0 else f"{value:.4f}"


def _check_table(
    found: Problems, thresholds: pd.DataFrame, rated: set[tuple[str, str]], named: set[str]
) -> None:
    where = "significance table"
    given = rated | set(zip(thresholds["id"], thresholds["subject"], strict=True))
    for criterion, subject in [w for w in WANTED_STEPS if w not in given]:
        found.add(f"{where}, {criterion} {subject}".strip(), "no thresholds", "three steps", "add a row")
    for word in sorted({*WORDS, *IMPACT, *HABITAT} - named):
        found.add(f"{where}, {word}", "no label", "a text in three scripts", "add a row")
    for row in thresholds.itertuples():
        steps = [float(row.minor), float(row.moderate), float(row.severe)]
        if steps not in (sorted(steps), sorted(steps, reverse=True)):
            at = f"{where}, {row.id} {row.subject}".strip()
            found.add(at, f"steps {steps}", "rising or falling", "sort them")
