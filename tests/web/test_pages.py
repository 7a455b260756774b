"""The pages of a comparison as text: whole, small, the same each time, in three scripts, and safe from hostile names."""

import base64
import dataclasses
import gzip
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from corridor.core.errors import AssetError, CrsError, LayerError, MissingColumnError
from corridor.drawing.i18n import t
from corridor.drawing.legend import scales
from corridor.network.fares import CostParameters
from corridor.schema.rows import Names
from corridor.schema.text import LANGS
from corridor.study.compare import Comparison
from corridor.web import inline, pages, tables
from corridor.web.index import write_access, write_index, write_method, write_nature
from corridor.web.inline import MAX_BYTES, addresses
from corridor.web.layers import PageLayers, cost_words
from corridor.web.pages import write_compare
from corridor.web.site import Site
from tests import web_factory as made


def read(write: Callable[[Site, Path], None]) -> Callable[[Comparison, PageLayers, Path], None]:
    return lambda comparison, layers, path: write(Site(comparison, layers), path)


WRITERS = {
    "index.html": read(write_index),
    "access.html": read(write_access),
    "nature.html": read(write_nature),
    "method.html": read(write_method),
    "compare.html": write_compare,
}
KEYS = {"index.html": "leading_title", "access.html": "criteria_title", "nature.html": "crossings_title",
        "method.html": "ranking_title", "compare.html": "layer_designations"}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages")
    for name, write in WRITERS.items():
        write(made.comparison(made.HOSTILE), made.layers(made.HOSTILE), out / name)
    return out


def plain_pack(html: str) -> bytes:
    packed = re.search(r'<script type="text/plain" id="pack">([^<]+)</script>', html)
    assert packed is not None
    return gzip.decompress(base64.b64decode(packed[1]))


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_fetched(folder: Path, name: str) -> None:
    html = (folder / name).read_text("utf-8")
    assert list(addresses(html)) == []
    assert not re.search(
        r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""",
        re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL),
    )


@pytest.mark.parametrize("name", WRITERS)
def test_within_the_byte_budget(folder: Path, name: str) -> None:
    assert (folder / name).stat().st_size < MAX_BYTES


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_inputs_give_the_same_bytes(folder: Path, tmp_path: Path, name: str) -> None:
    WRITERS[name](made.comparison(made.HOSTILE), made.layers(made.HOSTILE), tmp_path / name)
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_three_scripts_are_in_the_page(folder: Path, name: str) -> None:
    html = (folder / name).read_text("utf-8")
    key = KEYS[name]
    for words in (t(key).en, t(key).zh_hant, t(key).zh_hans, "繁體", "简体"):
        assert words in html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in {"meta", "input", "br", "line", "rect", "link"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "hostile", [made.HOSTILE, made.HOSTILE_IMAGE, "</title></style></textarea>", "&lt;b&gt;", "]]><!--"]
)
def test_hostile_names_add_no_element(folder: Path, tmp_path: Path, name: str, hostile: str) -> None:
    counts = []
    for words in ("harmless", hostile):
        WRITERS[name](made.comparison(words), made.layers(words), tmp_path / name)
        tags = Tags()
        tags.feed((tmp_path / name).read_text("utf-8"))
        tags.close()
        assert tags.open == []
        counts.append(tags.count)
    assert counts[0] == counts[1]


def test_a_hostile_name_is_shown(folder: Path) -> None:
    index = (folder / "access.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in index
    compare = (folder / "compare.html").read_text("utf-8")
    assert made.HOSTILE not in compare
    assert made.HOSTILE.encode() in plain_pack(compare)


@pytest.mark.parametrize("name", WRITERS)
def test_the_screening_notice_and_the_attributions_are_printed(folder: Path, name: str) -> None:
    html = (folder / name).read_text("utf-8")
    assert "Screening aid based on EIA headings; not an environmental impact assessment." in html
    for words in made.layers().attributions:
        assert all(words.in_script(lang) in html for lang in LANGS), words


def test_attributions_are_exactly_those_given(folder: Path) -> None:
    credit = re.search(r'id="credit">(.*?)</div>', (folder / "compare.html").read_text("utf-8"))
    assert credit is not None
    shown = re.search(r'<span lang="zh-Hant">(© .*?)</span>', credit[1])
    assert shown is not None and shown[1] == "© 測量處；© OpenStreetMap contributors (ODbL)"
    english = re.sub(r'<span lang="zh-[^>]*>.*?</span>', "", credit[1])
    words = re.sub(r"<[^>]+>", "", english)
    assert words == "Data © Test Survey; © OpenStreetMap contributors (ODbL) · proposed alignment, indicative"


@pytest.mark.parametrize("name", ["index.html", "access.html", "nature.html", "method.html"])
def test_a_counterfactual_is_labelled_wherever_it_is_named(folder: Path, name: str) -> None:
    html = (folder / name).read_text("utf-8")
    title, label = made.TITLES["western-viaduct"].en, t("counterfactual_short").en
    assert t("effects_note" if name == "index.html" else "counterfactual").en in html
    drawings = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)  # they carry the short mark
    assert all("counterfactual" in d for d in drawings if title in d)
    html = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    body = re.sub(r'<span lang="zh[^>]*>[^<]*</span>', "", html)
    body = re.sub(r"<[^>]+>", " ", body[body.index("<body>") :])
    places = [m.end() for m in re.finditer(re.escape(title), body)]
    tables = [
        p
        for p in places
        if "“" + title not in body[p - len(title) - 1 : p]
        and "−  " + title not in body[p - len(title) - 4 : p]
    ]
    labelled = [p for p in tables if label in body[p : p + 90]]
    questions = [p for p in tables if body[p] == "?"]
    assert len(labelled) >= 3
    assert len(tables) - len(labelled) <= len(questions) + 1


def test_a_corridor_that_is_not_crossed_is_said_so(folder: Path) -> None:
    html = (folder / "nature.html").read_text("utf-8")
    said = re.sub(r"<[^>]+>", "", re.sub(r'<span lang="zh[^>]*>[^<]*</span>', "", html))
    assert re.search(r"Robin&#x27;s Nest: [^.]* 21,340 m\.", said)
    assert "crossed in tunnel, 420 m" in html
    assert "crossed, 420 m" in html


def test_no_way_is_said_and_the_checkpoint_named(folder: Path) -> None:
    html = (folder / "access.html").read_text("utf-8")
    assert t("no_way").en in html
    assert "無服務" in html


def test_hectares_are_printed_by_habitat_and_designation(folder: Path) -> None:
    html = (folder / "nature.html").read_text("utf-8")
    for words in ("Marine, open water", "not assessed", "&lt; 0.01", "Ramsar site", "2.50"):
        assert words in html


def said(cell: tables.Cell) -> str:
    return " ".join(str(words) for words in (cell.figure, *(words for _, words in cell.small)))


def test_hubs_show_the_cheapest_way_and_the_least_time_where_it_is_shorter() -> None:
    whole = made.comparison()
    table = dataclasses.replace(whole, hub_minutes=whole.hub_minutes[whole.hub_minutes["hour"] == "08:30"])
    ((_, ways),) = tables.hubs(table, made.layers())
    before, after, _ = next(cells for way, cells in ways if way.en == "Central – Qianhai")
    # least 80 min, the cheapest way 86; 120 and 90 min of generalised cost
    assert said(before) == "86 HK$42 Lo Wu least 80 min"
    assert said(after) == "60 HK$42 Qianhai cost −30"


def test_a_pair_beyond_the_limit_of_cost_shows_its_least_time() -> None:
    row = {
        "minutes": 95.2,
        "soonest_checkpoint_id": "lo-wu",
        "cost_min": float("nan"),
        "cost_way_min": float("nan"),
    }
    assert tables._hub_cell(row, 100.0, Names({})).figure == "95"
    assert tables._hub_cell({"minutes": float("nan")}, None, Names({})) == tables.Cell(t("no_way"))


def test_the_page_says_what_generalised_cost_is_made_of() -> None:
    cost = CostParameters(
        boarding_penalty_s=180,
        cny_per_hkd=0.92,
        value_of_time_hkd_h={"all": 48, "resident": 50, "visitor": 40.5},
    )
    said = cost_words(cost)
    assert "waiting × 2" in said.en and "3 min per boarding" in said.en
    assert (
        "HK$48 per hour (other residents HK$50, other visitors HK$40.5; assumptions), with CNY 0.92 to HK$1"
        in said.en
    )
    assert "每小時 48 港元" in said.zh_hant and "1 港元兑人民币 0.92 元" in said.zh_hans
    assert "Fares are excluded" in cost_words(CostParameters()).en


def test_what_is_scored_leads_the_measures_of_the_map_and_stays_on_a_full_page() -> None:
    whole = made.comparison()
    first = whole.measures[0]
    gravity = [dataclasses.replace(first, cutoff_min=None, side=side) for side in ("both", "other")]
    late = dataclasses.replace(first, opportunity="residents", cutoff_min=30)
    values = {i: v[[0, 1, 2, 3, 0, 0, 0]] for i, v in whole.zone_values.items()}
    more = dataclasses.replace(whole, measures=(*whole.measures, late, *gravity), zone_values=values)
    assert [s.base for s in scales(more.measures, more.zone_values, more.reference_id, 60_000)][:2] == [
        "jobs_gravity",
        "other_side_jobs_gravity",
    ]
    assert pages._by_weight(more) == [
        "jobs_60",
        "jobs_gravity",
        "other_side_jobs_gravity",
        "to_qianhai",
        "residents_30",
    ]


def test_the_best_is_chosen_among_what_is_proposed() -> None:
    from corridor.study.answer import best

    whole = made.comparison()
    assert best(whole, "permanent_marine_ha") == ["committed-2030"]
    assert best(whole, "jobs_60_0830") == ["western-2035"]  # the viaduct ties, but nobody proposes it
    for headline in (whole.headline * 0.0, whole.headline * 0.0 + 16.2):
        headline.loc["western-2035", "jobs_60_0830"] += 0.004  # not seen in a figure that is printed
        assert best(dataclasses.replace(whole, headline=headline), "jobs_60_0830") == []


def test_the_answer_comes_before_the_tables(folder: Path) -> None:
    html = (folder / "index.html").read_text("utf-8")
    assert (
        html.index('id="answer"')
        < html.index('id="leading-title"')
        < html.index('id="effects-title"')
        < html.index('id="sources-title"')
    )


def test_pages_link_each_other(folder: Path) -> None:
    assert 'href="compare.html"' in (folder / "index.html").read_text("utf-8")
    assert 'href="index.html"' in (folder / "compare.html").read_text("utf-8")


@pytest.mark.parametrize("name", WRITERS)
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    page_layers = made.layers()
    broken = dataclasses.replace(
        page_layers, designations=page_layers.designations.drop(columns="designation")
    )
    with pytest.raises(MissingColumnError, match=r"layer designations.*designation"):
        WRITERS[name](made.comparison(), broken, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_other_coordinates_are_refused(tmp_path: Path) -> None:
    page_layers = made.layers()
    moved = dataclasses.replace(page_layers, coastline=page_layers.coastline.to_crs(4547))
    with pytest.raises(CrsError, match="EPSG:4326"):
        write_compare(made.comparison(), moved, tmp_path / "compare.html")


def test_values_of_another_shape_are_refused(tmp_path: Path) -> None:
    whole = made.comparison()
    values = dict(whole.zone_values) | {"western-2035": whole.zone_values["western-2035"][:, :-1]}
    with pytest.raises(LayerError, match="western-2035"):
        write_compare(
            dataclasses.replace(whole, zone_values=values), made.layers(), tmp_path / "compare.html"
        )


def test_a_reference_that_was_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="nowhere"):
        write_compare(
            dataclasses.replace(made.comparison(), reference_id="nowhere"),
            made.layers(),
            tmp_path / "compare.html",
        )


def test_with_too_many_measures_the_map_keeps_the_first_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "compare.html"
    write_compare(made.comparison(), made.layers(), path)
    one = pages._with_measures(made.comparison(), ["jobs_60"])
    write_compare(one, made.layers(), tmp_path / "one.html")
    # between the page with both measures and the page with one, plus the sentence that says so
    limit = (tmp_path / "one.html").stat().st_size + 900
    assert limit < path.stat().st_size
    monkeypatch.setattr(pages, "MAX_BYTES", limit)
    monkeypatch.setattr(pages, "FIXED_BYTES", 0)
    monkeypatch.setattr(pages, "LEVELS", (60_000, 60_000))
    write_compare(made.comparison(), made.layers(), path)
    html = path.read_text("utf-8")
    assert "holds 1 of 2 measures" in html and "compare fewer scenarios" in html
    model = plain_pack(html)
    assert b'"base":"jobs_60"' in model and b"to_qianhai" not in model


def test_a_page_too_large_is_rounded_more_before_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "compare.html"
    write_compare(made.comparison(), made.layers(), path)
    size = path.stat().st_size
    monkeypatch.setattr(pages, "MAX_BYTES", size - 500)
    monkeypatch.setattr(inline, "MAX_BYTES", size - 500)
    write_compare(made.comparison(), made.layers(), path)
    assert path.stat().st_size <= size - 500
    monkeypatch.setattr(pages, "MAX_BYTES", 1000)
    monkeypatch.setattr(inline, "MAX_BYTES", 1000)
    before = path.read_bytes()
    with pytest.raises(AssetError, match="fewer scenarios"):
        write_compare(made.comparison(), made.layers(), path)
    assert path.read_bytes() == before


def reference_alone() -> Comparison:
    whole = made.comparison()
    first = whole.reference_id
    kept = {first: whole.results[first]}
    empty = pd.DataFrame(columns=whole.ranking.columns)
    only = {"scenario_id": [first]}
    return dataclasses.replace(
        whole, results=kept, ranking=empty, pairs=whole.pairs.iloc[:0], headline=whole.headline.loc[[first]],
        district_gains=whole.district_gains[whole.district_gains["scenario_id"].isin(only["scenario_id"])],
        hub_minutes=whole.hub_minutes[whole.hub_minutes["scenario_id"] == first],
    )  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
def test_one_scenario_alone_makes_a_page(tmp_path: Path, name: str) -> None:
    WRITERS[name](reference_alone(), made.layers(), tmp_path / name)
    assert (tmp_path / name).stat().st_size > 10_000


@pytest.mark.parametrize("name", WRITERS)
def test_layers_without_features_make_a_page(tmp_path: Path, name: str) -> None:
    page_layers = made.layers()
    empty = {
        f: getattr(page_layers, f).iloc[:0] for f in ("designations", "green_corridors", "wildlife_sites")
    }
    WRITERS[name](made.comparison(), dataclasses.replace(page_layers, **empty), tmp_path / name)
    assert (tmp_path / name).exists()
    assert isinstance(empty["designations"], gpd.GeoDataFrame)
