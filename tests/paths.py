"""Where the checkout is, for every test wherever it is kept."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
"""Small data of our own, and published numbers with their notice."""
