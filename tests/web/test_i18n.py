"""The words of the pages: every key in three scripts, places filled alike, no letters of the other script."""

import csv
import re

import pytest

from corridor.drawing import numbers as figures
from corridor.drawing.i18n import LANG_NAMES, STRINGS, fill, joined, region_words, t, term
from corridor.schema.region import shipped_region
from corridor.schema.text import LANGS, Text
from corridor.web import switch
from corridor.web.html import tri
from corridor.web.templates import render
from tests.paths import ROOT

USES = {
    "layer_checkpoints": "control_point", "no_way": "no_service", "regime_co_location": "co_location",
    "regime_joint_clearance": "joint_clearance", "regime_separate_walk": "separate_clearance", "clearance_time": "clearance_time",
    "contours_title": "isochrone", "headline_permanent_ha": "permanent_land_take", "headline_temporary_ha": "temporary_land_take",
    "site_worksite": "works_area", "site_shaft": "shaft", "site_portal": "portal", "site_depot": "depot",
    "structure_bored_tunnel": "bored_tunnel", "structure_cut_and_cover": "cut_and_cover", "ls_schematic": "vertical_alignment",
    "ls_chainage": "chainage", "review_take": "habitat_loss", "review_fragmentation": "fragmentation",
    "review_mesh": "effective_mesh_size", "review_taxa_note": "equivalent_connected_area", "review_way_change": "effective_resistance",
    "review_animal": "focal_species", "wildlife_flight_corridor": "flight_path", "review_residual": "residual_impact",
    "review_significance": "significance", "criterion": "criterion", "first_share": "rank_acceptability",
    "pareto_beaten": "dominated", "counterfactual_short": "counterfactual", "measure_disturbed_operation": "disturbance",
    "eco_current_unit": "core_area",
}  # fmt: skip
"""Texts of the pages, and the term of the glossary that each must use."""
DROPPED = (
    "for good",
    "flight line",
    "flight corridor",
    "worksite",
    "underground",
    "is told",
    "有效網眼",
    "聯合查驗",
    "环评程序",
)

SIMPLIFIED = set("线综环国为实现红绿鹭务对应变减营运评审车间规划图层标")
TRADITIONAL = set("線綜環國為實現紅綠鷺務對應變減營運評審車間規劃圖層標")


def test_every_key_has_three_scripts() -> None:
    missing = [
        k
        for k, text in STRINGS.items()
        if not (text.en.strip() and text.zh_hant.strip() and text.zh_hans.strip())
    ]
    assert STRINGS and missing == []


def test_places_are_the_same_in_every_script() -> None:
    for key, text in STRINGS.items():
        places = [sorted(re.findall(r"\{(\w+)\}", text.in_script(lang))) for lang in LANGS]
        assert places[0] == places[1] == places[2], key


def test_scripts_are_not_mixed_up() -> None:
    for key, text in STRINGS.items():
        assert not (SIMPLIFIED - TRADITIONAL) & set(text.zh_hant), key
        assert not (TRADITIONAL - SIMPLIFIED) & set(text.zh_hans), key


def glossary() -> dict[str, list[str]]:
    """Cells of docs/glossary.csv by key: the term in three scripts, definition, source."""
    with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as stream:
        return {key: cells for key, *cells in list(csv.reader(stream))[1:]}


def test_the_glossary_and_the_pages_have_the_same_terms() -> None:
    listed = {key: tuple(cells[:3]) for key, cells in glossary().items()}
    terms = {k.removeprefix("term_"): v for k, v in STRINGS.items() if k.startswith("term_")}
    assert listed == {key: tuple(text.in_script(lang) for lang in LANGS) for key, text in terms.items()}
    assert all(len(cells) == 5 and cells[3] for cells in glossary().values())


@pytest.mark.parametrize(("key", "term_key"), USES.items(), ids=list(USES))
def test_texts_use_the_terms(key: str, term_key: str) -> None:
    for lang in LANGS:
        assert t(f"term_{term_key}").in_script(lang).lower() in t(key).in_script(lang).lower()


def test_no_text_uses_a_dropped_term() -> None:
    texts = {k: " ".join(v.in_script(lang) for lang in LANGS).lower() for k, v in STRINGS.items()}
    assert {k: word for k, text in texts.items() for word in DROPPED if word.lower() in text} == {}


def test_every_key_is_used() -> None:
    """By its name, or as one of a family: ``term("site", ...)``, ``f"ls_say_no_{...}"``."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "corridor").rglob("*")
        if path.suffix in {".py", ".js", ".html", ".jinja", ".j2"} and "_bundle" not in path.parts
    )
    families = set(re.findall(r"""["'`](\w+_)["'`{$]""", code)) | {
        f"{p}_" for p in re.findall(r'term\(\s*"(\w+)"', code)
    }
    families |= {
        "component_",
        "structure_",
        "designation_",
        "group_",
        "wildlife_",
        "habitat_",
        "term_",
    }  # by a variable
    names = set(re.findall(r"\w+", code))
    assert [k for k in STRINGS if k not in names and not any(k.startswith(f) for f in families)] == []


def given() -> set[str]:
    """Keys whose words the map of the comparison has."""
    return set(filter(switch.on_the_map, {**STRINGS, **region_words(shipped_region())}))


def test_keys_that_pages_use_are_known() -> None:
    region, attributions = shipped_region(), (Text(en="a"),)
    beside = switch.beside_map("compare.html.j2", region, "", kept=None, with_story=True)
    over = render("over_compare.html.j2", attributions=attributions)
    used = set(re.findall(r'data-i18n(?:-label)?="(\w+)"', beside + over))
    assert used and used <= set(STRINGS) & given()


def test_keys_that_scripts_use_are_given_to_them() -> None:
    from corridor.web.inline import asset

    names = [name for _, name in switch.Switch.default_js if name.startswith("corridor:")]
    code = "".join(asset(name.removeprefix("corridor:")) for name in names)
    used = set(re.findall(r'words\.(?:t|fill)\("(\w+)"[,)]', code)) | set(
        re.findall(r'\brow\("(\w+)", (?:words|count|range)', code)
    )
    assert len(used) > 20 and used <= given()
    prefixes = {"axis_central", "axis_western", "axis_other", "status_existing", "status_counterfactual"}
    assert prefixes <= given()


def test_languages_are_named() -> None:
    assert set(LANG_NAMES) == set(LANGS)


def test_a_text_is_filled_in_each_script() -> None:
    done = fill("answer_same", criterion=Text(en="Jobs", zh_hant="職位", zh_hans="岗位"))
    assert done.en == "Jobs: the same in every scenario."
    assert done.zh_hant.startswith("職位") and done.zh_hans.startswith("岗位")


def test_an_unknown_value_names_itself() -> None:
    assert term("structure", "bored_tunnel") == t("structure_bored_tunnel")
    assert term("structure", "glass_tube").en == "glass tube"


def test_a_list_takes_the_comma_of_its_script() -> None:
    both = joined([Text(en="a", zh_hant="甲", zh_hans="甲"), Text(en="b", zh_hant="乙", zh_hans="乙")])
    assert (both.en, both.zh_hant) == ("a, b", "甲、乙")


def test_one_wording_is_printed_once_and_escaped() -> None:
    assert tri(Text(en="<b>")) == "&lt;b&gt;"
    assert tri(t("district")).count("<span lang=") == 3


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1234.6, "1,235"),
        (0.0, "0"),
        (12.34, "12.3"),
        (0.4, "0.40"),
        (-3.0, "−3"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_figures(value: float | None, words: str) -> None:
    assert figures.figure(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(5.0, "+5"), (-5.0, "−5"), (0.0, "0"), (0.001, "≈ 0"), (-0.001, "≈ 0"), (None, "–")]
)
def test_signed_figures(value: float | None, words: str) -> None:
    assert figures.signed(value) == words


def test_modelled_people_are_rounded_and_minutes_keep_one_decimal() -> None:
    assert figures.figure(812_345.6, "jobs") == "812,300"
    assert figures.figure(137.0, "residents") == "140"
    assert figures.signed(0.24, "jobs") == "≈ 0"
    assert figures.signed(0.47, "min") == "+0.5"
    assert figures.signed(-8.24, "min") == "−8.2"
