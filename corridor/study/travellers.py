"""Who crosses where in a scenario and in its reference, as tables that can be kept without the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from corridor.schema.role_checks import ALL as ALL


@dataclass(frozen=True)
class Crossed:
    """What criteria of travellers are read from (:class:`corridor.study.demand_report.DemandReport` says how each is worked out)."""

    loads: pd.DataFrame
    """checkpoint_id, direction, trips_per_day, load_of_capacity, queue_min, reference_queue_min."""
    ends: pd.DataFrame
    """south_third, north_third, checkpoint_id, trips_per_day, reference_per_day."""
    third_of_gate: Mapping[str, str]
    """The third of the boundary that each control point is in."""
    benefit: pd.DataFrame
    """group, saved_h, saved_half_h, saved_hkd, trips_new, trips_moved; a day."""
    new_crossings: tuple[float, float, float] | None
    """Trips a day through control points that were not counted, at the high, central and low constant assumed for them."""

    @cached_property
    def thirds(self) -> pd.DataFrame:
        """Trips a day by the thirds of both ends and of the crossing, both directions.

        Returns
        -------
        pandas.DataFrame
            south_third, north_third, crossing_third ("unknown" where the table of sites lacks the control point),
            trips_per_day, reference_per_day.
        """
        columns = ["south_third", "north_third", "crossing_third"]
        crossing = self.ends["checkpoint_id"].map(self.third_of_gate).fillna("unknown")
        rows = self.ends.assign(crossing_third=crossing).drop(columns="checkpoint_id")
        return rows.groupby(columns, sort=False).sum().reset_index()

    @property
    def same_third_share(self) -> tuple[float, float]:
        """Of trips with both ends in one third of the boundary, the share that cross in that third.

        Returns
        -------
        tuple of float
            In the scenario and in the reference, 0 to 1. Below 1, travellers go out of their way to cross.
        """
        table = self.thirds
        ends = table[table["south_third"] == table["north_third"]]
        there = ends[ends["crossing_third"] == ends["south_third"]]
        now, before = (float(there[c].sum() / ends[c].sum()) for c in ("trips_per_day", "reference_per_day"))
        return now, before

    @property
    def saved_h(self) -> float:
        """Equivalent hours that all travellers save a day, by the log-sum."""
        return float(self.benefit["saved_h"].sum())

    @property
    def fullest(self) -> float:
        """The busiest hour over the effective capacity at the fullest control point; NaN where no capacity is known."""
        return float(self.loads["load_of_capacity"].max())


@dataclass(frozen=True)
class Travellers(Crossed):
    """The tables of a demand report."""

    scenario_id: str
    reference_id: str
    state: str
    """Land state of residents and jobs."""
    crossings: pd.DataFrame
    """checkpoint_id, direction, group (and `all`), trips_per_day, reference_per_day, change_per_day."""
    ends_xy_m: Mapping[str, tuple[float, float]]
    """Where the trips of a side and third begin and end on average in the reference, by "0 west" for the west of the south
    side; EPSG:4547."""
    benefit_by_district: pd.DataFrame
    """district_id, saved_half_h; a day."""
    co2: pd.DataFrame
    """mode, passenger_km, reference_passenger_km, co2_kg, reference_co2_kg; a day."""
    by_zone: pd.DataFrame = field(default_factory=pd.DataFrame)
    """A row for each zone of demand, in order: trips_per_day, reference_per_day; each trip counts at both its ends."""
    node_trips: pd.DataFrame = field(default_factory=pd.DataFrame)
    """from (a node of the south side), to, trips_per_day, reference_per_day; no rows where the study has no nodes."""

    @cached_property
    def relief(self) -> pd.Series:
        """Trips a day that a control point has fewer than in the reference, both directions; negative where it has more.

        Returns
        -------
        pandas.Series
            By checkpoint_id. A control point that only one network has counts 0 trips in the other.
        """
        return -self.by_control_point["change_per_day"].rename("relief_per_day").sort_index()

    @cached_property
    def by_control_point(self) -> pd.DataFrame:
        """Both directions and all groups together, the busiest control point of the scenario first.

        Returns
        -------
        pandas.DataFrame
            By checkpoint_id: trips_per_day, reference_per_day, change_per_day; load_of_capacity and queue_min of the worse
            direction, NaN where the capacity is unknown.
        """
        crossings = self.crossings[self.crossings["group"] == ALL]
        trips = crossings.groupby("checkpoint_id")[
            ["trips_per_day", "reference_per_day", "change_per_day"]
        ].sum()
        loads = self.loads.groupby("checkpoint_id")[["load_of_capacity", "queue_min"]].max()
        return trips.join(loads).sort_values("trips_per_day", ascending=False, kind="stable")


ByState = Mapping[str, Mapping[str, Travellers]]
"""Travellers by land state and scenario."""
