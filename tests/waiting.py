"""Wait for what another thread or a page is about to do, however busy the machine is."""

import time
from collections.abc import Callable
from typing import Any

LONG_S = 60.0
STEP_S = 0.05


def until(there: Callable[[], Any]) -> None:
    """Wait for a thread."""
    _wait(there, time.sleep)


def until_page(page: Any, there: Callable[[], Any] | str) -> None:
    """Wait for a page: ``there`` is asked here, or is an expression that the page evaluates.

    Playwright's ``wait_for_function`` evaluates inside the page when the first look fails, which our content security
    policy refuses.
    """
    ask = there if callable(there) else lambda: page.evaluate(there)
    _wait(ask, lambda step_s: page.wait_for_timeout(step_s * 1000))


def _wait(there: Callable[[], Any], pause: Callable[[float], Any]) -> None:
    latest = time.monotonic() + LONG_S
    while not there():
        assert time.monotonic() < latest, f"it did not come within {LONG_S:g} s"
        pause(STEP_S)
