"""Build the Shenzhen metro tables (layers/network/*_sz.csv) from the reference data folder.

    python layers/build/sz_metro.py --sources DIR

Inputs (DIR/shenzhen_metro/):
    official_line_order_2026-01-14_transcribed.json   order of stations and colour of the 16 routes
    stations_compiled_wgs84.csv                       positions, source A checked against B, distance given
    line13_and_missing_positions_wgs84.csv            OpenStreetMap positions of the missing ones
    shenzhen_run_minutes_by_segment.csv               minutes between stops, stops included, and track metres
Public facts that the folder lacks stand in the tables below, each with its origin: opening dates of the
phases, first and last trains, Line 16, the position of Xichong, times of changing trains.

Method
    Positions: source A (OpenStreetMap-like, 2026-07), checked against B (another map, converted); the
    distance is kept and the accuracy is never below it. Where A and B are more than 120 m apart or one
    is missing, a third position (extract of OpenStreetMap, 2026-10-06) is used or checked against. It is
    not independent of A, so agreement with it proves little; the ratio of straight to track length of
    every link is the second check.
    Run times: the minutes are differences of whole minutes of first and last trains. Within a line a
    straight line is fitted (seconds = a + b x metres) and each link is drawn towards it by empirical
    Bayes with a reading error of 15 s, then scaled so that the line keeps its total (lines 3 and 12: the
    total of the last train, which is more than a minute longer than the sum of the minutes). No link is
    faster than the line's top speed with a start and a stop allows. The dwell is an assumption, taken out
    of the total, not added to it: the sum of runs and of the dwells of the stops between equals the total.
    Dates: a stop carries the date from which its line serves it, so that a scenario of 2024 does not run
    a line of 2026.
    Headways, walking and dwell are assumptions, except where a source is given; each row names its row
    of service_assumptions_sz.csv.

Checks printed: number of stations and stops, A-B distances, straight against track length, line lengths
against the published ones, line totals against published totals, Line 11 against its published run times
(Z01).

Licence: own compilation, CC BY 4.0; positions derived from OpenStreetMap, ODbL 1.0 (© OpenStreetMap
contributors).
Two spellings of the transcribed list are slips and are corrected: 学城 is 大学城, 人民 is 人民南;
深圳北 and 深圳北站 are one station. The list is dated 2026-01-14 but contains the northern
extension of Line 13 (opened 2026-06-28).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
from pathlib import Path

import numpy as np

from corridor.core.crs import project_xy

OUT = Path(__file__).resolve().parents[1] / "network"

# --- names ------------------------------------------------------------------------------
ALIAS = {"学城": "大学城", "人民": "人民南", "深圳北": "深圳北站"}
# English as on the operator's map where the sources differ from it or lack it
ENGLISH = {
    "深圳北站": "Shenzhen North Station",
    "上梅林": "Shangmeilin",
    "大剧院": "Grand Theater",
    "大学城": "University Town",
    "人民南": "Renmin South",
    "光明城": "Guangmingcheng",
    "光明大街": "Guangming Street",
    "双拥街": "Shuangyong Street",
    "蚝乡": "Haoxiang",
    "宝安": "Bao'an",
    "左炮台东": "Zuopaotai East",
    "高新南": "Hi-Tech South",
    "高新中": "Hi-Tech Central",
    "高新北": "Hi-Tech North",
    "德雅路": "Deya Road",
    "月亮路": "Yueliang Road",
    "溪涌": "Xichong",
    "东门": "Dongmen",
}
STATION_ID = {"深圳北站": "sz-shenzhen-north"}
FROM_MEMORY_OR_WEAK = {"德雅路", "月亮路", "红坳公园", "将围", "新庄", "上村", "下村", "李松蓢"}
HANS = (
    "罗国贸剧学馆华强岗厦会购园车庙侨东鲤鱼门湾宝体乡后机场头红树莲贝黄岭盐鸿围宫晒约横运爱联龙广双乐胜长观澜铁妈临"
    "灵兴丽杨径鸽笼银关阳凤楼桥云农笋梦书粤锦拥凉为尔马峦钟怀蚝应将庄术纵纪环阁线号圳铁"
)
HANT = (
    "羅國貿劇學館華強崗廈會購園車廟僑東鯉魚門灣寶體鄉後機場頭紅樹蓮貝黃嶺鹽鴻圍宮曬約橫運愛聯龍廣雙樂勝長觀瀾鐵媽臨"
    "靈興麗楊徑鴿籠銀關陽鳳樓橋雲農筍夢書粵錦擁涼為爾馬巒鍾懷蠔應將莊術縱紀環閣線號圳鐵"
)
TO_HANT = str.maketrans(HANS, HANT)

# --- positions: a third source, OpenStreetMap extract of 2026-10-06 (ODbL), longitude, latitude
THIRD = {
    "溪涌": (114.35501, 22.61465),
    "罗湖": (114.11325, 22.53331),
    "购物公园": (114.04836, 22.53712),
    "深大": (113.93981, 22.54108),
    "后海": (113.93722, 22.52105),
    "岗厦北": (114.0634, 22.54309),
    "福民": (114.06131, 22.52625),
    "茜坑": (114.03614, 22.70071),
    "牛湖": (114.08244, 22.72675),
    "前湾公园": (113.88535, 22.51985),
    "梅林关": (114.04801, 22.59718),
    "红花山": (113.90185, 22.78078),
    "公明广场": (113.88777, 22.7801),
    "松岗公园": (113.84465, 22.78132),
    "华强南": (114.08202, 22.54049),
    "粤海门": (113.94096, 22.53558),
    "雪象": (114.07359, 22.65969),
    "碧海湾": (113.85026, 22.57878),
    "福永": (113.8013, 22.67775),
    "碧头": (113.81502, 22.78623),
    "左炮台东": (113.89625, 22.47346),
    "国展北": (113.77183, 22.70803),
    "上川": (113.89153, 22.57982),
    "坪山中心": (114.34707, 22.71147),
    "四联": (114.18805, 22.65126),
    "深圳北站": (114.02518, 22.61308),
    "梨园": (114.27697, 22.73734),
    "新生": (114.27829, 22.75084),
    "坪西": (114.27734, 22.7659),
    "低碳城": (114.2849, 22.77391),
    "白石塘": (114.29788, 22.77783),
    "富坪": (114.30591, 22.78277),
    "坪地六联": (114.31724, 22.78964),
    "碧眼": (113.94632, 22.76169),
    "虹桥公园": (113.94539, 22.75317),
    "光明城": (113.9488, 22.73574),
    "深大丽湖": (113.98345, 22.59578),
    "北大": (113.97351, 22.59684),
    "福星": (114.0763, 22.54025),
    "蚝乡": (113.78508, 22.74354),
    "沙蚝": (113.79665, 22.74258),
    "沙井古墟": (113.80334, 22.74723),
    "步涌": (113.80735, 22.76107),
    "朗下": (113.81297, 22.77045),
    "深圳湾口岸": (113.94532, 22.50597),
    "人才公园": (113.93822, 22.51485),
    "高新中": (113.94035, 22.54996),
    "金源": (114.22673, 22.67603),
    "吉溪": (114.22782, 22.66326),
    "大安": (114.23112, 22.65776),
    "园山": (114.23323, 22.64833),
    "大康": (114.22455, 22.64197),
    "福坑": (114.2173, 22.63847),
    "安良": (114.215, 22.63057),
    "园山西坑": (114.22021, 22.61892),
    "上梅林": (114.05469, 22.57159),
    "湖贝": (114.11908, 22.54688),
    "华强北": (114.08129, 22.54672),
    "双拥街": (114.12772, 22.70115),
}
# interchanges where A is one line's platform (the middle of the platforms is the better point), and one
# stop where A
# stands farther from its neighbour than the track is long
MIDDLE = {
    "购物公园",
    "深大",
    "后海",
    "岗厦北",
    "福民",
    "公明广场",
    "华强南",
    "粤海门",
    "福永",
    "上梅林",
    "湖贝",
    "华强北",
    "双拥街",
}

# --- lines ------------------------------------------------------------------------------
SZMC, MTRSZ = "Shenzhen Metro Group", "MTR Corporation (Shenzhen)"
# route of the list: id, number as said, operator, opened, published km, full-line minutes published
# elsewhere, dwell s
LINES = {
    "1": ("sz-l1", "1", SZMC, "2004-12-28", 40.876, None, 30),
    "2-8": ("sz-l2-8", "2/8", SZMC, "2010-12-28", 39.567 + 20.38 + 3.69, None, 30),
    "3": ("sz-l3", "3", SZMC, "2010-12-28", 42.54 + 9.28, None, 30),
    "4": ("sz-l4", "4", MTRSZ, "2004-12-28", 31.3, 51, 30),
    "5": ("sz-l5", "5", SZMC, "2011-06-22", 47.393 + 2.88, 80, 30),
    "6": ("sz-l6", "6", SZMC, "2020-08-18", 49.514, None, 30),
    "6B": ("sz-l6-branch", "6 Branch", SZMC, "2022-11-28", 6.13 + 4.944, None, 30),
    "7": ("sz-l7", "7", SZMC, "2016-10-28", 30.197 + 2.22, None, 30),
    "9": ("sz-l9", "9", SZMC, "2016-10-28", 36.18, None, 30),
    "10": ("sz-l10", "10", SZMC, "2020-08-18", 29.311, 54, 30),
    "11": ("sz-l11", "11", SZMC, "2016-06-28", 53.536 + 4.3, None, 35),
    "12": ("sz-l12", "12", "Shenzhen Line 12 Rail Transit", "2022-11-28", 40.54 + 8.05, 87, 30),
    "13": ("sz-l13", "13", "MTR CREC Metro (Shenzhen)", "2024-12-28", 45.81 - 4.47, None, 35),
    "14": ("sz-l14", "14", SZMC, "2022-10-28", 50.34, 54, 35),
    "16": ("sz-l16", "16", SZMC, "2022-12-28", 29.2 + 9.54, None, 30),
    "20": ("sz-l20", "20", SZMC, "2021-12-28", 8.43, None, 35),
}
# phases: from stop to stop of the official order, both included, and the date from which the line serves them
PHASES = {
    "1": [
        ("罗湖", "世界之窗", "2004-12-28"),
        ("白石洲", "深大", "2009-09-28"),
        ("桃园", "机场东", "2011-06-15"),
    ],
    "2-8": [
        ("赤湾", "世界之窗", "2010-12-28"),
        ("侨城北", "新秀", "2011-06-28"),
        ("莲塘口岸", "盐田路", "2020-10-28"),
        ("鸿安围", "小梅沙", "2023-12-27"),
        ("溪涌", "溪涌", "2025-12-28"),
    ],
    "3": [
        ("福保", "福保", "2020-10-28"),
        ("益田", "水贝", "2011-06-28"),
        ("草埔", "双龙", "2010-12-28"),
        ("梨园", "坪地六联", "2024-12-28"),
    ],
    "4": [
        ("福田口岸", "福田口岸", "2007-06-28"),
        ("福民", "少年宫", "2004-12-28"),
        ("莲花北", "清湖", "2011-06-16"),
        ("清湖北", "牛湖", "2020-10-28"),
    ],
    "5": [
        ("赤湾", "桂湾", "2019-09-28"),
        ("前海湾", "黄贝岭", "2011-06-22"),
        ("湖贝", "大剧院", "2025-12-28"),
    ],
    "6": [("科学馆", "松岗", "2020-08-18")],
    "6B": [("深理工", "光明", "2022-11-28"), ("碧眼", "光明城", "2025-09-28")],
    "7": [("深大丽湖", "北大", "2024-12-28"), ("西丽湖", "太安", "2016-10-28")],
    "9": [("前湾", "高新南", "2019-12-08"), ("红树湾南", "文锦", "2016-10-28")],
    "10": [("双拥街", "福田口岸", "2020-08-18")],
    "11": [
        ("红岭南", "红岭南", "2025-12-28"),
        ("华强南", "福星", "2024-12-28"),
        ("岗厦北", "岗厦北", "2022-10-28"),
        ("福田", "碧头", "2016-06-28"),
    ],
    "12": [("左炮台东", "海上田园东", "2022-11-28"), ("蚝乡", "松岗", "2024-12-28")],
    "13": [
        ("深圳湾口岸", "高新中", "2024-12-28"),
        ("高新北", "上屋", "2025-12-28"),
        ("红坳公园", "李松蓢", "2026-06-28"),
    ],
    "14": [("沙田", "岗厦北", "2022-10-28")],
    "16": [("田心", "大运", "2022-12-28"), ("金源", "园山西坑", "2025-09-28")],
    "20": [("机场北", "会展城", "2021-12-28")],
}
WEAK_DATES = {("4", "福田口岸")}  # from memory
DATE_SOURCE = "opening dates: line histories 2024 and press 2024-2026"

# Line 16: track metres and minutes between departures, differences of first and last trains of all
# stations (2026-10)
LINE16 = """\
田心 技术大学 1707 2; 技术大学 石井 2064 3; 石井 燕子湖 922 1.88
燕子湖 沙壆 1104 2; 沙壆 东纵纪念馆 962 1.5; 东纵纪念馆 坪环 1008 1.75
坪环 坪山围 810 2; 坪山围 六和 817 1.88; 六和 新和 865 1.88
新和 坪山 1019 1.88; 坪山 宝龙同乐 1679 2.38; 宝龙同乐 龙东 2238 3.38
龙东 新塘围 1227 2.25; 新塘围 双龙 1131 1.75; 双龙 龙园 1252 2.25
龙园 盛平 1597 2.25; 盛平 尚景 940 1.88; 尚景 回龙埔 848 1.62
回龙埔 愉园 1315 2.25; 愉园 黄阁坑 1381 1.83; 黄阁坑 龙城公园 1721 2.33
龙城公园 大运中心 1071 2; 大运中心 大运 1414 2.38; 大运 金源 1732 2.38
金源 吉溪 1670 3; 吉溪 大安 787 1.25; 大安 园山 1086 2
园山 大康 1433 2.5; 大康 福坑 849 1.5; 福坑 安良 1104 2
安良 园山西坑 1443 2.25"""
# Line 13 passes the stop of the Xili high speed hub without calling (Z03); share of the way from Hi-Tech
# North
XILI = ("xili-hub", "高新北", "石鼓", 0.55, 65)
Z01 = {
    "车公庙": 3,
    "红树湾南": 9,
    "后海": 14,
    "南山": 16,
    "前海湾": 21,
    "宝安": 24,
    "碧海湾": 28,
    "机场": 35,
    "机场北": 38,
}
READING_ERROR_S = 15.0
TOP_KMH = {"11": 120, "14": 120, "20": 120, "6B": 120, "13": 100, "6": 100, "3": 100}  # 80 for the others
BRAKING = 1.0  # m/s2, start and stop: no link is faster than full speed with these
# minutes of the last train from end to end, mean of the two directions, and the last link (timetable of
# 2026-10)
LAST_TRAIN_MIN = {
    "1": 69,
    "2-8": 106,
    "3": 89,
    "4": 54,
    "5": 87.5,
    "6": 74,
    "6B": 13.5,
    "7": 61.5,
    "9": 68.5,
    "10": 54,
    "11": 70,
    "12": 86,
    "13": 63.5,
    "14": 55.5,
    "16": 65.5,
    "20": 11.5,
}
SCALE_ABOVE_MIN = 1.0  # the last train's total is taken where the summed minutes are farther from it

# --- service ----------------------------------------------------------------------------
# working days, first and last train at the two ends in the official order; 2026 timetable (agrees with
# those known before)
HOURS = {
    "1": ("06:20", "23:00", "06:21", "23:00"),
    "2-8": ("05:53", "22:44", "05:54", "22:56"),
    "3": ("06:00", "23:00", "06:00", "23:00"),
    "4": ("06:34", "23:00", "06:22", "23:00"),
    "5": ("05:58", "23:13", "06:00", "22:45"),
    "6": ("06:10", "23:00", "06:20", "23:00"),
    "6B": ("06:27", "23:01", "06:30", "23:05"),
    "7": ("06:12", "23:00", "06:11", "23:00"),
    "9": ("06:00", "23:00", "06:00", "23:00"),
    "10": ("06:08", "23:00", "06:04", "23:00"),
    "11": ("06:00", "23:30", "06:00", "23:34"),
    "12": ("06:12", "23:00", "06:05", "23:00"),
    "13": ("06:30", "23:00", "06:30", "23:00"),
    "14": ("06:00", "23:00", "06:00", "23:30"),
    "16": ("05:39", "23:00", "05:42", "23:00"),
    "20": ("07:00", "22:16", "07:00", "22:32"),
}
HOURS_SOURCE = "timetable at all stations, working days, 2026-10 (repost of the operator's times)"
HOURS_SOURCES = {
    "11": "operator's last trains 23:30 and 23:34; "
    "the 2026-10 timetable has 23:19 from Hongling South and 23:36 from Bitou",
    "13": "Z04; " + HOURS_SOURCE,
}
PERIODS = ("early", "am_peak", "midday", "pm_peak", "evening", "late")
GROUP = {
    "1": "trunk",
    "3": "trunk",
    "4": "trunk",
    "5": "trunk",
    "2-8": "city",
    "7": "city",
    "9": "city",
    "10": "city",
    "6": "outer",
    "11": "outer",
    "12": "outer",
    "14": "outer",
    "13": "thin",
    "16": "thin",
    "6B": "thin",
    "20": "thin",
}
GROUP_TEXT = {
    "trunk": "Lines 1, 3, 4, 5",
    "city": "Lines 2/8, 7, 9, 10",
    "outer": "Lines 6, 12, 14 (11 where nothing else is known)",
    "thin": "Lines 13, 16, 20 and 6 Branch",
}
OFFPEAK = {  # seconds, assumptions
    "trunk": {"early": 300, "midday": 300, "evening": 330, "late": 480},
    "city": {"early": 360, "midday": 360, "evening": 420, "late": 540},
    "outer": {"early": 420, "midday": 420, "evening": 480, "late": 600},
    "thin": {"early": 480, "midday": 480, "evening": 540, "late": 600},
}
PEAK_Z09 = {
    "1": 135,
    "4": 120,
    "5": 120,
    "7": 180,
    "10": 180,
    "13": 330,
    "20": 360,
}  # middle of the range given
PEAK_NOTE = {
    "5": "; in the core, where trains turn on the way; it may be twice as long at the Chiwan end",
    "20": "; a public simulation has 600 s",
}
PEAK_GROUP = {"trunk": 180, "city": 210, "outer": 240, "thin": 360}
L11_AM, L11_PM, L11_MIDDAY = (
    165,
    263,
    390,
)  # 2:45 and 4:23 between Airport North and the city, 6:30 on rest days
ASSUMED_HEADWAY = "Z09 where it has the line, else by group"

# --- walking ----------------------------------------------------------------------------
WALK_M_S, DETOUR, EXITS_S, PLATFORM_S = 1.2, 1.3, 120, 60
NEAR_M = 450
# halls of the control points on the Shenzhen side: lon, lat, accuracy m, station, kind, origin of the
# position
HALLS = {
    "lo-wu@sz": (114.113365, 22.531083, 50, "罗湖", "covered", "B01; encyclopaedia position of Luohu Port"),
    "lok-ma-chau-spur@sz": (
        114.0640,
        22.5165,
        150,
        "福田口岸",
        "covered",
        "hall taken on the line from the metro to the MTR station (some 450 m), bridge of 240 m taken off",
    ),
    "huanggang@sz": (
        114.06865,
        22.52240,
        100,
        "皇岗口岸",
        "street",
        "B03; coach stop of the Transport Department at Huanggang",
    ),
    "shenzhen-bay@sz": (
        113.9450,
        22.5030,
        250,
        "深圳湾口岸",
        "covered",
        "B04; approximate position from memory",
    ),
    "heung-yuen-wai@sz": (
        114.1540,
        22.5540,
        400,
        "莲塘口岸",
        "covered",
        "B06; approximate position from memory",
    ),
    "man-kam-to@sz": (114.1285, 22.5395, 300, "文锦", "street", "B07; drawn north of the Hong Kong hall"),
    "sha-tau-kok@sz": (
        114.2233,
        22.5491,
        500,
        "沙头角",
        "street",
        "B08; position of the control point; closed in 2025",
    ),
}
HSR = {"hsr-futian": (114.05114, 22.54132, "福田"), "hsr-shenzhen-north": (114.02392, 22.61201, "深圳北站")}
# minutes between platforms of two lines from the best door, a public guide to changing trains (2026);
# mean over the pairs
CHANGE_MIN = {
    "前湾": 1,
    "前海湾": 2.33,
    "灵芝": 1,
    "留仙洞": 3,
    "五和": 1,
    "布吉": 4.67,
    "太安": 1,
    "赤湾": 2,
    "宝安中心": 1,
    "西丽": 1,
    "深圳北站": 4,
    "黄贝岭": 1.5,
    "大剧院": 3,
    "世界之窗": 1,
    "车公庙": 3.58,
    "购物公园": 5,
    "会展中心": 1,
    "岗厦": 3,
    "科学馆": 5,
    "老街": 1.5,
    "深大": 4,
    "桃园": 2,
    "岗厦北": 2.5,
    "福田": 1.33,
    "后海": 5.33,
    "科苑": 1,
    "粤海门": 1,
    "国展北": 1,
    "国展": 1,
    "机场北": 3,
    "光明": 2,
    "福永": 6,
    "机场东": 6,
    "海上世界": 3,
    "南山": 1,
    "南油": 1.5,
    "松岗": 2.83,
    "上屋": 5,
    "红山": 2,
    "银湖": 1,
    "八卦岭": 3,
    "通新岭": 3,
    "坪山围": 1,
    "双龙": 4.5,
    "大运": 5,
    "孖岭": 5,
    "福民": 4.67,
    "莲花村": 1,
    "黄木岗": 1.5,
    "景田": 1,
    "上梅林": 4,
    "红岭": 4,
    "红树湾南": 1,
    "红岭北": 1,
    "石厦": 1,
    "华强南": 3,
    "华强北": 5,
    "华新": 1,
    "田贝": 1,
    "安托山": 1,
    "市民中心": 4.5,
    "少年宫": 4,
}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def write_csv(name: str, columns: str, rows: list[dict[str, object]]) -> None:
    fields = columns.split(",")
    with (OUT / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    x, y = project_xy([a[0], b[0]], [a[1], b[1]])
    return float(math.hypot(x[1] - x[0], y[1] - y[0]))


def kebab(name: str) -> str:
    text = name.lower().replace("&", "and").replace("'", "").replace("’", "")
    return "sz-" + re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def load_order(folder: Path) -> dict[str, tuple[str, list[str]]]:
    raw = json.loads((folder / "official_line_order_2026-01-14_transcribed.json").read_text(encoding="utf-8"))
    return {
        route: (colour, [ALIAS.get(name, name) for name in names.split()])
        for route, (colour, names) in raw["routes"].items()
    }


def stop_dates(route: str, order: list[str]) -> dict[str, str]:
    dates: dict[str, str] = {}
    for first, last, date in PHASES[route]:
        for name in order[order.index(first) : order.index(last) + 1]:
            if name in dates:
                raise ValueError(f"line {route}: {name} is in two phases")
            dates[name] = date
    missing = [name for name in order if name not in dates]
    if missing:
        raise ValueError(f"line {route}: no date for {missing}")
    return dates


def build_stations(
    folder: Path,
    order: dict[str, tuple[str, list[str]]],
    dates: dict[str, dict[str, str]],
    interchange: set[str],
) -> dict[str, dict[str, object]]:
    compiled = {}
    for row in read_csv(folder / "stations_compiled_wgs84.csv"):
        name = ALIAS.get(row["name_zh_hans"], row["name_zh_hans"])
        if name not in compiled or row["position_source"] == "A":
            compiled[name] = row
    osm = {}
    for row in read_csv(folder / "line13_and_missing_positions_wgs84.csv"):
        if row["line"] not in {"XRL", "GS"}:
            osm[row["name_zh_hans"]] = row
    stations: dict[str, dict[str, object]] = {}
    for _, names in order.values():
        for name in names:
            if name in stations:
                continue
            row = compiled[name]
            spare = osm.get(name)
            third = THIRD.get(name)
            english = ENGLISH.get(name) or row["name_en"] or (spare["name_en"] if spare else "")
            if not english:
                raise ValueError(f"no English name for {name}")
            a = (float(row["lon"]), float(row["lat"])) if row["lon"] else None
            apart = float(row["A_B_distance_m"]) if row["A_B_distance_m"] else None
            confidence = "B"
            if name in {"坳背", "嶂背"}:  # A has 坳背 4.6 km away, at 嶂背; B and OpenStreetMap agree
                assert a is not None
                assert spare is not None
                here = (float(spare["lon"]), float(spare["lat"]))
                source, against, gap = "OpenStreetMap 2026", "B", metres(here, a)
            elif name in MIDDLE:
                assert third is not None
                assert a is not None
                here, source = third, "OpenStreetMap 2026-10, middle of the platforms of its lines"
                if name not in interchange:
                    source = "OpenStreetMap 2026-10"
                against, gap = "A (one point of the station)", metres(third, a)
            elif a is not None and row["position_source"] == "A+B":
                here, source = a, "A (OpenStreetMap-like, 2026-07)"
                against, gap = "B (other map, converted, 2024-03)", apart
                if third is not None:
                    source += f"; OpenStreetMap 2026-10 is {metres(a, third):.0f} m from it"
            elif a is not None:
                assert third is not None, name
                here, source = a, "A (OpenStreetMap-like, 2026-07)"
                against, gap = "OpenStreetMap 2026-10, not independent of A", metres(a, third)
                confidence = "C"
            else:
                point = (float(spare["lon"]), float(spare["lat"])) if spare else third
                assert point is not None, name
                here, source = point, "OpenStreetMap 2026" if spare else "OpenStreetMap 2026-10"
                against, gap, confidence = "length of track to its neighbours only", None, "C"
            accuracy = 100 if confidence == "C" else 50
            if gap is not None:
                accuracy = max(accuracy, 10 * math.ceil(gap / 10))
            served = [dates[route][name] for route in order if name in dates[route]]
            text = "Shenzhen Transport Bureau list of lines (2026); " + DATE_SOURCE
            if name in FROM_MEMORY_OR_WEAK:
                text += "; English name from OpenStreetMap"
            elif name == "溪涌":
                text += "; English name from press 2025-10"
            stations[name] = {
                "station_id": STATION_ID.get(name) or kebab(english),
                "name_en": english,
                "name_zh_hant": name.translate(TO_HANT),
                "name_zh_hans": name,
                "lon": f"{here[0]:.5f}",
                "lat": f"{here[1]:.5f}",
                "region": "sz",
                "system": "metro",
                "status": "existing",
                "opened": min(served),
                "street_access": 1,
                "accuracy_m": accuracy,
                "position_source": source,
                "checked_against": against,
                "check_distance_m": "" if gap is None else round(gap),
                "confidence": confidence,
                "source": text,
            }
    ids = [row["station_id"] for row in stations.values()]
    double = sorted({str(i) for i in ids if ids.count(i) > 1})
    if double:
        raise ValueError(f"ids used twice: {double}")
    return stations


def load_links(folder: Path) -> dict[tuple[str, frozenset[str]], tuple[float, float]]:
    """(route, pair of stops) -> track metres, seconds between departures."""
    links = {}
    for row in read_csv(folder / "shenzhen_run_minutes_by_segment.csv"):
        route = "2-8" if row["line"] in {"2", "8"} else row["line"]
        pair = frozenset(ALIAS.get(row[end], row[end]) for end in ("from", "to"))
        links[route, pair] = (float(row["track_m"]), 60 * float(row["min_incl_stop"]))
    for item in LINE16.replace("\n", ";").split(";"):
        start, end, track, minutes = item.split()
        links["16", frozenset((start, end))] = (float(track), 60 * float(minutes))
    return links


def smooth(track: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Link times drawn towards a straight line over the track length, the sum kept (empirical Bayes)."""
    slope, offset = np.polyfit(track, seconds, 1)
    fit = offset + slope * track
    variance = float(np.sum((seconds - fit) ** 2)) / max(1, len(track) - 2)
    noise = READING_ERROR_S**2
    weight = max(0.0, variance - noise) / variance if variance > 0 else 0.0
    out = fit + weight * (seconds - fit)
    return out * (np.sum(seconds) / np.sum(out))


def not_too_fast(seconds: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Raise link times to the least possible ones; the others give what it takes, so that the sum stays."""
    out = seconds.copy()
    for _ in range(len(out)):
        low = out <= least
        spare = float(np.sum(seconds) - np.sum(least[low]))
        if low.all() or spare <= 0:
            raise ValueError("the line's total is less than its least possible time")
        out = np.where(low, least, seconds * (spare / float(np.sum(seconds[~low]))))
        if np.all(out >= least - 1e-9):
            return out
    return out


def whole(values: np.ndarray) -> list[int]:
    """Whole seconds whose running sums stay within half a second of the given ones."""
    edges = np.rint(np.concatenate([[0.0], np.cumsum(values)])).astype(int)
    return [int(v) for v in np.diff(edges)]


def build_stops(
    route: str,
    order: list[str],
    links: dict[tuple[str, frozenset[str]], tuple[float, float]],
    interchange: set[str],
) -> list[dict[str, object]]:
    pairs = list(zip(order[:-1], order[1:], strict=True))
    track = np.array([links[route, frozenset(pair)][0] for pair in pairs])
    minutes = np.array([links[route, frozenset(pair)][1] for pair in pairs])
    last_train = 60 * LAST_TRAIN_MIN[route]
    if abs(float(np.sum(minutes)) - last_train) > 60 * SCALE_ABOVE_MIN:
        minutes = minutes * (last_train / float(np.sum(minutes)))
    base = LINES[route][6]
    dwell = [base + 5 if name in interchange else base for name in order]
    dwell[0] = dwell[-1] = 0  # nobody waits through a terminus
    top = TOP_KMH.get(route, 80) / 3.6
    least = track / top + top / BRAKING + (np.array(dwell[:-1]) + np.array(dwell[1:])) / 2
    total = whole(not_too_fast(smooth(track, minutes), least))
    rows: list[dict[str, object]] = []
    spent = 0
    for i, name in enumerate(order):
        row: dict[str, object] = {"name": name, "dwell_s": dwell[i], "run_s": "", "length_m": ""}
        if i < len(pairs):
            taken = (dwell[i] + dwell[i + 1]) / 2 if 0 < i < len(pairs) - 1 else 0.0
            if i == 0:
                taken = dwell[1] / 2
            elif i == len(pairs) - 1:
                taken = dwell[i] / 2
            row["run_s"] = total[i] - taken
            row["length_m"] = round(float(track[i]))
            spent += total[i]
        rows.append(row)
    runs = whole(np.array([float(str(row["run_s"])) for row in rows[:-1]]))
    for row, run in zip(rows[:-1], runs, strict=True):
        row["run_s"] = run
    if sum(runs) + sum(dwell) != spent:
        raise ValueError(f"line {route}: {sum(runs) + sum(dwell)} s is not the total of {spent} s")
    return rows


def assumption_rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []

    def add(
        key: str,
        operator: str,
        period: str,
        quantity: str,
        value: object,
        unit: str,
        reason: str,
        confidence: str = "M",
        source: str = "assumption",
    ) -> None:
        rows.append(
            {
                "assumption_id": f"szm-{key}",
                "operator": operator,
                "mode": "metro",
                "period": period,
                "quantity": quantity,
                "value": value,
                "unit": unit,
                "reason": reason,
                "confidence": confidence,
                "source": source,
            }
        )

    for route, seconds in PEAK_Z09.items():
        add(
            f"peak-l{route}",
            LINES[route][2],
            "am_peak pm_peak",
            "headway",
            seconds,
            "s",
            f"Line {route}: middle of the range remembered, unverified; "
            "the evening peak is taken equal to the morning's" + PEAK_NOTE.get(route, ""),
            "M",
            "Z09",
        )
    for group, seconds in PEAK_GROUP.items():
        add(
            f"peak-{group}",
            "all",
            "am_peak pm_peak",
            "headway",
            seconds,
            "s",
            f"{GROUP_TEXT[group]}, where Z09 has no figure: like lines of the same kind; "
            "a public simulation that says it "
            "follows the operator has 180 (Line 3), 210 (9), 240 (2/8, 12, 14), 270 (6), 360 (16)",
        )
    for group, values in OFFPEAK.items():
        for period, seconds in values.items():
            add(
                f"{period}-{group}",
                "all",
                period,
                "headway",
                seconds,
                "s",
                f"{GROUP_TEXT[group]}: no published figure; in the range of comparable lines",
            )
    add(
        "l11-am",
        SZMC,
        "am_peak",
        "headway",
        2 * L11_AM,
        "s",
        "Line 11: 2:45 between Airport North and the city is published; "
        "that every second train turns at Airport North is "
        "assumed from the evening (4:23 and 8:46)",
        "C",
        "operator's notice; Z09 has 3-4 min",
    )
    add(
        "l11-pm",
        SZMC,
        "pm_peak",
        "headway",
        2 * L11_PM,
        "s",
        "Line 11: 4:23 to Airport North and 8:46 beyond it, as two patterns of 8:46",
        "B",
        "operator's notice",
    )
    add(
        "l11-midday",
        SZMC,
        "midday",
        "headway",
        L11_MIDDAY,
        "s",
        "Line 11: the 6:30 of rest days taken for working days outside the peaks",
        "C",
        "operator's notice",
    )
    add(
        "l11-short-hours",
        SZMC,
        "am_peak pm_peak",
        "first and last train",
        "07:30-19:30",
        "HH:MM",
        "Line 11: trains that turn at Airport North run in the two peaks only",
    )
    add(
        "dwell",
        "all",
        "all",
        "dwell",
        "30-40",
        "s",
        "30 s, 35 s on the 120 km/h lines (11, 13, 14, 20), 5 s more where lines meet; "
        "taken out of the published minutes",
    )
    add(
        "reading-error",
        "all",
        "all",
        "error of a link time",
        READING_ERROR_S,
        "s",
        "first and last trains are in whole minutes; links are drawn towards a line over track length",
    )
    add(
        "xili-stop",
        LINES["13"][2],
        "all",
        "dwell",
        XILI[4],
        "s",
        "Line 13 passes the Xili hub without calling (Z03); when it opens: 35 s stop "
        "and 30 s for braking and starting; the "
        "place on the way (0.55 from Hi-Tech North) is approximate",
        "M",
        "Z03; assumption",
    )
    add(
        "walk",
        "all",
        "all",
        "walking speed",
        WALK_M_S,
        "m/s",
        "ordinary walking; straight line times the detour",
    )
    add("detour", "all", "all", "detour factor", DETOUR, "", "streets and passages against the straight line")
    add(
        "exits",
        "all",
        "all",
        "time through exits and gates",
        EXITS_S,
        "s",
        "leaving one station and entering another",
    )
    add(
        "platform",
        "all",
        "all",
        "walk along the platform when changing",
        PLATFORM_S,
        "s",
        "the guide to changing trains counts from the best door",
    )
    return sorted(rows, key=lambda row: str(row["assumption_id"]))


def build_headways(route: str, pattern: str, short: bool) -> list[dict[str, object]]:
    group = GROUP[route]
    rows = []
    for period in PERIODS:
        peak = period.endswith("peak")
        if short and not peak:
            continue
        confidence, source = "M", "assumption"
        if route == "11" and peak:
            am = period == "am_peak"
            seconds, key = (2 * L11_AM, "l11-am") if am else (2 * L11_PM, "l11-pm")
            confidence, source = ("C" if am else "B"), "operator's notice; share of the two patterns assumed"
        elif route == "11" and period == "midday":
            seconds, key, confidence, source = (
                L11_MIDDAY,
                "l11-midday",
                "C",
                "operator's notice for rest days",
            )
        elif peak and route in PEAK_Z09:
            seconds, key, source = PEAK_Z09[route], f"peak-l{route}", "Z09"
        elif peak:
            seconds, key = PEAK_GROUP[group], f"peak-{group}"
        else:
            seconds, key = OFFPEAK[group][period], f"{period}-{group}"
        rows.append(
            {
                "pattern_id": pattern,
                "period": period,
                "headway_s": seconds,
                "assumed": 1,
                "assumption_id": f"szm-{key}",
                "confidence": confidence,
                "source": source,
            }
        )
    return rows


def build_interchanges(
    stations: dict[str, dict[str, object]], order: dict[str, tuple[str, list[str]]]
) -> list[dict[str, object]]:
    point = {name: (float(str(row["lon"])), float(str(row["lat"]))) for name, row in stations.items()}
    lines = {name: {route for route, (_, names) in order.items() if name in names} for name in stations}
    rows: list[dict[str, object]] = []

    def add(
        start: str,
        end: str,
        seconds: float,
        length: object,
        kind: str,
        confidence: str,
        source: str,
        note: str,
    ) -> None:
        rows.append(
            {
                "from_station": start,
                "to_station": end,
                "walk_s": 5 * round(seconds / 5),
                "length_m": length,
                "kind": kind,
                "assumed": 1,
                "confidence": confidence,
                "source": source,
                "note": note,
            }
        )

    def sid(name: str) -> str:
        return str(stations[name]["station_id"])

    for hall, (lon, lat, accuracy, name, kind, origin) in HALLS.items():
        length = DETOUR * metres(point[name], (lon, lat))
        add(
            sid(name),
            hall,
            length / WALK_M_S,
            round(length),
            kind,
            "C",
            "szm-walk; szm-detour",
            f"straight line to the hall x {DETOUR} at {WALK_M_S} m/s (assumption); "
            f"hall within {accuracy} m: {origin}",
        )
    for station, (lon, lat, name) in HSR.items():
        length = DETOUR * metres(point[name], (lon, lat))
        add(
            sid(name),
            station,
            length / WALK_M_S,
            round(length),
            "in_station",
            "C",
            "szm-walk; szm-detour",
            f"metro to high speed concourse, straight line x {DETOUR} at {WALK_M_S} m/s (assumption)",
        )
    for name, minutes in CHANGE_MIN.items():
        if len(lines[name]) < 2:
            raise ValueError(f"{name} is no interchange")
        add(
            sid(name),
            sid(name),
            60 * minutes + PLATFORM_S,
            "",
            "in_station",
            "C",
            "public guide to changing trains, 2026 (whole minutes); szm-platform",
            f"mean over its pairs of lines {minutes:g} min from the best door, "
            f"and {PLATFORM_S} s along the platform (assumption)",
        )
    add(
        sid("红岭南"),
        sid("红岭南"),
        420,
        "",
        "street",
        "M",
        "press 2025-12; time is an assumption",
        "Lines 9 and 11 have no passage: out through the gates and in again",
    )
    names = list(stations)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if lines[first] & lines[second]:
                continue
            straight = metres(point[first], point[second])
            if straight <= NEAR_M:
                length = DETOUR * straight
                add(
                    sid(first),
                    sid(second),
                    length / WALK_M_S + EXITS_S,
                    round(length),
                    "street",
                    "M",
                    "szm-walk; szm-detour; szm-exits",
                    f"no common line, {straight:.0f} m apart; "
                    f"walk in the street and {EXITS_S} s through exits (assumption)",
                )
    return sorted(rows, key=lambda row: (str(row["from_station"]), str(row["to_station"])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sources", type=Path, required=True, help="the reference data folder")
    folder = parser.parse_args().sources / "shenzhen_metro"
    order = load_order(folder)
    dates = {route: stop_dates(route, names) for route, (_, names) in order.items()}
    served = [name for _, names in order.values() for name in names]
    interchange = {name for name in served if served.count(name) > 1}
    stations = build_stations(folder, order, dates, interchange)
    links = load_links(folder)

    lines, patterns, stops, headways, hours = [], [], [], [], []
    report = []
    for route, (colour, names) in order.items():
        line_id, number, operator, opened, km, published, _ = LINES[route]
        lines.append(
            {
                "line_id": line_id,
                "name_en": f"Shenzhen Metro Line {number}",
                "name_zh_hant": "深圳地鐵"
                + number.replace(" Branch", "")
                + ("號線支線" if "Branch" in number else "號線"),
                "name_zh_hans": "深圳地铁"
                + number.replace(" Branch", "")
                + ("号线支线" if "Branch" in number else "号线"),
                "mode": "metro",
                "operator": operator,
                "status": "existing",
                "colour": colour,
                "opened": opened,
                "confidence": "B",
                "source": "Shenzhen Transport Bureau list of lines (2026); " + DATE_SOURCE,
            }
        )
        base = build_stops(route, names, links, interchange)
        note = "all stops; trains that turn on the way are not modelled"
        ways = [(line_id, base, note, False)]
        if route == "11":
            note = "half of the trains of the peaks turn at Airport North: see sz-l11-airport-north"
            end = names.index("机场北")
            short = [dict(row) for row in base[: end + 1]]
            short[-1].update(run_s="", length_m="", dwell_s=0)
            ways = [
                (line_id, base, note, False),
                (
                    "sz-l11-airport-north",
                    short,
                    "peaks only; with sz-l11 every 2:45 in the morning and 4:23 in the evening",
                    True,
                ),
            ]
        for pattern, rows, text, is_short in ways:
            patterns.append(
                {
                    "pattern_id": pattern,
                    "line_id": line_id,
                    "direction": "both",
                    "clearance": "",
                    "note": text,
                }
            )
            seq = 0
            source = {"11": "Z01; ", "13": "Z03; ", "20": "Z05; "}.get(route, "")
            source += "minutes and track length between stops 2026, smoothed; dwell szm-dwell"
            for row in rows:
                seq += 1
                name = str(row["name"])
                date = dates[route][name]
                run, length = row["run_s"], row["length_m"]
                cut = None
                if route == "13" and name == XILI[1]:
                    cut = (round(XILI[3] * int(str(run))), round(XILI[3] * int(str(length))))
                stops.append(
                    {
                        "pattern_id": pattern,
                        "seq": seq,
                        "station_id": stations[name]["station_id"],
                        "run_s": cut[0] if cut else run,
                        "dwell_s": row["dwell_s"],
                        "length_m": cut[1] if cut else length,
                        "opened": "" if date == opened else date,
                        "status": "existing",
                        "confidence": "M" if (route, name) in WEAK_DATES else "B",
                        "source": source,
                    }
                )
                if cut:
                    seq += 1
                    stops.append(
                        {
                            "pattern_id": pattern,
                            "seq": seq,
                            "station_id": XILI[0],
                            "run_s": int(str(run)) - cut[0],
                            "dwell_s": XILI[4],
                            "length_m": int(str(length)) - cut[1],
                            "opened": "",
                            "status": "construction",
                            "confidence": "M",
                            "source": "Z03; szm-xili-stop: passed without calling, position approximate",
                        }
                    )
            headways += build_headways(route, pattern, is_short)
            first, last, back_first, back_last = ("07:30", "19:30") * 2 if is_short else HOURS[route]
            for direction, start, end_time in (("backward", back_first, back_last), ("forward", first, last)):
                hours.append(
                    {
                        "pattern_id": pattern,
                        "direction": direction,
                        "first": start,
                        "last": end_time,
                        "assumed": int(is_short),
                        "assumption_id": "szm-l11-short-hours" if is_short else "",
                        "confidence": "M" if is_short else "B",
                        "source": "assumption" if is_short else HOURS_SOURCES.get(route, HOURS_SOURCE),
                    }
                )
        seconds = sum(int(str(r["run_s"])) for r in base[:-1]) + sum(int(str(r["dwell_s"])) for r in base)
        length = sum(int(str(r["length_m"])) for r in base[:-1]) / 1000
        report.append((route, len(names), length, km, seconds / 60, LAST_TRAIN_MIN[route], published))

    rows = sorted(stations.values(), key=lambda row: str(row["station_id"]))
    write_csv(
        "stations_sz.csv",
        "station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,"
        "street_access,accuracy_m,position_source,checked_against,check_distance_m,confidence,source",
        rows,
    )
    write_csv(
        "lines_sz.csv",
        "line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source",
        sorted(lines, key=lambda row: row["line_id"]),
    )
    write_csv(
        "patterns_sz.csv",
        "pattern_id,line_id,direction,clearance,note",
        sorted(patterns, key=lambda r: r["pattern_id"]),
    )
    write_csv(
        "pattern_stops_sz.csv",
        "pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source",
        sorted(stops, key=lambda row: (str(row["pattern_id"]), int(str(row["seq"])))),
    )
    write_csv(
        "headways_sz.csv",
        "pattern_id,period,headway_s,assumed,assumption_id,confidence,source",
        sorted(headways, key=lambda row: (str(row["pattern_id"]), PERIODS.index(str(row["period"])))),
    )
    write_csv(
        "hours_sz.csv",
        "pattern_id,direction,first,last,assumed,assumption_id,confidence,source",
        sorted(hours, key=lambda row: (row["pattern_id"], row["direction"])),
    )
    changes = build_interchanges(stations, order)
    write_csv(
        "interchanges_sz.csv",
        "from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note",
        changes,
    )
    write_csv(
        "service_assumptions_sz.csv",
        "assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source",
        assumption_rows(),
    )

    print(f"{len(stations)} stations, {len(served)} stops on {len(lines)} lines, {len(changes)} interchanges")
    gaps = [float(str(row["check_distance_m"])) for row in rows if row["check_distance_m"] != ""]
    print(
        f"second position for {len(gaps)}: median {np.median(gaps):.0f} m, "
        f"95 % {np.percentile(gaps, 95):.0f}, "
        f"largest {max(gaps):.0f}; none for {len(rows) - len(gaps)}"
    )
    ratios = []
    for route, (_, names) in order.items():
        for pair in zip(names[:-1], names[1:], strict=True):
            ends = [(float(str(stations[n]["lon"])), float(str(stations[n]["lat"]))) for n in pair]
            ratios.append((metres(*ends) / links[route, frozenset(pair)][0], route, *pair))
    ratios.sort()
    print(
        "straight / track length:", *(f"{r[0]:.2f} {r[1]} {r[2]}-{r[3]};" for r in ratios[:4] + ratios[-4:])
    )
    print("line stops km published minutes last-train elsewhere")
    for route, count, length, km, minutes, last_train, published in report:
        text = f"{route:>4} {count:5d} {length:6.2f} {km:7.2f} {minutes:8.1f} {last_train:8.1f}"
        print(text, published or "-")
    rows11 = [row for row in stops if row["pattern_id"] == "sz-l11"]
    time, start = 0.0, None
    by_id = {str(stations[name]["station_id"]): name for name in stations}
    checks = []
    for row in rows11:
        name, stay = by_id[str(row["station_id"])], float(str(row["dwell_s"]))
        if start is not None and name in Z01:
            checks.append(f"{row['station_id']} {(time + stay - start) / 60:.1f} ({Z01[name]})")
        if name == "福田":
            start = time + stay
        time += stay + float(str(row["run_s"] or 0))
    print("Line 11 from Futian, minutes from departure to departure (Z01):", ", ".join(checks))


if __name__ == "__main__":
    main()
