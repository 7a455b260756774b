"""What the tunnel under Deep Bay avoids: the western line against the same line on a viaduct.

The viaduct is a counterfactual: no government proposed it.

    python -P scenarios/tunnel_or_viaduct.py
"""

from dataclasses import asdict

import pandas as pd

from corridor import Study
from corridor.ecology.impact.assess import assess
from corridor.ecology.impact.difference import headline

study = Study.bundled()
tunnel, viaduct = (
    asdict(headline(assess(study.works(s), study.land))) for s in ("western-2035", "western-viaduct")
)
table = pd.DataFrame({"tunnel": tunnel, "viaduct (counterfactual)": viaduct})
table["avoided by the tunnel"] = table["viaduct (counterfactual)"] - table["tunnel"]
print(table.round(2).to_string())
