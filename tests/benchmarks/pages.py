"""How soon the pages of a written comparison are ready in Chromium: seconds from the request, the least of some runs.

python tests/benchmarks/pages.py maps/comparison
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

GOAL_S = 2.0
READY = (
    "() => document.documentElement.dataset.ready === '1' || !document.querySelector('.leaflet-container')"
)


def ready_s(browser: Any, page: Path) -> float:
    """Seconds until a page has loaded and, where it has a map, has drawn it."""
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    opened.goto(page.as_uri())
    opened.wait_for_function(READY)
    seconds = float(opened.evaluate("performance.now() / 1000"))
    opened.close()
    return seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="what 'corridor compare' wrote")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print(f"goal {GOAL_S} s on a quiet machine; load {os.getloadavg()[0]:.0f}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for page in sorted(args.folder.resolve().glob("*.html")):
            print(f"{page.name:<20}{min(ready_s(browser, page) for _ in range(args.runs)):>6.2f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
