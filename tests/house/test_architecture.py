"""Imports run one way; tests mirror the tree; the bundle keeps its size; no file names the machine it was written on."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.version import Version

from tests.conftest import LONG_FILES, SLOW_FILES, TOGETHER
from tests.paths import ROOT

PACKAGE = ROOT / "corridor"

# Each room may import from those of the floors below it, and from itself. ecology reads a proposed line through the
# schema alone; it never needs the network, nor the network it.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("core",),
    ("schema",),
    ("drawing", "network", "ecology", "demand"),
    ("access",),
    ("study",),
    ("importers", "formats"),
    ("web",),
    ("sketch",),
    ("cli",),
)
LEVEL = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
NO_ROOM = {
    "layers": "the bundled data",
    "house": "the house as a whole: imports, public names, pages of docs, the wheel, no city named",
    "fuzzing": "the fuzzer and a slice of its cases",
    "benchmarks": "how fast it is; run by hand",
    "data": "small files that tests read",
    "golden": "what the shipped study gives today",
}
"""Folders of tests that mirror no room, and what they hold."""
LONGEST_FILE = 450
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".csv",
    ".geojson",
    ".json",
    ".js",
    ".css",
    ".html",
    ".txt",
    "",
}


def sources() -> Iterator[tuple[str, Path]]:
    """(room, file) for every module of a room."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] != "_bundle" and len(inside.parts) > 1:
            yield inside.parts[0], path


@cache
def imported(path: Path) -> frozenset[str]:
    """Dotted names of everything a file imports, in functions too; relative imports resolved."""
    names: set[str] = set()
    package = ("corridor", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(p for p in (base, node.module or "") if p)
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def parts_of(path: Path) -> set[str]:
    return {n.split(".")[1] for n in imported(path) if n.startswith("corridor.")} & set(LEVEL)


def files() -> list[Path]:
    """Files that are shared: those git knows, or all but the hidden and the built where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
        found = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        skipped = {"__pycache__", "dist", "build", "maps"}
        found = [
            p
            for p in ROOT.rglob("*")
            if not skipped & set(p.parts) and not any(x.startswith(".") for x in p.relative_to(ROOT).parts)
        ]
    return [p for p in found if p.is_file()]


def test_the_rooms_are_those_of_the_plan() -> None:
    assert {room for room, _ in sources()} == set(LEVEL)
    assert {p.name for p in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_the_tests_mirror_the_tree() -> None:
    folders = {p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders == set(LEVEL) | set(NO_ROOM)
    assert not sorted((ROOT / "tests").glob("test_*.py")), "each test belongs to a folder"
    named = {*SLOW_FILES, *LONG_FILES, *(file for files in TOGETHER.values() for file in files)}
    assert sorted(file for file in named if not (ROOT / "tests" / file).is_file()) == []


def test_one_process_reads_the_shipped_comparison(request: pytest.FixtureRequest) -> None:
    """Any other would take it from the disk and make of it again what the first has in memory: a minute. Files that were
    written of it (fixture `shown`) are read by others."""
    read = {
        "/".join(i.path.parts[-2:])
        for i in request.session.items
        if "comparison" in getattr(i, "fixturenames", ())
    }
    assert read - set(TOGETHER["shipped"]) == set()


def test_no_circle_between_folders() -> None:
    """Folders of a room, too, import one way."""
    folders: dict[str, set[str]] = {}
    for _, path in sources():
        own = ".".join(("corridor", *path.relative_to(PACKAGE).parts[:-1]))
        reached = folders.setdefault(own, set())
        for name in imported(path):
            module = PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py")
            if name.startswith("corridor.") and module.is_file():
                reached.add(name.rpartition(".")[0])
        reached.discard(own)
    while leaves := {f for f, reached in folders.items() if not reached & set(folders)}:
        folders = {f: reached for f, reached in folders.items() if f not in leaves}
    assert not folders, f"in a circle, or above one: {sorted(folders)}"


def test_no_file_grows_long() -> None:
    long = {
        path.relative_to(PACKAGE).as_posix()
        for _, path in sources()
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    }
    assert not long


@pytest.mark.parametrize(
    ("part", "path"), [pytest.param(p, f, id=str(f.relative_to(ROOT))) for p, f in sources()]
)
def test_imports_run_one_way(part: str, path: Path) -> None:
    wrong = {other for other in parts_of(path) if other != part and LEVEL[other] >= LEVEL[part]}
    assert not wrong, f"{path.name} is of floor {LEVEL[part]} and imports {sorted(wrong)}"


@pytest.mark.parametrize("part", [p for p in LEVEL if p != "web"])
def test_only_the_pages_know_the_map_library(part: str) -> None:
    for own, path in sources():
        if own == part:
            assert not {n.split(".")[0] for n in imported(path)} & {"folium", "branca", "xstatic"}, path


def test_the_pages_never_compute() -> None:
    for part, path in sources():
        if part == "web":
            assert not parts_of(path) & {"access", "ecology"}, path


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_access_and_ecology_load_no_map_library() -> None:
    done = python(
        "import sys, corridor.study.study, corridor.study.run, corridor.ecology; "
        "sys.exit(any(m.split('.')[0] in {'folium', 'branca'} for m in sys.modules))"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "from corridor import Study, compare, run; assert callable(compare) and callable(run)",
        "import corridor.web.write; from corridor import compare, run; assert callable(compare) and callable(run); "
        "import corridor; [getattr(corridor, n) for n in corridor.__all__]",
    ],
)
def test_the_public_names_are_what_the_readme_calls(code: str) -> None:
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_the_bundle_keeps_its_size() -> None:
    bundled = [p for p in files() if p.relative_to(ROOT).parts[0] in {"layers", "scenarios"}]
    sizes = {str(p.relative_to(ROOT)): p.stat().st_size for p in bundled}
    assert len(sizes) > 50
    assert sum(sizes.values()) < 10_000_000
    assert {name: size for name, size in sizes.items() if size >= 2_000_000} == {}


def test_no_file_names_the_machine_it_was_written_on() -> None:
    here = {str(ROOT.parent), str(Path.home()), sys.prefix}
    stems = [re.escape(stem) + r"/" for stem in sorted(here) if len(stem) > 2]
    pattern = re.compile("|".join([*stems, r"(?<![\w.:/])/(?:home|Users|root)/\w", r"[A-Z]:\\\\?Users"]))
    named = {}
    for path in files():
        if path.suffix in TEXT and path != Path(__file__).resolve():
            found = pattern.search(path.read_text(encoding="utf-8", errors="replace"))
            if found:
                named[str(path.relative_to(ROOT))] = found.group()
    assert named == {}


def test_the_oldest_versions_tested_are_those_that_are_promised() -> None:
    written = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = written["project"]
    extras = project["optional-dependencies"]
    asked = [*written["build-system"]["requires"], *project["dependencies"]]
    for extra in extras.keys() - {"dev", "docs"}:  # linters and the site are built with those of today
        asked += extras[extra]
    promised = set()
    for line in asked:
        if not line.startswith("corridor["):
            found = re.fullmatch(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)(?:,<[\d.]+)?", line)
            assert found, f"{line}: no oldest version"
            promised.add((found[1], Version(found[2])))
    pins = (ROOT / "tests/minimum.txt").read_text(encoding="utf-8").splitlines()
    tested = {(name, Version(at)) for name, is_, at in (pin.partition("==") for pin in pins) if is_}
    assert tested == promised
