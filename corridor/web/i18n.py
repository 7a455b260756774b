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
        "反事實方案：並非任何政府所提出",
        "反事实方案：并非任何政府所提出",
    ),
    "counterfactual_short": ("counterfactual", "反事實", "反事实"),
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
    "change_unit": ("change against the reference", "相對參照的變化", "相对参照的变化"),
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
    "axis_central": ("central line", "中線", "中线"),
    "axis_western": ("western line", "西線", "西线"),
    "axis_other": ("other works", "其他工程", "其他工程"),
    "permanent": ("permanent", "永久", "永久"),
    "temporary": ("temporary", "臨時", "临时"),
    "shade": ("shade under a deck", "橋面遮蔭", "桥面遮荫"),
    # Status
    "status": ("Status", "狀態", "状态"),
    "status_existing": ("existing", "現有", "现有"),
    "status_construction": ("under construction", "興建中", "在建"),
    "status_planned": ("planned", "規劃", "规划"),
    "status_planned_official": ("planned, official", "官方規劃", "官方规划"),
    "status_studied": ("studied", "研究中", "研究中"),
    "status_concept": ("concept", "概念", "概念"),
    "status_counterfactual": ("counterfactual", "反事實", "反事实"),
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
    "jobs": ("jobs", "職位", "职位"),
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
    "answer_reference": (
        "Everything is measured against “{reference}”, the least that will be done.",
        "一切均以「{reference}」（最低限度方案）為參照。",
        "一切均以“{reference}”（最低限度方案）为参照。",
    ),
    "answer_pair": ("{question} {values}.", "{question}{values}。", "{question}{values}。"),
    "answer_value": (
        "{criterion}: {value} {unit}",
        "{criterion}：{value} {unit}",
        "{criterion}：{value} {unit}",
    ),
    "list_semicolon": ("; ", "；", "；"),
    "answer_rank": (
        "“{scenario}” ranks first under {count} of {total} weight profiles ({profiles}); "
        "when weights and uncertain values vary, its rank lies between {low} and {high}.",
        "「{scenario}」在 {total} 組權重中的 {count} 組（{profiles}）排名第一；"
        "權重與不確定數值變動時，名次介乎第 {low} 至第 {high}。",
        "“{scenario}”在 {total} 组权重中的 {count} 组（{profiles}）排名第一；"
        "权重与不确定数值变动时，名次介于第 {low} 至第 {high}。",
    ),
    "answer_best": (
        "{criterion}: best in “{scenario}”, {value} {unit}{change}.",
        "{criterion}：以「{scenario}」最佳，{value} {unit}{change}。",
        "{criterion}：以“{scenario}”最佳，{value} {unit}{change}。",
    ),
    "answer_change": (
        " ({change} against the reference)",
        "（相對參照 {change}）",
        "（相对参照 {change}）",
    ),
    "answer_same": (
        "{criterion}: the same in every scenario.",
        "{criterion}：各方案相同。",
        "{criterion}：各方案相同。",
    ),
    "answer_crossed": (
        "Green corridors crossed, above or below ground: {count} ({corridors}) in: {scenario}.",
        "在地面或地下穿越綠色走廊 {count} 條（{corridors}）：{scenario}。",
        "在地面或地下穿越绿色走廊 {count} 条（{corridors}）：{scenario}。",
    ),
    "answer_not_crossed": (
        "No green corridor crossed in: {scenario}.",
        "不穿越任何綠色走廊：{scenario}。",
        "不穿越任何绿色走廊：{scenario}。",
    ),
    "list_comma": (", ", "、", "、"),
    "criteria_title": ("Criteria by scenario", "各方案指標", "各方案指标"),
    "criteria_note": (
        "Large: the value. Small: its change against the reference. ● marks the best of the scenarios "
        "that someone proposes.",
        "大字為數值，小字為相對參照的變化。● 為實際提出的方案中最佳者。",
        "大字为数值，小字为相对参照的变化。● 为实际提出的方案中最佳者。",
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
        "The bar is the range of the score when weights and uncertain values vary; the tick is the central score.",
        "橫條為權重與不確定數值變動時的分數範圍，豎線為中央分數。",
        "横条为权重与不确定数值变动时的分数范围，竖线为中央分数。",
    ),
    "profile": ("Weights", "權重", "权重"),
    "profile_planner": ("planner", "規劃者", "规划者"),
    "profile_reviewer": ("environmental reviewer", "環境審核者", "环境审核者"),
    "profile_environmental_reviewer": ("environmental reviewer", "環境審核者", "环境审核者"),
    "profile_equal": ("equal weights", "均等權重", "均等权重"),
    "first_share": ("First in", "居首比率", "居首比率"),
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
    "unit_jobs": ("jobs", "職位", "职位"),
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


def triple(text: Text) -> list[str]:
    """The text in the order of :data:`corridor.schema.text.LANGS`, as pages hold it."""
    return [text.in_script(lang) for lang in LANGS]
