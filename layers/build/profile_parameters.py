"""Check layers/ecology/profile_parameters.csv and seasonal_rules.csv, and print what of them is published.

The two files are written by hand: they are the one place of these figures, and the program reads them. This script
checks them as the program does, and prints the table of docs/profile.md, so that the page can be compared with it.

Licence: own compilation CC BY 4.0.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from corridor.ecology.appraisal.seasons import SeasonRule, season_rules
from corridor.ecology.works.parameters import ParameterTable, parameter_table

FOLDER = Path(__file__).resolve().parents[1] / "ecology"


def read(name: str) -> pd.DataFrame:
    """One of the two files, cells as they are written."""
    return pd.read_csv(FOLDER / name, encoding="utf-8", keep_default_na=False)


def parameter_rows(table: ParameterTable) -> list[str]:
    """The rows of the page: what, low, central, high, source, confidence, what of the range is published."""
    return [
        f"| {r.subject} | {r.component} | {r.quantity}, {r.unit} | {r.low:g} / **{r.central:g}** / {r.high:g} "
        f"| {r.source} | {r.confidence} | {'' if r.range_source == 'assumption' else r.range_source} |"
        for r in table.to_frame().itertuples()
    ]


def rule_rows(rules: tuple[SeasonRule, ...]) -> list[str]:
    """The rows of the page: rule, what it guards, distance and months with their sources."""
    return [
        f"| {r.title.en} | {' '.join(r.subjects)} | {r.within_m:g} m ({r.distance_source}, {r.distance_confidence}) "
        f"| {r.first_month}-{r.last_month} ({r.months_source}, {r.months_confidence}) | {r.source} | {r.confidence} |"
        for r in rules
    ]


def main() -> None:
    """Check both files; a LayerError lists every fault."""
    table = parameter_table(read("profile_parameters.csv"))
    rules = season_rules(read("seasonal_rules.csv"))
    frame = table.to_frame()
    print("\n".join([*parameter_rows(table), "", *rule_rows(rules)]))
    ranges = int((frame["range_source"] != "assumption").sum())
    print(
        f"{len(frame)} figures, {int((~frame['assumed']).sum())} with a source, {ranges} with an end of the range"
    )


if __name__ == "__main__":
    main()
