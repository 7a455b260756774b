# ruff: noqa: E501 (one row of a table a line)
"""Build layers/ecology/compensation.csv and layers/ecology/significance.csv: the parameters of the ledger and the matrix.

Both are short tables of declared figures. They are written here, with the reason of each, and checked when loaded
(:mod:`corridor.schema.tables`, :class:`corridor.ecology.appraisal.ledger.Compensation`).

    python layers/build/compensation.py

Sources: M40 is the English statutory biodiversity metric (Defra, Biodiversity Metric 4.0 and its statutory successor of
November 2023; sheets G-3 difficulty, G-4 temporal multipliers and the list of spatial risk), its values read in an
open implementation of the workbook (github.com/abitatdotdev/bng, files difficulty, temporalMultipliers, spatialRisk,
habitats). Which class of the metric stands for which habitat here is an assumption.
"""

from __future__ import annotations

import csv
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "ecology"
ASSUMED = "assumption"
METRIC = "M40"

Figure = tuple[float, float, float]

# habitat: years until a created hectare does what the lost one did (low, central, high need), why
YEARS: dict[str, tuple[Figure, str]] = {
    "woodland": ((20, 30, 32), "canopy in 20 years, flora later; a worked case of M40 has 30 for mixed deciduous woodland"),
    "shrubland": ((5, 10, 15), "closes in about ten years"),
    "grassland": ((2, 5, 10), "sward within a few seasons"),
    "farmland": ((1, 5, 10), "dry fields at once, wet farmland with its invertebrates later"),
    "fishpond": ((1, 3, 5), "a pond fills and is stocked within a season; banks and prey take years"),
    "mangrove": ((5, 10, 20), "planted mangrove closes in five to ten years, reedbed sooner"),
    "mudflat": ((5, 15, 32), "a new flat must settle and be colonised; often it does not"),
    "marine": ((2, 5, 10), "sea bed recolonised within years"),
    "freshwater": ((3, 10, 20), "a channel at once, a natural stream in decades"),
    "rocky_shore": ((5, 10, 20), "recolonised within years where rock is laid"),
    "bare": ((0, 0, 1), "nothing has to grow"),
    "urban_green": ((2, 5, 10), "planted; trees later"),
    "built_up": ((0, 0, 0), "no habitat"),
}  # fmt: skip

# habitat: share that is delivered in spite of difficulty (M40: low 1, medium 0.67, high 0.33, very high 0.1), its class there
DELIVERY: dict[str, tuple[Figure, str]] = {
    "woodland": ((1, 0.67, 0.33), "other broadleaved low, wet woodland medium, mixed deciduous high"),
    "shrubland": ((1, 0.67, 0.67), "willow scrub medium"),
    "grassland": ((1, 1, 0.33), "other acid grassland low, dry acid grassland high"),
    "farmland": ((1, 0.67, 0.33), "cropland low, floodplain wetland mosaic high; wet farmland between them"),
    "fishpond": ((1, 0.67, 0.67), "ponds low, priority ponds medium"),
    "mangrove": ((0.67, 0.33, 0.1), "saltmarsh and saline reedbed high; one class to either side"),
    "mudflat": ((0.67, 0.33, 0.1), "littoral mud high; one class to either side"),
    "marine": ((0.67, 0.33, 0.1), "no class in M40; taken as the intertidal sediments"),
    "freshwater": ((1, 0.67, 0.33), "reservoir medium, lakes high"),
    "rocky_shore": ((0.67, 0.33, 0.1), "littoral rock high; one class to either side"),
    "bare": ((1, 1, 1), "not compensated"),
    "urban_green": ((1, 1, 0.67), "planted green, low"),
    "built_up": ((1, 1, 1), "not compensated"),
}  # fmt: skip

NOT_COMPENSATED = ("bare", "built_up")
SURVEYLESS = "no survey of condition: the whole range from half to full is kept"

# quantity: (low, central, high need), unit, source, confidence, why
GENERAL: dict[str, tuple[Figure, str, str, str, str]] = {
    "discount_rate": (
        (0.035, 0.035, 0.035), "a year", METRIC, "B", "time to target multiplier of M40: 0.965 for each year",
    ),
    "works_years": (
        (4, 6, 8), "years", ASSUMED, "M", "years between taking a worksite and giving it back; no programme is published",
    ),
    "place_factor": (
        (1, 0.75, 0.5), "share", METRIC, "B",
        "spatial risk of M40: same area 1, neighbouring 0.75, farther 0.5; that the place is unknown is ours",
    ),
    "uplift": (
        (0.36, 0.18, 0), "share", "E07; E08", "C",
        "function gained by managing existing ponds: some 90 ha of pond to be filled at San Tin over 253 ha of"
        " eco-fishpond gives 0.36 if these are to make good all of it; half of it and nothing are assumptions",
    ),
    "additional_share": (
        (1, 0, 0), "share", "E07; E11", "M",
        "the parks are the published compensation of San Tin: counted for a railway they would count twice;"
        " counted in the low case only (assumption)",
    ),
}  # fmt: skip

COMPENSATION_COLUMNS = (
    "quantity", "habitat_id", "low", "central", "high", "unit", "source", "confidence", "note",
)  # fmt: skip


def compensation_rows() -> list[tuple[object, ...]]:
    """The rows of compensation.csv in the order of :data:`COMPENSATION_COLUMNS`."""
    rows: list[tuple[object, ...]] = [
        (quantity, "", *figure, unit, source, confidence, note)
        for quantity, (figure, unit, source, confidence, note) in GENERAL.items()
    ]
    rows += [("years_to_function", h, *f, "years", ASSUMED, "M", note) for h, (f, note) in YEARS.items()]
    rows += [
        (
            "delivery_factor",
            h,
            *f,
            "share",
            ASSUMED if h in ("marine", *NOT_COMPENSATED) else METRIC,
            "M" if h in ("marine", *NOT_COMPENSATED) else "B",
            note,
        )
        for h, (f, note) in DELIVERY.items()
    ]
    for habitat in YEARS:
        figure = (0, 0, 0) if habitat == "built_up" else (0.5, 0.75, 1)
        note = "no habitat" if habitat == "built_up" else SURVEYLESS
        rows.append(("condition", habitat, *figure, "share", ASSUMED, "M", note))
    for habitat in YEARS:
        wanted = 0 if habitat in NOT_COMPENSATED else 1
        note = "negligible habitat: counted, not compensated" if wanted == 0 else "compensated like for like"
        rows.append(("compensated", habitat, wanted, wanted, wanted, "0 or 1", ASSUMED, "M", note))
    return rows


# Significance. Headings: Annex 8 of the Technical Memorandum of the EIA Ordinance, Table 1 (impact) and Table 2 (habitat).
ANNEX8 = "A03; EIAO-TM Annex 8 Table 1"
ANNEX8_HABITAT = "A04; EIAO-TM Annex 8 Table 2"
SIGNIFICANCE_COLUMNS = (
    "id", "kind", "subject", "label_en", "label_zh_hant", "label_zh_hans", "measure", "unit",
    "minor", "moderate", "severe", "source", "confidence", "note",
)  # fmt: skip

HEADINGS: tuple[tuple[str, str, str, str, str], ...] = (
    ("habitat_quality", "impact", "Habitat quality", "生境質素", "生境质量"),
    ("species", "impact", "Species", "物種", "物种"),
    ("size_abundance", "impact", "Size/Abundance", "規模／數量", "规模／数量"),
    ("duration", "impact", "Duration", "持續時間", "持续时间"),
    ("reversibility", "impact", "Reversibility", "可復原程度", "可恢复程度"),
    ("magnitude", "impact", "Magnitude", "幅度", "幅度"),
    ("naturalness", "habitat", "Naturalness", "天然程度", "天然程度"),
    ("size", "habitat", "Size", "面積", "面积"),
    ("diversity", "habitat", "Diversity", "多樣性", "多样性"),
    ("rarity", "habitat", "Rarity", "稀有程度", "稀有程度"),
    ("re_creatability", "habitat", "Re-creatability", "可重建程度", "可重建程度"),
    ("fragmentation", "habitat", "Fragmentation", "破碎程度", "破碎程度"),
    ("ecological_linkage", "habitat", "Ecological linkage", "生態連繫", "生态联系"),
    ("potential_value", "habitat", "Potential value", "潛在價值", "潜在价值"),
    ("nursery", "habitat", "Nursery/Breeding ground", "育幼／繁殖地", "育幼／繁殖地"),
    ("age", "habitat", "Age", "年齡", "年龄"),
    ("abundance_richness", "habitat", "Abundance/Richness of wildlife", "野生動物數量／豐富度", "野生动物数量／丰富度"),
)  # fmt: skip

LABELS: tuple[tuple[str, str, str, str, str], ...] = (
    ("level_0", "label", "none", "無", "无"),
    ("level_1", "label", "minor", "輕微", "轻微"),
    ("level_2", "label", "moderate", "中等", "中等"),
    ("level_3", "label", "severe", "嚴重", "严重"),
    ("rating_0", "label", "very low", "甚低", "甚低"),
    ("rating_1", "label", "low", "低", "低"),
    ("rating_2", "label", "medium", "中", "中"),
    ("rating_3", "label", "high", "高", "高"),
    ("not_assessed", "label", "not assessed", "未評估", "未评估"),
    ("wetland", "label", "wetland", "濕地", "湿地"),
    ("marine", "label", "sea", "海域", "海域"),
    ("woodland", "label", "woodland", "林地", "林地"),
    ("open", "label", "open country", "開闊地", "开阔地"),
    ("farmland", "label", "farmland", "農地", "农地"),
    ("built", "label", "built-up land and urban green", "已發展地區及市區綠地", "建成区及城市绿地"),
    ("freshwater", "label", "fresh water", "淡水", "淡水"),
    ("protected", "label", "protected areas", "保護地", "保护地"),
    ("wildlife_sites", "label", "egretries, roosts and flight corridors", "鷺鳥林、棲息處及飛行走廊", "鹭鸟林、栖息处及飞行走廊"),
    ("construction", "label", "construction", "施工期", "施工期"),
    ("operation", "label", "operation", "營運期", "运营期"),
    ("taken", "reason", "{ha} ha taken: {good} for good, {time} during the works", "佔用 {ha} 公頃：永久 {good}，施工期 {time}", "占用 {ha} 公顷：永久 {good}，施工期 {time}"),
    ("near", "reason", "{ha} ha within 300 m of works or trains", "工程或列車300米內有 {ha} 公頃", "工程或列车300米内有 {ha} 公顷"),
    ("value", "reason", "ecological value {value} of 5 ({name}), an assumption", "生態價值 {value}／5（{name}），屬假設", "生态价值 {value}／5（{name}），属假设"),
    ("no_ground", "reason", "near it only ground of negligible value", "附近只有生態價值極低的土地", "附近只有生态价值极低的土地"),
    ("too_far", "reason", "too far to be disturbed by the central curve", "距離較遠，按中間曲線不受干擾", "距离较远，按中间曲线不受干扰"),
    ("protected", "reason", "{ha} ha inside protected areas", "保護地內 {ha} 公頃", "保护地内 {ha} 公顷"),
    ("no_value", "reason", "only ground of negligible value ({ha} ha)", "只涉及生態價值極低的土地（{ha} 公頃）", "只涉及生态价值极低的土地（{ha} 公顷）"),
    ("wildlife", "reason", "{name} at {m} m ({phase})", "{name}，距離 {m} 米（{phase}）", "{name}，距离 {m} 米（{phase}）"),
    ("no_wildlife", "reason", "no mapped egretry, roost or flight corridor within 500 m of it", "其500米內沒有已標示的鷺鳥林、棲息處或飛行走廊", "其500米内没有已标示的鹭鸟林、栖息处或飞行走廊"),
    ("by_species", "reason", "judged by species", "按物種一項評定", "按物种一项评定"),
    ("see_wildlife", "reason", "see the row of wildlife sites", "見野生動物地點一行", "见野生动物地点一行"),
    ("sites", "reason", "{count} mapped sites within 500 m", "500米內有 {count} 個已標示地點", "500米内有 {count} 个已标示地点"),
    ("trains_near", "reason", "as long as trains run in the open within 500 m", "500米內露天行車期間持續", "500米内露天行车期间持续"),
    ("for_good", "reason", "for good ({ha} ha)", "永久（{ha} 公頃）", "永久（{ha} 公顷）"),
    ("for_years", "reason", "about {years} years until it works again, an assumption", "約 {years} 年後恢復功能，屬假設", "约 {years} 年后恢复功能，属假设"),
    ("trains", "reason", "as long as trains run ({ha} ha)", "列車營運期間持續（{ha} 公頃）", "列车运营期间持续（{ha} 公顷）"),
    ("not_given_back", "reason", "not given back ({ha} ha)", "不復原（{ha} 公頃）", "不恢复（{ha} 公顷）"),
    ("given_back", "reason", "given back; {share} of it expected to recover, an assumption", "歸還；預期 {share} 可恢復，屬假設", "归还；预期 {share} 可恢复，属假设"),
    ("ends", "reason", "ends when the source stops", "來源停止後結束", "来源停止后结束"),
    ("corridor", "reason", "{m} m of a green corridor crossed in the open ({name})", "露天穿越綠廊 {m} 米（{name}）", "露天穿越绿廊 {m} 米（{name}）"),
    ("corridor_taken", "reason", "{ha} ha of green corridors taken", "佔用綠廊 {ha} 公頃", "占用绿廊 {ha} 公顷"),
    ("deck", "reason", "{ha} ha under the deck", "橋面下 {ha} 公頃", "桥面下 {ha} 公顷"),
    ("disturbed", "reason", "as much as {ha} ha fully disturbed (central curve, {phase})", "相當於全面干擾 {ha} 公頃（中間曲線，{phase}）", "相当于全面干扰 {ha} 公顷（中间曲线，{phase}）"),
    ("closed", "reason", "no green corridor crossed in the open, no deck over it", "沒有露天穿越綠廊，亦沒有橋面", "没有露天穿越绿廊，亦没有桥面"),
    ("untouched", "reason", "takes no ground", "不佔用土地", "不占用土地"),
    ("unknown", "reason", "{ha} ha where no habitat is known: no level given", "{ha} 公頃生境不明：不作評級", "{ha} 公顷生境不明：不作评级"),
    ("hectares", "reason", "{ha} ha taken or within 500 m", "佔用或500米內共 {ha} 公頃", "占用或500米内共 {ha} 公顷"),
    ("share", "reason", "{share} of the land and sea mapped", "佔所繪陸地及海域的 {share}", "占所绘陆地及海域的 {share}"),
    ("ratio", "reason", "{ratio} ha to create for each hectare lost (ledger, before the place is known)", "每損失一公頃須重建 {ratio} 公頃（帳目，未計地點）", "每损失一公顷须重建 {ratio} 公顷（账目，未计地点）"),
    ("man_made", "reason", "by kind of habitat, an assumption", "按生境類別，屬假設", "按生境类别，属假设"),
    ("corridors", "reason", "{count} green corridors taken or crossed in the open by the scenario as a whole", "整個方案露天穿越或佔用 {count} 條綠廊", "整个方案露天穿越或占用 {count} 条绿廊"),
    ("survey", "reason", "needs a field survey", "須實地調查", "须实地调查"),
    ("elsewhere", "reason", "see the fragmentation part", "見破碎化部分", "见破碎化部分"),
)  # fmt: skip

# criterion, subject, measure, unit, (minor, moderate, severe), source, confidence, why; 0 means anything above 0
THRESHOLDS: tuple[tuple[str, str, str, str, Figure, str, str, str], ...] = (
    ("habitat_quality", "", "ecological_value", "ordinal 1 to 5", (2, 3, 5), ASSUMED, "M", "ponds, mangrove and mudflat are severe, built-up land is none"),
    ("species", "", "distance_m", "m", (500, 150, 0), "Q04; Q01", "A", "assessment area 500 m, exclusion 150 m, reached into; that these are the steps is an assumption"),
    ("size_abundance", "", "taken_ha", "ha", (0, 1, 10), ASSUMED, "M", "one and ten hectares"),
    ("size_abundance", "wetland", "taken_ha", "ha", (0, 0.5, 1.7), "A06; P01", "M", "0.5 ha: size trigger from memory; 1.7 ha: the wetland loss of the viaduct refused in 2000"),
    ("size_abundance", "protected", "taken_ha", "ha", (0, 0.5, 1.7), "A01; P01", "M", "as wetland; of the highest value whatever grows there (A01)"),
    ("size_abundance", "woodland", "taken_ha", "ha", (0, 1, 5), "A06", "M", "1 ha: size trigger from memory; 5 ha an assumption"),
    ("size_abundance", "near", "near_ha", "ha", (0, 20, 100), ASSUMED, "M", "within 300 m of works or trains"),
    ("size_abundance", "sites", "sites", "number", (0, 3, 6), ASSUMED, "M", "mapped egretries, roosts and flight corridors within 500 m"),
    ("duration", "", "years", "years", (0, 5, 20), ASSUMED, "M", "years until the ground works again; for good counts as more than any"),
    ("duration", "permanent", "permanent_ha", "ha", (0.01, 0.01, 0.01), ASSUMED, "M", "from 100 square metres on, a loss for good is severe in duration and reversibility"),
    ("reversibility", "", "delivery_factor", "share", (1, 0.67, 0.33), "M40", "B", "difficulty classes of the metric (docs/ledger.md); that these are the steps is an assumption"),
    ("magnitude", "corridor", "open_m", "m", (0, 100, 500), ASSUMED, "M", "length of a green corridor crossed in the open"),
    ("magnitude", "corridor_taken", "corridor_ha", "ha", (0, 0.5, 2), ASSUMED, "M", "ground of green corridors taken"),
    ("magnitude", "deck", "shade_ha", "ha", (0, 0.5, 2), ASSUMED, "M", "ground under a deck"),
    ("magnitude", "", "equivalent_ha", "ha", (0, 5, 50), ASSUMED, "M", "area weighted by the central decay curve (Q05), the worse phase"),
    ("magnitude", "wetland", "equivalent_ha", "ha", (0, 1, 10), ASSUMED, "M", "the same for wetland, whose birds the curve is for"),
    ("magnitude", "protected", "equivalent_ha", "ha", (0, 1, 10), ASSUMED, "M", "the same for ground inside protected areas"),
    ("size", "", "habitat_ha", "ha", (1, 10, 50), ASSUMED, "M", "habitat taken or within 500 m (Q04)"),
    ("rarity", "", "share", "share", (0.2, 0.05, 0.01), ASSUMED, "M", "share of the mapped land and sea; smaller is rarer"),
    ("re_creatability", "", "ratio", "ha per ha", (1.1, 1.5, 3), ASSUMED, "M", "hectares to create for one lost, time and difficulty of the ledger; harder is of higher value"),
    ("ecological_linkage", "", "corridors", "number", (0, 2, 4), ASSUMED, "M", "green corridors taken or crossed in the open"),
)  # fmt: skip

NATURALNESS = {
    "woodland": 3, "shrubland": 3, "grassland": 3, "farmland": 1, "fishpond": 1, "mangrove": 3, "mudflat": 3,
    "marine": 3, "freshwater": 2, "rocky_shore": 3, "bare": 0, "urban_green": 1, "built_up": 0,
}  # fmt: skip
"""0 very low to 3 high: man-made ponds and fields low, channels and streams not told apart; an assumption."""


def significance_rows() -> list[tuple[object, ...]]:
    """The rows of significance.csv in the order of :data:`SIGNIFICANCE_COLUMNS`."""
    blank = ("", "", "", "", "")
    rows: list[tuple[object, ...]] = [
        (
            i,
            kind,
            "",
            *labels,
            *blank,
            ANNEX8 if kind == "impact" else ANNEX8_HABITAT,
            "B" if kind == "impact" else "M",
            "heading",
        )
        for i, kind, *labels in HEADINGS
    ]
    rows += [(i, kind, "", *labels, *blank, "", "", "") for i, kind, *labels in LABELS]
    rows += [
        (i, "threshold", subject, "", "", "", measure, unit, *steps, source, confidence, note)
        for i, subject, measure, unit, steps, source, confidence, note in THRESHOLDS
    ]
    rows += [
        (
            "naturalness",
            "rating",
            habitat,
            "",
            "",
            "",
            "rating",
            "0 to 3",
            rating,
            "",
            "",
            ASSUMED,
            "M",
            "by kind",
        )
        for habitat, rating in NATURALNESS.items()
    ]
    return rows


def write(name: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write one table."""
    with (OUT / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main() -> None:
    """Write both tables."""
    OUT.mkdir(exist_ok=True)
    write("compensation.csv", COMPENSATION_COLUMNS, compensation_rows())
    write("significance.csv", SIGNIFICANCE_COLUMNS, significance_rows())


if __name__ == "__main__":
    main()
