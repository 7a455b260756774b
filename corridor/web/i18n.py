"""Every word of the pages that is not data, in English, Traditional and Simplified Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from corridor.schema.text import LANGS, Text

LANG_NAMES: Mapping[str, str] = {"en": "English", "zh-Hant": "繁體", "zh-Hans": "简体"}

_ROWS: dict[str, tuple[str, str, str]] = {
    # Titles and notices
    "index_title": ("Corridor comparison", "走廊方案比較", "走廊方案比较"),
    "compare_title": ("Comparison map", "比較地圖", "比较地图"),
    "subtitle": (
        "Shenzhen–Hong Kong corridors: access and nature, side by side",
        "深港走廊：可達性與自然，並列比較",
        "深港走廊：可达性与自然，并列比较",
    ),
    "screening": (
        "A screening aid modelled on EIA headings; not an environmental impact assessment.",
        "參照環評項目的初步篩選工具；並非環境影響評估。",
        "参照环评项目的初步筛选工具；并非环境影响评价。",
    ),
    "counterfactual": (
        "counterfactual: not proposed by any government",
        "虛擬對照：並非任何政府的方案",
        "虚拟对照：并非任何政府的方案",
    ),
    "counterfactual_short": ("counterfactual", "虛擬對照", "虚拟对照"),
    "indicative": ("proposed alignment, indicative", "擬議走線，僅供參考", "拟议走线，仅供参考"),
    "open_map": ("Open the comparison map", "開啟比較地圖", "打开比较地图"),
    "open_index": ("Tables and answer", "表格與結論", "表格与结论"),
    "show_on_map": ("show", "顯示", "显示"),
    "noscript": (
        "This map needs JavaScript. The tables are in index.html.",
        "此地圖需要 JavaScript。表格見 index.html。",
        "此地图需要 JavaScript。表格见 index.html。",
    ),
    "no_unpack": (
        "This browser cannot unpack the map's data (DecompressionStream is missing). The tables are in index.html.",
        "此瀏覽器無法解壓地圖資料（缺少 DecompressionStream）。表格見 index.html。",
        "此浏览器无法解压地图数据（缺少 DecompressionStream）。表格见 index.html。",
    ),
    "broken": (
        "The map's data could not be read; the file may be damaged. The tables are in index.html.",
        "無法讀取地圖資料，檔案可能已損壞。表格見 index.html。",
        "无法读取地图数据，文件可能已损坏。表格见 index.html。",
    ),
    "language": ("Language", "語言", "语言"),
    "reading": ("Reading the data …", "正在讀取資料……", "正在读取数据……"),
    # Controls of the map
    "controls": ("Controls", "控制", "控制"),
    "map": ("Map", "地圖", "地图"),
    "scenario": ("Scenario", "方案", "方案"),
    "measure": ("Measure", "指標", "指标"),
    "hour": ("Departure", "出發時間", "出发时间"),
    "view": ("Show", "顯示", "显示"),
    "view_value": ("Value", "數值", "数值"),
    "view_change": ("Change", "變化", "变化"),
    "change_unit": (
        "change against “{reference}”",
        "相對「{reference}」的變化",
        "相对“{reference}”的变化",
    ),
    "empty_land": ("nobody lives or works here", "無人居住或工作", "无人居住或工作"),
    "reference": ("reference", "參照方案", "参照方案"),
    "is_reference": (
        "This is the reference: its change is zero everywhere.",
        "此為參照方案：各處變化均為零。",
        "此为参照方案：各处变化均为零。",
    ),
    "legend": ("Legend", "圖例", "图例"),
    "layers": ("Layers", "圖層", "图层"),
    "no_data": ("no data, or not reached", "無資料或未能到達", "无数据或未能到达"),
    "newly_reached": (
        "reached only in this scenario",
        "僅在此方案可到達",
        "仅在此方案可到达",
    ),
    "no_longer_reached": (
        "reached only in the reference",
        "僅在參照方案可到達",
        "仅在参照方案可到达",
    ),
    "no_change": ("little or no change", "幾乎無變化", "几乎无变化"),
    "better": ("better", "改善", "改善"),
    "worse": ("worse", "變差", "变差"),
    "fixed_scale": (
        "One scale for all scenarios and both hours.",
        "所有方案與時段採用同一標尺。",
        "所有方案与时段采用同一标尺。",
    ),
    "rounded": (
        "Values on this page are rounded to {step} {unit}.",
        "本頁數值取整至 {step} {unit}。",
        "本页数值取整至 {step} {unit}。",
    ),
    "zoom_in": ("Zoom in", "放大", "放大"),
    "zoom_out": ("Zoom out", "縮小", "缩小"),
    "whole_area": ("Whole area", "全區", "全区"),
    "corridor_view": ("Corridors", "走廊", "走廊"),
    "hide_panel": ("Hide panel", "收起面板", "收起面板"),
    "show_panel": ("Show panel", "展開面板", "展开面板"),
    "point_at": (
        "Point at a zone to read it; choose a circle for a control point.",
        "指向格網可讀取數值；選擇圓圈可查看口岸。",
        "指向网格可读取数值；选择圆圈可查看口岸。",
    ),
    "close": ("Close", "關閉", "关闭"),
    # Layers of the map
    "layer_zones": ("Zones, 1 km", "一公里網格", "一公里网格"),
    "layer_lines": ("Lines", "路線", "线路"),
    "layer_stations": ("Stations", "車站", "车站"),
    "layer_checkpoints": ("Control points", "管制站（口岸）", "口岸"),
    "layer_designations": ("Wetlands and protected areas", "濕地與保護區", "湿地与保护区"),
    "layer_corridors": ("Green corridors", "綠色走廊", "绿色走廊"),
    "layer_wildlife": (
        "Egretries, roosts, flight lines",
        "鷺鳥林、夜棲地、飛行路徑",
        "鹭鸟林、夜栖地、飞行路径",
    ),
    "layer_footprint": ("Footprint of works", "工程佔地", "工程占地"),
    "layer_labels": ("Names", "名稱", "名称"),
    "boundary": (
        "Hong Kong–Shenzhen boundary (river and land section, indicative)",
        "港深邊界（河道及陸上段，僅供參考）",
        "深港边界（河道及陆上段，仅供参考）",
    ),
    "not_mapped": ("outside the study area, not mapped", "研究範圍以外，未繪製", "研究范围以外，未绘制"),
    "passengers_day": ("passengers a day, 2025", "2025 年每日旅客人次", "2025 年每日旅客人次"),
    "no_passengers": ("planned, or no 2025 figure", "規劃中或無 2025 年數字", "规划中或无 2025 年数字"),
    "station_existing": ("station today", "現有車站", "现有车站"),
    "station_added": ("station added by the scenario", "方案新增車站", "方案新增车站"),
    "existing_rail": (
        "railway today, schematic: straight from station to station",
        "現有鐵路（示意，站與站之間以直線相連）",
        "现有铁路（示意，站与站之间以直线相连）",
    ),
    "existing_express": ("express rail today, schematic", "現有高鐵（示意）", "现有高铁（示意）"),
    "existing_road": (
        "buses and coaches to control points, schematic",
        "往口岸的巴士（示意）",
        "往口岸的巴士（示意）",
    ),
    "axis_central": ("central line", "中線", "中线"),
    "axis_western": ("western line", "西線", "西线"),
    "axis_other": ("other works", "其他工程", "其他工程"),
    "permanent": ("permanent", "永久", "永久"),
    "temporary": ("temporary", "臨時", "临时"),
    "shade": ("shade under a deck", "橋面遮蔭", "桥面遮荫"),
    # Status
    "status": ("Status", "狀態", "状态"),
    "status_added": ("added by the scenario", "方案新增", "方案新增"),
    "status_existing": ("existing", "現有", "现有"),
    "status_construction": ("under construction", "興建中", "在建"),
    "status_planned": ("planned", "規劃", "规划"),
    "status_planned_official": ("planned, official", "官方規劃", "官方规划"),
    "status_studied": ("studied", "研究中", "研究中"),
    "status_concept": ("concept", "概念", "概念"),
    "status_counterfactual": ("counterfactual", "虛擬對照", "虚拟对照"),
    "status_closed": ("closed", "關閉", "关闭"),
    # Control points
    "regime": ("Clearance", "查驗模式", "查验模式"),
    "regime_separate_walk": (
        "separate, on foot between two halls",
        "分設兩地，步行過關",
        "分设两地，步行过关",
    ),
    "regime_separate_bus": ("separate, by bus between two halls", "分設兩地，乘車過關", "分设两地，乘车过关"),
    "regime_co_location": ("co-location (one site, two checks)", "一地兩檢", "一地两检"),
    "regime_joint_clearance": (
        "joint clearance (one release)",
        "合作查驗、一次放行",
        "合作查验、一次放行",
    ),
    "hours": ("Hours", "開放時間", "开放时间"),
    "hours_24": ("24 hours", "24 小時", "24 小时"),
    "clearance_time": ("Clearance time", "通關時間", "通关时间"),
    "minutes_range": (
        "{mean} min ({low}–{high})",
        "{mean} 分鐘（{low}–{high}）",
        "{mean} 分钟（{low}–{high}）",
    ),
    "assumption": ("assumption", "假設", "假设"),
    "daily_2025": ("Passengers a day, 2025", "2025 年每日旅客", "2025 年每日旅客"),
    "design_capacity": ("Design capacity a day", "每日設計容量", "每日设计容量"),
    "changed_here": ("changed in this scenario", "此方案有所改動", "此方案有所改动"),
    "unknown": ("not known", "未知", "未知"),
    # Table beside the map
    "table_title": ("By district", "按分區", "按分区"),
    "table_exact": (
        "Mean over the residents of each district.",
        "各分區居民的平均值。",
        "各分区居民的平均值。",
    ),
    "table_note": (
        "Mean of the zones drawn, weighted by residents; zones without a value in this scenario or in the "
        "reference are left out and counted.",
        "所示網格按居民人數加權的平均值；在此方案或參照方案中無數值的網格不計入，另列數目。",
        "所示网格按居民人数加权的平均值；在此方案或参照方案中无数值的网格不计入，另列数目。",
    ),
    "district": ("District", "分區", "分区"),
    "value": ("Value", "數值", "数值"),
    "change": ("Change", "變化", "变化"),
    "left_out": ("left out", "未計", "未计"),
    "left_out_title": (
        "zones with residents but no value, of all zones with residents",
        "有居民而無數值的網格，佔有居民網格",
        "有居民而无数值的网格，占有居民网格",
    ),
    "residents": ("residents", "居民", "居民"),
    "jobs": ("jobs", "職位", "岗位"),
    "hong_kong": ("Hong Kong", "香港", "香港"),
    "shenzhen": ("Shenzhen", "深圳", "深圳"),
    # Foot of the map
    "attribution": ("Data", "資料", "数据"),
    "crs_note": (
        "Drawn in EPSG:3857; data in EPSG:4326; lengths and areas measured in EPSG:4547.",
        "以 EPSG:3857 繪製；資料為 EPSG:4326；長度與面積以 EPSG:4547 量度。",
        "以 EPSG:3857 绘制；数据为 EPSG:4326；长度与面积以 EPSG:4547 量算。",
    ),
    "date_note": ("Data as of {date}.", "資料截至 {date}。", "数据截至 {date}。"),
    "neighbours_note": (
        "Land and islands of neighbouring cities are not mapped.",
        "鄰近城市的陸地與島嶼未有繪製。",
        "邻近城市的陆地与岛屿未绘制。",
    ),
    "uncertain_note": (
        "Areas whose source has no boundary are drawn from their published extent.",
        "來源沒有界線的範圍，按已公布的範圍繪製。",
        "来源没有界线的范围，按已公布的范围绘制。",
    ),
    "accuracy": ("accuracy {metres} m", "準確度 {metres} 米", "精度 {metres} 米"),
    "km": ("km", "公里", "公里"),
    # index.html
    "asked": ("What was asked", "所問問題", "所问问题"),
    "year": ("Year", "年份", "年份"),
    "question": ("Question", "問題", "问题"),
    "answer": ("The answer", "結論", "结论"),
    "answer_basis": (
        "Changes against “{reference}”, the least that will be done. Jobs are modelled; they are means over "
        "the residents of both cities, leaving at 08:30.",
        "變化以「{reference}」（最低限度方案）為參照。職位為模擬值，為兩地居民於 08:30 出發的平均數。",
        "变化以“{reference}”（最低限度方案）为参照。岗位为模拟值，为两地居民于 08:30 出发的平均数。",
    ),
    "answer_start": ("There: {values}.", "參照方案：{values}。", "参照方案：{values}。"),
    "answer_reaches": (
        "“{more}” reaches further across the boundary than “{less}”.",
        "「{more}」帶來的跨境可達性大於「{less}」。",
        "“{more}”带来的跨境可达性大于“{less}”。",
    ),
    "answer_brings": ("What it brings.", "帶來的變化。", "带来的变化。"),
    "answer_scenario": ("{scenario}: {values}.", "{scenario}：{values}。", "{scenario}：{values}。"),
    "answer_planned": (
        "On the planned build-out of 2035: {values} jobs, in that order.",
        "按 2035 年規劃建成情況，職位依次為 {values} 個。",
        "按 2035 年规划建成情况，岗位依次为 {values} 个。",
    ),
    "answer_neither": (
        "The two lines neither complement nor replace each other.",
        "兩線既不互補，亦不互相替代。",
        "两线既不互补，也不互相替代。",
    ),
    "answer_complement": (
        "The two lines complement each other: together more than their sum.",
        "兩線互補：合計大於兩者之和。",
        "两线互补：合计大于两者之和。",
    ),
    "answer_replace": (
        "The two lines partly replace each other: together less than their sum.",
        "兩線部分互相替代：合計小於兩者之和。",
        "两线部分互相替代：合计小于两者之和。",
    ),
    "answer_together": (
        "Together: {both}. Sum of each alone: {sum}.",
        "兩線合計：{both}。各自之和：{sum}。",
        "两线合计：{both}。各自之和：{sum}。",
    ),
    "answer_lever": (
        "Joint clearance also helps without a new line.",
        "不建新線，聯合查驗亦有作用。",
        "不建新线，联合查验也有作用。",
    ),
    "answer_lever_share": (
        "Joint clearance with no new line brings about {percent} % of the cross-boundary jobs "
        "that “{scenario}” brings.",
        "不建新線，聯合查驗帶來的對岸職位約為「{scenario}」的 {percent}%。",
        "不建新线，联合查验带来的对岸岗位约为“{scenario}”的 {percent}%。",
    ),
    "answer_alone": ("Alone: {values}.", "單獨：{values}。", "单独：{values}。"),
    "answer_above": ("On top of both lines: {values}.", "兩線之上：{values}。", "两线之上：{values}。"),
    "answer_tunnel": (
        "The tunnel avoids most of what a viaduct on the same route would do; nobody proposes that viaduct.",
        "隧道避免了同一走線高架橋的大部分影響；該高架橋並無任何一方提出。",
        "隧道避免了同一线路高架桥的大部分影响；该高架桥并无任何一方提出。",
    ),
    "answer_avoided": ("Avoided: {values}.", "所避免：{values}。", "所避免：{values}。"),
    "answer_more": ("But more: {values}.", "但增加：{values}。", "但增加：{values}。"),
    "answer_still": ("Still there: {values}.", "仍有：{values}。", "仍有：{values}。"),
    "answer_takes": (
        "Of what is proposed, only these take wetland for good: {scenarios} ({area} ha at most).",
        "實際提出的方案中，只有以下永久佔用濕地：{scenarios}（最多 {area} 公頃）。",
        "实际提出的方案中，只有以下永久占用湿地：{scenarios}（最多 {area} 公顷）。",
    ),
    "answer_takes_none": (
        "No proposed scenario takes wetland for good.",
        "實際提出的方案均不永久佔用濕地。",
        "实际提出的方案均不永久占用湿地。",
    ),
    "answer_open": (
        "Green corridors are crossed in the open in: {scenarios}.",
        "於地面穿越綠色走廊：{scenarios}。",
        "于地面穿越绿色走廊：{scenarios}。",
    ),
    "answer_open_none": (
        "No proposed scenario crosses a green corridor in the open.",
        "實際提出的方案均不於地面穿越綠色走廊。",
        "实际提出的方案均不于地面穿越绿色走廊。",
    ),
    "answer_open_other": (
        "{scenarios} would, over {length} m.",
        "{scenarios}則會，長 {length} 米。",
        "{scenarios}则会，长 {length} 米。",
    ),
    "answer_below": (
        "Crossed underground in: {scenarios}.",
        "於地下穿越：{scenarios}。",
        "于地下穿越：{scenarios}。",
    ),
    "answer_below_stands": (
        "Crossed underground, with a surface site or worksite inside one, in: {scenarios}.",
        "於地下穿越並有地面設施或工地位於走廊內：{scenarios}。",
        "于地下穿越并有地面设施或工地位于走廊内：{scenarios}。",
    ),
    "answer_stands": (
        "A surface site or worksite stands in one in: {scenarios}.",
        "有地面設施或工地位於走廊內：{scenarios}。",
        "有地面设施或工地位于走廊内：{scenarios}。",
    ),
    "answer_spares": (
        "“{scenario}” spares {area} ha of disturbed wetland for {minutes} min between hubs.",
        "「{scenario}」少干擾 {area} 公頃濕地，樞紐間時間 {minutes} 分鐘。",
        "“{scenario}”少干扰 {area} 公顷湿地，枢纽间时间 {minutes} 分钟。",
    ),
    "answer_first": ("Ranks first: {parts}.", "排名第一：{parts}。", "排名第一：{parts}。"),
    "answer_for": (
        "“{scenario}” for {profiles}",
        "「{scenario}」（{profiles}）",
        "“{scenario}”（{profiles}）",
    ),
    "answer_firm": (
        "How firm, when weights and uncertain values vary: first in {shares} of the draws.",
        "權重與不確定數值變動時，仍居首的比率：{shares}。",
        "权重与不确定数值变动时，仍居首的比率：{shares}。",
    ),
    "answer_share": ("{percent} % ({profile})", "{percent}%（{profile}）", "{percent}%（{profile}）"),
    "answer_planned_same": (
        "The same on the planned build-out of 2035: {shares}.",
        "按 2035 年規劃建成情況亦相同：{shares}。",
        "按 2035 年规划建成情况也相同：{shares}。",
    ),
    "answer_planned_first": (
        "On the planned build-out of 2035: {parts}.",
        "按 2035 年規劃建成情況：{parts}。",
        "按 2035 年规划建成情况：{parts}。",
    ),
    "answer_plain": (
        "Without the lever: {parts}.",
        "不計聯合查驗：{parts}。",
        "不计联合查验：{parts}。",
    ),
    "answer_value": (
        "{criterion}: {value} {unit}",
        "{criterion}：{value} {unit}",
        "{criterion}：{value} {unit}",
    ),
    "answer_say_other_side_jobs_60_0830": (
        "{value} jobs across the boundary within 60 min",
        "60 分鐘內對岸職位 {value} 個",
        "60 分钟内对岸岗位 {value} 个",
    ),
    "answer_say_hub_minutes_0830": (
        "{value} min between hubs on opposite sides",
        "兩岸樞紐間 {value} 分鐘",
        "两岸枢纽间 {value} 分钟",
    ),
    "answer_say_construction_wetland_equivalent_ha": (
        "{value} ha of wetland disturbed by the works (weighted by distance)",
        "施工干擾濕地 {value} 公頃（按距離加權）",
        "施工干扰湿地 {value} 公顷（按距离加权）",
    ),
    "answer_say_operation_wetland_equivalent_ha": (
        "{value} ha disturbed in operation",
        "營運干擾濕地 {value} 公頃",
        "运营干扰湿地 {value} 公顷",
    ),
    "answer_say_permanent_wetland_ha": (
        "{value} ha of wetland taken for good",
        "永久佔用濕地 {value} 公頃",
        "永久占用湿地 {value} 公顷",
    ),
    "answer_say_permanent_marine_ha": (
        "{value} ha of sea bed taken for good",
        "永久佔用海床 {value} 公頃",
        "永久占用海床 {value} 公顷",
    ),
    "answer_say_temporary_wetland_ha": (
        "{value} ha of wetland during the works",
        "施工佔用濕地 {value} 公頃",
        "施工占用湿地 {value} 公顷",
    ),
    "answer_say_corridors_crossed_open_m": (
        "{value} m of green corridor crossed in the open",
        "於地面穿越綠色走廊 {value} 米",
        "于地面穿越绿色走廊 {value} 米",
    ),
    "list_semicolon": ("; ", "；", "；"),
    "answer_same": (
        "{criterion}: the same in every scenario.",
        "{criterion}：各方案相同。",
        "{criterion}：各方案相同。",
    ),
    "list_comma": (", ", "、", "、"),
    "criteria_title": ("Criteria by scenario", "各方案指標", "各方案指标"),
    "criteria_note": (
        "Large: the value. Small: its change against the reference, where there is one. ● marks the best of the scenarios "
        "that someone proposes, where no more than two share it. Jobs and residents are rounded to hundreds.",
        "大字為數值，小字為相對參照的變化（如有）。● 為實際提出的方案中最佳者（並列多於兩個則不標）。職位與居民取整至百位。",
        "大字为数值，小字为相对参照的变化（如有）。● 为实际提出的方案中最佳者（并列多于两个则不标）。岗位与居民取整至百位。",
    ),
    "criterion": ("Criterion", "指標", "指标"),
    "unit": ("Unit", "單位", "单位"),
    "confidence": ("Confidence", "可信度", "可信度"),
    "confidence_key": (
        "Confidence: A official, B press or operator, C weak or derived, M memory or assumption, S source paper.",
        "可信度：A 官方，B 報章或營運者，C 薄弱或推算，M 記憶或假設，S 來源論文。",
        "可信度：A 官方，B 报章或运营者，C 薄弱或推算，M 记忆或假设，S 来源论文。",
    ),
    "more_better": ("more is better", "越高越好", "越高越好"),
    "less_better": ("less is better", "越低越好", "越低越好"),
    "group_access": ("Access", "可達性", "可达性"),
    "group_equity": ("Equity", "公平", "公平"),
    "group_ecology": ("Nature", "自然", "自然"),
    "group_nature": ("Nature", "自然", "自然"),
    "group_border": ("Boundary", "過關", "过关"),
    "group_cost": ("Cost", "成本", "成本"),
    "ranking_title": ("Ranking and its range", "排名及其範圍", "排名及其范围"),
    "on_census": ("On today’s people and jobs", "按現有人口及職位", "按现有人口及岗位"),
    "on_buildout": (
        "On the planned build-out of 2035 (published plans of Hong Kong; Shenzhen as today)",
        "按2035年規劃建成（香港已公布規劃；深圳按現況）",
        "按2035年规划建成（香港已公布规划；深圳按现状）",
    ),
    "ranking_note": (
        "A score lies between 0 (worst of the scenarios compared here in everything) and 1 (best in everything); "
        "it says who does better here, not how good a scenario is. Weights and uncertain values are drawn again "
        "and again: the bar holds the middle 90 % of the scores, the tick is the central score, the small ranks "
        "are those of 90 % of the draws, and the last column says in how many a scenario comes first.",
        "分數介乎 0（在所比較方案中各項最差）至 1（各項最佳），只表示此處的高下，不代表方案本身的好壞。"
        "權重與不確定數值反覆抽樣：橫條為中間九成分數，豎線為中央分數，小字名次為九成抽樣的範圍，最後一欄為居首的比率。",
        "分数介于 0（在所比较方案中各项最差）至 1（各项最佳），只表示此处的高下，不代表方案本身的好坏。"
        "权重与不确定数值反复抽样：横条为中间九成分数，竖线为中央分数，小字名次为九成抽样的范围，最后一栏为居首的比率。",
    ),
    "profile": ("Weights", "權重", "权重"),
    "profile_planner": ("planner", "規劃者", "规划者"),
    "profile_reviewer": ("environmental reviewer", "環境審核者", "环境审核者"),
    "profile_environmental_reviewer": ("environmental reviewer", "環境審核者", "环境审核者"),
    "profile_equal": ("equal weights", "均等權重", "均等权重"),
    "first_share": ("First in draws", "居首比率", "居首比率"),
    "buildout_group": (
        "the same on the planned build-out of 2035",
        "同上，按 2035 年規劃建成情況",
        "同上，按 2035 年规划建成情况",
    ),
    "range_note": (
        "In brackets: the low and high case.",
        "括號內為低與高情境。",
        "括号内为低与高情景。",
    ),
    "terms": ("Scenarios", "方案", "方案"),
    "not_modelled_title": ("Not modelled", "未有模擬", "未模拟"),
    "species": ("Species", "物種", "物种"),
    "group_summary": (
        "Show all {count} rows",
        "顯示全部 {count} 行",
        "显示全部 {count} 行",
    ),
    "score": ("Score", "分數", "分数"),
    "rank": ("Rank", "名次", "名次"),
    "range": ("range", "範圍", "范围"),
    "pairs_title": ("Pairs", "成對比較", "成对比较"),
    "pair": ("Pair", "比較", "比较"),
    "hubs_title": ("Minutes between hubs", "樞紐之間的時間（分鐘）", "枢纽之间的时间（分钟）"),
    "hubs_note": (
        "Door to door, minutes; change against the reference beneath; the control point used is named.",
        "門到門分鐘數；下方為相對參照的變化；並列所用口岸。",
        "门到门分钟数；下方为相对参照的变化；并列所用口岸。",
    ),
    "from_to": ("From – to", "起點—終點", "起点—终点"),
    "by_checkpoint": ("by {checkpoint}", "經{checkpoint}", "经{checkpoint}"),
    "no_way": ("no way", "無法到達", "无法到达"),
    "more_rows": ("{count} more", "其餘 {count} 項", "其余 {count} 项"),
    "gains_title": ("Who gains: districts", "誰受惠：分區", "谁受惠：分区"),
    "gains_note": (
        "Mean gain of the residents of each district against the reference. Losses are listed too.",
        "各分區居民相對參照的平均得益。損失亦一併列出。",
        "各分区居民相对参照的平均得益。损失亦一并列出。",
    ),
    "largest_gains": ("largest gains", "最大得益", "最大得益"),
    "losses": ("losses", "損失", "损失"),
    "none_gain": ("No district gains.", "沒有分區受惠。", "没有分区受惠。"),
    "gain": ("Mean gain", "平均得益", "平均得益"),
    "nature_title": ("Nature", "自然", "自然"),
    "habitat_title": ("Footprint by habitat, hectares", "各生境佔地（公頃）", "各生境占地（公顷）"),
    "designation_title": (
        "Footprint by designation, hectares",
        "各保護地佔地（公頃）",
        "各保护地占地（公顷）",
    ),
    "disturbance_title": (
        "Habitat within the disturbance bands, hectares",
        "干擾帶內的生境（公頃）",
        "干扰带内的生境（公顷）",
    ),
    "take_note": (
        "Large: permanent take. Small: taken during the works, or shaded by a deck.",
        "大字為永久佔地；小字為施工期間佔地或橋面遮蔭。",
        "大字为永久占地；小字为施工期间占地或桥面遮荫。",
    ),
    "works_overlap_note": (
        "Works are counted line by line; where two lines share ground it counts for each. "
        "“Not assessed” is not zero: no layer covers that ground.",
        "按路線分別計算；兩線共用的土地各計一次。「未評估」並非零：該處沒有圖層資料。",
        "按线路分别计算；两线共用的土地各计一次。“未评估”并非零：该处没有图层数据。",
    ),
    "habitat": ("Habitat", "生境", "生境"),
    "designation": ("Designation", "保護類別", "保护类别"),
    "total": ("Total", "合計", "合计"),
    "crossings_title": ("Green corridors: crossed or not", "綠色走廊：有否穿越", "绿色走廊：有否穿越"),
    "corridor": ("Corridor", "走廊", "走廊"),
    "line": ("Line", "路線", "线路"),
    "part": ("Part", "路段", "路段"),
    "structure": ("Structure", "結構", "结构"),
    "result": ("Result", "結果", "结果"),
    "crossed": ("crossed, {length} m", "穿越，{length} 米", "穿越，{length} 米"),
    "crossed_below": (
        "crossed underground, {length} m",
        "在地下穿越，{length} 米",
        "在地下穿越，{length} 米",
    ),
    "occupied": ("stands in it, {area} ha", "位於其內，{area} 公頃", "位于其内，{area} 公顷"),
    "not_crossed": (
        "not crossed; {distance} m away",
        "沒有穿越；距離 {distance} 米",
        "没有穿越；距离 {distance} 米",
    ),
    "not_crossed_plain": ("not crossed", "沒有穿越", "没有穿越"),
    "in_scenarios": ("In", "所屬方案", "所属方案"),
    "wildlife_title": (
        "Egretries, roosts and flight lines within 500 m",
        "500 米內的鷺鳥林、夜棲地與飛行路徑",
        "500 米内的鹭鸟林、夜栖地与飞行路径",
    ),
    "site": ("Site", "地點", "地点"),
    "kind": ("Kind", "類別", "类别"),
    "phase": ("Phase", "階段", "阶段"),
    "phase_construction": ("construction", "施工", "施工"),
    "phase_operation": ("operation", "營運", "运营"),
    "distance": ("Distance, m", "距離（米）", "距离（米）"),
    "band": ("Band", "距離帶", "距离带"),
    "none_found": ("None.", "沒有。", "没有。"),
    "no_works": (
        "No scenario here adds works on the ground.",
        "所列方案均無地面工程。",
        "所列方案均无地面工程。",
    ),
    "assumptions_title": ("Assumptions", "假設", "假设"),
    "all_scenarios": ("all scenarios", "所有方案", "所有方案"),
    "sources_title": ("Sources and attribution", "來源與鳴謝", "来源与鸣谢"),
    "software_note": (
        "Drawn with Folium and Leaflet (BSD licences); both are inside the files, nothing is fetched.",
        "以 Folium 及 Leaflet（BSD 授權）繪製；兩者已內嵌於檔案，不會下載任何內容。",
        "以 Folium 及 Leaflet（BSD 许可）绘制；两者已内嵌于文件，不会下载任何内容。",
    ),
    # Structures
    "structure_bored_tunnel": ("bored tunnel", "鑽挖隧道", "盾构隧道"),
    "structure_immersed_tunnel": ("immersed tunnel", "沉管隧道", "沉管隧道"),
    "structure_cut_and_cover": ("cut and cover", "明挖回填", "明挖回填"),
    "structure_viaduct": ("viaduct", "高架橋", "高架桥"),
    "structure_bridge": ("bridge", "橋樑", "桥梁"),
    "structure_at_grade": ("at grade", "地面", "地面"),
    "structure_embankment": ("embankment", "路堤", "路堤"),
    "structure_site": ("surface site", "地面設施", "地面设施"),
    # Designations
    "designation_ramsar": ("Ramsar site", "拉姆薩爾濕地", "国际重要湿地"),
    "designation_nature_reserve": ("nature reserve", "自然保護區", "自然保护区"),
    "designation_wetland_park": ("wetland park", "濕地公園", "湿地公园"),
    "designation_wetland_conservation_area": ("Wetland Conservation Area", "濕地保育區", "湿地保育区"),
    "designation_wetland_buffer_area": ("Wetland Buffer Area", "濕地緩衝區", "湿地缓冲区"),
    "designation_sssi": ("Site of Special Scientific Interest", "具特殊科學價值地點", "具特殊科学价值地点"),
    "designation_country_park": ("country park", "郊野公園", "郊野公园"),
    "designation_marine_park": ("marine park", "海岸公園", "海岸公园"),
    "designation_conservation_area": ("conservation area", "自然保育區", "自然保育区"),
    "designation_mudflat": ("mudflat", "泥灘", "滩涂"),
    # Wildlife
    "wildlife_egretry": ("egretry", "鷺鳥林", "鹭鸟林"),
    "wildlife_night_roost": ("night roost", "夜棲地", "夜栖地"),
    "wildlife_flight_corridor": ("flight corridor", "飛行路徑", "飞行路径"),
    # Habitats, where no class table names them
    "habitat_not_assessed": ("not assessed", "未評估", "未评估"),
    "habitat_woodland": ("Woodland", "林地", "林地"),
    "habitat_shrubland": ("Shrubland", "灌木地", "灌木地"),
    "habitat_grassland": ("Grassland", "草地", "草地"),
    "habitat_farmland": ("Farmland", "農地", "农地"),
    "habitat_fishpond": ("Fishpond, gei wai", "魚塘、基圍", "鱼塘、基围"),
    "habitat_mangrove": ("Mangrove, reedbed", "紅樹林、蘆葦", "红树林、芦苇"),
    "habitat_mudflat": ("Mudflat", "泥灘", "滩涂"),
    "habitat_marine": ("Marine, open water", "海域", "海域"),
    "habitat_freshwater": ("Fresh water", "淡水", "淡水"),
    "habitat_rocky_shore": ("Rocky shore", "岩岸", "岩岸"),
    "habitat_bare": ("Bare ground", "裸地", "裸地"),
    "habitat_urban_green": ("Urban green", "市區綠地", "城市绿地"),
    "habitat_built_up": ("Built-up", "已建成", "建成区"),
    # Units
    "unit_ha": ("ha", "公頃", "公顷"),
    "unit_min": ("min", "分鐘", "分钟"),
    "unit_km": ("km", "公里", "公里"),
    "unit_m": ("m", "米", "米"),
    "unit_jobs": ("jobs", "職位", "岗位"),
    "unit_residents": ("residents", "居民", "居民"),
    "unit_sites": ("sites", "處", "处"),
    "unit_count": ("count", "數目", "数目"),
    "unit_index": ("index", "指數", "指数"),
    "unit_share": ("share", "比率", "比率"),
}

STRINGS: Mapping[str, Text] = {
    key: Text(en=en, zh_hant=hant, zh_hans=hans) for key, (en, hant, hans) in _ROWS.items()
}


def t(key: str) -> Text:
    """The text of a key, which must be known."""
    return STRINGS[key]


def term(prefix: str, value: object) -> Text:
    """The text of a value of an enumeration, or the value itself, spaced, where it has none."""
    raw = "" if value is None else str(value)
    found = STRINGS.get(f"{prefix}_{raw.replace('-', '_').replace(' ', '_').lower()}")
    return found or Text(en=raw.replace("_", " "))


def fill(key: str, **parts: Text | str | int) -> Text:
    """A text with its places filled, each part in its own script."""
    filled = [
        t(key)
        .in_script(lang)
        .format(
            **{name: part.in_script(lang) if isinstance(part, Text) else part for name, part in parts.items()}
        )
        for lang in LANGS
    ]
    return Text(en=filled[0], zh_hant=filled[1], zh_hans=filled[2])


def joined(parts: list[Text]) -> Text:
    """Texts as a list with the comma of each script."""
    done = [t("list_comma").in_script(lang).join(p.in_script(lang) for p in parts) for lang in LANGS]
    return Text(en=done[0], zh_hant=done[1], zh_hans=done[2])


def listed(parts: list[Text]) -> Text:
    """Texts that hold commas themselves, as a list with the semicolon of each script."""
    done = [t("list_semicolon").in_script(lang).join(p.in_script(lang) for p in parts) for lang in LANGS]
    return Text(en=done[0], zh_hant=done[1], zh_hans=done[2])


def sentences(parts: list[Text]) -> Text:
    """Sentences one after another, spaced where the script spaces them."""
    done = [
        gap.join(p.in_script(lang) for p in parts) for lang, gap in zip(LANGS, (" ", "", ""), strict=True)
    ]
    return Text(en=done[0], zh_hant=done[1], zh_hans=done[2])


def triple(text: Text) -> list[str]:
    """The text in the order of :data:`corridor.schema.text.LANGS`, as pages hold it."""
    return [text.in_script(lang) for lang in LANGS]
