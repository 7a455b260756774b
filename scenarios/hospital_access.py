"""Who shares which hospital? Public hospitals of Hong Kong by E2SFCA, and how evenly, by district.

python -P scenarios/hospital_access.py

Assumptions: every hospital counts as one, since beds are not in the layer; Hong Kong's residents alone share them; zones
of 20, 40 and 60 minutes by rail, bus and foot with the weights Luo and Qi (2009) gave to 10, 20 and 30 by car.
Shenzhen's hospitals are not assessed.
"""

import numpy as np

from corridor import Study
from corridor.access.catchment import enhanced_two_step
from corridor.access.equity import spread
from corridor.access.impedance import Steps
from corridor.access.matrix import travel_matrix

study = Study.bundled()
listed = study.catalog.table("facilities").query("kind == 'hospital'")
hospitals = [study.position(r.name_en, r.lon, r.lat) for r in listed.itertuples()]
minutes = study.cell_minutes(hospitals, "committed-2030", "08:30", limit_min=60).T

home = (study.cells.side == 0) & (study.cells.people() > 0)  # side 0 is Hong Kong
people, district = study.cells.people()[home], study.cells.table["district_id"].to_numpy()[home]
times = travel_matrix(minutes[home])
found = enhanced_two_step(times, np.ones(len(hospitals)), people, Steps((20, 40, 60), (1, 0.68, 0.22)))

table = spread(found.access * 100_000, people, district)
table.index.name, table = "hospitals per 100,000", table.astype({"population": int})
print(table.sort_values("mean").round(2).to_string())
print(f"{found.demand_left_out:,.0f} people reach no hospital within 60 min;", *times.notes, sep="\n")
