"""What a comparison wrote, found again: a run in which nothing changed writes nothing anew."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corridor.core.output import whole_folder
from corridor.schema.catalog import sha256
from corridor.study import stages
from corridor.study.compare import Comparison, Wanted
from corridor.study.ensemble.store import DRAWS
from corridor.study.stage import Made
from corridor.study.study import Study
from corridor.web.answer import answer


@dataclass(frozen=True)
class Figures:
    """What a command prints of a comparison; the frames are those of :class:`corridor.study.comparison.Comparison`."""

    reference_id: str
    headline: pd.DataFrame
    units: dict[str, str]
    """By criterion id."""
    titles: dict[str, str]
    """Of criteria, by id, in English."""
    counterfactual: dict[str, bool]
    """By scenario id."""
    dominance: pd.DataFrame
    dominance_buildout: pd.DataFrame
    ranking: pd.DataFrame
    answer: tuple[str, ...]
    """The points of index.html, in English, after what they are measured against."""

    @classmethod
    def of(cls, comparison: Comparison) -> Figures:
        """Those of a comparison."""
        basis, points = answer(comparison)
        return cls(
            comparison.reference_id,
            comparison.headline,
            {str(c): str(unit) for c, unit in comparison.criteria["unit"].items()},
            {str(c): str(title) for c, title in comparison.criteria["title_en"].items()},
            {i: bool(r.counterfactual) for i, r in comparison.results.items()},
            comparison.dominance,
            comparison.dominance_buildout,
            comparison.ranking,
            (f"Main findings. {basis.en}", *(f"- {p.lead.en} {p.body.en}" for p in points)),
        )


@dataclass(frozen=True)
class Written:
    """The files of a run, and where they were written.

    Attributes
    ----------
    files
        SHA-256 of each by its path in the folder.
    """

    folder: str
    files: dict[str, str]
    figures: Figures

    def are_in(self, folder: Path) -> bool:
        """Whether a folder holds all files as they were written."""
        return all(
            (path := folder / name).is_file() and sha256(path) == told for name, told in self.files.items()
        )


def find(study: Study, wanted: Wanted, out: Path, csv: bool, ensemble: Path | None = None) -> Figures | None:
    """Look for the files of the same run, in `out` or where it wrote them last, from where they are copied to `out`.

    Parameters
    ----------
    study, wanted
        What is compared. Everything that a study has counts: layers, parameters, scenarios, questions, weights, a story, a proposal.
    out
        The folder to write.
    csv
        Whether cells.csv is among the files.
    ensemble
        Folder of the ensemble whose page is among the files.

    Returns
    -------
    Figures or None
        What is printed of the comparison; None where a file is missing, or is not as it was written.
    """
    run = _run(study, wanted, csv, ensemble)
    found = run.find()
    if found is None:
        return None
    last = Path(found.folder)
    if not found.are_in(out):
        if not found.are_in(last):
            return None
        with whole_folder(out) as folder:
            for name in found.files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(last / name, folder / name)
    run.tell(kept=True)
    return found.figures


def remember(
    study: Study, wanted: Wanted, out: Path, csv: bool, comparison: Comparison, ensemble: Path | None = None
) -> Figures:
    """Keep what files a run wrote to a folder, for :func:`find`."""
    figures = Figures.of(comparison)
    if study.kept.folder:
        _run(study, wanted, csv, ensemble).put(Written(str(out.absolute()), _held_in(out), figures))
    return figures


def _run(study: Study, wanted: Wanted, csv: bool, ensemble: Path | None) -> Made[Written]:
    asked = wanted.question.asked
    files = {
        "compared with": wanted.reference_id,
        "cells.csv": str(csv),
        **{f"{file.kind} {name}": file.sha256 for name, file in asked.items()},
        **{
            f"{path.stem} {name}": held
            for path in (study.story_path, study.proposal_path)
            for name, held in _held_in(path.parent).items()
        },
    }
    if ensemble:
        files |= {f"ensemble {name}": held for name, held in _held_in(ensemble / DRAWS).items()}
    ids = wanted.scenario_ids
    return study.stages.of_all(stages.WRITTEN, "", stages.STATED, ids, files, scenarios=" ".join(ids))


def _held_in(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        return {}
    return {p.relative_to(folder).as_posix(): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()}
