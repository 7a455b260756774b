"""The checks of a table that only its role asks for, after those that the declaration of its columns asks for."""

from __future__ import annotations

import difflib

from corridor.schema.assumptions import check_assumptions
from corridor.schema.catalog_entry import Role
from corridor.schema.demand_checks import check_crossings, check_shares
from corridor.schema.fare_checks import check_cost_parameters, check_fare_steps, check_tariffs
from corridor.schema.region import Sides
from corridor.schema.table_checks import Known, RowChecks, Told
from corridor.schema.tables import FACILITY_KINDS


def check_role(role: Role, rows: RowChecks, known: Known, matrices: frozenset[str], sides: Sides) -> None:
    """Note what is wrong with the joined tables of one role beyond cells, keys and references.

    Parameters
    ----------
    role
        What the tables are to the program; most roles need nothing more.
    rows
        The rows of all tables of the role; problems are added to their faults.
    known
        The ids of another role.
    matrices
        The ids of the layers of role ``fare_matrix``.
    sides
        The sides of the boundary.
    """
    match role:
        case "assumptions":
            check_assumptions(rows, sides)
        case "patterns":
            rows.check_clearance(known)
        case "pattern_stops":
            rows.check_run_times()
        case "bus_patterns":
            check_fare_steps(rows)
        case "facilities":
            check_kinds(rows)
        case "cost_parameters":
            check_cost_parameters(rows)
        case "demand_crossings":
            check_crossings(rows)
        case "demand_groups" | "demand_purposes" | "demand_gateways" | "demand_spells":
            check_shares(role, rows)
        case "tariffs":
            check_tariffs(rows, matrices, known("stations"), sides)


def check_kinds(rows: RowChecks) -> None:
    """Note kinds of facilities that are a known one but for a slip: other capitals, spaces, letters changed places.

    Such a facility would count for nothing, without a word; a kind of the study's own passes.

    Parameters
    ----------
    rows
        Of role ``facilities``.
    """
    cells = rows.frame["kind"]
    meant = {str(kind): _meant(str(kind)) for kind in cells.dropna().unique()}

    def tell(row: int) -> Told:
        kind = str(cells.iloc[row])
        expected = f"a known kind ({', '.join(FACILITY_KINDS)}), or another one"
        return f"kind {kind!r} is none that is known", expected, f"did you mean {meant[kind]!r}?"

    rows.note(cells.map(lambda kind: bool(meant.get(str(kind)))), tell)


def _meant(kind: str) -> str:
    """The known kind that another one looks like; empty where it is known itself, or like none."""
    if kind in FACILITY_KINDS:
        return ""
    plain = "_".join(kind.casefold().split())
    singular = [k for k in FACILITY_KINDS if plain in (k, f"{k}s")]
    return next(iter(singular or difflib.get_close_matches(plain, FACILITY_KINDS, n=1, cutoff=0.75)), "")
