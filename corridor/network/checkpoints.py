"""The control points of a scenario: those of the table, those of its lines, and what it changes of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from corridor.core.crs import project_xy
from corridor.core.errors import Problems, ScenarioError, unknown
from corridor.network.clearance import REGIME_CLEARANCE_MIN, ClearanceAssumptions
from corridor.network.loads import Loads, with_capacity, with_groups
from corridor.network.patterns import open_by
from corridor.network.service import DAY_S, Checkpoint
from corridor.network.stations import Names
from corridor.schema.changes import CheckpointEdit
from corridor.schema.line import LineSpec, clock_s
from corridor.schema.rows import number_of
from corridor.schema.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def checkpoints_of(table: pd.DataFrame, scenario: Scenario, loads: Loads) -> dict[str, Checkpoint]:
    """Control points of a scenario by id, with the clearance of each group of travellers.

    Parameters
    ----------
    table
        That of role `checkpoints`.
    scenario
        Its lines may bring a clearance of their own; its changes come last.
    loads
        Who crosses where.

    Raises
    ------
    ScenarioError
        With every control point that is not known.
    """
    date = scenario.date.isoformat()
    found = {str(row.checkpoint_id): _of_row(row, loads, date) for row in table.itertuples()}
    problems = Problems(ScenarioError)
    for work in scenario.works:
        for checkpoint_id in work.clearance.checkpoint.values() if work.clearance else ():
            if checkpoint_id in found:
                found[checkpoint_id] = _of_line(found[checkpoint_id], work)
            else:
                use = "a checkpoint of kind line, or add it to the checkpoints layer"
                problems.extend([unknown(f"line {work.id}", "control point", checkpoint_id, use, found)])
    for change in scenario.line_changes:
        for checkpoint_id in (change.clears or {}).values():
            if checkpoint_id in found:
                found[checkpoint_id] = replace(found[checkpoint_id], status="existing", changed=True)
            else:
                where = scenario.place(change.subject, "clears")
                problems.extend([unknown(where, "control point", checkpoint_id, "a checkpoint id", found)])
    for edit in scenario.checkpoint_edits:
        if edit.id not in found:
            where = scenario.place(edit.subject)
            problems.extend([unknown(where, "control point", edit.id, "a checkpoint id", found)])
    problems.raise_all()
    edits = {edit.id: edit for edit in scenario.checkpoint_edits}
    for edit in edits.values():
        found[edit.id] = edit_checkpoint(found[edit.id], edit, loads.assumptions)
    stated = {k: {str(g): m for g, m in (e.clearance_by_group_min or {}).items()} for k, e in edits.items()}
    return {k: with_groups(point, loads, stated.get(k, {})) for k, point in found.items()}


def _of_row(row: Any, loads: Loads, date: str) -> Checkpoint:
    """A row as it is on a date (YYYY-MM-DD): what had not opened is closed."""

    def number(column: str, default: float = math.nan) -> float:
        found = number_of(getattr(row, column, None))
        return default if found is None else found

    def clock(column: str, default: int) -> float:
        value = getattr(row, column)
        return float(clock_s(value)) if isinstance(value, str) else float(default)

    def xy_m(side: str) -> tuple[float, float]:
        x, y = project_xy(number(f"{side}_lon"), number(f"{side}_lat"))
        return float(x), float(y)

    def open_to_street(side: str) -> bool:
        return number(f"{side}_street_access", 0.0) == 1.0

    status = str(row.status)
    if status == "existing" and not open_by(getattr(row, "opened", None), date):
        status = "closed"
    return Checkpoint(
        checkpoint_id=str(row.checkpoint_id),
        names=Names.of_row(row),
        kind=str(row.kind),
        south_xy_m=xy_m("south"),
        north_xy_m=xy_m("north"),
        street_access=(open_to_street("south"), open_to_street("north")),
        regime=str(row.regime),
        open_s=clock("open", 0),
        close_s=clock("close", DAY_S),
        status=status,
        clearance_s=60 * number("clearance_mean_min"),
        clearance_low_s=60 * number("clearance_low_min"),
        clearance_high_s=60 * number("clearance_high_min"),
        clearance_assumed=number("clearance_assumed", 1.0) == 1.0,
        daily_2025=number("daily_2025"),
        design_capacity_pax_day=number("design_capacity_pax_day"),
        effective_capacity_pax_hour=number("effective_capacity_pax_hour"),
        loads=loads.by_checkpoint.get(str(row.checkpoint_id), {}),
    )


def _of_line(known: Checkpoint, work: LineSpec) -> Checkpoint:
    """A control point with the clearance that a line brings."""
    assert work.clearance
    return replace(
        known,
        regime=work.clearance.regime,
        status="existing",
        changed=True,
        clearance_s=60 * work.clearance.mean_min,
        clearance_low_s=60 * work.clearance.low_min,
        clearance_high_s=60 * work.clearance.high_min,
        clearance_assumed=work.clearance.assumed,
    )


def edit_checkpoint(
    point: Checkpoint, edit: CheckpointEdit, assumptions: ClearanceAssumptions | None = None
) -> Checkpoint:
    """A control point with one scenario's change.

    A new regime brings the clearance times of that regime. A new capacity moves the mean by what it changes of the mean day's
    wait, unless the change states the mean itself.

    Parameters
    ----------
    point
        As it is without the change.
    edit
        The change.
    assumptions
        How waits grow with load; None where groups and queues are not known.

    Raises
    ------
    ScenarioError
        Where mean, low and high would not rise in this order.
    """
    regime = edit.regime or point.regime
    before = (point.clearance_s, point.clearance_low_s, point.clearance_high_s)
    if regime != point.regime:
        before = tuple(60 * m for m in REGIME_CLEARANCE_MIN[regime])  # type: ignore[assignment]
    stated = (edit.clearance_mean_min, edit.clearance_low_min, edit.clearance_high_min)
    mean, low, high = (b if m is None else 60 * m for m, b in zip(stated, before, strict=True))
    if not low <= mean <= high:
        what = f"clearance low {low / 60:g}, mean {mean / 60:g}, high {high / 60:g} min"
        raise ScenarioError.at(f"control point {edit.id}", what, "low <= mean <= high", "state all three")
    opens, closes = (0.0, float(DAY_S)) if edit.open_24_hours else (point.open_s, point.close_s)
    opens = clock_s(edit.open) if edit.open else opens
    closes = clock_s(edit.close) if edit.close else closes
    edited = replace(
        point,
        regime=regime,
        changed=True,
        open_s=opens,
        close_s=closes if closes > opens else closes + DAY_S,  # after midnight
        status=edit.status or point.status,
        design_capacity_pax_day=edit.design_capacity_pax_day or point.design_capacity_pax_day,
        clearance_s=mean,
        clearance_low_s=low,
        clearance_high_s=high,
    )
    if edit.effective_capacity_pax_hour is None:
        return edited
    moves_mean = edit.clearance_mean_min is None
    return with_capacity(edited, edit.effective_capacity_pax_hour, assumptions if moves_mean else None)
