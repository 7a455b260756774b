"""An ensemble as files: draws in Parquet, tables in CSV, and a summary in JSON."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from corridor.core.csv_tables import for_people
from corridor.core.output import CHOOSE_FOLDER, write_whole, writing
from corridor.schema.text import LANGS
from corridor.study.ensemble.ensemble import Ensemble
from corridor.study.ensemble.sentences import sentences
from corridor.study.ensemble.store import as_json

TABLES = ("better", "ahead", "differences", "acceptability", "regret")


def write_ensemble(found: Ensemble, folder: Path) -> None:
    """Write the tables of an ensemble beside its draws.

    ``draws.parquet`` (draw, scenario_id, a column a criterion), ``values.parquet`` (draw, a column an assumption), CSV files of
    probabilities by criterion (better) and by score (ahead), differences, acceptability, regret, what differences lean on and shares
    of their variance, and ``ensemble.json``, with the sentences in three scripts.
    """
    with writing(folder, CHOOSE_FOLDER):
        found.draws.to_parquet(folder / "draws.parquet")
        found.inputs.to_parquet(folder / "values.parquet")
        for name in TABLES:
            write_whole(folder / f"{name}.csv", for_people(getattr(found.findings, name), "%.6g").encode())
        for name in ("leans_on", "shares"):
            write_whole(folder / f"{name}.csv", for_people(getattr(found, name), "%.6g").encode())
        write_whole(folder / "ensemble.json", as_json(summary(found)))


def summary(found: Ensemble) -> dict[str, Any]:
    """The whole of it but the draws, as plain values."""
    tables = {name: _rows(getattr(found.findings, name)) for name in TABLES}
    return {
        "scenarios": list(found.scenario_ids),
        "reference": found.reference_id,
        "draws": len(found.inputs),
        "seed": found.seed,
        "sentences": [{lang: said.in_script(lang) for lang in LANGS} for said in sentences(found)],
        **tables,
        "leans_on": _rows(found.leans_on),
        "shares": _rows(found.shares),
        "thinning": _rows(found.thinning),
        "score_thinning": _rows(found.score_thinning),
        "flips": [
            {
                "profile": profile, "scenario_id": a, "against": b, "density": box.density, "coverage": box.coverage,
                "limits": {i: [_finite(v) for v in ends] for i, ends in box.limits.items()},
            }
            for (profile, a, b), box in found.flips.items()
            if box
        ],
        "not_varied_yet": {a.assumption_id: a.not_yet for a in found.not_yet},
    }  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _finite(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _finite(value: Any) -> Any:
    """JSON has no infinity and no NaN."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
