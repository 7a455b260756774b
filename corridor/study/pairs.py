"""Paired questions: what one scenario adds to another, criterion by criterion."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from corridor.schema.comparison import Criterion, Pair

COLUMNS = (
    "pair", "question_en", "question_zh_hant", "question_zh_hans", "terms", "criterion", "value", "unit",
)  # fmt: skip


def paired(figures: pd.DataFrame, pairs: Sequence[Pair], criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Sum the terms of each pair on each criterion.

    Parameters
    ----------
    figures
        Scenario (index) by criterion (columns).
    pairs
        Questions of the comparison file with their signed scenarios; one whose scenarios were not all compared is left out.
    criteria
        The criteria of `figures`, for their units.

    Returns
    -------
    pandas.DataFrame
        pair, its question in three scripts, terms ("a - b"), criterion, value, unit: a row a pair and criterion.

    Examples
    --------
    What a tunnel avoids is the tunnel less the viaduct on the same line: terms {"western-2035": 1, "western-viaduct": -1}.
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
