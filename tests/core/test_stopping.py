"""Work that is called off ends at its next step, in its own thread and in those that it starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from corridor.core.stopping import CalledOffError, next_step, steps, unless


def test_work_goes_on_where_nobody_calls_it_off() -> None:
    next_step()
    with unless(lambda: False):
        next_step()


def test_work_ends_at_the_step_after_it_was_called_off() -> None:
    done: list[int] = []
    with pytest.raises(CalledOffError), unless(lambda: len(done) == 3):
        for i in range(10):
            next_step()
            done.append(i)
    assert done == [0, 1, 2]
    next_step()  # only inside the block


def test_threads_are_called_off_with_what_starts_them() -> None:
    done: list[int] = []

    def work(i: int) -> None:
        next_step()
        done.append(i)

    with ThreadPoolExecutor(1) as pool, unless(lambda: len(done) == 2), pytest.raises(CalledOffError):
        list(pool.map(steps(work), range(5)))
    assert done == [0, 1]
