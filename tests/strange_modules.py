"""Files that take the place of Python's and of libraries' modules where the wrong folder is searched."""

from __future__ import annotations

from pathlib import Path

NAMES = (
    "calendar", "csv", "datetime", "json", "numbers", "pickle", "random", "secrets", "statistics", "typing",
    "affine", "bottleneck", "click", "numexpr", "numpy", "pandas", "pyarrow", "shapely",
)  # fmt: skip
"""Modules of Python, of the libraries, and of what libraries use where they find it."""


def plant(folder: Path, owned: Path) -> Path:
    """Modules that leave a mark when they are imported, and stop what imported them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        text = f"open({str(owned)!r}, 'a').write('{name} ')\nraise RuntimeError('{name} of another folder')\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def plant_settings(folder: Path, compiled: Path) -> None:
    """Settings of the compiler: slow, and with compiled code from another folder."""
    (folder / ".numba_config.yaml").write_text(f"disable_jit: 1\ncache_dir: {compiled}\n", encoding="utf-8")
