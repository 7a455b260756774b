"""Who shares which hospital? Public hospitals of Hong Kong by E2SFCA, and how evenly, by district and by income.

python -P scenarios/hospital_access.py

Assumptions: every hospital counts as one, since beds are not in the layer; Hong Kong's residents alone share them; zones
of 20, 40 and 60 minutes by rail, bus and foot with the weights Luo and Qi (2009) gave to 10, 20 and 30 by car.
Income is the median of households in the census group of a cell. Shenzhen's hospitals and incomes are not assessed.
"""

import numpy as np

from corridor import Study, measures

study = Study.bundled()
listed = study.catalog.table("facilities").query("kind == 'hospital'")
hospitals = [study.position(r.name_en, r.lon, r.lat) for r in listed.itertuples()]
minutes = study.cell_minutes(hospitals, "committed-2030", "08:30", limit_min=60).T

home = (study.cells.side == 0) & (study.cells.people() > 0)  # side 0 is Hong Kong
people, district = study.cells.people()[home], study.cells.table["district_id"].to_numpy()[home]
times = measures.travel_matrix(minutes[home])
found = measures.enhanced_two_step(
    times, np.ones(len(hospitals)), people, measures.Steps((20, 40, 60), (1, 0.68, 0.22))
)

table = measures.spread(found.access * 100_000, people, district)
table.index.name, table = "hospitals per 100,000", table.astype({"population": int})
print(table.sort_values("mean").round(2).to_string())

known = study.catalog.table("household_income").set_index("cell_id")["median_household_income_hkd_month"]
income = known.reindex(study.cells.table.loc[home, "cell_id"]).to_numpy()
fifths = measures.quantile_groups(income, people, 5).to_numpy()
by_income = measures.spread(found.access * 100_000, people, fifths)
by_income.index.name = "by income, 1 the poorest fifth"
print(by_income.astype({"population": int}).round(2).to_string())
print(f"Palma by income: {measures.palma_by_income(found.access, people, income):.2f} (1: equal)")
print(f"{found.demand_left_out:,.0f} people reach no hospital within 60 min;", *times.notes, sep="\n")
