"""The roles that a layer of one's own can have, each with what it holds, what it needs and an example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from corridor.importers.entry.enter import POINT_ROLES, TABLE_ROLES
from corridor.importers.entry.files import shipped_rows
from corridor.schema.catalog_entry import Role
from corridor.schema.tables import TABLES, UNDECLARED

MADE = frozenset({"lon", "lat", "region"})
"""Columns made from the geometry, where a file has none."""


def roles() -> Iterator[tuple[str, str, str, str]]:
    """The roles of maps, points and rasters, those that are added most first.

    Yields
    ------
    tuple of str
        The role, what such a layer holds, the columns it must have beside those that are made, and a whole command.
    """
    for row in shipped_rows("roles.csv"):
        needs = _needs(row["role"], row["kind"])
        yield row["role"], row["what"], needs, f"corridor --study DIR {row['example']}"


def _needs(role: str, kind: str) -> str:
    if kind == "raster":
        return "needs one band, a coordinate system and nodata, or a mask"
    declared = TABLES.get(cast(Role, role), UNDECLARED)
    made = MADE - {"region"} if role == "coastline" else MADE  # it is what the side of all others is read off
    needed = [c for c in declared.required if c not in made and c != declared.id_column]
    others = [c for c in (declared.id_column, "region") if c and c in declared.required and c not in needed]
    said = (
        f"needs {', '.join(needed)}" if needed else "",
        f"made where missing: {', '.join(others)}" if others else "",
    )
    return "; ".join(filter(None, said)) or "needs nothing"


def tables_without_place() -> tuple[str, ...]:
    """Roles of tables that have no geometry."""
    return tuple(sorted(set(TABLE_ROLES) - set(POINT_ROLES)))
