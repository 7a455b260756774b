"""A proposal section by section: what is asked, the figures of the comparison, what is not compared, links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.schema.text import LANGS
from corridor.study.question import shipped_comparison
from corridor.study.study import Study
from corridor.web.proposal import answered, check_proposal, proposal_maps, read_proposal, write_proposal
from corridor.web.site import DETAIL, PROPOSAL, Site
from tests import web_factory as made

SHIPPED = paths.scenarios_dir() / "proposal/proposal.yaml"
TEXT = """
title: {en: "The plan, answered"}
about: {en: What the plan asks}
sections:
- id: a-line
  title: {en: A line}
  asked: {en: "Build a <b>line</b>."}
  source: [S01]
  found: {en: It was compared.}
  points: [lines]
  criteria: [jobs_60_0830]
  scenarios: [committed-2030, western-2035, never-compared]
  missing: {en: Who pays.}
  maps: [phases, circles]
  links:
  - {page: "compare.html#s=western-2035&v=change", text: {en: The map}}
  - {page: elsewhere.html, text: {en: A page that was not written}}
"""


def proposal_of(folder: Path, text: str = TEXT) -> Path:
    path = folder / "proposal.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_section_has_its_figures_and_names_what_was_not_compared(tmp_path: Path) -> None:
    site = Site(made.comparison(), made.layers(), [PROPOSAL])
    (only,) = answered(read_proposal(proposal_of(tmp_path)), site)
    assert only["compared"] == ["committed-2030", "western-2035"] and only["not_compared"] == [
        "never-compared"
    ]
    ((row, cells),) = only["rows"]
    assert row["criterion_id"] == "jobs_60_0830" and len(cells) == 2
    assert [point.key for point in only["told"]] == ["lines"]
    assert [link.page for link in only["links"]] == ["compare.html#s=western-2035&v=change"]


def test_maps_of_phases_and_circles_are_on_the_page(tmp_path: Path) -> None:
    site = Site(made.comparison(), made.layers(), [PROPOSAL])
    found = proposal_maps(site, {"phases", "circles"})
    values, changes = found["phases"]
    assert values.drawn.count("<figure>") == 2 and changes.drawn.count("<figure>") == 1
    # what was compared leads to the map; the other phase says that nobody has decided on it
    assert (
        values.drawn.count("compare.html#s=committed-2030") == 1
        and "compare.html#s=later" not in values.drawn
    )
    assert "2030: Committed works" in values.drawn and "2046: Later" in values.drawn
    (circles,) = found["circles"]
    assert circles.drawn.count("<figure>") == 2  # no travellers here
    assert ">+1,200</text>" in circles.drawn and "Link" in circles.drawn and "Elsewhere" not in circles.drawn
    write_proposal(site, read_proposal(proposal_of(tmp_path)), tmp_path / PROPOSAL)
    page = (tmp_path / PROPOSAL).read_text("utf-8")
    assert all(f'id="{name}"' in page for row in (values, circles) for name in row.shared)
    assert set(re.findall(r'<use href="#([\w-]+)"', page)) == {*values.shared, *circles.shared}
    assert proposal_maps(site, set()) == {}


def test_the_page_escapes_what_the_file_says_and_gives_the_command(tmp_path: Path) -> None:
    site = Site(made.comparison(), made.layers(), [PROPOSAL])
    write_proposal(site, read_proposal(proposal_of(tmp_path)), tmp_path / PROPOSAL)
    page = (tmp_path / PROPOSAL).read_text("utf-8")
    assert "Build a &lt;b&gt;line&lt;/b&gt;." in page and "S01" in page and "Who pays." in page
    assert "<code>corridor compare never-compared</code>" in page
    assert 'aria-current="page"' in page and "elsewhere.html" not in page


def test_names_that_do_not_exist_are_all_named_with_their_lines(tmp_path: Path) -> None:
    text = TEXT.replace("[lines]", "[lnes]").replace("jobs_60_0830", "jobs_60_0380")
    text = text.replace("circles", "circels")
    with pytest.raises(ScenarioError) as caught:
        check_proposal(
            read_proposal(proposal_of(tmp_path, text)), made.comparison(), ["committed-2030", "western-2035"]
        )
    said = str(caught.value)
    assert "'lnes' is not known" in said and "did you mean 'lines'?" in said
    assert "'jobs_60_0380' is not known" in said and "'never-compared' is not known" in said
    assert "'circels' is not known" in said and "did you mean 'circles'?" in said
    assert len(re.findall(r"proposal\.yaml:\d+", said)) == 4


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="source"):
        read_proposal(proposal_of(tmp_path, TEXT.replace("  source: [S01]\n", "")))


def test_every_section_shipped_is_whole(study: Study) -> None:
    facts = (paths.layers_dir().parent / "docs/facts.csv").read_text("utf-8")
    criteria, found = {c.id for c in shipped_comparison().shown}, read_proposal(SHIPPED).file
    assert len(found.sections) >= 10
    for section in found.sections:
        texts = [section.title, section.asked, section.found, *(link.text for link in section.links)]
        assert all(text.in_script(lang) for text in texts for lang in LANGS)
        assert all(text.zh_hant and text.zh_hans for text in texts)
        assert all(re.search(rf"^{fact},", facts, re.MULTILINE) for fact in section.source), section.id
        assert set(section.points) <= set(DETAIL) and set(section.criteria) <= criteria
        assert {part for i in section.scenarios for part in i.split("+")} <= set(study.library.ids())
