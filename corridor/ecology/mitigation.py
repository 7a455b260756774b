"""The mitigation hierarchy between two designs: avoided, minimised, compensated, residual (A02).

For each subject (a habitat, a kind of designation) and each measure in hectares, exactly:

    reference = avoided + minimised + compensated + residual

- *avoided*: ground that the reference takes and the alternative does not (for good or for a time);
- *minimised*: disturbance of the reference less that of the alternative, same curve and bands;
- *compensated*: of what the alternative still does, what its delivered habitat makes good, at most all of it;
- *residual*: what is left of the alternative's impact.

Where the alternative does more, avoided or minimised is negative; its size stands in ``added`` too. The residual is
not a difference but the alternative's own impact less what is compensated, so that the identity is a check. A screening
index; whether a measure is adequate is for an environmental impact assessment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from corridor.ecology.assess import EcologyResult, Together
from corridor.ecology.land import PROTECTED
from corridor.ecology.ledger import CASES, LABEL, Compensation, Ledger, assess_ledger
from corridor.ecology.parameters import Case

Kind = Literal["habitat", "designation"]
ACCOUNTS = ["avoided_ha", "minimised_ha", "compensated_ha", "residual_ha"]
VALUES = ["reference_ha", "alternative_ha", *ACCOUNTS, "added_ha"]
COLUMNS = ["kind", "subject", "group", "measure", "case", *VALUES]

TAKEN: tuple[tuple[str, str], ...] = (("permanent", "lost_for_good"), ("temporary", "lost_for_a_time"))
DISTURBED: tuple[tuple[str, str], ...] = (
    ("construction", "disturbed_construction"),
    ("operation", "disturbed_operation"),
)
FUNCTION = "function"
"""The measure that adds take and disturbance up, in hectares lost for good (see :mod:`corridor.ecology.ledger`)."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The accounts of one design against another, in hectares.

    ``accounts``: kind (habitat or designation), subject (habitat_id, or designation kind), group, measure, case
    of need (low, central, high), reference_ha, alternative_ha, avoided_ha, minimised_ha, compensated_ha,
    residual_ha, added_ha. Measures: lost_for_good, lost_for_a_time, disturbed_construction,
    disturbed_operation (equivalents), and for habitats ``function``, the four as one. The two takes are the same
    in all cases. Kinds of designation lie over one another (``protected`` is the union of the protected ones):
    never add them up; a designation is never compensated by another.

    ``totals``: habitats summed by measure and case, what is avoided and what is added apart (``added_ha`` is the
    sum of the increases, already taken off in avoided_ha and minimised_ha).
    """

    accounts: pd.DataFrame
    totals: pd.DataFrame
    reference: Ledger
    alternative: Ledger
    label: str = LABEL

    def of(self, measure: str, case: Case = "central", kind: Kind = "habitat") -> pd.DataFrame:
        """The accounts of one measure and case, by subject."""
        a = self.accounts
        rows = a[(a["measure"] == measure) & (a["case"] == case) & (a["kind"] == kind)]
        return rows.set_index("subject")[["group", *VALUES]]


def hierarchy(
    reference: EcologyResult,
    alternative: EcologyResult,
    classes: pd.DataFrame,
    compensation: pd.DataFrame | Compensation,
    delivered: pd.DataFrame | None = None,
    quality: Mapping[str, float] | None = None,
) -> Hierarchy:
    """The hierarchy of ``alternative`` (the design looked at) against ``reference`` (what it would else have been).

    ``delivered`` is what the alternative delivers; the other arguments are those of
    :func:`corridor.ecology.ledger.assess_ledger`. A result against itself avoids and adds nothing.
    """
    table = compensation if isinstance(compensation, Compensation) else Compensation.of(compensation, classes)
    before = assess_ledger(reference, classes, table, quality=quality)
    after = assess_ledger(alternative, classes, table, delivered, quality)
    accounts = pd.concat(
        [_habitats(before, after), _designations(reference.together, alternative.together)], ignore_index=True
    )
    habitats = accounts[accounts["kind"] == "habitat"]
    totals = habitats.groupby(["measure", "case"], as_index=False, sort=False)[VALUES].sum()
    return Hierarchy(accounts, totals, before, after)


def account(
    reference: pd.Series, alternative: pd.Series, minimised: bool, compensated: pd.Series | float = 0.0
) -> pd.DataFrame:
    """The accounts of one measure: what is spared is avoided, or minimised; at most all is compensated.

    ``reference`` and ``alternative`` are hectares of 0 or more on the same index; ``compensated`` hectares that are
    made good. Columns :data:`VALUES`.
    """
    spared = reference - alternative
    none = 0.0 * spared
    parts = (none, spared) if minimised else (spared, none)
    return _closed(reference, alternative, *parts, compensated)


def _closed(
    reference: pd.Series,
    alternative: pd.Series,
    avoided: pd.Series,
    minimised: pd.Series,
    compensated: pd.Series | float,
) -> pd.DataFrame:
    made_good = (0.0 * alternative + compensated).clip(upper=alternative)
    return pd.DataFrame({
        "reference_ha": reference,
        "alternative_ha": alternative,
        "avoided_ha": avoided,
        "minimised_ha": minimised,
        "compensated_ha": made_good,
        "residual_ha": alternative - made_good,
        "added_ha": (-avoided).clip(lower=0.0) + (-minimised).clip(lower=0.0),
    })  # fmt: skip


def _habitats(before: Ledger, after: Ledger) -> pd.DataFrame:
    """Accounts of habitats: each area for itself, and function with take and disturbance told apart."""
    keys = ["case", "habitat_id", "group"]
    a, b = (ledger.habitats.set_index(keys) for ledger in (before, after))
    index = a.index.union(b.index, sort=False)
    a, b = a.reindex(index), b.reindex(index)
    unknown = a["ratio"].isna() & b["ratio"].isna()
    frames = {}
    for names, minimised in ((TAKEN, False), (DISTURBED, True)):
        for _, measure in names:
            column = f"{measure}_ha"
            made = b["created_ha"].fillna(0.0) if measure == "lost_for_good" else 0.0
            frames[measure] = account(a[column].fillna(0.0), b[column].fillna(0.0), minimised, made)
    taken = [f["good_debt_ha"] + f["time_debt_ha"] for f in (a, b)]
    frames[FUNCTION] = _closed(
        a["function_lost_ha"],
        b["function_lost_ha"],
        taken[0] - taken[1],
        a["disturbance_debt_ha"] - b["disturbance_debt_ha"],
        b["function_delivered_ha"],
    )[~unknown]
    rows = pd.concat(frames, names=["measure"]).reset_index()
    return rows.rename(columns={"habitat_id": "subject"}).assign(kind="habitat")[COLUMNS]


def _designations(before: Together, after: Together) -> pd.DataFrame:
    """Accounts of kinds of designation, in area only."""
    frames = {}
    for case in CASES:
        for names, minimised in ((TAKEN, False), (DISTURBED, True)):
            for value, measure in names:
                a, b = (_designated(t, value, case, minimised) for t in (before, after))
                index = a.index.union(b.index)
                a, b = a.reindex(index, fill_value=0.0), b.reindex(index, fill_value=0.0)
                frames[measure, case] = account(a, b, minimised)
    rows = pd.concat(frames, names=["measure", "case", "subject"]).reset_index()
    group = rows["subject"].eq(PROTECTED).map({True: "union", False: ""})
    return rows.assign(kind="designation", group=group)[COLUMNS]


def _designated(together: Together, value: str, case: Case, disturbed: bool) -> pd.Series:
    frame = together.designated_disturbance if disturbed else together.designated_take
    key, column = ("phase", f"equivalent_{case}_ha") if disturbed else ("permanence", "area_ha")
    return frame[frame[key] == value].groupby("designation")[column].sum().astype(float)
