"""`corridor layers add` and `replace`: one way in for every kind of file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from corridor.catalog import Catalog, read_csv
from corridor.errors import CatalogError, CorridorError, LayerError, Problem
from corridor.own_data.entries import (
    POINT_ROLES,
    TABLE_ROLES,
    VECTOR_ROLES,
    Entered,
    NewLayer,
    check_role,
    enter,
    study_catalog,
)
from corridor.own_data.limits import LIMITS, check_file
from corridor.own_data.postgis import is_url, read_postgis
from corridor.own_data.vector_read import Found
from corridor.own_data.vectors import Wishes, vector_layer
from corridor.schema.catalog import Role

Tell = Callable[[str], None]


def add_vector(
    folder: Path | None,
    source: str,
    role: str,
    wishes: Wishes,
    table: str = "",
    query: str = "",
    replacing: bool = False,
    tell: Tell = lambda _: None,
) -> Entered:
    """Enter features of a file or of a PostGIS database (a URL, with a table or a query) in a study."""
    catalog = study_catalog(folder, "layers add vector")
    check_role(role, (*VECTOR_ROLES, *POINT_ROLES))
    found: Path | Found
    if is_url(source):
        found = read_postgis(source, table, query)
    else:
        if table or query:
            raise CorridorError(
                Problem(
                    "--table, --query",
                    f"given for the file {source}",
                    "a postgresql:// URL",
                    "leave them out",
                )
            )
        found = Path(source)
    return enter(catalog.folder, vector_layer(found, role, catalog, wishes, tell), replacing)


def replace_layer(
    folder: Path | None,
    role: str,
    source: str,
    wishes: Wishes,
    raster: Any = None,
    tell: Tell = lambda _: None,
) -> Entered:
    """Put a file in the place of the study's layer of a role, whatever kind that is."""
    catalog = study_catalog(folder, "layers replace")
    if role in VECTOR_ROLES or role in POINT_ROLES:
        return add_vector(folder, source, role, wishes, replacing=True, tell=tell)
    known = check_role(role, get_args(Role))
    if known in TABLE_ROLES:
        return enter(catalog.folder, _table(Path(source), known, wishes, tell), True)
    raise CatalogError(
        Problem("role", repr(role), "a table, map or raster", "edit the file named in catalog.yaml by hand")
    )


def _table(path: Path, role: Role, wishes: Wishes, tell: Tell) -> NewLayer:
    """A table without geometry: its columns renamed, its cells checked when it is entered."""
    if path.suffix.lower() != ".csv":
        raise LayerError(
            Problem(path.name, f"is no table for role {role!r}", "a CSV file", "export it as CSV")
        )
    check_file(path, tell, LIMITS)
    try:
        frame = read_csv(path, {}).rename(columns=dict(wishes.columns))
    except (OSError, ValueError, Warning) as error:
        raise LayerError(
            Problem(path.name, f"cannot be read as CSV ({error})", "UTF-8 CSV with a header", "mend it")
        ) from None
    for name, value in wishes.constants.items():
        frame[name] = value
    data = frame.to_csv(index=False, lineterminator="\n").encode()
    return NewLayer(role, "table", ".csv", data, wishes.origin, (), wishes.entry_id)


__all__ = ["Catalog", "add_vector", "replace_layer"]
