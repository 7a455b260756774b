"""Paired questions: what one scenario adds to another, criterion by criterion."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from corridor.schema.comparison import Criterion, Pair

COLUMNS = (
    "pair", "question_en", "question_zh_hant", "question_zh_hans", "terms", "criterion", "value", "unit",
)  # fmt: skip


def paired(figures: pd.DataFrame, pairs: Sequence[Pair], criteria: Sequence[Criterion]) -> pd.DataFrame:
    """The sum of each pair's terms on each criterion; a pair is left out where one of its scenarios is.

    `figures`: scenario by criterion. Returns pair, its question in three scripts, terms ("a - b"), criterion, value, unit.
    """
    units = {c.id: c.unit for c in criteria}
    rows = []
    for pair in pairs:
        if all(scenario_id in figures.index for scenario_id in pair.terms):
            asked = pair.question.en, pair.question.zh_hant, pair.question.zh_hans, _words(pair)
            change = sum(sign * figures.loc[i] for i, sign in pair.terms.items())
            rows += [(pair.id, *asked, c, float(value), units[c]) for c, value in change.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _words(pair: Pair) -> str:
    signed = (f"{'+' if sign > 0 else '-'} {scenario_id}" for scenario_id, sign in pair.terms.items())
    return " ".join(signed).removeprefix("+ ")
