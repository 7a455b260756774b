"""Features from a PostGIS database: one table or one query, read only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import pandas as pd
import shapely

from corridor.core.errors import CorridorError, GeometryError, LayerError, first_line
from corridor.importers.entry import files
from corridor.importers.vectors.read import Found

SCHEMES = ("postgresql", "postgres")
TIMEOUT_MS = 120_000
CONNECT_S = 10


def is_url(source: str) -> bool:
    """Whether a source is a database and no file."""
    return urlsplit(source).scheme in SCHEMES


def without_password(url: str) -> str:
    """A database URL as it may be shown and kept: without user, password and options."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host += f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{parts.path}"


def read_postgis(url: str, table: str = "", query: str = "") -> Found:
    """The rows of a table or of a SELECT, with their geometry and its SRID.

    The connection is read only and ends a statement after two minutes. Needs the package psycopg.

    Parameters
    ----------
    url
        ``postgresql://user@host/base``.
    table
        ``schema.table``.
    query
        A SELECT instead.

    Raises
    ------
    CorridorError
        Without psycopg, or a server that answers.
    LayerError
        For what the database refuses, too many rows, or several systems.
    """
    name = without_password(url)
    if bool(table) == bool(query):
        what = "both --table and --query" if table else "neither --table nor --query"
        raise CorridorError.at(name, what, "one of the two", "for example --table public.stations")
    try:
        import psycopg
    except ImportError:
        remedy = "pip install 'corridor[postgis]', or export the table to GeoPackage"
        what = "PostGIS needs the package psycopg"
        raise CorridorError.at(name, what, "it to be installed", remedy) from None
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_S, application_name="corridor") as connection:
            # the query is the user's own text: the server, not a look at its words, refuses what would write or run too long
            connection.read_only = True
            with connection.cursor() as cursor:
                cursor.execute(f"SET statement_timeout = {TIMEOUT_MS}")
                return _read(cursor, psycopg.sql, name, table, query)
    except psycopg.OperationalError as error:
        what = f"the database cannot be reached ({first_line(error)})"
        remedy = "check host, port, name and password (PGPASSWORD or ~/.pgpass keep it out of the command)"
        raise CorridorError.at(name, what, "a PostgreSQL server that answers", remedy) from None
    except psycopg.Error as error:
        what = f"the database refuses it ({first_line(error)})"
        raise LayerError.at(name, what, "a table or SELECT it can read", "correct it") from None


def _read(cursor: Any, sql: Any, name: str, table: str, query: str) -> Found:
    source = sql.SQL(query.strip().rstrip(";"))
    if table:
        source = sql.SQL("SELECT * FROM {}").format(sql.Identifier(*table.split(".")))
    # as a subquery a statement that is no SELECT fails at once; without rows it is quick and says which columns there are
    cursor.execute(sql.SQL("SELECT * FROM ({}) AS asked LIMIT 0").format(source))
    columns = list(cursor.description)
    shape = _geometry_column(cursor, columns, name)
    others = [c.name for c in columns if c.name != shape]
    wanted = [
        *(sql.Identifier(c) for c in others),
        sql.SQL("ST_AsBinary({}::geometry)").format(sql.Identifier(shape)),
        sql.SQL("ST_SRID({}::geometry)").format(sql.Identifier(shape)),
    ]
    most = sql.Literal(files.LIMITS.features + 1)
    select = sql.SQL("SELECT {} FROM ({}) AS asked LIMIT {}")
    cursor.execute(select.format(sql.SQL(", ").join(wanted), source, most))
    rows = cursor.fetchall()
    where = f"{name} {table or 'query'}"
    if len(rows) > files.LIMITS.features:
        what = f"has more than {files.LIMITS.features:,} rows"
        raise LayerError.at(where, what, "fewer", "narrow it with --query ... WHERE")
    return _frame(where, rows, others)


def _geometry_column(cursor: Any, columns: list[Any], name: str) -> str:
    """The one column of type geometry or geography."""
    cursor.execute("SELECT oid FROM pg_type WHERE typname IN ('geometry', 'geography')")
    kinds = {oid for (oid,) in cursor.fetchall()}
    shapes = [str(c.name) for c in columns if c.type_code in kinds]
    if len(shapes) != 1:
        what = f"{len(shapes)} geometry columns" + (f" ({', '.join(shapes)})" if shapes else "")
        remedy = "name the columns: --query 'SELECT id, name, geom FROM ...'"
        raise GeometryError.at(name, what, "one", remedy)
    return shapes[0]


def _frame(what: str, rows: list[tuple[Any, ...]], columns: list[str]) -> Found:
    srids = sorted({int(row[-1]) for row in rows if row[-1]})
    if len(srids) > 1:
        remedy = "select one with --query"
        raise LayerError.at(what, f"holds several systems (SRID {', '.join(map(str, srids))})", "one", remedy)
    shapes = shapely.from_wkb([None if row[-2] is None else bytes(row[-2]) for row in rows])
    table = pd.DataFrame([row[:-2] for row in rows], columns=columns)
    for column in table.columns:  # dates, numerics and arrays become text; numbers and texts stay
        if table[column].dtype.kind == "O":
            plain = (str, int, float, type(None))
            table[column] = [v if isinstance(v, plain) else str(v) for v in table[column]]
    frame = gpd.GeoDataFrame(table, geometry=list(shapes), crs=srids[0] if srids else None)
    return Found(what, frame, rows="row")
