"""The mitigation hierarchy between two designs: avoided, minimised, compensated, residual (A02).

For each subject (a habitat, a kind of designation) and each measure in hectares, exactly:

    reference = avoided + minimised + compensated + residual

- *avoided*: ground that the reference takes and the alternative does not (permanently or temporarily);
- *minimised*: disturbance of the reference less that of the alternative, same curve and bands;
- *compensated*: of what the alternative still does, what its delivered habitat makes good, at most all of it;
- *residual*: what is left of the alternative's impact.

Where the alternative does more, avoided or minimised is negative; its size is in ``added`` too. The residual is
not a difference but the alternative's own impact less what is compensated, so that the identity is a check. A screening
index; whether a measure is adequate is for an environmental impact assessment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from corridor.ecology.appraisal.ledger import LOSSES, Compensation, Ledger, assess_ledger
from corridor.ecology.impact.assess import EcologyResult, Together, stacked
from corridor.ecology.land.land import NOT_ASSESSED, PROTECTED
from corridor.schema.tables import CASES, Case

Kind = Literal["habitat", "designation"]
ACCOUNTS = ["avoided_ha", "minimised_ha", "compensated_ha", "residual_ha"]
VALUES = ["reference_ha", "alternative_ha", *ACCOUNTS, "added_ha"]
COLUMNS = ["kind", "subject", "group", "measure", "case", *VALUES]

MEASURES = {kind: column.removesuffix("_ha") for kind, column in LOSSES.items() if kind != "shade"}
"""By permanence or phase; the disturbed ones are minimised, the others avoided."""
FUNCTION = "function"
"""The measure that adds take and disturbance up, in hectares of permanent loss (see :mod:`corridor.ecology.appraisal.ledger`)."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The accounts of one design against another, in hectares.

    ``accounts``: kind (habitat or designation), subject (habitat_id, or designation kind), group, measure, case
    of need (low, central, high), reference_ha, alternative_ha, avoided_ha, minimised_ha, compensated_ha,
    residual_ha, added_ha. Measures: lost_permanently, lost_temporarily, disturbed_construction,
    disturbed_operation (equivalents), and for habitats ``function``, the four as one. The two takes are the same
    in all cases. Kinds of designation overlap (``protected`` is the union of the protected ones):
    never add them up; a designation is never compensated by another.

    ``totals``: habitats summed by measure and case, what is avoided and what is added apart (``added_ha`` is the
    sum of the increases, already taken off in avoided_ha and minimised_ha).
    """

    accounts: pd.DataFrame
    totals: pd.DataFrame
    reference: Ledger
    alternative: Ledger

    def of(self, measure: str, case: Case = "central", kind: Kind = "habitat") -> pd.DataFrame:
        """The accounts of one measure in one case of need, by subject.

        Parameters
        ----------
        measure
            lost_permanently, lost_temporarily, disturbed_construction, disturbed_operation, or ``function`` (habitats only).
        case
            low, central or high.
        kind
            ``habitat`` or ``designation``.

        Returns
        -------
        pandas.DataFrame
            Index subject; columns group and :data:`VALUES` (ha).
        """
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
    """The mitigation hierarchy of one design against another; against itself it avoids and adds nothing.

    Parameters
    ----------
    reference
        The design that would otherwise have been built.
    alternative
        The design under review.
    delivered
        Habitat that the alternative delivers.
    classes, compensation, quality
        As in :func:`corridor.ecology.appraisal.ledger.assess_ledger`.

    Returns
    -------
    Hierarchy
        Accounts in hectares: reference = avoided + minimised + compensated + residual.
    """
    table = compensation if isinstance(compensation, Compensation) else Compensation.of(compensation, classes)
    before = assess_ledger(reference, classes, table, quality=quality)
    after = assess_ledger(alternative, classes, table, delivered, quality)
    opened = [_habitats(before, after), _designations(reference.together, alternative.together)]
    accounts = close(stacked(opened))[COLUMNS]
    habitats = accounts[accounts["kind"] == "habitat"]
    totals = habitats.groupby(["measure", "case"], as_index=False, sort=False)[VALUES].sum()
    return Hierarchy(accounts, totals, before, after)


def close(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts closed: compensated at most all of the alternative's impact, the rest residual, increases as added.

    ``accounts``: reference_ha, alternative_ha (0 or more), avoided_ha and minimised_ha (together the first less the
    second), compensated_ha (what is made good). Returns them with :data:`VALUES` complete.
    """
    alternative = accounts["alternative_ha"]
    made_good = np.minimum(accounts["compensated_ha"], alternative)
    return accounts.assign(
        compensated_ha=made_good,
        residual_ha=alternative - made_good,
        added_ha=np.maximum(-accounts["avoided_ha"], 0.0) + np.maximum(-accounts["minimised_ha"], 0.0),
    )


def _open(a: pd.Series, b: pd.Series, minimised: Any, compensated: Any = 0.0) -> dict[str, Any]:
    """Columns of accounts whose whole difference is minimised or, elsewhere, avoided."""
    spared = a - b
    return {
        "reference_ha": a,
        "alternative_ha": b,
        # times 0 and not 0: what is missing stays missing
        "avoided_ha": np.where(minimised, 0.0 * spared, spared),
        "minimised_ha": np.where(minimised, spared, 0.0 * spared),
        "compensated_ha": compensated,
    }


def _habitats(before: Ledger, after: Ledger) -> pd.DataFrame:
    """Accounts of habitats: each area for itself, and function with take and disturbance separate."""
    keys = ["case", "habitat_id"]
    a, b = (ledger.habitats.set_index(keys) for ledger in (before, after))
    index = a.index.union(b.index, sort=False)
    group = a["group"].reindex(index).fillna(b["group"].reindex(index)).to_numpy()
    head = {"case": index.get_level_values("case"), "subject": index.get_level_values("habitat_id")}
    x, y = a.reindex(index).reset_index(drop=True), b.reindex(index).reset_index(drop=True)
    frames = []
    for measure in MEASURES.values():
        made = y["created_ha"].fillna(0.0) if measure == "lost_permanently" else 0.0
        of_x, of_y = (side[f"{measure}_ha"].fillna(0.0) for side in (x, y))
        values = _open(of_x, of_y, measure.startswith("disturbed"), made)
        frames.append(pd.DataFrame({**head, "group": group, "measure": measure, **values}))
    spared = _open(x["function_lost_ha"], y["function_lost_ha"], False, y["function_delivered_ha"])
    spared["minimised_ha"] = x["disturbance_debt_ha"] - y["disturbance_debt_ha"]
    spared["avoided_ha"] = (x["permanent_debt_ha"] + x["temporary_debt_ha"]) - (
        y["permanent_debt_ha"] + y["temporary_debt_ha"]
    )
    function = pd.DataFrame({**head, "group": group, "measure": FUNCTION, **spared})
    frames.append(function[head["subject"] != NOT_ASSESSED])
    return pd.concat(frames, ignore_index=True).assign(kind="habitat")


def _designations(before: Together, after: Together) -> pd.DataFrame:
    """Accounts of kinds of designation, in area only."""
    sums = pd.concat([_designated(together) for together in (before, after)], axis=1, keys=["a", "b"]).fillna(
        0.0
    )
    frame = sums.sort_index().reset_index()
    minimised = frame["measure"].str.startswith("disturbed")
    opened = _open(frame["a"], frame["b"], minimised)
    group = np.where(frame["subject"] == PROTECTED, "union", "")
    return frame[["case", "subject", "measure"]].assign(group=group, kind="designation", **opened)


def _designated(together: Together) -> pd.Series:
    """Hectares by kind of designation, measure and case."""
    take, felt = together.designated_take, together.designated_disturbance
    frames = []
    for case in CASES:
        for frame, kind, column in (
            (take, take["permanence"], "area_ha"),
            (felt, felt["phase"], f"equivalent_{case}_ha"),
        ):
            rows = frame.assign(measure=kind.map(MEASURES), ha=frame[column].astype(float), case=case)
            frames.append(rows[["designation", "measure", "case", "ha"]].dropna(subset="measure"))
    found = pd.concat(frames).rename(columns={"designation": "subject"})
    return found.groupby(["subject", "measure", "case"], sort=False)["ha"].sum()
