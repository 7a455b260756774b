"""A past decision, judged again: the Lok Ma Chau Spur Line on a viaduct (2000, refused) and in a tunnel (2002, built).

The land is that of 1993-1997. No width was changed for this test, and neither design is a proposal.

    python -P scenarios/precedent.py
"""

from pathlib import Path

from corridor import Study
from corridor.study.backtest import backtest, precedent

SHOWN = [
    "permanent_wet_farmland_ha", "temporary_wet_farmland_ha", "shade_wet_farmland_ha", "permanent_wetland_ha",
    "temporary_wetland_ha", "permanent_protected_ha", "construction_wetland_ha", "operation_wetland_ha",
    "operation_wetland_equivalent_ha", "corridors_crossed_open_m", "permanent_ha", "temporary_ha",
]  # fmt: skip

study: Study = precedent()
done = backtest(study)
folder = Path("maps/precedent")
folder.mkdir(parents=True, exist_ok=True)
for name, table in done.tables.items():
    table.to_csv(folder / f"{name}.csv", index=False, float_format="%.4f")

print(
    "Back-test of a past decision: viaduct of 2000 (refused), tunnel of 2002 (built). Hectares and metres.\n"
)
print("Long Valley: what 'wetland lost' may mean, beside the published 1.7 ha")
print(done.readings.drop(columns="published_ha").round(2).to_string(index=False), "\n")
print("The two designs: low, central and high widths")
print(done.pair[done.pair["measure"].isin(SHOWN)].round(2).to_string(index=False), "\n")
print("Within the Wetland Conservation Area")
print(done.station.round(2).to_string(index=False), "\n")
print("Through the two wetlands")
print(done.crossings.round(2).to_string(index=False), "\n")
print("Wetland to create by the screening ledger, beside what was offered or built")
print(done.offered.round(1).to_string(index=False), "\n")
print("Measures in which the tunnel does less, the same, more:", done.verdict.to_dict())
