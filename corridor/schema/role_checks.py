"""The checks of a table that only its role asks for, after those that the declaration of its columns asks for.

Kinds of facilities; fares: square matrices, what a tariff names, weights and rates; demand: shares that make a whole,
counts that add up.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import nearest, unknown
from corridor.schema.assumptions import check_assumptions
from corridor.schema.catalog_entry import Role
from corridor.schema.region import Sides
from corridor.schema.table_checks import TOLD, Known, RowChecks, Told
from corridor.schema.tables import FACILITY_KINDS, MAY_BE_NOTHING, MODES

if TYPE_CHECKING:
    import pandas as pd

_STEP = re.compile(r"(\d{1,4}):(\d{1,4}(?:\.\d+)?)")
BOTH_SIDES = "both"
"""In `default_for`: a line with stops on both sides of the boundary."""
SHARES = {
    "demand_groups": (("counted_as",), ("share_of_counted",)),
    "demand_purposes": (("group_id",), ("share", "share_weekday", "share_weekend")),
    "demand_gateways": ((), ("share",)),
    "demand_spells": ((), ("share_outward", "share_return")),
}
"""By role: the columns that name a whole, and the columns of its shares."""
SHARE_TOLERANCE = 0.001
ALL = "all"
"""The value of `group` and `day_type` that takes the others together."""
_COUNT = ["period_id", "checkpoint_id", "direction", "group"]


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


def check_matrix(rows: RowChecks, path: str) -> pd.DataFrame:
    """The table with its fares as numbers, by station; what is wrong with it as a matrix is noted.

    A row and a column for each station; 0 or nothing from a station to itself; no fare below 0; what is sold one way is
    sold the other way too.

    Returns
    -------
    pandas.DataFrame
        Fares from the station of the row to that of the column, NaN where none is sold; beside them column `assumed`.
    """
    import pandas as pd

    frame, where, faults = rows.frame, rows.where, rows.faults
    columns = [c for c in frame.columns if c not in {"station_id", "assumed"}]
    stations = list(frame["station_id"])
    named = [s for s in stations if isinstance(s, str)]
    for c in sorted(set(columns) - set(stations)):
        faults.add(f"{path} line 1", f"column {c!r} has no row", "a row for each column", nearest(c, named))
    lonely = frame["station_id"].notna() & ~frame["station_id"].isin(columns)
    for row in np.flatnonzero(lonely.to_numpy()).tolist():
        what = f"station {stations[row]!r} has no column"
        faults.add(where(row), what, "a column for each row", nearest(stations[row], columns))
    if faults or len(columns) != len(stations):
        return frame
    written = frame[columns]
    texts = written.select_dtypes(exclude="number").columns
    fares = written.assign(**{c: pd.to_numeric(written[c], errors="coerce") for c in texts})
    for row, column, what, expected in _wrong_cells(written, fares[stations].to_numpy(float), stations):
        faults.add(where(row), f"fare to {stations[column]}: {what}", expected, "correct it")
    assumed = frame.get("assumed", 0.0)
    whole = pd.concat([fares[stations], pd.DataFrame({"assumed": assumed}, index=frame.index)], axis=1)
    return whole.set_axis(stations)


def _wrong_cells(
    written: pd.DataFrame, fares: NDArray[np.float64], stations: list[str]
) -> Iterator[tuple[int, int, str, str]]:
    """(row, column, what, expected) of the first wrong cells of each kind."""
    import pandas as pd

    cells = written[stations]
    with np.errstate(invalid="ignore"):
        kinds = (
            (cells.notna().to_numpy() & ~np.isfinite(fares), "a number of 0 or more, or an empty cell"),
            (fares < 0, "a number of 0 or more, or an empty cell"),
            (np.eye(len(fares), dtype=bool) & (fares > 0), "0 from a station to itself"),
            (
                np.isnan(fares) & ~np.isnan(fares.T) & cells.isna().to_numpy(),
                "a fare, as the other way has one",
            ),
        )
    for wrong, expected in kinds:
        places = np.argwhere(wrong)
        for row, column in places[:TOLD]:
            value = cells.iloc[row, column]
            what = "is empty" if pd.isna(value) else str(value)
            if len(places) > TOLD and row == places[TOLD - 1][0] and column == places[TOLD - 1][1]:
                what += f", and {len(places) - TOLD} others"
            yield int(row), int(column), what, expected


def check_cost_parameters(rows: RowChecks) -> None:
    """Weights and the rate of exchange are above 0; their low ends too."""
    values = rows.frame[["parameter", "value"]].itertuples(index=False)
    for row, (name, value) in enumerate(values):
        if name not in MAY_BE_NOTHING and value == 0:
            rows.faults.add(rows.where(row), f"{name} {value:g}", "above 0", "correct it")


def check_fare_steps(rows: RowChecks) -> None:
    """Note sectional fares of bus routes that cannot be read.

    ``fare_steps`` holds ``place:fare`` with spaces between: from the stop at that place (from 1) on, a ride costs that fare in
    HKD. Places must rise and be among the stops of the route.
    """
    frame = rows.frame
    if "fare_steps" not in frame:
        return
    given, stops = frame["fare_steps"].to_numpy(object), frame["stops"].to_numpy(object)
    for row in np.flatnonzero(frame["fare_steps"].notna().to_numpy()).tolist():
        listed, last = str(given[row]), len(str(stops[row]).split())
        steps = [_STEP.fullmatch(step) for step in listed.split()]
        places = [int(step[1]) for step in steps if step]
        rising = len(places) == len(steps) and places == sorted(set(places))
        if not rising or not 1 <= places[0] <= places[-1] <= last:
            expected = f"place:HKD, the places rising from 1 to {last} at most"
            rows.faults.add(rows.where(row), f"fare_steps {listed!r}", expected, "write e.g. 17:5.8 21:4.3")


def check_tariffs(
    rows: RowChecks, matrices: frozenset[str], stations: frozenset[str] | None, sides: Sides
) -> None:
    """Note what tariffs name and nothing has: matrices, boundary stations, kinds of line.

    Parameters
    ----------
    rows
        The table of tariffs.
    matrices
        Ids of the layers with role fare_matrix.
    stations
        Ids of stations; None where that layer cannot be read, and boundary stations are not checked.
    sides
        Ids of the sides, for ``default_for``: ``mode@side``. One kind of line has one tariff by default.
    """
    faults = rows.faults
    kinds = [f"{mode}@{side}" for mode in MODES for side in (*sides, BOTH_SIDES)]
    taken: dict[str, str] = {}
    for row in range(len(rows.frame)):
        cells, at = rows.frame.iloc[row], rows.where(row)
        layer = cells["matrix_layer"]
        if isinstance(layer, str) and layer not in matrices:
            expected = "the id of a layer with role fare_matrix"
            faults.extend([unknown(at, "matrix_layer", layer, expected, matrices)])
        for name in _listed(cells.get("boundary_stations")):
            if stations is not None and name not in stations:
                faults.extend([unknown(at, "boundary station", name, "an id of stations", stations)])
        for kind in _listed(cells.get("default_for")):
            if kind not in kinds:
                expected = "mode@side, such as " + kinds[0]
                faults.add(at, f"default_for {kind!r}", expected, nearest(kind, kinds))
            elif kind in taken:
                faults.add(at, f"default_for {kind!r}, as {taken[kind]}", "one tariff for each", "remove one")
            taken[kind] = str(cells["tariff_id"])


def _listed(value: object) -> list[str]:
    return value.split() if isinstance(value, str) else []


def check_shares(role: str, checks: RowChecks) -> None:
    """Note shares of one whole that do not add up to 1, at the first row of each whole.

    Parameters
    ----------
    role
        A role of :data:`SHARES`, which says which columns name a whole and which hold its shares.
    checks
        The rows; :data:`SHARE_TOLERANCE` is what a sum may miss.
    """
    import pandas as pd

    frame = checks.frame
    names, columns = SHARES[role]
    position = pd.Series(np.arange(len(frame)), index=frame.index)
    keys = [frame[name] for name in names] or [pd.Series("", index=frame.index)]
    for key, rows in frame.groupby(keys, sort=False, dropna=True):
        named = f" of {', '.join(map(str, key))}" if names else ""
        for column in columns:
            total = float(rows[column].sum())
            if np.isfinite(total) and abs(total - 1) > SHARE_TOLERANCE:
                at = checks.where(int(position.loc[rows.index].iloc[0]))
                checks.faults.add(at, f"{column}{named} adds up to {total:.4g}", "1", "correct the shares")


def check_crossings(checks: RowChecks) -> None:
    """Note counts over all days that are not those of the types of day together.

    Passengers a day times days are compared for each period, control point, direction and group that has both, to a passenger;
    so are the days. A count of all days alone is not questioned.
    """
    frame, where, faults = checks.frame, checks.where, checks.faults
    passengers = frame["passengers_per_day"] * frame["days"]
    counted = frame.assign(position=np.arange(len(frame)), passengers=passengers)
    every = counted["day_type"] == ALL
    kinds = counted[~every].groupby(_COUNT)[["days", "passengers"]].sum().add_suffix("_of_kinds")
    both = counted[every].join(kinds, on=_COUNT, how="inner")
    off_days = (both["days"] - both["days_of_kinds"]).abs() > 0
    off = off_days | ((both["passengers"] - both["passengers_of_kinds"]).abs() > 1)
    wrong = both[off]
    for row in wrong.head(TOLD).to_dict("records"):
        what = (
            f"{row['passengers']:,.0f} passengers on {row['days']:g} days; the types of day have "
            f"{row['passengers_of_kinds']:,.0f} on {row['days_of_kinds']:g}"
        )
        faults.add(where(int(row["position"])), what, "the same", "correct one of the rows")
    if len(wrong) > TOLD:
        what = f"{len(wrong) - TOLD} other counts do not add up"
        faults.add(where(int(wrong["position"].iloc[-1])), what, "the same", "correct one of the rows")
