"""demand.html: who would cross where in a scenario, what changes, and how far to trust it."""

from __future__ import annotations

from pathlib import Path

from corridor.drawing.ground import ground_of
from corridor.drawing.i18n import fill, t
from corridor.schema.catalog_entry import Role
from corridor.schema.text import Text
from corridor.study.demand import ROLES
from corridor.study.demand_report import DemandReport
from corridor.web import demand_model as model
from corridor.web.demand_map import State, flow_maps, picture
from corridor.web.inline import write_page
from corridor.web.layers import basemap, build_out_share
from corridor.web.printed import printed_page
from corridor.web.templates import drawn_marks

UNDERLYING: tuple[Role, ...] = (
    "coastline", "districts", "cells", "stations", "lines", "checkpoints", "headways", "daily_crossings", "tariffs",
    "fare_matrix", "line_fares", *ROLES, "demand_commercial", "demand_gateways",
)  # fmt: skip
"""What the page draws and its figures rest on, whose holders it names."""


def write_demand_page(report: DemandReport, path: Path) -> None:
    """Write demand.html.

    Parameters
    ----------
    report
        What :meth:`corridor.Study.demand` found.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    study = report.demand_study.study
    base = basemap(study)
    found = report.travellers
    (drawing,) = flow_maps([(found, model.gates(found, model.spots(report)))], ground_of(base))
    scenario, reference = (model.title(report, i) for i in (report.scenario_id, report.reference_id))
    titles: dict[State, Text] = {"after": scenario, "before": reference}
    newest = max(e.date for role in UNDERLYING for e in study.catalog.having(role))
    html = printed_page(
        "demand.html.j2",
        fill("demand_title", scenario=scenario),
        ("page.css", "index.css", "demand.css"),
        ground=drawn_marks(drawing.shared()),
        maps=[picture(drawing, state, name) for state, name in titles.items()],
        attributions=study.catalog.attributions(UNDERLYING),
        date=newest,
        notice=t("demand_notice"),
        share=build_out_share(study) if report.build_out else None,
        **model.views(report),
    )
    write_page(html, path)
