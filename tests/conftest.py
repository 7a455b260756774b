"""The real study and the shipped comparison, worked out once and shared by every test that reads them."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

if TYPE_CHECKING:  # loaded by the fixtures that need them, so that a small test starts at once
    from corridor.core.cache import Kept
    from corridor.study.compare import Comparison
    from corridor.study.study import Study

Cli = Callable[..., Result]


def pytest_configure(config: pytest.Config) -> None:
    # also where Python is told to write no bytecode: each process would else compile every test, Hypothesis and the program
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    import hypothesis

    # A test's time says more about a busy machine than about the code. Where CI is set, the examples are the same every time.
    slow = [hypothesis.HealthCheck.too_slow]
    for name, more in (("corridor", {}), ("ci", {"derandomize": True, "database": None})):
        hypothesis.settings.register_profile(name, deadline=None, suppress_health_check=slow, **more)
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "corridor")
    os.environ["CORRIDOR_CACHE"] = "off"  # tests work everything out, and leave nothing in the user's folder
    # but they compile once for all processes, also for commands that are given a cache of their own
    if cache := getattr(config, "cache", None):  # none with `-p no:cacheprovider`
        os.environ.setdefault("NUMBA_CACHE_DIR", str(cache.mkdir("kernels")))
    # rasterio 1.4 multiplies transforms with '*', which affine 3 would rather have as '@'
    config.addinivalue_line("filterwarnings", "ignore:Use `@` matmul:PendingDeprecationWarning")
    # geopandas hands pyproj arrays of one, which NumPy before 2.4 lets pass for numbers; since then that is an error
    config.addinivalue_line(
        "filterwarnings", "ignore:Conversion of an array with ndim > 0:DeprecationWarning"
    )


BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # Each window of a whole Chromium makes pages of its own for what drops down from the address bar: half a second of
    # processor time a window, twice what the page itself takes. Of several lists Chromium takes the last, so those that
    # Playwright leaves out as they change what a page shows or ask the network are named again.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,Translate",
]
TOGETHER = {
    "circuits": (
        "ecology/test_taxa.py", "ecology/test_circuits.py", "ecology/test_circuit_modes.py", "ecology/test_circuit_laws.py",
        "ecology/test_circuitscape.py", "ecology/test_circuit_input.py", "web/test_review.py",
    ),
    "shipped": (
        "study/test_comparison.py", "study/test_hours.py", "study/test_nodes.py", "study/test_ranking_page.py", "study/test_travellers.py",
        "web/test_travellers.py", "web/test_value.py", "web/test_cities.py", "web/test_ecology.py", "access/test_measures_real.py",
        "formats/test_gis_styles.py", "formats/test_export_rasters.py", "cli/test_cli.py", "cli/test_output_folders.py", "cli/test_rerun.py",
        "core/test_kept.py",
    ),
    "hostile": ("formats/test_hostile_exports.py", "formats/test_hostile_tables.py"),
    "sketch": ("sketch/test_scored.py", "sketch/test_server.py", "sketch/test_ideas.py", "sketch/test_drawing.py"),
    "demand": ("study/test_demand.py", "study/test_demand_own.py", "web/test_demand_page.py"),
    "journeys": (
        "access/test_buses_real.py", "access/test_cost_journeys.py", "access/test_halls.py", "access/test_spread.py", "house/test_docs.py",
        "layers/test_ferries.py", "network/test_clearance.py", "study/test_edit.py", "study/test_journeys.py",
        "study/test_past_states.py", "study/test_validation.py",
    ),
}  # fmt: skip
"""Files that one process runs: they compile the same large kernels, or read what one of them has worked out."""
FIRST = ("circuits", "shipped")
"""Those of :data:`TOGETHER` that processes take before anything else; the others have their place among the slow files.

A third that compares scenarios would compile what the shipped comparison compiles at the same time.
"""
SLOW_FILES = (
    "drawing/test_figures.py", "drawing/test_hostile_pictures.py", "web/test_hostile_pages.py", "house/test_wheel.py",
    "study/test_backtest.py", "house/test_docs.py", "access/test_buses_real.py", "access/test_cost_journeys.py", "access/test_halls.py",
    "study/test_demand.py", "study/test_stages.py", "study/test_edit.py", "web/test_demand_page.py", "network/test_clearance.py",
    "schema/test_hostile_layers.py", "house/test_other_region.py", "house/test_zhuhai_macao.py", "house/test_found_modules.py", "access/test_spread.py",
    "study/test_folder.py", "study/test_location.py", "study/test_kept_stages.py", "cli/test_bad_layers.py", "cli/test_watch.py", "demand/test_properties.py", "importers/test_gtfs_add.py",
    *TOGETHER["circuits"], *TOGETHER["hostile"], *TOGETHER["sketch"], "study/test_comparison.py", "study/test_hours.py", "cli/test_cli.py", "access/test_measures_real.py",
)  # fmt: skip
"""Files whose tests take minutes together, in the order in which processes take them after :data:`FIRST`.

Those that compile nothing come first: by then the kernels of journeys are compiled for the shipped comparison.
"""
LONG_FILES = (
    "web/test_firefox.py", "web/test_pages_real.py", "study/ensemble/test_run.py", "web/test_story.py", "web/test_compare_page.py", "web/test_browser.py", "web/test_further.py",
    "web/test_ecology_browser.py", "web/test_ensemble.py", "sketch/test_sketch_browser.py",
)  # fmt: skip
"""Files that processes take next, as they are long by the clock; not every test of theirs is slow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what needs the shipped comparison, a browser, the wheel or minutes of computing."""
    for item in items:
        file = "/".join(item.path.parts[-2:])
        if {"comparison", "shown"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.shipped)
        marked = any(item.get_closest_marker(name) for name in ("browser", "shipped", "wheel"))
        if marked or file in SLOW_FILES:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the program says before large work, as it says it."""
    from corridor.core.progress import LOG

    heard: list[str] = []
    handler, level = logging.Handler(), LOG.level
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    yield heard
    LOG.removeHandler(handler)
    LOG.setLevel(level)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: some wait for a browser, or for the shipped comparison."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file of tests at a time, the longest first, so that none is left for the end while a processor waits."""
    from xdist.scheduler import LoadFileScheduling

    group_of = {file: group for group, files in TOGETHER.items() for file in files}
    first = (*FIRST, *(group_of.get(file, file) for file in (*SLOW_FILES, *LONG_FILES)))

    class LongestFirst(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid)).removeprefix("tests/")
            return group_of.get(file, file)

        def _assign_work_unit(self, node: Any) -> None:
            scope = next((s for s in first if s in self.workqueue), None)
            if scope is not None:
                self.workqueue.move_to_end(scope, last=False)
            super()._assign_work_unit(node)

    return LongestFirst(config, log)


@pytest.fixture(scope="session")
def study(kept: Kept) -> Study:
    """The study that travels with the program. Read it; what changes its scenarios makes a study of its own.

    What one process works out on the way is kept for the others.
    """
    from corridor.study.study import Study

    return Study.bundled(kept)


@pytest.fixture(scope="session")
def travelled(kept: Kept) -> Study:
    """A study to which tests of demand add scenarios; what its networks cost is worked out once for all of them."""
    from corridor.study.study import Study

    return Study.bundled(kept)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Results of shipped scenarios, kept for all processes of this run; while one works them out, others wait."""
    from corridor.core.cache import Kept

    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    (common / "shipped").mkdir(exist_ok=True)
    return Kept(common / "shipped")


@pytest.fixture(scope="session")
def comparison(study: Study, kept: Kept) -> Comparison:
    """Every shipped scenario, about a minute of computing."""
    from corridor.core.output import locked
    from corridor.study.compare import compare

    assert kept.folder is not None
    with locked(kept.folder):
        return compare(study, kept=kept)


@pytest.fixture(scope="session")
def small(study: Study, comparison: Comparison, kept: Kept) -> Comparison:
    """The do-minimum alone, for tests of writing; what the whole comparison worked out is taken over."""
    from corridor.study.compare import compare

    return compare(study, ["committed-2030"], kept=kept)


@pytest.fixture(scope="session")
def folder(study: Study, comparison: Comparison, kept: Kept) -> Path:
    """The shipped comparison as written. Read it; what changes it makes a copy."""
    from corridor.core.output import locked
    from corridor.web.write import write_comparison

    assert kept.folder is not None
    out = kept.folder / "written" / "comparison"
    with locked(kept.folder):
        if not out.exists():
            write_comparison(study, comparison, out)
    return out


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest, kept: Kept) -> Path:
    """The same folder for tests that read its files alone: whichever process wrote it, this one need not know the comparison."""
    from corridor.core.output import locked

    assert kept.folder is not None
    out = kept.folder / "written" / "comparison"
    with locked(kept.folder):
        written = out.exists()
    return out if written else Path(request.getfixturevalue("folder"))


@pytest.fixture
def cli() -> Cli:
    """Run a command in this process; a traceback is a failure whatever the exit code."""
    from corridor.cli import main

    def run(*args: object) -> Result:
        result = CliRunner().invoke(main, [str(a) for a in args])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What one command works out on the way is kept for the next commands of the file, as it is for a user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDOR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def shared(study: Study, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Commands use the one study of the session instead of loading their own."""
    from corridor.study.files import StudyFiles

    monkeypatch.setattr(StudyFiles, "bundled", classmethod(lambda cls, kept=None: study))
    return study


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; what needs it skips, and says so, where it or Playwright is missing."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine: the pages were not opened")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: the pages were not opened"
    )
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        yield running
        running.close()


@contextmanager
def contents(folder: Path) -> Iterator[None]:
    """What lies in a folder must be the same, byte for byte, when the block ends."""

    def read() -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    before = read()
    yield
    assert read() == before
