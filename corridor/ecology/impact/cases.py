"""Works assessed with the low, central and high widths of their structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corridor.ecology.impact.assess import EcologyResult, assess, totals
from corridor.ecology.impact.difference import Headline, headline
from corridor.ecology.land.land import Land
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.tables import CASES


@dataclass(frozen=True)
class Assessment:
    """What a set of works takes, disturbs and crosses.

    Attributes
    ----------
    result
        All tables, with the central widths.
    headlines
        Headline figures by case of widths: low, central, high.
    """

    result: EcologyResult
    headlines: Mapping[str, Headline]


def assess_cases(works: Sequence[Work], land: Land, table: ParameterTable = SHIPPED) -> Assessment:
    """Assess works in all cases of widths.

    Parameters
    ----------
    works, land, table
        As in :func:`corridor.ecology.impact.assess.assess`.

    Returns
    -------
    Assessment
        Tables of the central case. Of the headlines, areas taken and disturbed vary with the case; wildlife sites, corridors
        and unknown ground along the line are those of the central one.
    """
    result = assess(works, land, table)
    # the central widths are those of the result, and no works have no widths
    own = {case for case in CASES if case == "central" or not works}
    of = {c: result if c in own else replace(result, together=totals(works, land, table, c)) for c in CASES}
    return Assessment(result, {case: headline(r) for case, r in of.items()})
