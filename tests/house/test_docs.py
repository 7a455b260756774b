"""The pages for readers: every link leads somewhere, every command that they show exists with its options."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pandas as pd
import pytest

from corridor.cli import main
from corridor.core.cache import Kept
from corridor.network.clearance import BOTH
from corridor.network.loads import Travellers, for_travellers, mean_day_wait_s
from corridor.study.study import Study
from tests.conftest import Cli
from tests.paths import ROOT

PAGES = (ROOT / "README.md", ROOT / "maps" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
READERS = ("write_a_scenario", "bring_a_layer", "bring_a_network", "read_the_results", "embed_a_map")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _anchors(page: Path) -> set[str]:
    """Headings as a page of GitHub names them in its address: small letters, no punctuation, hyphens."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def _dead_links(page: Path) -> list[str]:
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    return dead


def _shown(text: str) -> list[str]:
    """Commands in blocks of a page, joined where a backslash carries them on."""
    blocks = re.findall(r"^ *```(?:sh)?\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [p for p in parts if re.match(r"(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?corridor ", p)]


def _words(command: str) -> list[str]:
    words = shlex.split(command, comments=True)
    return words[next(n for n, word in enumerate(words) if word.endswith("corridor")) + 1 :]


def _parse(command: click.Command, name: str, words: list[str], parent: click.Context | None, loosely: bool) -> None:  # fmt: skip
    """Read the words as the command line does, and run nothing; `loosely`: what is missing is not missed."""
    if not isinstance(command, click.Group) and not loosely:
        command.make_context(name, words, parent=parent)
        return
    context = click.Context(command, parent=parent, info_name=name, **command.context_settings)
    _, rest, _ = command.make_parser(context).parse_args(list(words))
    if rest and isinstance(command, click.Group):
        found = command.get_command(context, rest[0])
        assert found is not None, f"no command {rest[0]!r}"
        _parse(found, rest[0], rest[1:], context, loosely)


def test_each_kind_of_reader_has_a_page_and_the_list_of_pages_is_whole() -> None:
    assert [r for r in READERS if not (ROOT / "docs" / f"{r}.md").is_file()] == []
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = {
        name
        for tree in re.findall(r"```{toctree}(.*?)```", index, re.DOTALL)
        for name in re.findall(r"^[\w/]+$", tree, re.MULTILINE)
    }
    pages = {page.stem for page in PAGES if page.parent.name == "docs"} - {"index"}
    assert listed == pages | {
        f"notebooks/{path.stem}" for path in (ROOT / "docs" / "notebooks").glob("*.ipynb")
    }


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    assert _dead_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_shown_on_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"`(corridor [^`|]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for command, loosely in [*((c, False) for c in _shown(text)), *((" ".join(c.split()), True) for c in inline)]:  # fmt: skip
        try:
            _parse(main, "corridor", _words(command), None, loosely)
        except (click.ClickException, AssertionError) as error:
            pytest.fail(f"{command}: {error}")


def test_the_readme_shows_every_command_that_makes_something() -> None:
    shown = [_words(c) for c in _shown((ROOT / "README.md").read_text(encoding="utf-8"))]
    named = {next(w for w in words if w in main.commands) for words in shown}
    assert named == set(main.commands) - {"story"}  # the story has a page of its own


def test_a_wrong_command_and_a_dead_link_are_seen(tmp_path: Path) -> None:
    with pytest.raises(click.NoSuchOption):
        _parse(main, "corridor", _words("corridor compare --nosuch"), None, True)
    with pytest.raises(click.MissingParameter):
        _parse(main, "corridor", _words("corridor journey Central # a comment"), None, False)
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](gone.md) [c](#three) [d](https://example.org/)\n")
    assert _dead_links(page) == ["gone.md", "#three"]
    assert _shown("```sh\ncorridor run \\\n  x && corridor init y\npython z\n```\n") == ["corridor run    x", "corridor init y"]  # fmt: skip


# --- examples that are run -----------------------------------------------------------------------------


def _blocks(page: str, language: str) -> list[str]:
    """Fenced blocks of a page in one language (empty: none named), without their indent."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    fences = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    return [
        re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
        for indent, kind, block in fences
        if kind == language
    ]


def _plain(line: str) -> str:
    return " ".join(line.split())


def _must_stand(page: str, shown: str, given: list[str]) -> None:
    """Every line that a page shows is one that the program gives; the message holds what to write instead."""
    printed = {_plain(line) for line in given}
    wrong = [line for line in shown.splitlines() if line.strip() and _plain(line) not in printed]
    assert not wrong, f"docs/{page} shows\n" + "\n".join(wrong) + "\nthe program gives\n" + "\n".join(given)


def test_trying_an_idea_prints_what_its_page_shows(shared: Study, capsys: pytest.CaptureFixture[str]) -> None:
    page = "try_an_idea.md"
    (code,), (table,), (file,) = (_blocks(page, kind) for kind in ("python", "", "yaml"))
    exec(compile(code, page, "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    _must_stand(
        page, table, printed[: next(i for i, line in enumerate(printed) if line.startswith("renewed"))]
    )
    first = printed.index("id: western-quick-2035")
    assert "\n".join(printed[first:]).strip() == file.strip()


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    """The whole scenarios of docs/write_a_scenario.md as files, by id."""
    found = {}
    for block in _blocks("write_a_scenario.md", "yaml"):
        scenario_id = re.match(r"id: (\S+)", block)
        assert scenario_id
        found[scenario_id[1]] = tmp_path / f"{scenario_id[1]}.yaml"
        found[scenario_id[1]].write_text(block, encoding="utf-8")
    return found


def test_the_scenarios_of_the_page_are_in_order(written: dict[str, Path], cli: Cli) -> None:
    assert len(written) == 2
    done = cli("scenarios", "validate", *written.values())
    assert done.exit_code == 0, done.output
    shown = cli("scenarios", "show", written["more-trains-2030"]).output
    _must_stand("write_a_scenario.md", _blocks("write_a_scenario.md", "")[0], shown.splitlines()[:20])


def test_the_minutes_of_the_page_are_those_of_its_scenario(written: dict[str, Path], kept: Kept) -> None:
    page, study = "write_a_scenario.md", Study.bundled(kept)
    ids = [study.library.add_file(written["western-slower-2035"]), "western-2035"]
    slower, before = (study.journey("Hung Shui Kiu", "Qianhai", i, "08:30").time_s / 60 for i in ids)
    said = f"at 08:30 it takes {slower:.0f} min, and {before:.0f} in `western-2035`"
    text = " ".join((ROOT / "docs" / page).read_text(encoding="utf-8").split())
    assert said in text, f"docs/{page}: write {said!r}"


# --- figures of journeys and of the comparison ---------------------------------------------------------

GOLDEN = ROOT / "tests" / "golden" / "headline.csv"  # held to the program by tests/study/test_comparison.py


def _agrees(printed: str, value: float) -> bool:
    """Whether a printed figure is this value, rounded as the figure is; up to two zeros at the end of hundreds and more are not read."""
    figure = printed.replace(",", "").replace("−", "-").lstrip("+")
    decimals = len(figure.partition(".")[2])
    zeros = len(figure) - len(figure.rstrip("0")) if abs(float(figure)) >= 100 else 0
    unit = 10.0 ** min(zeros, 2) if not decimals else 10.0**-decimals
    return abs(float(figure) - value) <= (0.5 * unit if float(figure) else 0.005) + 1e-6


def test_a_printed_figure_is_held_to_its_own_digits() -> None:
    assert _agrees("1,316,200", 1_316_187.0)
    assert not _agrees("1,316,200", 1_316_260.0)
    assert _agrees("−7.7", -7.745)
    assert not _agrees("−7.8", -7.745)
    assert _agrees("0", 0.0001)
    assert not _agrees("0", 0.05)


def test_the_table_of_criteria_says_what_the_comparison_says() -> None:
    golden = pd.read_csv(GOLDEN, index_col="criterion")
    before, after = golden["committed-2030"], [golden["western-2035"], golden["both-2035"]]
    text = (ROOT / "docs" / "read_the_results.md").read_text(encoding="utf-8")
    table = text.split("## What each criterion means")[1].split("\n\n- ")[0]
    shown, wrong = set(), []
    for line in table.splitlines():
        ids = re.findall(r"`([a-z]\w+)`", line.split(" | ")[0])
        columns = [column.split("; ") for column in line.strip("| ").split(" | ")[-3:]]
        for k, criterion in enumerate(ids):
            values = [before[criterion], *(column[criterion] - before[criterion] for column in after)]
            said = [column[min(k, len(column) - 1)] for column in columns]
            shown.add(criterion)
            wrong += [f"{criterion}: {s} for {v:g}" for s, v in zip(said, values, strict=True) if not _agrees(s, v)]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    assert {c for c in golden.index if not c.endswith("_buildout")} == shown


def test_tables_of_the_access_page_that_take_minutes_to_make_rest_on_the_comparison_of_today() -> None:
    """One row of each is held to the golden table; where it fails, make the whole table anew, as the page says."""
    golden = pd.read_csv(GOLDEN, index_col="criterion")
    before = golden["committed-2030"]
    shown = [row.strip("| ").split(" | ") for row in _rows("access.md", "Some criteria both ways")]
    criteria = ("jobs_60_0830", "other_side_jobs_60_0830", "least_served_jobs_60_0830", "jobs_60_2300",
                "other_side_jobs_gravity_0830", "other_side_jobs_gravity_0830_buildout", "hub_minutes_0830",
                "hub_cost_0830")  # fmt: skip
    for criterion, row in zip(criteria, (r for r in shown if "buses" in r), strict=True):
        lines = (golden.loc[criterion, s] - before[criterion] for s in ("central-2035", "western-2035", "both-2035"))  # fmt: skip
        for said, value in zip(row[-4:], (before[criterion], *lines), strict=True):
            assert _agrees(said, value), f"{criterion}: {said} for {value:g}"
    late = next(row for row in _rows("access.md", "means of residents (") if row.startswith("| 23:00"))
    assert _agrees(late.split(" | ")[1], golden.loc["jobs_60_2300", "baseline-2024"])


def _rows(page: str, heading: str) -> list[str]:
    """The rows of the first table under a heading, or after any other text, of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").split(heading)[1]
    return re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)[0].splitlines()[2:]  # type: ignore[index]


def test_the_spread_of_the_page_is_that_of_its_journeys(shared: Study) -> None:
    given = []
    for start, end, scenario, least in (
        ("Admiralty", "Lo Wu", "baseline-2024", "cost"),
        ("Admiralty", "Lo Wu", "both-2035", "cost"),
        ("Central", "Futian CBD", "baseline-2024", "cost"),
        ("Central", "Futian CBD", "baseline-2024", "time"),
        ("Central", "Futian CBD", "both-2035", "cost"),
        ("Hung Shui Kiu", "Qianhai", "baseline-2024", "cost"),
        ("Hung Shui Kiu", "Qianhai", "both-2035", "cost"),
    ):
        found = shared.spread(start, end, scenario, "08:30", least=least)
        legs = shared.journey(start, end, scenario, "08:30", least=least).legs
        minutes = (found.expected_s, found.p10_s, found.p50_s, found.p90_s, found.mean_s)
        through = " ".join(leg.checkpoint_id for leg in legs if leg.checkpoint_id) or "no control point"
        ends = "the same, least time" if least == "time" else f"{start}, {end}"
        given.append(
            f"| {ends} | `{scenario}` | " + " | ".join(f"{s / 60:.1f}" for s in minutes) + f" | {through} |"
        )
    _must_stand("access.md", "\n".join(_rows("access.md", "**Three journeys**")), given)


def _said(page: str) -> str:
    return " ".join((ROOT / "docs" / page).read_text(encoding="utf-8").split())


def test_the_widths_over_hubs_are_those_of_the_page(shared: Study) -> None:
    side = {hub: place.region for hub, place in shared.hubs}
    widths = []
    for scenario in ("baseline-2024", "both-2035"):
        table = shared.hub_spread(scenario, "08:30")
        across = table["from_place"].map(side) != table["to_place"].map(side)
        assert across.sum() == 50
        width = (table["p90_min"] - table["p10_min"]).groupby(across).mean()
        widths += [width[True], width[False]]
    missed = (shared.hub_spread("baseline-2024", "22:00")["missed_share"] >= 0.01).sum()
    late = shared.spread("Central", "Futian CBD", "baseline-2024", "22:00")
    soonest, *_, cheaper = (c for c in shared.choices("Xili", "Central", "baseline-2024", "08:30") if 48 in c.values_hkd_h or c.soonest)  # fmt: skip
    saved, dearer = (cheaper.time_s - soonest.time_s) / 60, soonest.fare_hkd - cheaper.fare_hkd
    for said in (
        f"that width is {widths[0]:.0f} min on average in `baseline-2024`",
        f"and {widths[2]:.0f} in `both-2035`; over the 40 pairs on one side, {widths[1]:.0f} and {widths[3]:.0f}",
        f"expects {late.expected_s / 60:.0f} min; in {100 * late.missed_share:.0f} % of the draws the last train is missed",
        f"and those who catch it take {late.most_s / 60:.0f} min at most",
        f"From Xili to Central it saves {saved:.0f} min for HK${dearer:.0f} against the way by Lok Ma Chau Spur, "
        f"HK${60 * dearer / saved:.0f} an hour",
        f"Of the 90 pairs {missed} are missed in 1 % of the draws or more",
    ):
        assert said in _said("access.md"), f"docs/access.md: write {said!r}"


def test_the_journeys_that_pages_print_are_those_of_the_command(shared: Study, cli: Cli) -> None:
    base = ("--scenario", "baseline-2024", "--at", "08:30")
    asked = (
        ("journey", "Central", "Futian CBD", *base, "--choices"),
        ("journey", "114.2700,22.3800", "Central", *base),
    )
    given = [line for words in asked for line in cli(*words).output.splitlines()]
    blocks = [block for block in _blocks("access.md", "") if "HK$" in block]
    assert len(blocks) == 3
    _must_stand("access.md", "\n".join(blocks).replace("  ...\n", ""), given)


def test_the_journey_that_the_results_page_tells_is_that_of_the_program(shared: Study) -> None:
    found = shared.journey("Hung Shui Kiu", "Qianhai", "western-2035", "08:30")
    (ride,) = found.legs
    said = (
        f"({found.time_s / 60:.0f} min: {ride.in_vehicle_s / 60:.0f} in the train, {ride.clearance_s / 60:.0f} of clearance) "
        f"and what the next best takes ({found.alternatives[1].time_s / 60:.0f} min)"
    )
    assert said in _said("read_the_results.md"), f"docs/read_the_results.md: write {said!r}"


def test_the_waits_and_groups_of_the_page_are_those_of_the_queue(shared: Study) -> None:
    network = shared.network("baseline-2024").network
    points, assumed = network.checkpoints, network.clearance
    assert assumed
    queued = {
        "Lo Wu": "lo-wu", "Lok Ma Chau Spur": "lok-ma-chau-spur", "Shenzhen Bay": "shenzhen-bay",
        "West Kowloon": "west-kowloon", "Heung Yuen Wai": "heung-yuen-wai",
    }  # fmt: skip
    given = []
    for name, point in queued.items():
        waits = (mean_day_wait_s(points[point], BOTH, assumed, load) for load in (0.5, 1, 1.25, 1.5, 2))
        given.append(f"| {name} | " + " | ".join(f"{wait / 60:.1f}" for wait in waits) + " |")
    page = "checkpoints.md"
    _must_stand(page, "\n".join(_rows(page, "No count of that year's waits")), given)
    table = _rows(page, "## Traveller groups")
    for group, row in zip(("e-channel-resident", "resident", "mainland-visitor", "visitor"), table, strict=False):  # fmt: skip
        met = for_travellers(network, Travellers(group), "northbound").checkpoints
        clearing = [f"{met[c].clearance_s / 60:.1f}" for c in ("lo-wu", "west-kowloon")]
        shown = [cell.removesuffix(" min") for cell in row.strip("| ").split(" | ")[-2:]]
        assert shown == clearing, f"docs/{page}: {group} takes {clearing}"


def test_the_counts_of_the_layers_page_are_those_of_the_files() -> None:
    layers = ROOT / "layers"

    def rows(name: str) -> pd.DataFrame:
        return pd.read_csv(layers / name, low_memory=False)

    def features(name: str) -> int:
        return len(json.loads((layers / name).read_text(encoding="utf-8"))["features"])

    systems = rows("network/stations_hk.csv")["system"].value_counts()
    for said in (
        f"{systems['metro']} MTR stations, {systems['light_rail']} Light Rail stops",
        f"{len(rows('network/stations_sz.csv'))} stations of 16 Shenzhen metro routes",
        f"{len(rows('network/lines_ferry.csv'))} ferry lines",
        f"{len(rows('network/stations_ferry.csv'))} piers",
        f"{len(rows('network/hk_bus/stops.csv')):,} stops, {len(rows('network/hk_bus/patterns.csv')):,} patterns",
        f"{features('land/designations.geojson')} protected and planned areas",
        f"{features('land/wildlife_sites.geojson')} egretries, roosts and flight paths",
        f"corridors in {features('land/green_corridors.geojson')} parts",
        f"{len(rows('people/cells.csv')):,} cells of 250 m",
        f"{len(rows('people/household_income.csv')):,} Hong Kong cells",
        f"{features('people/development_areas.geojson')} planned areas",
        f"{len(rows('people/facilities.csv')):,} hospitals, clinics, schools, parks and libraries",
    ):
        assert said in _said("layers.md"), f"docs/layers.md: write {said!r}"


# --- sources -------------------------------------------------------------------------------------------


def test_every_fact_that_is_cited_has_a_row() -> None:
    """Ids such as W04 in scenarios, proposals, rules and pages are rows of docs/facts.csv, each once."""
    ids = pd.read_csv(ROOT / "docs" / "facts.csv", keep_default_na=False)["id"]
    assert ids.is_unique
    citing = (
        *(ROOT / "scenarios").rglob("*.yaml"),
        *(ROOT / "layers" / "ecology").glob("*.csv"),
        ROOT / "layers" / "proposals" / "proposals.yaml",
        *(
            page for page in PAGES if page.stem not in ("validation", "profile")
        ),  # bus N73; the rows V01 to V13
    )
    missing = {
        (path.name, cited)
        for path in citing
        for cited in re.findall(r"(?<![\w#/.-])[A-Z]\d\d(?![\w.])", path.read_text(encoding="utf-8"))
        if cited not in set(ids) and not cited.startswith("V")
    }
    assert not missing
