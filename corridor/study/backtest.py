"""The back-test: a past decision judged again, on the land of its day, beside what was published then.

A line across a valley of wetland (the study in layers/precedent) was designed on a viaduct (2000, refused) and then in
a tunnel on the same horizontal alignment (2002, built). Both designs are scored with the shipped widths, none of them changed.

    done = backtest(precedent())
    print(done.readings)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import geopandas as gpd
import pandas as pd

from corridor.core import paths
from corridor.ecology.appraisal.ledger import assess_ledger
from corridor.ecology.impact.assess import EcologyResult, assess, totals
from corridor.ecology.impact.difference import headline
from corridor.ecology.impact.overlap import habitat_overlap
from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import footprint
from corridor.ecology.works.profile import Work
from corridor.schema.tables import CASES, Case
from corridor.study.study import Study

VIADUCT, TUNNEL = "precedent-viaduct-2000", "precedent-tunnel-2002"
VALLEY_PART = "long-valley-viaduct"
WET_FARMLAND = "wet_farmland"
AREA = "wetland_conservation_area"

NO_IMPACT = ("corridors_crossed_underground_m", "not_assessed_ha", "not_assessed_m")

READINGS: Mapping[str, tuple[str, ...]] = {
    "piers": ("pier",),
    "piers and the ground dug up around them": ("pier", "pier_works"),
    "ground under the deck, piers included": ("pier", "deck_shade"),
    "works strip, all ground worked over": ("pier", "pier_works", "works_strip"),
}
"""What "wetland lost" under a viaduct may mean, by components of the footprint. They lie over one another."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """What the method says of the two designs, in hectares and metres.

    - ``readings``: each meaning of "lost" in Long Valley (wet farmland between the rivers) and in all wetland
      under the same viaduct, low, central and high widths, beside the published figure;
    - ``pair``: headline figures and wet farmland of both designs (low, central, high) and viaduct less tunnel;
    - ``station``: what each design takes of the Wetland Conservation Area, by part and site;
    - ``crossings``: length through each wetland, in the open and underground;
    - ``offered``: hectares that the ledger asks for (take alone, and with disturbance) beside what was offered.
    """

    readings: pd.DataFrame
    pair: pd.DataFrame
    station: pd.DataFrame
    crossings: pd.DataFrame
    offered: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return dict(vars(self))

    @property
    def verdict(self) -> pd.Series[int]:
        """In how many measures of ``pair`` (central) the tunnel does less, the same, and more than the viaduct.

        A tally, no score: measures overlap. Length underground and ground not assessed are no impacts, and
        what neither design touches is left out.
        """
        impacts = self.pair[~self.pair["measure"].isin(NO_IMPACT)]
        touched = impacts[(impacts["viaduct_central"] > 0) | (impacts["tunnel_central"] > 0)]
        saved = touched["avoided"].round(6)
        return pd.Series(
            {"less": int((saved > 0).sum()), "same": int((saved == 0).sum()), "more": int((saved < 0).sum())}
        )


def precedent() -> Study:
    """The study of the back-test: its line and the land of 1993-1997, apart from the shipped scenarios."""
    return Study.open(paths.shipped_studies()["precedent"])


def published(study: Study) -> pd.Series[float]:
    """Published figures of the precedent.

    Returns
    -------
    pandas.Series
        By figure_id, in the unit that the table gives.
    """
    return _own(study, "published").set_index("figure_id")["value"].astype(float)


def backtest(study: Study) -> Backtest:
    """Assess both designs, the viaduct and the tunnel, on the land of the study, and set them beside the published figures.

    Parameters
    ----------
    study
        The study of :func:`precedent`, or one with its scenarios and its tables of published figures and offers.
    """
    works = {i: study.works(i) for i in (VIADUCT, TUNNEL)}
    results = {i: assess(w, study.land) for i, w in works.items()}
    return Backtest(
        readings=_readings(works[VIADUCT], study.land, published(study)["long_valley_wetland_lost"]),
        pair=_pair(works, study.land),
        station=_in_the_area(results),
        crossings=_crossings(results),
        offered=_offered(study, works, results),
    )


def _own(study: Study, entry_id: str) -> pd.DataFrame:
    catalog = study.catalog
    entry = next(e for e in catalog.entries if e.id == entry_id)
    return pd.read_csv(catalog.path(entry), encoding="utf-8")


def _readings(works: tuple[Work, ...], land: Land, published_ha: float) -> pd.DataFrame:
    """Hectares of each reading by case, in wet farmland and in all wetland under the Long Valley viaduct."""
    wet = {case: _wet(works, land, case) for case in CASES}
    table = pd.DataFrame({"reading": list(READINGS)})
    for name, habitats in (("long_valley_ha", [WET_FARMLAND]), ("all_wetland_ha", None)):
        for case, ground in wet.items():
            mine = ground if habitats is None else ground[ground["habitat_id"].isin(habitats)]
            table[f"{name}_{case}"] = [
                float(mine.loc[mine["component"].isin(components), "area_ha"].sum())
                for components in READINGS.values()
            ]
    table["published_ha"] = published_ha
    table["of_published"] = table["long_valley_ha_central"] / published_ha
    return table


def _wet(works: tuple[Work, ...], land: Land, case: Case) -> pd.DataFrame:
    """Wetland under the Long Valley viaduct by component of its footprint."""
    prints = pd.concat([footprint(w, case=case) for w in works], ignore_index=True)
    over = gpd.GeoDataFrame(prints[prints["part_id"] == VALLEY_PART], crs=prints.crs)
    ground = habitat_overlap(over, land, ["component"])
    return ground[ground["group"] == "wetland"]


def _pair(works: Mapping[str, tuple[Work, ...]], land: Land) -> pd.DataFrame:
    """Measures of both designs in three cases of widths."""
    columns = {}
    for design, scenario_id in (("viaduct", VIADUCT), ("tunnel", TUNNEL)):
        for case in CASES:
            result = assess(works[scenario_id], land, case=case)
            columns[f"{design}_{case}"] = _fields(result) | asdict(headline(result))
    table = pd.DataFrame(columns).rename_axis("measure")
    table["avoided"] = table["viaduct_central"] - table["tunnel_central"]
    return table.reset_index()


def _fields(result: EcologyResult) -> dict[str, float]:
    """Wet farmland by permanence."""
    take = result.together.habitat_take
    mine = take[take["habitat_id"] == WET_FARMLAND].groupby("permanence")["area_ha"].sum()
    return {f"{p}_{WET_FARMLAND}_ha": float(mine.get(p, 0.0)) for p in ("permanent", "temporary", "shade")}


def _in_the_area(results: Mapping[str, EcologyResult]) -> pd.DataFrame:
    """Land take in the Wetland Conservation Area, by design, part or site, component and permanence."""
    keys = ["scenario_id", "part_id", "site_id", "component", "permanence"]
    frames = [
        r.designation_take.assign(scenario_id=i).query("designation == @AREA")[[*keys, "area_ha"]]
        for i, r in results.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _crossings(results: Mapping[str, EcologyResult]) -> pd.DataFrame:
    """Length of line through each wetland in the open and underground, and the ground taken and worked there."""
    rows = [r.corridor_crossings.assign(scenario_id=i) for i, r in results.items()]
    whole = pd.concat(rows, ignore_index=True).astype({"underground": bool})
    whole["open_m"] = whole["length_m"].where(~whole["underground"], 0.0)
    whole["underground_m"] = whole["length_m"].where(whole["underground"], 0.0)
    values = ["open_m", "underground_m", "permanent_ha", "temporary_ha", "shade_ha"]
    return whole.groupby(["corridor_part", "scenario_id"], as_index=False)[values].sum()


def _offered(
    study: Study, works: Mapping[str, tuple[Work, ...]], results: Mapping[str, EcologyResult]
) -> pd.DataFrame:
    """Hectares to create by the ledger, in three cases of need, beside what was offered or built."""
    classes, needs = study.catalog.table("habitat_classes"), study.catalog.table("compensation")
    given = _own(study, "offered")
    frames = []
    for scenario_id, result in results.items():
        mine = given[given["scenario_id"] == scenario_id].set_index("habitat_id")
        delivered = mine[["created_ha", "enhanced_ha", "ready"]].reset_index()
        widths = {case: totals(works[scenario_id], study.land, case=case) for case in CASES}
        ledger = assess_ledger(result, classes, needs, delivered, widths=widths).habitats
        rows = ledger[ledger["habitat_id"].isin((WET_FARMLAND, "fishpond"))]
        frames.append(rows.assign(scenario_id=scenario_id))
    table = pd.concat(frames, ignore_index=True)
    table["required_for_take_ha"] = table["required_permanent_ha"] + table["required_temporary_ha"]
    columns = [
        "scenario_id", "habitat_id", "case", "lost_permanently_ha", "lost_temporarily_ha", "required_for_take_ha",
        "required_disturbance_ha", "required_ha", "created_ha", "enhanced_ha", "function_lost_ha",
        "function_delivered_ha", "still_required_ha",
    ]  # fmt: skip
    return table[columns]
