"""The wheel: the package alone with its bundle inside; it works outside a checkout."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from numba.core import config
from numba.core.caching import _CacheLocator

import corridor.core.jit  # noqa: F401 - it says where compiled kernels are
from tests.paths import ROOT
from tests.strange_modules import plant

pytestmark = pytest.mark.wheel


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    outside = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env={**outside, **environment},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("build", "hatchling"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed: no wheel was built")
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment that holds the wheel; its requirements come from this environment, not from afar."""
    if importlib.util.find_spec("pip") is None:
        pytest.skip("pip is not installed: the wheel was not installed")
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    site = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).stdout.strip()
    )
    (site / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    done = run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)  # fmt: skip
    assert done.returncode == 0, done.stderr
    lend_kernels(site / "corridor")
    return python


def lend_kernels(package: Path) -> None:
    """Put what was compiled for the checkout where Numba looks for it: the source is the same, and takes long to compile."""
    compiled, place = Path(config.CACHE_DIR), _CacheLocator.get_suitable_cache_subpath
    for module in package.rglob("*.py"):
        ours, theirs = (
            compiled / place(path / module.relative_to(package)) for path in (ROOT / "corridor", package)
        )
        for kernel in ours.glob(f"{module.stem}.*.nb[ci]"):
            theirs.mkdir(exist_ok=True)
            shutil.copy(kernel, theirs)


def test_the_wheel_holds_the_package_and_its_bundle_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {n.split("/")[0] for n in names}
    assert {t for t in top if not t.endswith(".dist-info")} == {"corridor"}
    inside = {n.removeprefix("corridor/_bundle/") for n in names if n.startswith("corridor/_bundle/")}
    assert {n.split("/")[0] for n in inside} == {"layers", "scenarios"}
    assert {"layers/catalog.yaml", "scenarios/baseline-2024.yaml", "scenarios/both-2035.yaml"} <= inside
    assert not [n for n in names if Path(n).name.startswith("test_") or "__pycache__" in n]
    assert "corridor/py.typed" in names
    assert any(n.startswith("corridor/web/assets/") or n.endswith(".css") for n in names)
    assert any(n.endswith(".dist-info/licenses/LICENSE") for n in names)


def test_every_layer_of_the_catalogue_is_in_the_wheel(wheel: Path) -> None:
    import yaml

    entries = yaml.safe_load((ROOT / "layers" / "catalog.yaml").read_text(encoding="utf-8"))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        bundle = [i for i in archive.infolist() if i.filename.startswith("corridor/_bundle/")]
    assert {f"corridor/_bundle/layers/{e['path']}" for e in entries} <= names
    assert sum(i.file_size for i in bundle) < 10_000_000


def test_the_command_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import corridor; print(corridor.__file__)", cwd=tmp_path)
    assert str(installed.parents[1]) in where.stdout, where.stderr
    corridor = installed.with_name("corridor")
    listed = run(corridor, "scenarios", "list", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert "western-viaduct  (counterfactual)" in listed.stdout
    checked = run(corridor, "layers", "check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    journey = run(corridor, "journey", "admiralty", "lo-wu", cwd=tmp_path)
    assert journey.returncode == 0, journey.stderr
    assert "east-rail: Admiralty to Lo Wu" in journey.stdout
    wrong = run(corridor, "--study", "precedant", "scenarios", "list", cwd=tmp_path)
    assert wrong.returncode == 1
    assert "Did you mean 'precedent'" in wrong.stderr and "Traceback" not in wrong.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_runs_nothing_of_another_folder(installed: Path, tmp_path: Path) -> None:
    strange = plant(tmp_path / "strange", tmp_path / "owned")
    listed = run(installed.with_name("corridor"), "scenarios", "list", cwd=strange, PYTHONPATH=str(strange))
    assert listed.returncode == 0, listed.stderr
    assert "western-viaduct  (counterfactual)" in listed.stdout
    assert not (tmp_path / "owned").exists()


def test_the_pages_find_their_assets_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = (
        "from corridor.web.inline import asset; from corridor.web.templates import render; "
        "print(len(asset('page.css')) > 100, 'data-i18n' in render('over_compare.html.j2', attributions=()))"
    )
    done = run(installed, "-c", code, cwd=tmp_path)
    assert done.stdout.strip() == "True True", done.stderr
