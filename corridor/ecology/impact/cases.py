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
    """What a set of works takes, disturbs and crosses, with its headline figures by case of widths."""

    result: EcologyResult
    headlines: Mapping[str, Headline]


def assess_cases(works: Sequence[Work], land: Land, table: ParameterTable = SHIPPED) -> Assessment:
    """Assess works in all cases; tables are those of the central one."""
    result = assess(works, land, table)
    spread = {case: replace(result, together=totals(works, land, table, case)) for case in CASES}
    return Assessment(result, {case: headline(r) for case, r in spread.items()})
