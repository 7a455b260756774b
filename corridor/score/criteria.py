"""The criteria a scenario is judged by: what, in which unit, which way is better, and where the value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corridor.schema.text import Text

Group = Literal["access", "nature"]


@dataclass(frozen=True)
class Criterion:
    """One criterion; `weight` is its share inside its group, in every profile."""

    criterion_id: str
    title: Text
    unit: str
    direction: Literal["higher", "lower"]
    group: Group
    weight: float
    confidence: str
    note: str = ""


def _text(en: str, hant: str, hans: str) -> Text:
    return Text(en=en, zh_hant=hant, zh_hans=hans)


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "jobs_60_0830",
        _text(
            "Jobs within 60 min at 08:30, mean of residents",
            "居民平均60分鐘內可達職位（08:30）",
            "居民平均60分钟内可达岗位（08:30）",
        ),
        "jobs",
        "higher",
        "access",
        0.30,
        "C",
        "jobs are modelled",
    ),
    Criterion(
        "other_side_jobs_60_0830",
        _text(
            "Jobs across the boundary within 60 min at 08:30",
            "60分鐘內可達對岸職位（08:30）",
            "60分钟内可达对岸岗位（08:30）",
        ),
        "jobs",
        "higher",
        "access",
        0.25,
        "C",
        "jobs are modelled; cross-boundary access is not commuter demand",
    ),
    Criterion(
        "least_served_jobs_60_0830",
        _text(
            "The same for the 40 % of residents who reach least in the do-minimum",
            "可達最少的四成居民：60分鐘內職位",
            "可达最少的四成居民：60分钟内岗位",
        ),
        "jobs",
        "higher",
        "access",
        0.20,
        "C",
        "equity",
    ),
    Criterion(
        "hub_minutes_0830",
        _text(
            "Mean time between hubs on opposite sides at 08:30",
            "兩岸樞紐間平均時間（08:30）",
            "两岸枢纽间平均时间（08:30）",
        ),
        "min",
        "lower",
        "access",
        0.15,
        "C",
        "waits and clearance included",
    ),
    Criterion(
        "jobs_60_2300",
        _text(
            "Jobs within 60 min at 23:00, mean of residents",
            "居民平均60分鐘內可達職位（23:00）",
            "居民平均60分钟内可达岗位（23:00）",
        ),
        "jobs",
        "higher",
        "access",
        0.10,
        "M",
        "late headways are assumptions",
    ),
    Criterion(
        "permanent_wetland_ha",
        _text("Wetland taken for good", "永久佔用濕地", "永久占用湿地"),
        "ha",
        "lower",
        "nature",
        0.25,
        "C",
    ),
    Criterion(
        "permanent_marine_ha",
        _text("Sea bed taken for good", "永久佔用海床", "永久占用海床"),
        "ha",
        "lower",
        "nature",
        0.10,
        "C",
    ),
    Criterion(
        "permanent_protected_ha",
        _text("Designated areas taken for good", "永久佔用受保護地點", "永久占用受保护地点"),
        "ha",
        "lower",
        "nature",
        0.15,
        "C",
    ),
    Criterion(
        "temporary_wetland_ha",
        _text("Wetland taken during the works", "施工佔用濕地", "施工占用湿地"),
        "ha",
        "lower",
        "nature",
        0.05,
        "C",
    ),
    Criterion(
        "operation_wetland_equivalent_ha",
        _text(
            "Wetland disturbed in operation (weighted by distance)",
            "營運干擾濕地（按距離加權）",
            "运营干扰湿地（按距离加权）",
        ),
        "ha",
        "lower",
        "nature",
        0.15,
        "M",
        "decay curves from memory (Q05)",
    ),
    Criterion(
        "construction_wetland_equivalent_ha",
        _text(
            "Wetland disturbed by the works (weighted by distance)",
            "施工干擾濕地（按距離加權）",
            "施工干扰湿地（按距离加权）",
        ),
        "ha",
        "lower",
        "nature",
        0.10,
        "M",
        "decay curves from memory (Q05)",
    ),
    Criterion(
        "corridors_crossed_open_m",
        _text("Green corridors crossed in the open", "於地面穿越綠色走廊", "于地面穿越绿色走廊"),
        "m",
        "lower",
        "nature",
        0.10,
        "C",
    ),
    Criterion(
        "wildlife_sites_construction",
        _text(
            "Egretries, roosts and flight corridors within 500 m of works",
            "工程500米內鷺鳥林、夜棲地及飛行路徑",
            "工程500米内鹭鸟林、夜栖地及飞行路径",
        ),
        "sites",
        "lower",
        "nature",
        0.10,
        "C",
    ),
)

BUILDOUT: tuple[Criterion, ...] = tuple(
    Criterion(
        f"{c.criterion_id}_buildout",
        _text(
            f"{c.title.en}, planned build-out",
            f"{c.title.zh_hant}（規劃建成）",
            f"{c.title.zh_hans}（规划建成）",
        ),
        c.unit,
        c.direction,
        c.group,
        c.weight,
        "M",
        "the same on the planned people and jobs of 2035",
    )
    for c in CRITERIA
    if c.group == "access" and "jobs" in c.criterion_id
)
"""Access criteria on the land state `buildout-2035`; shown beside the census, never mixed with it."""
