"""A fixed point of the demand model, found from where the same search ended in an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from corridor.demand.model import Calibrated, Settled
from corridor.demand.predict import Demand

if TYPE_CHECKING:
    from corridor.study.study import Study

Found = TypeVar("Found", Calibrated, Demand)


def settled(
    study: Study, what: str, depends_on: Sequence[str], search: Callable[[Settled | None], Found]
) -> Found:
    """Search a fixed point, in one round where an earlier run found it.

    Only where it ended is kept: trips between all zones take 170 MB.

    Parameters
    ----------
    study
        Keeps where the search ended, under all its layers.
    what, depends_on
        What is searched, and all that it depends on besides the layers as they are.
    search
        Searches from nothing, or from where it ended before.
    """
    found: list[Found] = []

    def made() -> Settled:
        found.append(search(None))
        return found[0].settled

    start = study.known(Settled, what, depends_on, made)
    return found[0] if found else search(start)
