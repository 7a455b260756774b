"""Demand of the made-up study of Zhuhai and Macao: invented counts at two control points, two groups, two spells of the day."""

from __future__ import annotations

from collections.abc import Mapping

GATES = ("gongbei", "hengqin-port")
COUNTS = {"mo_residents": (60_000, 8_000), "zh_residents": (90_000, 15_000)}
"""Passengers a day by counted group and gate, half of them in each direction."""


def _crossings() -> str:
    rows = [
        f"2025,{gate},{direction},{group},all,365,{count / 2},M,invented"
        for group, counts in COUNTS.items()
        for gate, count in zip(GATES, counts, strict=True)
        for direction in ("northbound", "southbound")
    ]
    head = "period_id,checkpoint_id,direction,group,day_type,days,passengers_per_day,confidence,source"
    return "\n".join([head, *rows, ""])


def _parameters() -> str:
    values = {
        "choice_scale_per_min": (0.08, 0.03, 0.15), "way_nest_coefficient": (0.6, 0.4, 1.0),
        "destination_scale_per_min": (0.03, 0.02, 0.05), "total_elasticity": (-0.5, -0.8, -0.2),
        "group_clearance_part": (0, 0, 1), "weekend_rate_of_work": (0.3, 0.1, 0.5), "new_line_constant_min": (0, -10, 10),
        "business_value_of_time_hkd_h": (132, 50, 132), "ride_detour": (1.25, 1.1, 1.4),
        "third_west_middle_lon": (113.52, 113.51, 113.53), "third_middle_east_lon": (113.546, 113.54, 113.55),
        "large_constant_min": (20, 10, 40),
        **{f"co2_{m}_g_per_pkm": (50, 20, 90) for m in ("metro", "light_rail", "high_speed", "bus", "coach", "shuttle", "ferry")},
    }  # fmt: skip
    rows = [
        f"{name},{value},{low},{high},of a test,1,M,assumption,invented"
        for name, (value, low, high) in values.items()
    ]
    return "\n".join(["parameter,value,low,high,unit,assumed,confidence,source,reason", *rows, ""])


DEMAND: Mapping[str, str] = {
    "demand_crossings.csv": _crossings(),
    "demand_parameters.csv": _parameters(),
    "demand_periods.csv": "period_id,scenario_id,year,reason\n2025,today,2025,invented\n",
    "demand_groups.csv": """\
group_id,counted_as,share_of_counted,share_low,share_high,home_side,outside_share,outside_low,outside_high,value_of_time_group,assumed,confidence,source,reason
mo_residents,mo_residents,1,1,1,mo,0,0,0,all,1,M,assumption,invented
zh_residents,zh_residents,1,1,1,zh,0,0,0,all,1,M,assumption,invented
""",
    "demand_purposes.csv": """\
group_id,purpose,share,low,high,share_weekday,share_weekend,attraction,assumed,confidence,source,reason
mo_residents,leisure,1,1,1,1,1,residents,1,M,assumption,invented
zh_residents,work,0.7,0.7,0.7,0.7,0.7,jobs,1,M,assumption,invented
zh_residents,business,0.3,0.3,0.3,0.3,0.3,jobs,1,M,assumption,invented
""",
    "demand_sites.csv": """\
checkpoint_id,site_id,third,assumed,confidence,source,reason
gongbei,gongbei,east,1,M,assumption,invented
hengqin-port,hengqin-port,middle,1,M,assumption,invented
link-gongbei,gongbei,east,1,M,assumption,invented
""",
    "demand_spells.csv": """\
spell_id,begins_h,ends_h,departure_h,departure_low,departure_high,share_outward,outward_low,outward_high,share_return,return_low,return_high,assumed,confidence,source,reason
day,7,22,10,8.5,19,0.9,0.8,1,0.8,0.7,0.9,1,M,assumption,invented
late,22,25,22.5,22,23,0.1,0,0.2,0.2,0.1,0.3,1,M,assumption,invented
""",
}
"""Tables by file name, as :func:`tests.zhuhai_macao.make_study` takes them."""
