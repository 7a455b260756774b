"""Build layers/ecology/compensation.csv and layers/ecology/significance.csv: the parameters of the ledger and the matrix.

Both are short tables of declared figures. They are written here, with the reason of each, and checked when loaded
(:mod:`corridor.schema.tables`, :class:`corridor.ecology.ledger.Compensation`).

    python layers/build_compensation.py

Sources: M40 is the English statutory biodiversity metric (Defra, Biodiversity Metric 4.0 and its statutory successor of
November 2023; sheets G-3 difficulty, G-4 temporal multipliers and the list of spatial risk), its values read in an
open implementation of the workbook (github.com/abitatdotdev/bng, files difficulty, temporalMultipliers, spatialRisk,
habitats). Which class of the metric stands for which habitat here is an assumption.
"""

from __future__ import annotations

import csv
from pathlib import Path

OUT = Path(__file__).parent / "ecology"
ASSUMED = "assumption"
METRIC = "M40"

Figure = tuple[float, float, float]

# habitat: years until a created hectare does what the lost one did (low, central, high need), why
YEARS: dict[str, tuple[Figure, str]] = {
    "woodland": ((20, 30, 32), "canopy in 20 years, flora later; a worked case of M40 has 30 for mixed deciduous woodland"),
    "shrubland": ((5, 10, 15), "closes in about ten years"),
    "grassland": ((2, 5, 10), "sward within a few seasons"),
    "farmland": ((1, 5, 10), "dry fields at once, wet farmland with its invertebrates later"),
    "fishpond": ((1, 3, 5), "a pond fills and is stocked within a season; banks and prey take years"),
    "mangrove": ((5, 10, 20), "planted mangrove closes in five to ten years, reedbed sooner"),
    "mudflat": ((5, 15, 32), "a new flat must settle and be colonised; often it does not"),
    "marine": ((2, 5, 10), "sea bed recolonised within years"),
    "freshwater": ((3, 10, 20), "a channel at once, a natural stream in decades"),
    "rocky_shore": ((5, 10, 20), "recolonised within years where rock is laid"),
    "bare": ((0, 0, 1), "nothing has to grow"),
    "urban_green": ((2, 5, 10), "planted; trees later"),
    "built_up": ((0, 0, 0), "no habitat"),
}  # fmt: skip

# habitat: share that is delivered in spite of difficulty (M40: low 1, medium 0.67, high 0.33, very high 0.1), its class there
DELIVERY: dict[str, tuple[Figure, str]] = {
    "woodland": ((1, 0.67, 0.33), "other broadleaved low, wet woodland medium, mixed deciduous high"),
    "shrubland": ((1, 0.67, 0.67), "willow scrub medium"),
    "grassland": ((1, 1, 0.33), "other acid grassland low, dry acid grassland high"),
    "farmland": ((1, 0.67, 0.33), "cropland low, floodplain wetland mosaic high; wet farmland between them"),
    "fishpond": ((1, 0.67, 0.67), "ponds low, priority ponds medium"),
    "mangrove": ((0.67, 0.33, 0.1), "saltmarsh and saline reedbed high; one class to either side"),
    "mudflat": ((0.67, 0.33, 0.1), "littoral mud high; one class to either side"),
    "marine": ((0.67, 0.33, 0.1), "no class in M40; taken as the intertidal sediments"),
    "freshwater": ((1, 0.67, 0.33), "reservoir medium, lakes high"),
    "rocky_shore": ((0.67, 0.33, 0.1), "littoral rock high; one class to either side"),
    "bare": ((1, 1, 1), "not compensated"),
    "urban_green": ((1, 1, 0.67), "planted green, low"),
    "built_up": ((1, 1, 1), "not compensated"),
}  # fmt: skip

NOT_COMPENSATED = ("bare", "built_up")
SURVEYLESS = "no survey of condition: the whole range from half to full is kept"

# quantity: (low, central, high need), unit, source, confidence, why
GENERAL: dict[str, tuple[Figure, str, str, str, str]] = {
    "discount_rate": (
        (0.035, 0.035, 0.035), "a year", METRIC, "B", "time to target multiplier of M40: 0.965 for each year",
    ),
    "works_years": (
        (4, 6, 8), "years", ASSUMED, "M", "years between taking a worksite and giving it back; no programme is published",
    ),
    "place_factor": (
        (1, 0.75, 0.5), "share", METRIC, "B",
        "spatial risk of M40: same area 1, neighbouring 0.75, farther 0.5; that the place is unknown is ours",
    ),
    "uplift": (
        (0.36, 0.18, 0), "share", "E07; E08", "C",
        "function gained by managing existing ponds: some 90 ha of pond to be filled at San Tin over 253 ha of"
        " eco-fishpond gives 0.36 if these are to make good all of it; half of it and nothing are assumptions",
    ),
    "additional_share": (
        (1, 0, 0), "share", "E07; E11", "M",
        "the parks are the published compensation of San Tin: counted for a railway they would count twice;"
        " counted in the low case only (assumption)",
    ),
}  # fmt: skip

COMPENSATION_COLUMNS = (
    "quantity", "habitat_id", "low", "central", "high", "unit", "source", "confidence", "note",
)  # fmt: skip


def compensation_rows() -> list[tuple[object, ...]]:
    """The rows of compensation.csv in the order of :data:`COMPENSATION_COLUMNS`."""
    rows: list[tuple[object, ...]] = [
        (quantity, "", *figure, unit, source, confidence, note)
        for quantity, (figure, unit, source, confidence, note) in GENERAL.items()
    ]
    rows += [("years_to_function", h, *f, "years", ASSUMED, "M", note) for h, (f, note) in YEARS.items()]
    rows += [
        (
            "delivery_factor",
            h,
            *f,
            "share",
            ASSUMED if h in ("marine", *NOT_COMPENSATED) else METRIC,
            "M" if h in ("marine", *NOT_COMPENSATED) else "B",
            note,
        )
        for h, (f, note) in DELIVERY.items()
    ]
    for habitat in YEARS:
        figure = (0, 0, 0) if habitat == "built_up" else (0.5, 0.75, 1)
        note = "no habitat" if habitat == "built_up" else SURVEYLESS
        rows.append(("condition", habitat, *figure, "share", ASSUMED, "M", note))
    for habitat in YEARS:
        wanted = 0 if habitat in NOT_COMPENSATED else 1
        note = "negligible habitat: counted, not compensated" if wanted == 0 else "compensated like for like"
        rows.append(("compensated", habitat, wanted, wanted, wanted, "0 or 1", ASSUMED, "M", note))
    return rows


def write(name: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write one table."""
    with (OUT / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main() -> None:
    """Write both tables."""
    OUT.mkdir(exist_ok=True)
    write("compensation.csv", COMPENSATION_COLUMNS, compensation_rows())


if __name__ == "__main__":
    main()
