"""Long work that is called off while it runs: whoever asks for it says until when, and the work looks up between its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class CalledOffError(Exception):
    """Work that was called off."""


def _never() -> bool:
    return False


_CALLED_OFF: ContextVar[Callable[[], bool]] = ContextVar("whether work is called off", default=_never)


@contextmanager
def unless(called_off: Callable[[], bool]) -> Iterator[None]:
    """Work inside the block ends with :class:`CalledOffError` at its next step once `called_off` says so.

    Parameters
    ----------
    called_off
        Whether nobody wants the result any more; asked often, so it has to be quick.

    Examples
    --------
    >>> with unless(lambda: True):
    ...     next_step()
    Traceback (most recent call last):
    corridor.core.stopping.CalledOffError
    """
    before = _CALLED_OFF.set(called_off)
    try:
        yield
    finally:
        _CALLED_OFF.reset(before)


def next_step() -> None:
    """Between two steps of long work.

    Raises
    ------
    CalledOffError
        Where the work was called off.
    """
    if _CALLED_OFF.get()():
        raise CalledOffError


def steps(work: Callable[[T], R]) -> Callable[[T], R]:
    """The same work as a step for another thread, called off with what asks for it."""
    called_off = _CALLED_OFF.get()

    def step(item: T) -> R:
        with unless(called_off):
            next_step()
            return work(item)

    return step
