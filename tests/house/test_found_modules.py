"""Modules are found where the program is installed, whatever lies in the current folder, in the study or in PYTHONPATH."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corridor.ecology.impact.difference import assess_cases
from corridor.study.folder import init
from tests.ecology.test_impact import SMALL, make_work
from tests.paths import ROOT
from tests.strange_modules import plant, plant_settings

CONSOLE = "import sys\nfrom corridor.__main__ import main\nsys.exit(main())\n"
"""What installers write for ``corridor``."""
ASSESSED = """
import os, sys
sys.path.append({root!r})
import corridor.study.ecology_process as process
from tests.ecology.test_impact import SMALL, make_work
process.WORTH_A_PROCESS_M = 0.0  # a short line too is assessed in the child,
process._assessed = None  # which alone may do the work
os.environ["PYTHONPATH"] = {strange!r}
sys.path.insert(0, "")  # as in a notebook
with process.assessed_beside({{"a": (make_work(),)}}, SMALL) as found:
    print(repr(found("a").headlines["central"]))
"""


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(c) for c in command], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    return tmp_path / "owned"


@pytest.fixture
def strange(tmp_path: Path, owned: Path) -> Path:
    """A folder of a study, with modules of its own beside the catalogue and beside the scenarios."""
    folder = tmp_path / "study"
    init(folder)
    plant(folder / "scenarios", owned)
    plant(folder / "layers", owned)
    plant_settings(folder, owned.with_suffix(".compiled"))
    return plant(folder, owned)


@pytest.fixture
def console(tmp_path: Path) -> Path:
    script = tmp_path / "bin" / "corridor"
    script.parent.mkdir()
    script.write_text(CONSOLE, encoding="utf-8")
    return script


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the program prints of such a study with no module beside it."""
    folder = tmp_path_factory.mktemp("plain") / "study"
    init(folder)
    command = [sys.executable, "-P", "-m", "corridor", "--study", folder, "scenarios", "list"]
    done = run(*command, cwd=ROOT)
    assert done.returncode == 0 and "western-2035" in done.stdout
    return done.stdout


def test_the_files_would_run_if_they_were_found(strange: Path, owned: Path) -> None:
    assert run(sys.executable, "-c", "import random", cwd=strange).returncode != 0
    assert owned.read_text(encoding="utf-8") == "random "


@pytest.mark.parametrize("given", ["nothing", "PYTHONPATH", "PYTHONPATH of here"])
@pytest.mark.parametrize("way", ["console", "module"])
def test_the_program(way: str, given: str, strange: Path, console: Path, owned: Path, listed: str) -> None:
    paths = {"nothing": [ROOT], "PYTHONPATH": [strange, ROOT], "PYTHONPATH of here": [".", "", ROOT]}[given]
    start = [console] if way == "console" else ["-m", "corridor"]
    command = [sys.executable, *start, "--study", ".", "scenarios", "list"]
    done = run(*command, cwd=strange, PYTHONPATH=os.pathsep.join(map(str, paths)))
    assert done.returncode == 0, done.stderr
    assert done.stdout == listed
    assert not owned.exists()


def test_the_process_beside(strange: Path, tmp_path: Path, owned: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(ASSESSED.format(root=str(ROOT), strange=str(strange)), encoding="utf-8")
    done = run(sys.executable, "-P", script, cwd=strange)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == repr(assess_cases((make_work(),), SMALL).headlines["central"])
    assert not owned.exists() and not owned.with_suffix(".compiled").exists()


def test_the_process_beside_finds_the_package_that_started_it(tmp_path: Path) -> None:
    """Not another one that is installed, nor one beside the study; where it lies need not be searched at all."""
    script = tmp_path / "elsewhere" / "script.py"
    plant(tmp_path / "elsewhere" / "corridor", tmp_path / "owned")
    (tmp_path / "elsewhere" / "corridor" / "__init__.py").write_text("raise SystemExit(9)", encoding="utf-8")
    script.write_text(ASSESSED.format(root=str(ROOT), strange=str(script.parent)), encoding="utf-8")
    done = run(sys.executable, "-P", script, cwd=script.parent)
    assert done.returncode == 0 and "Headline(" in done.stdout, done.stderr


@pytest.mark.parametrize("script", ["checkpoint_or_railway.py", "compare.py"])
def test_a_script_started_as_its_text_says(script: str, strange: Path, owned: Path) -> None:
    """``python -P``: the script's folder is not searched. Reading the study is enough to import everything."""
    shipped = ROOT / "scenarios" / script
    text = (shipped if shipped.exists() else strange / script).read_text(encoding="utf-8")
    assert f"python -P {'scenarios/' if shipped.exists() else ''}{script}" in text
    begun = text.split("\nrows = ")[0].split("\ncomparison = ")[0]
    (strange / script).write_text(f"{begun}\nprint(len(study.cells.table))\n", encoding="utf-8")
    done = run(sys.executable, "-P", script, cwd=strange)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000
    assert not owned.exists()


def test_settings_of_the_compiler_come_from_the_environment_alone(strange: Path) -> None:
    code = "import corridor.core.jit; from numba.core import config; config.reload_config(); print([config.DISABLE_JIT, config.CACHE_DIR])"
    assert run(sys.executable, "-P", "-c", code, cwd=strange, NUMBA_CACHE_DIR="").stdout == "[0, '']\n"
    named = run(sys.executable, "-P", "-c", code, cwd=strange, NUMBA_CACHE_DIR="x").stdout
    assert re.fullmatch(r"\[0, 'x/[0-9a-f]{16}'\]\n", named)


def test_the_compiler_is_reached_through_one_module_alone() -> None:
    for path in (ROOT / "corridor").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert path.name == "jit.py" or not {n.split(".")[0] for n in names} & {"numba"}, path


def test_the_package_imports_nothing_before_the_path_is_set() -> None:
    """At the top of the package and of its start: only what is there since Python started."""
    for name, known in (("__init__.py", set()), ("__main__.py", {"os", "site", "sys", "corridor.cli"})):
        top = ast.parse((ROOT / "corridor" / name).read_text(encoding="utf-8")).body
        names = {a.name for node in top if isinstance(node, ast.Import) for a in node.names}
        names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
        assert names == known
