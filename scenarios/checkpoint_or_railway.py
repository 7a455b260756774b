"""Is changing the checkpoints worth more than a new railway? Times between hubs under each.

python -P scenarios/checkpoint_or_railway.py
"""

import pandas as pd

from corridor import Study

PAIRS = [
    ("central", "futian-cbd"),
    ("hung-shui-kiu", "qianhai"),
    ("hk-airport", "sz-airport"),
    ("loop", "xili"),
]
SCENARIOS = ["committed-2030", "committed-2030+clearance-joint", "central-2035", "western-2035", "both-2035"]

study = Study.bundled()
rows = [
    {"from": a, "to": b, **{s: study.journey(a, b, s, "08:30").time_s / 60 for s in SCENARIOS}}
    for a, b in PAIRS
]
print(pd.DataFrame(rows).round(0).to_string(index=False))
