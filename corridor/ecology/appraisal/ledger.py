"""The no-net-loss ledger: what is lost in area and in function, and the hectares it would take to make it good.

A **screening index**, not a wetland compensation plan. Time is counted as in the English biodiversity metric (Defra,
Biodiversity Metric 4.0): function that comes t years late is worth ``(1 - r)**t``. What is lost for T years
and then comes back is therefore ``1 - (1 - r)**T`` of a hectare lost permanently. A created hectare delivers
``(1 - r)**years * delivery * place`` of the one it replaces, so that ``1 / that`` hectares are needed for each.

Cases are cases of *need*: ``low`` needs the fewest hectares, ``high`` the most. The values of the parameters
are in ``layers/ecology/compensation.csv``; most are assumptions and say so there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from corridor.core.errors import Problems
from corridor.ecology.impact.assess import EcologyResult, Together
from corridor.ecology.impact.overlap import habitat_overlap
from corridor.ecology.land.checks import check_columns, check_known, check_once
from corridor.ecology.land.land import NOT_ASSESSED, Land
from corridor.schema.tables import CASES, Case

GENERAL = ("discount_rate", "works_years", "place_factor", "uplift", "additional_share")
BY_HABITAT = ("years_to_function", "delivery_factor", "condition", "compensated")
CLASS_COLUMNS = ("habitat_id", "group", "ecological_value")
TABLE_COLUMNS = ("quantity", "habitat_id", "low", "central", "high")
SHARES = {"discount_rate", "place_factor", "delivery_factor", "condition", "uplift", "additional_share"}
RISING = {"years_to_function", "works_years", "discount_rate"}
FALLING = {"place_factor", "delivery_factor", "uplift", "additional_share"}
DIVISORS = {"place_factor", "delivery_factor"}
DELIVERED_COLUMNS = ("habitat_id", "created_ha", "enhanced_ha", "ready")
ENHANCED_GROUPS = ("wetland",)

AREAS = ["lost_permanently_ha", "lost_temporarily_ha", "shaded_ha"]
DISTURBED = ["disturbed_construction_ha", "disturbed_operation_ha"]
LOSSES = {
    "permanent": AREAS[0], "temporary": AREAS[1], "shade": AREAS[2],
    "construction": DISTURBED[0], "operation": DISTURBED[1],
}  # fmt: skip
NEED = ["permanent_debt_ha", "temporary_debt_ha", "disturbance_debt_ha", "function_lost_ha"]
REQUIRED = ["required_permanent_ha", "required_temporary_ha", "required_disturbance_ha", "required_ha"]
GIVEN = ["created_ha", "enhanced_ha", "function_delivered_ha"]
BALANCE = ["balance_area_ha", "balance_function_ha", "still_required_ha"]
UNITS = ["function_lost_units", "function_delivered_units", "balance_units"]
SHORTFALLS = ["balance_area_ha", "balance_function_ha", "balance_units"]
SUMMED = [*AREAS, *DISTURBED, *NEED, *REQUIRED, *GIVEN, *BALANCE, *UNITS]


@dataclass(frozen=True, eq=False)
class Compensation:
    """The multipliers, checked: ``general`` by case, ``habitats`` by case and habitat (case, habitat_id).

    general: discount_rate (a year), works_years, place_factor, uplift and additional_share (shares of 1).
    habitats: years_to_function, delivery_factor (share delivered in spite of difficulty), condition (0 to
    1), compensated (0: counted, but no compensation asked), ecological_value (ordinal), group.
    """

    general: pd.DataFrame
    habitats: pd.DataFrame

    @classmethod
    def of(cls, table: pd.DataFrame, classes: pd.DataFrame) -> Compensation:
        """Read the table (quantity, habitat_id, low, central, high) for the habitat ``classes`` of a land.

        ``classes`` has habitat_id, group, ecological_value. A LayerError names every missing quantity, every
        habitat that the classes do not know, and every value outside its range.
        """
        with Problems() as found:
            _check_table(found, table, classes)
        rows = table.assign(habitat_id=table["habitat_id"].fillna("").astype(str))
        known = classes.set_index("habitat_id")[["group", "ecological_value"]]
        whole = rows[rows["quantity"].isin(GENERAL)].set_index("quantity")[list(CASES)].astype(float)
        mine = rows[rows["quantity"].isin(BY_HABITAT)]
        wide = {c: mine.pivot_table(index="habitat_id", columns="quantity", values=c) for c in CASES}
        frames = {case: frame.join(known) for case, frame in wide.items()}
        return cls(whole.T, pd.concat(frames, names=["case"]))

    @property
    def habitat_ids(self) -> set[str]:
        """The habitats that have multipliers."""
        return set(self.habitats.index.get_level_values("habitat_id"))


def _check_table(found: Problems, table: pd.DataFrame, classes: pd.DataFrame) -> None:
    where = "compensation table"
    complete = check_columns(found, where, table, TABLE_COLUMNS)
    if not check_columns(found, "habitat classes", classes, CLASS_COLUMNS) or not complete:
        return
    habitats, given = list(classes["habitat_id"]), table["habitat_id"].fillna("").astype(str)
    pairs = list(zip(table["quantity"], given, strict=True))
    check_once(found, where, "row", (f"{quantity} {habitat}".strip() for quantity, habitat in pairs))
    check_known(found, where, "habitat", set(given) - {""}, habitats, "a habitat_id of the habitat classes")
    wanted = [(q, "") for q in GENERAL] + [(q, h) for q in BY_HABITAT for h in habitats]
    for quantity, habitat in [p for p in wanted if p not in pairs]:
        found.add(f"{where}, {quantity} {habitat}".strip(), "is missing", "a row for it", "add the row")
    for quantity, habitat, *values in table[list(TABLE_COLUMNS)].itertuples(index=False):
        _check_values(found, f"{where}, {quantity} {habitat}", str(quantity), [float(v) for v in values])


def _check_values(found: Problems, where: str, quantity: str, numbers: list[float]) -> None:
    top = 1.0 if quantity in SHARES or quantity == "compensated" else float("inf")
    low = 1e-9 if quantity in DIVISORS else 0.0
    what = f"values {numbers}"
    if any(not low <= v <= top for v in numbers):
        expected = f"from {'above ' if low else ''}0 to {top:g}" if top < float("inf") else "0 or more"
        found.add(where, what, expected, "correct it")
    elif quantity in FALLING and numbers != sorted(numbers, reverse=True):
        found.add(where, what, "falling: the low case needs least", "swap them")
    elif quantity in RISING and numbers != sorted(numbers):
        found.add(where, what, "rising: the low case needs least", "swap them")


@dataclass(frozen=True, eq=False)
class Ledger:
    """What a scenario loses, what it would have to create, and what it states as delivered.

    ``habitats``: a row for each case of need and habitat: case, habitat_id, group, ecological_value,
    condition, years_to_function, delivery_factor, place_factor, ratio (hectares to create for each lost),
    then hectares:

    - lost_permanently, lost_temporarily, shaded: the footprint; disturbed_*: area weighted by the decay curve;
    - permanent_debt: permanent loss; temporary_debt: temporary loss as hectares of permanent loss; disturbance_debt: likewise
      the disturbed area, during the works and then in operation, without end; function_lost: the three together.
      All are 0 where ``compensated`` is 0 (negligible habitat: its area is listed, no function claimed);
    - required_*: hectares to create for each of the three;
    - created, enhanced, function_delivered: what is stated as delivered;
    - balance_area: created less permanent loss; balance_function: delivered less lost; still_required: hectares
      to create for what is then still lost.

    ``*_units`` are function hectares times the ordinal ecological value and the condition. Shaded ground is not
    added to the loss: outside the piers it is in the first ring of the disturbance of operation. Habitat that
    is not assessed has its areas and nothing else (NaN). ``totals``: sums by case and group and over all
    groups (``all``) of what is assessed; balances add up shortfalls only, since a surplus of one habitat does not
    pay for another (like for like).
    """

    habitats: pd.DataFrame
    totals: pd.DataFrame

    def at(self, case: Case = "central") -> pd.DataFrame:
        """The rows of one case of need, habitat_id as index."""
        return self.habitats[self.habitats["case"] == case].set_index("habitat_id")


def assess_ledger(
    result: EcologyResult,
    classes: pd.DataFrame,
    compensation: pd.DataFrame | Compensation,
    delivered: pd.DataFrame | None = None,
    quality: Mapping[str, float] | None = None,
    widths: Mapping[Case, Together] | None = None,
) -> Ledger:
    """The no-net-loss ledger of a result; no works give a ledger of zeros.

    Parameters
    ----------
    result
        The works assessed with central widths.
    classes
        Columns habitat_id, group, ecological_value.
    compensation
        The table of multipliers, or one already read by :meth:`Compensation.of` (``classes`` is then not read).
    delivered
        Columns habitat_id, created_ha (new habitat), enhanced_ha (existing habitat managed better), ready (the share of it
        that functions before anything is lost).
    quality
        Condition (0 to 1) of a habitat from a survey or a quality model, in all cases.
    widths
        Totals of the same works under the low, central and high widths.

    Returns
    -------
    Ledger
        Hectares and units by case of need and habitat.

    Raises
    ------
    LayerError
        With all faults of the tables.

    References
    ----------
    Defra, Statutory biodiversity metric (Metric 4.0): time to target condition and difficulty of creation.
    """
    table = compensation if isinstance(compensation, Compensation) else Compensation.of(compensation, classes)
    given = _given(delivered, table)
    with Problems() as found:
        check_known(found, "quality", "habitat", quality or (), table.habitat_ids, "a habitat_id")
        for habitat, value in (quality or {}).items():
            if not 0 <= value <= 1:
                found.add(f"quality, {habitat}", f"{value}", "from 0 to 1", "scale it")
    lost = {case: losses((widths or {}).get(case, result.together), case) for case in CASES}
    habitats = _rows(lost, table, given, quality or {})
    return Ledger(habitats, _totals(habitats))


def losses(together: Together, case: Case) -> pd.DataFrame:
    """What is lost of each habitat, before anything is discounted.

    Parameters
    ----------
    together
        Totals of a scenario.
    case
        Which decay curve of disturbance.

    Returns
    -------
    pandas.DataFrame
        Hectares by habitat_id, columns the values of :data:`LOSSES`: the footprint by permanence, and the disturbed area
        by phase, weighted by the curve.
    """
    found: dict[str, dict[str, float]] = {}
    take, felt = together.habitat_take, together.habitat_disturbance
    for frame, key, value in ((take, "permanence", "area_ha"), (felt, "phase", f"equivalent_{case}_ha")):
        columns = (frame["habitat_id"].tolist(), frame[key].tolist(), frame[value].tolist())
        for habitat, kind, area_ha in zip(*columns, strict=True):
            mine = found.setdefault(habitat, dict.fromkeys(LOSSES.values(), 0.0))
            mine[LOSSES[kind]] += float(area_ha)
    return pd.DataFrame.from_dict(found, orient="index", columns=list(LOSSES.values()), dtype=float)


def _rows(
    losses_by_case: Mapping[Case, pd.DataFrame],
    table: Compensation,
    given: pd.DataFrame,
    quality: Mapping[str, float],
) -> pd.DataFrame:
    """All rows of all cases, the not assessed habitat last in each."""
    lost = pd.concat(losses_by_case, names=["case", "habitat_id"])
    index = table.habitats.index
    unknown = [(case, NOT_ASSESSED) for case, frame in losses_by_case.items() if NOT_ASSESSED in frame.index]
    index = index.append(pd.MultiIndex.from_tuples(unknown, names=index.names)) if unknown else index
    rows = table.habitats.reindex(index).join(lost.reindex(index).fillna(0.0))
    habitat = index.get_level_values("habitat_id")
    for column in given.columns:
        rows[column] = given[column].reindex(habitat).fillna(0.0).to_numpy()
    for name, value in quality.items():
        rows.loc[habitat == name, "condition"] = value
    general = table.general.reindex(index.get_level_values("case")).set_index(index)
    rows = _balance(_need(rows, general), general)
    rows["group"] = rows["group"].fillna(NOT_ASSESSED)
    front = [
        "case", "habitat_id", "group", "ecological_value", "condition", "years_to_function",
        "delivery_factor", "place_factor", "compensated", "ratio",
    ]  # fmt: skip
    return rows.reset_index()[[*front, *SUMMED]]


def kept_share(years: float | pd.Series, discount_rate: float | pd.Series) -> float | pd.Series:
    """The share, 0 to 1, of a function that is left where it comes late: ``(1 - r)**years``.

    Parameters
    ----------
    years
        How many years later, 0 or more.
    discount_rate
        r, the share lost each year, 0 to 1.

    References
    ----------
    Defra, Biodiversity Metric 4.0, sheet G-4.
    """
    return (1.0 - discount_rate) ** years


def _need(rows: pd.DataFrame, general: pd.DataFrame) -> pd.DataFrame:
    """Debts in hectares of permanent loss, the ratio, and the hectares to create."""
    rate, works = general["discount_rate"], general["works_years"]
    back = 1.0 - kept_share(works + rows["years_to_function"], rate)
    during, after = 1.0 - kept_share(works, rate), kept_share(works, rate)
    late = kept_share(rows["years_to_function"], rate)
    counts = rows["compensated"]  # missing where nothing is known: what is not assessed claims nothing
    # operation begins when the works end and does not cease: a permanent loss that comes so many years later
    disturbed = during * rows["disturbed_construction_ha"] + after * rows["disturbed_operation_ha"]
    rows = rows.assign(
        place_factor=general["place_factor"],
        ratio=1.0 / (late * rows["delivery_factor"] * general["place_factor"]),
        permanent_debt_ha=counts * rows["lost_permanently_ha"],
        temporary_debt_ha=counts * back * rows["lost_temporarily_ha"],
        disturbance_debt_ha=counts * disturbed,
    )
    rows = rows.assign(
        function_lost_ha=rows["permanent_debt_ha"] + rows["temporary_debt_ha"] + rows["disturbance_debt_ha"],
        required_permanent_ha=rows["ratio"] * rows["permanent_debt_ha"],
        required_temporary_ha=rows["ratio"] * rows["temporary_debt_ha"],
        required_disturbance_ha=rows["ratio"] * rows["disturbance_debt_ha"],
    )
    return rows.assign(required_ha=rows[REQUIRED[:3]].sum(axis=1, min_count=3))


def _balance(rows: pd.DataFrame, general: pd.DataFrame) -> pd.DataFrame:
    """What is delivered set against what is lost, in area, in function and in units."""
    gained = general["uplift"] * general["additional_share"]
    # habitat that functions already counts whole; other habitat comes late and may fail, hence by its ratio
    works = rows["ready"] + (1.0 - rows["ready"]) / rows["ratio"]
    delivered = works * (rows["created_ha"] + gained * rows["enhanced_ha"])
    short = (rows["function_lost_ha"] - delivered).clip(lower=0.0)
    worth = rows["ecological_value"] * rows["condition"]
    return rows.assign(
        function_delivered_ha=delivered,
        balance_area_ha=rows["created_ha"] - rows["permanent_debt_ha"],
        balance_function_ha=delivered - rows["function_lost_ha"],
        still_required_ha=short * rows["ratio"],
        function_lost_units=rows["function_lost_ha"] * worth,
        function_delivered_units=delivered * worth,
        balance_units=(delivered - rows["function_lost_ha"]) * worth,
    )


def _totals(habitats: pd.DataFrame) -> pd.DataFrame:
    """Sums over what is assessed: case, group (``all`` last), the summed columns."""
    known = habitats[habitats["habitat_id"] != NOT_ASSESSED].copy()
    known[SHORTFALLS] = known[SHORTFALLS].clip(upper=0.0)
    groups = known.groupby(["case", "group"], as_index=False, sort=False)[SUMMED].sum()
    whole = known.groupby("case", as_index=False, sort=False)[SUMMED].sum().assign(group="all")
    return pd.concat([groups, whole[groups.columns]], ignore_index=True)


def _given(delivered: pd.DataFrame | None, table: Compensation) -> pd.DataFrame:
    """What is delivered by habitat_id: created_ha, enhanced_ha, ready."""
    columns = list(DELIVERED_COLUMNS)
    if delivered is None:
        return pd.DataFrame(columns=columns, dtype=float).set_index("habitat_id")
    with Problems() as found:
        _check_delivered(found, delivered, table.habitat_ids)
    return delivered[columns].set_index("habitat_id").astype(float)


def _check_delivered(found: Problems, delivered: pd.DataFrame, habitats: set[str]) -> None:
    where = "delivered habitat"
    if not check_columns(found, where, delivered, DELIVERED_COLUMNS):
        return
    check_once(found, where, "habitat", delivered["habitat_id"])
    check_known(found, where, "habitat", delivered["habitat_id"], habitats, "a habitat_id")
    numbers = delivered[list(DELIVERED_COLUMNS[1:])].astype(float)
    if bool((numbers.isna() | (numbers < 0)).to_numpy().any()) or bool((numbers["ready"] > 1).any()):
        found.add(where, "a negative or missing figure", "hectares of 0 or more, ready 0 or 1", "correct")


def delivered_habitat(land: Land, delivered: Collection[str], restored: Collection[str] = ()) -> pd.DataFrame:
    """Existing wetland inside areas that a scenario manages better.

    A designation makes no new habitat: its ponds are counted as enhanced, never as created. Areas that overlap count once.

    Parameters
    ----------
    land
        With designations and habitat.
    delivered
        Ids of areas completed before works begin: their habitat is ready.
    restored
        Ids of areas restored as the works go on: their habitat comes late by its time to function, and may fail.

    Returns
    -------
    pandas.DataFrame
        habitat_id, created_ha (0), enhanced_ha, ready: the share of the hectares that is ready.

    Raises
    ------
    LayerError
        For ids that no designation has.
    """
    known = land.designations["designation_id"] if len(land.designations) else ()
    with Problems() as found:
        use = "a designation_id of the layer"
        check_known(found, "delivered habitat", "designation", [*delivered, *restored], known, use)
    if not delivered and not restored:
        return pd.DataFrame(columns=list(DELIVERED_COLUMNS))
    ready = _wetland_ha(land, delivered)
    whole = _wetland_ha(land, [*delivered, *restored])
    return pd.DataFrame(
        {
            "habitat_id": whole.index,
            "created_ha": 0.0,
            "enhanced_ha": whole.to_numpy(),
            "ready": (ready.reindex(whole.index).fillna(0.0) / whole).to_numpy(),
        }
    )


def _wetland_ha(land: Land, designation_ids: Collection[str]) -> pd.Series:
    """Hectares of wetland by habitat inside areas taken together."""
    chosen = land.designations[land.designations["designation_id"].isin(list(designation_ids))]
    if chosen.empty:
        return pd.Series(dtype=float)
    inside = habitat_overlap(chosen.dissolve()[["geometry"]].assign(k="all"), land, ["k"])
    inside = inside[inside["group"].isin(ENHANCED_GROUPS) & (inside["area_ha"] > 0)]
    return inside.groupby("habitat_id")["area_ha"].sum()
