"""What a comparison asks: its comparison file and the panels that judge, read before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.schema.catalog import Catalog, sha256
from corridor.schema.catalog_entry import Role
from corridor.schema.comparison import FILE, ComparisonFile, read_comparison
from corridor.schema.weights import Panel, read_weights
from corridor.study.criteria import MEASURED
from corridor.study.files import StudyFiles

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Asked:
    """A file that a comparison was asked with; what is `given` came with the command, the others are of the study."""

    kind: Literal["comparison", "weights", "given weights", "given prices"]
    sha256: str


@dataclass(frozen=True)
class Question:
    """A comparison file, the panels of its weights and of those given, and the files they came from."""

    file: ComparisonFile
    panels: tuple[Panel, ...]
    asked: Mapping[str, Asked]
    own: bool
    """Whether the file is of the study's own folder: then its scenarios are what is compared by default."""
    prices: pd.DataFrame | None = None
    """A user's own table of funding; None for that of the catalogue."""


def question(study: StudyFiles, weights: Sequence[Path] = (), prices: Path | None = None) -> Question:
    """Read what a study asks of a comparison.

    Parameters
    ----------
    study
        Its comparison file is read, or the shipped one.
    weights
        More CSV files of weights beside those that the comparison file names.
    prices
        A CSV of funding with the user's own prices, in place of the catalogue's.

    Raises
    ------
    ScenarioError, LayerError
        With what is wrong with a file, or where two panels have one name.
    """
    path = study.comparison_path
    inside = path.parent in study.scenario_folders
    file = read_comparison(path, MEASURED, study.library.ids() if inside else None)
    found: dict[str, Panel] = {}
    asked = {path.name: Asked("comparison", sha256(path))}
    listed = [(name, path.parent / name, "weights") for name in file.weights]
    for name, where, kind in [*listed, *((str(w), w, "given weights") for w in weights)]:
        panel = read_weights(where, file.scored)
        if panel.panel_id in found:
            what = f"a panel {panel.panel_id!r} is there already"
            raise ScenarioError.at(name, what, "files of weights of different names", "rename the file")
        found[panel.panel_id] = panel
        asked[name] = Asked("given weights" if kind == "given weights" else "weights", sha256(where))
    own = own_table(study.catalog, "funding", prices) if prices else None
    if prices:  # a file that cannot be read is reported before it is hashed
        asked[str(prices)] = Asked("given prices", sha256(prices))
    return Question(file, tuple(found.values()), asked, path.parent == study.scenario_folders[-1], own)


def own_table(catalog: Catalog, role: Role, path: Path) -> pd.DataFrame:
    """Read a user's own table in place of a layer, and check it as that layer is checked.

    Parameters
    ----------
    catalog
        The layers; its entry of the role says what the table is.
    role
        What the table is to the program.
    path
        A CSV.

    Raises
    ------
    LayerError
        With every problem of the file, each with its line.
    CatalogError
        Where the catalogue has no layer of the role, or several.
    """
    entry = catalog.one(role).model_copy(update={"path": path.name, "sha256": ""})
    return replace(catalog, folder=path.absolute().parent, entries=(entry,), homes={}).table(role)


@cache
def shipped_comparison() -> ComparisonFile:
    """The comparison file that travels with the program."""
    return read_comparison(paths.scenarios_dir() / FILE, MEASURED)
