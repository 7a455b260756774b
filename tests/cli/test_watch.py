"""A scenario is compared again at each save, and an open page follows without a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.waiting import until_page
from tests.zhuhai_macao import make_study

DEADLINE_S = 300


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A scenario file that is watched, and the output folder."""
    folder = tmp_path_factory.mktemp("watch")
    home = make_study(folder / "study")
    scenario, out = home / "scenarios/with-link.yaml", folder / "out"
    command = [sys.executable, "-m", "corridor", "--study", str(home), "watch", str(scenario), "--quiet"]
    with subprocess.Popen(
        [*command, "--out", str(out)], env={**os.environ, "CORRIDOR_CACHE": str(folder / "cache")}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as running:  # fmt: skip
        yield scenario, out
        running.send_signal(signal.SIGINT)
        try:
            said, _ = running.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            running.kill()
            raise
        assert running.returncode == 0 and said.endswith("stopped\n") and "Traceback" not in said


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a browser; what goes wrong in it fails the test."""
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    faults: list[str] = []
    opened.on("pageerror", lambda e: faults.append(str(e)))
    yield opened
    opened.close()
    assert faults == []


def told(out: Path, right: Callable[[Any], bool]) -> Any:
    """What the page is told, once it is what is waited for."""
    end, found = time.monotonic() + DEADLINE_S, None
    while time.monotonic() < end:
        if (state := out / "watch.js").is_file():
            found = json.loads(
                state.read_text(encoding="utf-8").removeprefix("watched(").removesuffix(");\n")
            )
            if right(found):
                return found
        time.sleep(0.2)
    raise AssertionError(f"still {found}")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_each_save_is_compared_and_errors_leave_the_last_result(watched: tuple[Path, Path]) -> None:
    scenario, out = watched
    page = out / "comparison/index.html"
    first = told(out, lambda s: s["state"] == "done")
    assert "With the link" in page.read_text(encoding="utf-8")
    edit(scenario, "With the link", "With a bridge")
    second = told(out, lambda s: s["state"] == "done" and s["run"] > first["run"])
    assert "With a bridge" in page.read_text(encoding="utf-8")
    edit(scenario, "lines:", "lnes:")
    wrong = told(out, lambda s: s["state"] == "failed")
    assert wrong["run"] > second["run"] and "lnes" in "".join(wrong["problems"])
    assert "With a bridge" in page.read_text(encoding="utf-8")
    edit(scenario, "lnes:", "lines:")
    last = told(out, lambda s: s["state"] == "done" and s["run"] > wrong["run"])
    # a layer that the scenario rests on is watched, too
    edit(scenario.parents[1] / "layers/cells.csv", "c0,3782,1891,", "c0,3782,1901,")
    told(out, lambda s: s["state"] == "done" and s["run"] > last["run"])


@pytest.mark.parametrize("named", ["missing.yaml", "no-such-id"])
def test_nothing_to_watch_ends_at_once_with_nothing_written(cli: Cli, named: str, tmp_path: Path) -> None:
    result = cli("watch", named, "--out", tmp_path / "out")
    assert result.exit_code == 1 and named in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
def test_the_page_loads_the_newest_result_and_says_what_is_wrong(
    watched: tuple[Path, Path], page: Any
) -> None:
    scenario, out = watched
    told(out, lambda s: s["state"] == "done")
    page.goto((out / "watch.html").as_uri() + "#lang=en")
    shown = page.frame_locator("#shown")
    shown.locator("h1").wait_for(timeout=20_000)
    shown.locator('nav a[href^="access.html"]').click()
    shown.locator("#districts-title, #gains-title, #hubs-title").first.scroll_into_view_if_needed()
    before = page.locator("#shown").get_attribute("src")
    edit(scenario, "With", "Now with")
    told(out, lambda s: s["state"] == "done" and f"?run={s['run']}" not in str(before))
    until_page(  # the newest result, where the reader was
        page,
        "/access\\.html\\?run=\\d+#at=[a-z-]+/.test(document.getElementById('shown').getAttribute('src'))",
    )
    assert "Now with" in shown.locator("main").inner_text()
    edit(scenario, "lines:", "lnes:")
    page.locator("#problems li").first.wait_for(timeout=60_000)
    assert "lnes" in page.locator("#problems").inner_text()
    assert "errors" in page.locator("#state").inner_text()
    edit(scenario, "lnes:", "lines:")
    page.locator("#problems").wait_for(state="hidden", timeout=60_000)
