# ruff: noqa: E501 (the two tables are one row a line)
"""Build layers/ecology/threats.csv and sensitivity.csv: the parameters of habitat quality.

Usage: python layers/build/threats.py [--out layers]

Input: layers/land/habitat_classes.csv and land_use_classes.csv, against which the rows are checked.

Method
  No study of this border publishes a table for these habitats that could be read in full. Threats take the
  published InVEST sample study as far as it goes; field studies narrow the distances. Sensitivities take a
  published Chinese table, class by class; its class "other construction land" (factories, quarries, transport
  land and airports in that land cover scheme; from memory) stands for roads and railways. Where a wetland of
  Deep Bay is worth more than the class it would fall in, the suitability is an assumption, and the published
  value stands beside it in the source. Confidence: S published, C published but read in a copy or by
  analogy, M assumption.

Licence of the result: CC BY 4.0 (own compilation of published parameters).
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from corridor.ecology.quality.model import QualityModel

SAMPLE = "InVEST sample study Willamette (threat table read in a public copy)"
COOKE = "Cooke et al. 2020, doi 10.1038/s41467-020-16899-x"
GODINHO = "Godinho et al. 2017, doi 10.1007/978-3-319-57496-7_11"
LOESS = "doi 10.1038/s41598-025-12055-x, Table 2"

THREAT_FIELDS = [
    "threat_id", "name_en", "name_zh_hant", "name_zh_hans", "decay", "weight_low", "weight", "weight_high",
    "max_distance_low_m", "max_distance_m", "max_distance_high_m", "habitats", "land_use_codes", "works",
    "known_in", "source", "confidence",
]  # fmt: skip
THREATS = [
    ("built_up", "Built-up land", "已發展土地", "已建设用地", "exponential", 0.8, 1.0, 1.0, 1000, 3000, 10000, "built_up", "", "take", "hk sz",
     f"weight 1, exponential, 10 km: {SAMPLE}, urban; central and low distance: assumption, since no habitat here is 10 km from a town and all would look alike", "M"),
    ("disturbed_ground", "Bare or disturbed ground", "裸地或受干擾地", "裸地或受干扰地", "exponential", 0.2, 0.4, 0.6, 500, 1000, 2000, "bare", "", "", "hk sz",
     "assumption: sites, storage and vacant land disturb less and less far than towns", "M"),
    ("road", "Roads", "道路", "道路", "linear", 0.5, 0.7, 1.0, 500, 1000, 3000, "", "41", "", "hk",
     f"low, central and high: rural, secondary and primary roads of {SAMPLE}; {COOKE}: birds of Great Britain, on average 700 m", "C"),
    ("railway", "Railways in the open", "地面鐵路", "地面铁路", "exponential", 0.3, 0.6, 1.0, 500, 1000, 5000, "", "42", "operation", "hk",
     f"weight 0.6, exponential, high distance 5 km: {SAMPLE}, railroad; low distance: {GODINHO}, no difference of wetland birds within 500 m and beyond; central distance, low and high weight: assumption", "M"),
]  # fmt: skip

SENSITIVITY_FIELDS = [
    "habitat_id",
    "suitability",
    "built_up",
    "disturbed_ground",
    "road",
    "railway",
    "source",
    "confidence",
]
_DEEP_BAY = "suitability: assumption, feeding and roosting ground of the Ramsar waterbirds"
SENSITIVITY = [
    ("woodland", 1.0, 0.8, 0.2, 0.7, 0.7, f"{LOESS}, forest land", "C"),
    ("shrubland", 0.9, 0.7, 0.3, 0.5, 0.5, f"{LOESS}, shrub forest land", "C"),
    ("grassland", 0.8, 0.7, 0.2, 0.7, 0.7, f"{LOESS}, medium coverage grassland", "C"),
    ("farmland", 0.6, 0.5, 0.3, 0.5, 0.5, f"sensitivity: {LOESS}, paddy field (its suitability 0.4); suitability: assumption, wet farmland holds buntings, snipe and amphibians", "M"),
    ("fishpond", 1.0, 0.9, 0.5, 0.5, 0.5, f"sensitivity: {LOESS}, reservoir pit pond (its suitability 0.8); {_DEEP_BAY}", "M"),
    ("mangrove", 1.0, 0.9, 0.5, 0.6, 0.6, f"sensitivity: {LOESS}, shallows (its suitability 0.6); {_DEEP_BAY}", "M"),
    ("mudflat", 1.0, 0.9, 0.5, 0.6, 0.6, f"sensitivity: {LOESS}, shallows (its suitability 0.6); {_DEEP_BAY}", "M"),
    ("marine", 0.7, 0.5, 0.3, 0.3, 0.3, "assumption: no table found covers open sea; what stands on land reaches less into it", "M"),
    ("freshwater", 0.9, 0.9, 0.5, 0.6, 0.6, f"{LOESS}, between lakes 0.9 and rivers 1 and reservoirs 0.8; sensitivity of rivers", "C"),
    ("rocky_shore", 0.6, 0.9, 0.5, 0.6, 0.6, f"{LOESS}, beach", "C"),
    ("bare", 0.1, 0.1, 0.0, 0.1, 0.1, "assumption: little is left to lose", "M"),
    ("urban_green", 0.4, 0.4, 0.2, 0.3, 0.3, "assumption: planted, species used to people", "M"),
    ("built_up", 0.0, 0.0, 0.0, 0.0, 0.0, f"{LOESS}, urban land", "C"),
]  # fmt: skip


def write(path: Path, fields: list[str], rows: list[tuple[object, ...]]) -> pd.DataFrame:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(fields)
        writer.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")
    return pd.read_csv(path, dtype={"habitats": str, "land_use_codes": str, "works": str})


def main() -> None:
    here = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=here)
    out = parser.parse_args().out
    threats = write(out / "ecology" / "threats.csv", THREAT_FIELDS, THREATS)
    sensitivity = write(out / "ecology" / "sensitivity.csv", SENSITIVITY_FIELDS, SENSITIVITY)
    classes = pd.read_csv(here / "land" / "habitat_classes.csv")
    land_use = set(pd.read_csv(here / "land" / "land_use_classes.csv")["code"])
    for case in ("low", "central", "high"):
        model = QualityModel.from_tables(threats, sensitivity, classes, case)  # every row is checked
        print(case, {t.threat_id: (t.weight, t.max_distance_m) for t in model.threats})
    lacking = set(classes["habitat_id"]) - set(sensitivity["habitat_id"])
    unknown = {c for t in model.threats for c in t.land_use} - land_use
    print("habitats without a row:", sorted(lacking) or "none")
    print("land use codes that are not known:", sorted(unknown) or "none")


if __name__ == "__main__":
    main()
