"""Check the tables of layers/ecology, which are written by hand, and print the seasonal rules of docs/ecology.md.

    python layers/build/ecology_tables.py

The tables are the one place of these figures, each with source and confidence; nothing builds them. This script checks them
with the readers of the program, in every case, and prints the seasonal rules, so that docs/ecology.md can be compared.

profile_parameters, seasonal_rules   widths, spans, spacings, sites; seasons and distances to keep (docs/profile.md).
threats, sensitivity                 habitat quality. No study of this border publishes a table for these habitats that could be
    read in full. Threats take the published InVEST sample study as far as it goes; field studies narrow the distances.
    Sensitivities take a published Chinese table, class by class; its class "other construction land" (factories, quarries,
    transport land and airports in that land cover scheme; from memory) is taken for roads and railways. Where a wetland of Deep
    Bay is worth more than the class it would fall in, the suitability is an assumption, and the published value is in the
    source. Confidence: S published, C published but read in a copy or by analogy, M assumption.
taxa, resistance, cores              animals of the connectivity part, what stops them, the named cores of Deep Bay. Dispersal
    distances are published for kin or follow from published home ranges; the rule is in the row. No resistance is measured at
    Deep Bay: all are an ordinal judgement on the scale of 1 (the animal's own habitat) to 128 that amphibian studies use, and
    every one is an assumption. Which cores there are is our choice.
compensation, significance           the ledger and the matrix. M40 is the English statutory biodiversity metric (Defra,
    Biodiversity Metric 4.0 and its statutory successor of November 2023; sheets G-3 difficulty, G-4 temporal multipliers and
    the list of spatial risk), its values read in an open implementation of the workbook (github.com/abitatdotdev/bng). Which
    class of the metric is taken for which habitat is an assumption.

Licence: own compilation of published parameters, CC BY 4.0.
"""

from __future__ import annotations

import pandas as pd
from tables import LAYERS

from corridor.ecology.appraisal.ledger import Compensation
from corridor.ecology.appraisal.seasons import SeasonRule, season_rules
from corridor.ecology.appraisal.thresholds import Thresholds
from corridor.ecology.connectivity.taxon_tables import read_taxa
from corridor.ecology.quality.model import QualityModel
from corridor.ecology.works.parameters import parameter_table
from corridor.schema.tables import CASES


def read(name: str) -> pd.DataFrame:
    """One of the tables, empty cells as empty text."""
    return pd.read_csv(LAYERS / "ecology" / f"{name}.csv", encoding="utf-8", keep_default_na=False)


def rule_rows(rules: tuple[SeasonRule, ...]) -> list[str]:
    """The rows of the page: rule, what it guards, distance and months with their sources."""
    return [
        f"| {c['title_en']} | {' '.join(r.subjects)} | {r.within_m:g} m ({c['distance_source']}, {c['distance_confidence']}) "
        f"| {c['months']} ({c['months_source']}, {c['months_confidence']}) | {c['source']} | {c['confidence']} |"
        for r in rules
        for c in (r.cells,)
    ]


def check(classes: pd.DataFrame, land_use: set[int]) -> None:
    """Read every table as the program does; a LayerError lists every fault of one."""
    threats = pd.read_csv(LAYERS / "ecology/threats.csv", dtype={"habitats": str, "land_use_codes": str, "works": str})  # fmt: skip
    sensitivity = pd.read_csv(LAYERS / "ecology/sensitivity.csv")
    for case in CASES:
        model = QualityModel.from_tables(threats, sensitivity, classes, case)
        print(case, {t.threat_id: (t.weight, t.max_distance_m) for t in model.threats})
    unknown = {code for t in model.threats for code in t.land_use} - land_use
    if unknown:
        raise SystemExit(f"threats.csv: land use codes that are not known: {sorted(unknown)}")
    taxa = read_taxa(pd.read_csv(LAYERS / "ecology/taxa.csv"), pd.read_csv(LAYERS / "ecology/resistance.csv"), list(classes["habitat_id"]))  # fmt: skip
    Compensation.of(pd.read_csv(LAYERS / "ecology/compensation.csv"), classes)
    thresholds = Thresholds.of(pd.read_csv(LAYERS / "ecology/significance.csv"))
    print(f"{len(taxa)} animals, {len(thresholds.steps)} thresholds, {len(thresholds.ratings)} ratings")


def main() -> None:
    """Check all tables and print the seasonal rules of docs/ecology.md."""
    frame = read("profile_parameters")
    parameter_table(frame)
    rules = season_rules(read("seasonal_rules"))
    print("\n".join(rule_rows(rules)))
    ranges, sourced = (int((frame[column] != "assumption").sum()) for column in ("range_source", "source"))
    print(f"{len(frame)} figures, {sourced} with a source, {ranges} with an end of the range")
    codes = pd.read_csv(LAYERS / "land/land_use_classes.csv")["code"]
    check(pd.read_csv(LAYERS / "land/habitat_classes.csv"), set(codes))


if __name__ == "__main__":
    main()
