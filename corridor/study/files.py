"""What a study reads: its catalogue of layers and its library of scenarios. Nothing is computed here, so it opens at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self, TypeVar

from corridor.access.search.parameters import AccessParameters
from corridor.core import paths
from corridor.core.cache import Kept, Known
from corridor.core.containment import inside
from corridor.core.errors import CatalogError
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_kept import CatalogKept
from corridor.schema.comparison import FILE as COMPARISON
from corridor.schema.line import LineSpec
from corridor.schema.region import Region
from corridor.schema.scenario import Scenario, ScenarioLibrary, read_proposals

T = TypeVar("T")
NOTHING_KEPT = Kept(None)


class StudyFiles:
    """The layers and the scenario files of a study.

    Parameters
    ----------
    catalog
        The layers, with their hashes, sources and licences.
    scenario_folders
        Folders of scenario files, the study's own last: a file of a later folder takes the place of one of the same name.
    parameters
        Hours, cut-offs in minutes, cost weights and limits of the access part; the defaults of
        :class:`corridor.access.search.parameters.AccessParameters` where left out.
    kept
        Where stages on the way to a result are kept from one run to the next (:meth:`known`); by default nowhere.
    """

    def __init__(
        self,
        catalog: Catalog,
        scenario_folders: Sequence[Path],
        parameters: AccessParameters | None = None,
        kept: Kept = NOTHING_KEPT,
    ):
        self.catalog = CatalogKept.keeping(catalog, lambda: self.kept)
        self.parameters = parameters or AccessParameters()
        self.scenario_folders = tuple(scenario_folders)
        """Where scenario files are, the study's own folder last."""
        self.kept = kept

    @classmethod
    def bundled(cls, kept: Kept = NOTHING_KEPT) -> Self:
        """Open the study that travels with the program: its layers and scenarios, read where they are installed."""
        return cls(Catalog.bundled(), (paths.scenarios_dir(),), kept=kept)

    @classmethod
    def open(cls, folder: Path, kept: Kept = NOTHING_KEPT) -> Self:
        """Open a study of your own.

        Parameters
        ----------
        folder
            A folder with ``catalog.yaml`` and ``scenarios/``, as ``corridor init`` makes it. A catalogue that extends the
            shipped one brings the shipped scenarios too.
        kept
            Where stages on the way to a result are kept; by default nowhere.

        Raises
        ------
        CatalogError
            Where the folder has no catalogue, or with every problem of the catalogue, by line.
        """
        if not (folder / "catalog.yaml").is_file():
            remedy = "make one with 'corridor init'"
            raise CatalogError.at(str(folder), "holds no catalog.yaml", "the folder of a study", remedy)
        catalog = Catalog.open(inside(folder, "catalog.yaml"))
        own = inside(folder, "scenarios")
        for path in own.glob("*.yaml"):
            inside(folder, f"scenarios/{path.name}")
        return cls(catalog, (paths.scenarios_dir(), own) if catalog.homes else (own,), kept=kept)

    @property
    def region(self) -> Region:
        """The two sides of the boundary, and what is said of them; the build-out is called what the parameters make of it."""
        region, build_out = self.catalog.region, self.parameters.build_out
        if not build_out:
            return region
        return region.model_copy(update={"build_out": region.built_out(build_out).title})

    @property
    def own_scenarios(self) -> tuple[str, ...]:
        """Ids of the scenario files of the study's own folder."""
        return tuple(sorted(p.stem for p in self.scenario_folders[-1].glob("*.yaml") if p.name != COMPARISON))

    @property
    def comparison_path(self) -> Path:
        """The study's own comparison file, else the shipped one."""
        candidates = [folder / COMPARISON for folder in reversed(self.scenario_folders)]
        return next((c for c in candidates if c.is_file()), paths.scenarios_dir() / COMPARISON)

    @property
    def story_path(self) -> Path:
        """Where the study's own story is, if it has one."""
        return self.scenario_folders[-1] / "story" / "story.yaml"

    @property
    def proposal_path(self) -> Path:
        """Where the study's own proposal is, if it has one: what is asked, section by section."""
        return self.scenario_folders[-1] / "proposal" / "proposal.yaml"

    @cached_property
    def proposals(self) -> dict[str, LineSpec]:
        """Proposed lines by id; none where the catalogue has none."""
        if not self.catalog.having("proposals"):
            return {}
        return read_proposals(self.catalog.path(self.catalog.one("proposals")))

    @cached_property
    def library(self) -> ScenarioLibrary:
        """The scenario files."""
        return ScenarioLibrary(self.scenario_folders, self.proposals)

    @lru_cache(maxsize=64)  # noqa: B019 - a study lives as long as the program
    def scenario(self, scenario_id: str) -> Scenario:
        """Resolve a scenario: what it extends, then its own changes, then the levers that follow with '+'.

        Raises
        ------
        ScenarioError
            With every problem of every file that it rests on, each with file and line.
        """
        return self.library.resolve(scenario_id)

    # --- stages that are kept ---

    def known(self, kind: type[T], stage: str, depends_on: Sequence[str], make: Callable[[], T]) -> T:
        """A stage on the way to a result, as an earlier run kept it, or made now: see :class:`corridor.core.cache.Known`."""
        if self.kept.folder is None:
            return make()
        return Known(lambda: self.kept, self.catalog.key)(kind, stage, depends_on, make)
