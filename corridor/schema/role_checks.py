"""The checks of a table that only its role asks for, after those that the declaration of its columns asks for."""

from __future__ import annotations

from corridor.schema.catalog_entry import Role
from corridor.schema.demand_checks import check_crossings, check_shares
from corridor.schema.fare_checks import check_cost_parameters, check_fare_steps, check_tariffs
from corridor.schema.region import Sides
from corridor.schema.table_checks import Known, RowChecks


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
        case "patterns":
            rows.check_clearance(known)
        case "pattern_stops":
            rows.check_run_times()
        case "bus_patterns":
            check_fare_steps(rows)
        case "cost_parameters":
            check_cost_parameters(rows)
        case "demand_crossings":
            check_crossings(rows)
        case "demand_groups" | "demand_purposes" | "demand_gateways" | "demand_spells":
            check_shares(role, rows)
        case "tariffs":
            check_tariffs(rows, matrices, known("stations"), sides)
