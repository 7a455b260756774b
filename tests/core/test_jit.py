"""What is compiled is kept in the cache folder of the user, wherever the program is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

CODE = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from corridor.core import heap
assert heap.__file__.startswith(sys.argv[1])
keys, items = np.zeros(4, np.float32), np.zeros(4, np.int32)
heap.push(keys, items, 0, np.float32(1.0), np.int32(7))
print(sum(heap.push.stats.cache_hits.values()))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the part of the program that compiles, as an installation of its own."""
    home = tmp_path / "installed"
    shutil.copytree(
        ROOT / "corridor" / "core", home / "corridor" / "core", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "corridor" / "__init__.py", home / "corridor")
    return home


def hits(installed: Path, **environment: str) -> int:
    """How many functions a new process found compiled."""
    given = {k: v for k, v in os.environ.items() if k not in {"CORRIDOR_CACHE", "NUMBA_CACHE_DIR"}}
    done = subprocess.run(
        [sys.executable, "-B", "-c", CODE, str(installed)],
        env=given | environment,
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="other variables name the cache folder")
def test_compiled_once_for_all_runs_of_an_installation_that_stays_as_it_is(
    installed: Path, tmp_path: Path
) -> None:
    before = sorted(installed.rglob("*"))
    cache = tmp_path / "cache"
    for folder in (installed, *installed.rglob("*")):
        folder.chmod(
            0o555 if folder.is_dir() else 0o444
        )  # the owner of a test may write all the same: see `before`
    try:
        assert [hits(installed, XDG_CACHE_HOME=str(cache)) for _ in range(2)] == [0, 1]
        assert sorted(installed.rglob("*")) == before
        assert list((cache / "corridor" / "kernels").rglob("*.nbc"))
    finally:
        for folder in (installed, *installed.rglob("*")):
            folder.chmod(0o755)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="other variables name the cache folder")
@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "NUMBA_CACHE_DIR"])
def test_another_version_of_a_room_with_kernels_compiles_anew(
    variable: str, installed: Path, tmp_path: Path
) -> None:
    where = {variable: str(tmp_path / "cache")}
    assert hits(installed, **where) == 0
    (installed / "corridor/web").mkdir()
    (installed / "corridor/web/page.py").write_text("COLOUR = 'blue'")
    assert hits(installed, **where) == 1
    (installed / "corridor/network").mkdir()
    (installed / "corridor/network/parameters.py").write_text("WAIT_ALPHA = 0.5")
    assert [hits(installed, **where) for _ in range(2)] == [0, 1]
    (installed / "corridor/network/parameters.py").write_text("WAIT_ALPHA = 0.7")
    assert hits(installed, **where) == 0


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="other variables name the cache folder")
def test_what_old_versions_compiled_goes_with_the_next_new_one(installed: Path, tmp_path: Path) -> None:
    old, recent = (tmp_path / "cache/corridor/kernels" / name for name in ("old", "recent"))
    for folder in (old, recent):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    assert hits(installed, XDG_CACHE_HOME=str(tmp_path / "cache")) == 0
    assert recent.exists() and not old.exists()


def test_a_folder_named_for_the_compiler_comes_first(installed: Path, tmp_path: Path) -> None:
    named = tmp_path / "named"
    assert hits(installed, XDG_CACHE_HOME=str(tmp_path / "cache"), NUMBA_CACHE_DIR=str(named)) == 0
    assert list(named.rglob("*.nbc"))
    assert not (tmp_path / "cache").exists()


def test_without_a_cache_it_is_where_the_compiler_puts_it(installed: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert hits(installed, XDG_CACHE_HOME=str(cache), CORRIDOR_CACHE="off") == 0
    assert not (cache / "corridor").exists()
