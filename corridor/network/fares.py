"""What a ride costs, and what money and minutes are worth beside each other.

A tariff is a matrix of fares between stations, with a formula for pairs that no matrix holds, or a flat fare for each
boarding. Changing between lines of one tariff of kind `matrix` costs one fare from the first station to the last; each
boarding of a flat line costs its fare. Amounts are HKD once they leave this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridor.core.arrays import F32, F64
from corridor.core.errors import NetworkError, Problem, Problems, unknown
from corridor.network.stations import Station
from corridor.schema.catalog import Catalog
from corridor.schema.line import FareSpec, LineSpec
from corridor.schema.rows import text_of
from corridor.schema.tables import COST_PARAMETERS, EVERYBODY

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CostParameters:
    """Weights of minutes against minutes in vehicle, the rate of exchange, and values of time in HKD an hour.

    The defaults are the modelling convention where a region states nothing (F06); without a value of time money does not
    count.

    Attributes
    ----------
    value_of_time_hkd_h
        By traveller group; `all` is everybody together.
    value_of_time_range_hkd_h
        Low and high values, by traveller group.
    """

    in_vehicle_weight: float = 1.0
    wait_weight: float = 2.0
    walk_weight: float = 2.0
    clearance_weight: float = 1.0
    boarding_penalty_s: float = 0.0
    cny_per_hkd: float = 1.0
    feeder_fare_cny: float = 0.0
    value_of_time_hkd_h: Mapping[str, float] = field(default_factory=dict)
    value_of_time_range_hkd_h: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def load(cls, catalog: Catalog) -> CostParameters:
        """Read the cost parameters and values of time; the defaults where the catalogue has none.

        Raises
        ------
        NetworkError
            Listing every parameter that the tables lack.
        """
        if not catalog.having("cost_parameters"):
            return cls()
        table = catalog.table("cost_parameters")
        value = dict(zip(table["parameter"], table["value"].astype(float), strict=True))
        worth = catalog.table_if_any("value_of_time")
        ids, low, central, high = (worth[c] for c in ("group_id", "low", "hkd_per_hour", "high"))
        groups = dict(zip(ids, central.astype(float), strict=True))
        missing = [("cost_parameters", name) for name in COST_PARAMETERS if name not in value]
        missing += [("value_of_time", EVERYBODY)] if EVERYBODY not in groups else []
        if missing:
            what = "row {!r} is missing"
            raise NetworkError(Problem(t, what.format(n), "a row for it", "add it") for t, n in missing)
        penalty_s = 60 * value.pop("boarding_penalty_min")
        ranges = dict(zip(ids, zip(low.astype(float), high.astype(float), strict=True), strict=True))
        return cls(
            **value,
            boarding_penalty_s=penalty_s,
            value_of_time_hkd_h=groups,
            value_of_time_range_hkd_h=ranges,
        )

    def of(self, group: str | None) -> float:
        """Value of time of a traveller group.

        Returns
        -------
        float
            HKD an hour; that of everybody where the group has none of its own, and infinite where none is known, so that money
            counts for nothing.
        """
        worth = self.value_of_time_hkd_h
        return worth.get(group or EVERYBODY, worth.get(EVERYBODY, math.inf))

    def values_of(self, group: str | None) -> tuple[float, ...]:
        """Low, central and high value of time of a group.

        Returns
        -------
        tuple of float
            HKD an hour, each value once: one alone where no range is known, infinite where no value is.
        """
        central = self.of(group)
        known = group if group in self.value_of_time_hkd_h else EVERYBODY
        low, high = self.value_of_time_range_hkd_h.get(str(known), (central, central))
        return tuple(dict.fromkeys((low, central, high)))

    def in_hkd(self, amount: float, currency: str) -> float:
        """An amount of a currency in HKD."""
        return amount if currency == "HKD" else amount / self.cny_per_hkd


@dataclass(frozen=True)
class Tariff:
    """A tariff in its own currency; `fares` is a matrix over the stations of `index`, NaN where none is sold.

    A pair outside of the matrix costs base + per_km x straight km + boundary_premium, within least and most; the premium
    where the pair is on two sides or one of it is a boundary station.

    Attributes
    ----------
    by_rule
        Stations of the matrix whose fares were computed and not published.
    """

    tariff_id: str
    currency: str
    flat: bool
    base: float
    per_km: float
    least: float
    most: float
    boundary_premium: float
    boundary_stations: frozenset[str]
    default_for: frozenset[str]
    assumed: bool
    index: Mapping[str, int] = field(default_factory=dict)
    fares: F64 = field(default_factory=lambda: np.zeros((0, 0)))
    by_rule: frozenset[str] = frozenset()

    def matrix(self, stations: Sequence[Station]) -> F64:
        """Fares between stations: the published one, else by the formula of the class.

        Parameters
        ----------
        stations
            Any n stations, in the matrix of the tariff or not; positions in EPSG:4547 metres.

        Returns
        -------
        ndarray of float, shape (n, n)
            In the tariff's currency, from row to column; 0 from a station to itself.
        """
        x, y = (np.array([getattr(s, axis) for s in stations]) for axis in ("x_m", "y_m"))
        sides = np.array([s.region for s in stations])
        at_boundary = np.array([s.station_id in self.boundary_stations for s in stations], dtype=bool)
        crosses = (sides[:, None] != sides) | at_boundary[:, None] | at_boundary
        km = np.hypot(x[:, None] - x, y[:, None] - y) / 1000
        fares = self.base + self.per_km * km + self.boundary_premium * crosses
        fares = np.clip(fares, self.least, self.most)
        row = np.array([self.index.get(s.station_id, -1) for s in stations], dtype=np.intp)
        if (known := np.flatnonzero(row >= 0)).size:
            published = self.fares[np.ix_(row[known], row[known])]
            inside = np.ix_(known, known)
            fares[inside] = np.where(np.isnan(published), fares[inside], published)
        np.fill_diagonal(fares, 0.0)
        return np.asarray(fares)

    def is_assumed(self, a: str, b: str) -> bool:
        """Whether the fare between two stations is an assumption and not published.

        Parameters
        ----------
        a, b
            Ids of the stations. A pair is assumed where the matrix lacks one of them or has no fare between them, and
            where the fares of one were computed by rule.
        """
        if self.assumed or {a, b} & self.by_rule or not {a, b} <= set(self.index):
            return True
        return bool(np.isnan(self.fares[self.index[a], self.index[b]]))


@dataclass(frozen=True)
class LineFare:
    """The tariff of one line; of a flat one the fare of each boarding in HKD, NaN where it goes by stations.

    Attributes
    ----------
    ticketing_s
        What ticketing and early arrival take at each boarding, beside the wait.
    """

    tariff_id: str
    flat_hkd: float
    ticketing_s: float
    assumed: bool


@dataclass(frozen=True)
class Fares:
    """What the lines of a network cost; :meth:`on` adds those that a scenario brings.

    Attributes
    ----------
    tariffs
        By id.
    lines
        The fare of every line that the tables know, by line id.
    cost
        Weights, exchange rate and values of time.
    """

    tariffs: Mapping[str, Tariff]
    lines: Mapping[str, LineFare]
    cost: CostParameters

    @classmethod
    def load(cls, catalog: Catalog) -> Fares | None:
        """Read tariffs, fare matrices and the fares of lines.

        Returns
        -------
        Fares or None
            None where the catalogue has no tariffs: rides then cost nothing.

        Raises
        ------
        NetworkError
            Where cost parameters are missing.
        """
        if not catalog.having("tariffs"):
            return None
        cost = CostParameters.load(catalog)
        matrices = {e.id: catalog.matrix(e) for e in catalog.having("fare_matrix")}
        tariffs = {str(r.tariff_id): _tariff(r, matrices) for r in catalog.table("tariffs").itertuples()}
        rows = catalog.table_if_any("line_fares").itertuples()
        return cls(tariffs, {str(r.line_id): _line(r, tariffs, cost) for r in rows}, cost)

    @property
    def ticketing_s(self) -> Mapping[str, float]:
        """Seconds of ticketing and early arrival at each boarding, by line id; lines without any are left out."""
        return {line: fare.ticketing_s for line, fare in self.lines.items() if fare.ticketing_s > 0}

    def matrix_of(self, line_id: str) -> str | None:
        """The tariff that covers a ride from gate to gate; None where each boarding of the line is paid."""
        tariff_id = self.lines[line_id].tariff_id
        return None if self.tariffs[tariff_id].flat else tariff_id

    def flat_hkd(self, line_id: str) -> float:
        """The fare of each boarding of a flat line in HKD; NaN where the line's tariff goes by stations."""
        return self.lines[line_id].flat_hkd

    @property
    def feeder_hkd(self) -> float:
        """The fare of a ride with a stated feeder."""
        return self.cost.in_hkd(self.cost.feeder_fare_cny, "CNY")

    def matrix_hkd(self, tariff_id: str, stations: Sequence[Station]) -> F32:
        """Fares between stations in HKD, as :meth:`Tariff.matrix` works them out.

        Returns
        -------
        ndarray of float32, shape (n, n)
            From row to column; 0 from a station to itself.
        """
        tariff = self.tariffs[tariff_id]
        return np.asarray(self.cost.in_hkd(1.0, tariff.currency) * tariff.matrix(stations), dtype=np.float32)

    def is_assumed(self, tariff_id: str, a: str, b: str) -> bool:
        """Whether the fare between two stations (by id) is an assumption and not published."""
        return self.tariffs[tariff_id].is_assumed(a, b)

    def on(self, line_kinds: Mapping[str, str], works: Iterable[LineSpec] = ()) -> Fares:
        """With the fares of all lines that run: as the works state, else the default of mode and side (`line_kinds`).

        A :class:`NetworkError` lists works that name no tariff of the region, and lines for which there is no default.
        """
        stated = {work.id: work for work in works}
        lines, problems = dict(self.lines), Problems(NetworkError)
        for line_id, kind in sorted(line_kinds.items()):
            work = stated.get(line_id)
            if line_id in lines and work is None:
                continue
            fare = self._chosen(line_id, work.fare if work else None, kind, problems)
            if fare:
                lines[line_id] = replace(fare, ticketing_s=self._ticketing_s(fare.tariff_id, work))
        problems.raise_all()
        return replace(self, lines=lines)

    def _chosen(
        self, line_id: str, stated: FareSpec | None, kind: str, problems: Problems
    ) -> LineFare | None:
        """The fare that a work states, or that of the default tariff of a kind of line; None with a problem noted."""
        where, tariffs = f"line {line_id}", self.tariffs.values()
        flat_hkd: float | None = None
        if stated and stated.flat is not None and stated.currency:
            tariff = next((t for t in tariffs if t.flat and t.currency == stated.currency), None)
            flat_hkd = self.cost.in_hkd(stated.flat, stated.currency)
            if tariff is None:
                problems.add(
                    where, f"fare in {stated.currency}", "the currency of a flat tariff", "correct it"
                )
        elif stated and stated.tariff is not None:
            tariff = self.tariffs.get(stated.tariff)
            if tariff is None:
                expected = "a tariff of the region"
                problems.extend([unknown(where, "tariff", stated.tariff, expected, self.tariffs)])
        else:
            tariff = next((t for t in tariffs if kind in t.default_for), None)
            if tariff is None:
                remedy = f"state its fare, or name {kind} in default_for of a tariff"
                problems.add(where, f"no fare, and no tariff for {kind}", "a fare", remedy)
        if tariff is None:
            return None
        if flat_hkd is None:
            flat_hkd = self.cost.in_hkd(tariff.base, tariff.currency) if tariff.flat else math.nan
        return LineFare(tariff.tariff_id, flat_hkd, 0.0, assumed=True)

    def _ticketing_s(self, tariff_id: str, work: LineSpec | None) -> float:
        """As a work states it, else as the other lines of its tariff have it."""
        if work and work.ticketing_min is not None:
            return 60 * work.ticketing_min
        alike = (fare.ticketing_s for fare in self.lines.values() if fare.tariff_id == tariff_id)
        return max(alike, default=0.0)


def _tariff(row: Any, matrices: Mapping[str, pd.DataFrame]) -> Tariff:
    import pandas as pd

    def listed(column: str) -> frozenset[str]:
        return frozenset(text_of(getattr(row, column, "")).split())

    table = matrices[row.matrix_layer] if isinstance(row.matrix_layer, str) else pd.DataFrame({"assumed": []})
    fares = table.drop(columns="assumed")
    return Tariff(
        tariff_id=str(row.tariff_id),
        currency=str(row.currency),
        flat=row.kind == "flat",
        **{n: float(getattr(row, n)) for n in ("base", "per_km", "least", "most", "boundary_premium")},
        boundary_stations=listed("boundary_stations"),
        default_for=listed("default_for"),
        assumed=bool(row.assumed),
        index={str(s): i for i, s in enumerate(fares.index)},
        fares=fares.to_numpy(float),
        by_rule=frozenset(table.index[table["assumed"] == 1]),
    )


def _line(row: Any, tariffs: Mapping[str, Tariff], cost: CostParameters) -> LineFare:
    import pandas as pd

    tariff = tariffs[row.tariff_id]
    amount = float(row.flat_fare) if pd.notna(row.flat_fare) else tariff.base
    return LineFare(
        tariff.tariff_id,
        cost.in_hkd(amount, tariff.currency) if tariff.flat else math.nan,
        60.0 * row.ticketing_min,
        bool(row.assumed),
    )
