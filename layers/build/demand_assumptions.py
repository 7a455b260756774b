"""Groups, purposes, parameters and gateways of the demand model, each with its source. Called by demand.py.

Shares come from the Planning Department's Cross-boundary Travel Surveys of 2017 (D01 to D03 and the press release of
2019-02-28), 2013/14 (D04) and 2011. Nothing newer is published. What no survey gives is an assumption, and says so.
"""

from __future__ import annotations

import pandas as pd

SURVEY_2017 = "Planning Department, Northbound Southbound 2017 (press release 2019-02-28)"
SURVEY_2014 = "Planning Department, Northbound Southbound 2013/14 (press release 2014-12-30)"
# trips of people living in Hong Kong, of Hong Kong residents living in the Mainland, of visitors, in per cent of all
LIVING = {"2011": (61, 13), "2013/14": (52, 14), "2017": (48, 17.5)}
WEEKEND_RATE_OF_WORK = 0.3
WORK = ("business", "commute_school")
WORKING_DAYS = ("weekday", "friday")


def in_mainland(year: str) -> float:
    """Share of the trips of Hong Kong residents that those who live in the Mainland make, by one survey."""
    at_home, away = LIVING[year]
    return round(away / (at_home + away), 3)


def groups() -> pd.DataFrame:
    """Who crosses: share of a counted group, side of the home, share of Mainland ends outside Shenzhen."""
    away, least = in_mainland("2017"), in_mainland("2011")
    split = (
        f"17.5 % of all trips against 48 % of people living in Hong Kong: {away}; the share rose from {least} (2011) and "
        f"{in_mainland('2013/14')} (2013/14), no survey since"
    )
    columns = (
        "group_id,counted_as,share_of_counted,share_low,share_high,home_side,outside_share,outside_low,outside_high,"
        "value_of_time_group,assumed,confidence,source,reason"
    )
    rows = [
        ("hk_residents", "south_residents", round(1 - away, 3), 0.65, round(1 - least, 3), "hk", 0.316, 0.26, 0.36, "e-channel-resident", 0, "B", f"{SURVEY_2017}; D03; D04; S12", f"the rest of Hong Kong residents: {split}. Ends outside Shenzhen: 68.4 % of trips end in Shenzhen (D03); 74 % in 2013/14 (D04)"),
        ("hk_residents_in_mainland", "south_residents", away, least, 0.35, "sz", 0.1, 0.08, 0.15, "e-channel-resident", 0, "B", f"{SURVEY_2017}; D02", f"{split}. About 90 % come from Shenzhen (D02); 89 % in 2011"),
        ("mainland_visitors", "mainland_visitors", 1, 1, 1, "sz", 0.4, 0.25, 0.6, "mainland-visitor", 1, "M", "assumption; D01", "counted as such. Ends outside Shenzhen: no figure at hand; more than residents', since visits under the Individual Visit Scheme are open to many cities"),
        ("others", "other_visitors", 1, 1, 1, "hk", 0.4, 0.25, 0.6, "visitor", 1, "M", "assumption", "counted as such; most come by way of Hong Kong and stay there. Ends outside Shenzhen: as Mainland visitors"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns.split(","))


# group, purpose, share, low, high, what draws it, assumed, confidence, source, reason
PURPOSES = [
    ("hk_residents", "leisure", 0.457, 0.42, 0.6, "commercial", 0, "B", "D03; D04", "survey of 2017; 42 % in 2013/14; likely more since 2023, when shopping trips northbound grew (no survey)"),
    ("hk_residents", "visiting", 0.288, 0.2, 0.3, "residents", 0, "B", "D03", "survey of 2017; 27 % in 2013/14, 22 % in 2011"),
    ("hk_residents", "business", 0.144, 0.1, 0.19, "jobs", 0, "B", "D03; D04", "survey of 2017; 19 % in 2013/14"),
    ("hk_residents", "commute_school", 0.111, 0.05, 0.13, "jobs", 1, "C", "D03; section 6", "the rest of the survey of 2017: work, school and other purposes, not told apart"),
    ("hk_residents_in_mainland", "leisure", 0.155, 0.12, 0.19, "commercial", 0, "B", "D02", "survey of 2017; 15 % in 2013/14, 19 % in 2011"),
    ("hk_residents_in_mainland", "visiting", 0.223, 0.15, 0.25, "residents", 1, "C", "D02", "the rest of the survey of 2017: visits, business and other purposes, not told apart"),
    ("hk_residents_in_mainland", "business", 0, 0, 0.1, "jobs", 1, "C", "D02", "not told apart in the survey: part of the row of visiting"),
    ("hk_residents_in_mainland", "commute_school", 0.622, 0.56, 0.65, "residents", 0, "B", "D02", "survey of 2017: school 39 %, work 23.2 %; drawn by residents, since schools are where families live and pupils are the larger part (assumption). How this group's days off differ from those of other residents is not counted"),
    ("mainland_visitors", "leisure", 0.674, 0.6, 0.8, "commercial", 0, "B", "D02", "survey of 2017; 69 % in 2013/14 and 2011"),
    ("mainland_visitors", "visiting", 0.204, 0.12, 0.25, "residents", 1, "C", SURVEY_2014, "the rest of 2017 in the proportion of 2013/14, 15 % to 9 %"),
    ("mainland_visitors", "business", 0.122, 0.07, 0.16, "jobs", 1, "C", SURVEY_2014, "the rest of 2017 in the proportion of 2013/14, 15 % to 9 %"),
    ("mainland_visitors", "commute_school", 0, 0, 0.03, "jobs", 1, "M", "assumption", "visitors neither work nor go to school"),
    ("others", "leisure", 0.5, 0.3, 0.7, "commercial", 1, "M", "assumption", "no figure at hand"),
    ("others", "visiting", 0.15, 0.05, 0.3, "residents", 1, "M", "assumption", "no figure at hand"),
    ("others", "business", 0.35, 0.2, 0.5, "jobs", 1, "M", "assumption", "no figure at hand"),
    ("others", "commute_school", 0, 0, 0.03, "jobs", 1, "M", "assumption", "visitors neither work nor go to school"),
]  # fmt: skip
COUNTED_AS = {
    "hk_residents": "south_residents", "hk_residents_in_mainland": "south_residents",
    "mainland_visitors": "mainland_visitors", "others": "other_visitors",
}  # fmt: skip


def purposes(crossings: pd.DataFrame) -> pd.DataFrame:
    """Share of each purpose over the week, and on working days and days off.

    The surveys give the week. Journeys to work, school and business are made on a day off at a rate of a working day's
    (assumption); the days' totals are those counted in 2025, and the other purposes fill the rest in their proportion.
    """
    columns = [
        "group_id",
        "purpose",
        "share",
        "low",
        "high",
        "attraction",
        "assumed",
        "confidence",
        "source",
        "reason",
    ]
    table = pd.DataFrame(PURPOSES, columns=columns)
    parts = [
        with_days(rows, *days_of(crossings, COUNTED_AS[str(group)]))
        for group, rows in table.groupby("group_id", sort=False)
    ]
    order = [*columns[:5], "share_weekday", "share_weekend", *columns[5:]]
    return pd.concat(parts)[order]


def days_of(crossings: pd.DataFrame, counted_as: str) -> tuple[float, float]:
    """Share of 2025's passengers on working days, and a working day's passengers over those of a day off."""
    rows = crossings[(crossings["period_id"] == "2025") & (crossings["group"] == counted_as)]
    rows = rows[rows["day_type"] != "all"].assign(off=~rows["day_type"].isin(WORKING_DAYS))
    sums = (rows["passengers_per_day"] * rows["days"]).groupby(rows["off"]).sum()
    days = rows.drop_duplicates("day_type").groupby("off")["days"].sum()
    return float(sums[False] / sums.sum()), float(sums[False] / days[False] * days[True] / sums[True])


def with_days(rows: pd.DataFrame, working: float, ratio: float) -> pd.DataFrame:
    """The shares of one group with those of working days and days off, which together give the week's."""
    rate = WEEKEND_RATE_OF_WORK * ratio
    for_work = rows["purpose"].isin(WORK)
    weekday = rows["share"] / (working + (1 - working) * rate)
    weekend = weekday * rate
    free = rows["share"] / rows["share"][~for_work].sum()
    weekday = weekday.where(for_work, free * (1 - weekday[for_work].sum()))
    weekend = weekend.where(for_work, free * (1 - weekend[for_work].sum()))
    return rows.assign(share_weekday=weekday.round(4), share_weekend=weekend.round(4))


DEFRA_2009 = "Scottish Transport Statistics 30, table 5.15 (Defra factors 2009)"
# parameter, value, low, high, unit, assumed, confidence, source, reason
PARAMETERS = [
    ("choice_scale_per_min", 0.08, 0.03, 0.15, "per generalised minute", 1, "B", "D11", "between control points; travellers of the Hong Kong-Zhuhai-Macao Bridge: -0.149 and -0.083 a minute; here the range is tested"),
    ("way_nest_coefficient", 0.6, 0.4, 1, "of 1", 1, "M", "assumption", "ways to one crossing site are more alike than sites; 1 is no nest"),
    ("destination_scale_per_min", 0.03, 0.02, 0.05, "per generalised minute", 1, "M", "assumption", "destinations answer less to a minute than ways do; mean crossings take one to two hours (D12)"),
    ("total_elasticity", -0.5, -0.8, -0.2, "of crossings to generalised cost", 1, "M", "assumption", "usual range of public transport's demand to generalised cost; none measured here"),
    ("departure_h", 10, 8.5, 19, "hours after midnight", 1, "M", "assumption", "one hour speaks for the day: between the peaks, when most leisure journeys begin; no count by hour seen"),
    ("weekend_rate_of_work", WEEKEND_RATE_OF_WORK, 0.1, 0.5, "of a working day's", 1, "M", "assumption", "journeys to work, school and business on a day off; used for the shares of purposes by day"),
    ("new_line_constant_min", 0, -10, 10, "minutes", 1, "M", "assumption", "what a new crossing is worth beside its time and fare; nothing observed, so a band"),
    ("business_value_of_time_hkd_h", 132, 50, 132, "HKD an hour", 1, "C", "D11", "travellers of the Hong Kong-Zhuhai-Macao Bridge: 2.2 units a minute; taken for business alone, others as in fares/value_of_time.csv"),
    ("ride_detour", 1.25, 1.1, 1.4, "track or road over the straight line between the ends of a ride", 1, "M", "assumption", "turns straight lines into passenger-km for CO2"),
    ("third_west_middle_lon", 114.005, 113.99, 114.02, "degrees east", 1, "M", "assumption; S13", "half way between Shenzhen Bay and the Spur Line; thirds are ours"),
    ("third_middle_east_lon", 114.092, 114.08, 114.1, "degrees east", 1, "M", "assumption; S13", "half way between Huanggang and Lo Wu; thirds are ours"),
    ("large_constant_min", 20, 10, 40, "minutes", 1, "M", "assumption", "a calibrated constant above this is reported as a missing variable"),
    ("co2_metro_g_per_pkm", 53, 25, 80, "g CO2 per passenger-km", 1, "C", "London Underground in Defra factors 2007", "British factor; no factor of MTR or Shenzhen Metro at hand; trains here are fuller, power is made otherwise"),
    ("co2_light_rail_g_per_pkm", 77, 30, 90, "g CO2 per passenger-km", 1, "C", DEFRA_2009, "British factor; no local one at hand"),
    ("co2_high_speed_g_per_pkm", 40, 20, 60, "g CO2 per passenger-km", 1, "M", "assumption", "below the 57 g of British national rail, which has diesel trains"),
    ("co2_bus_g_per_pkm", 135, 50, 150, "g CO2 per passenger-km", 1, "C", DEFRA_2009, "British factor; fuller double-deckers are nearer the low end"),
    ("co2_coach_g_per_pkm", 31, 25, 60, "g CO2 per passenger-km", 1, "C", DEFRA_2009, "British factor"),
    ("co2_shuttle_g_per_pkm", 31, 25, 60, "g CO2 per passenger-km", 1, "C", DEFRA_2009, "as a coach"),
    ("co2_ferry_g_per_pkm", 116, 50, 250, "g CO2 per passenger-km", 1, "C", DEFRA_2009, "British factor for large ships; fast ferries use more"),
]  # fmt: skip


def parameters() -> pd.DataFrame:
    """Parameters with their ranges. The peak hour's share of a day is in the table of clearance assumptions."""
    columns = "parameter,value,low,high,unit,assumed,confidence,source,reason"
    return pd.DataFrame(PARAMETERS, columns=columns.split(","))


def gateways() -> pd.DataFrame:
    """Where trips with a Mainland end outside Shenzhen enter or leave its network. All shares are assumptions."""
    columns = "station_id,share,low,high,assumed,confidence,source,reason"
    rows = [
        ("hsr-shenzhen-north", 0.4, 0.25, 0.55, 1, "M", "assumption", "most high-speed trains to Dongguan, Guangzhou and beyond call here"),
        ("sz-luohu", 0.2, 0.1, 0.3, 1, "M", "assumption", "Shenzhen station: trains to Dongguan and Guangzhou; coaches"),
        ("sz-airport", 0.15, 0.05, 0.25, 1, "M", "assumption", "Bao'an airport, and the way west by coach"),
        ("hsr-futian", 0.1, 0.05, 0.2, 1, "M", "assumption", "high-speed trains, fewer than at Shenzhen North"),
        ("sz-huanggang-checkpoint", 0.1, 0.05, 0.2, 1, "M", "assumption", "coaches to Guangdong"),
        ("sz-buji", 0.05, 0.02, 0.15, 1, "M", "assumption", "Shenzhen East station: trains to Huizhou and the east"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns.split(","))
