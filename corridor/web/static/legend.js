/* The legend of the comparison: what the maps draw now, and nothing else; and the switches of the layers. */
"use strict";

corridor.legendRow = (swatch, text) => corridor.element("li", {}, swatch, corridor.element("span", {}, text));

/* What zones look like now: colours by their place in the scale, and kinds of hatching. */
corridor.shownLooks = function (page) {
  const seen = new Set();
  for (const stage of page.stages) for (const shape of stage.zones.shapes) seen.add(shape.options.fillColor);
  return seen;
};

/* The classes of the zones, of the value or of the change either side of zero; those beyond what any zone has are left out. */
corridor.zoneLegend = function (page) {
  const { scale, words, shows } = page, look = page.model.palette, share = shows === "percent", rows = [];
  const seen = corridor.shownLooks(page), n = (v) => words.number(v, scale.step < 1 && v % 1 ? 0.1 : 1) + (share ? " %" : "");
  const colours = shows === "value" ? scale.colours : share ? scale.percentColours : scale.changeColours;
  const used = colours.flatMap((c, i) => (seen.has(c) ? [i] : []));
  colours.forEach((colour, i) => {
    if (i < used[0] || i > used[used.length - 1] || !used.length) return;
    rows.push(corridor.legendRow(corridor.fillSwatch(colour, "#8886"), shows === "value" ? corridor.valueClass(scale.breaks, i, n) : corridor.changeClass(page, i, n)));
  });
  if (shows !== "value") rows.reverse();
  for (const [colour, kind, key] of [[look.better, "cross", "newly_reached"], [look.worse, "cross", "no_longer_reached"], [look.noData, "dots", "percent_too_small"], [look.noData, "none", "no_data"]])
    if (seen.has(corridor.pattern(colour, kind))) rows.push(corridor.legendRow(corridor.fillSwatch(corridor.pattern(colour, kind), colour), words.t(key)));
  rows.push(corridor.legendRow(corridor.fillSwatch(look.land, "#8886"), words.t("empty_land")));
  return corridor.element("ul", { class: "classes" }, ...rows);
};

corridor.valueClass = (b, i, n) => (i === 0 ? "< " + n(b[0]) : i === b.length ? "≥ " + n(b[i - 1]) : n(b[i - 1]) + " – " + n(b[i]));

corridor.changeClass = function (page, i, n) {
  const { scale, words } = page, b = page.shows === "percent" ? scale.percentBreaks : scale.changeBreaks, side = i - b.length;
  if (side === 0) return "−" + n(b[0]) + " … +" + n(b[0]) + "  " + words.t("no_change");
  const s = side < 0 ? "−" : "+", lo = s + n(b[Math.abs(side) - 1]), end = Math.abs(side) === b.length, hi = s + n(b[Math.abs(side)]);
  return end ? (side < 0 ? "≤ " : "≥ ") + lo + "  " + words.t(side * scale.better > 0 ? "better" : "worse") : side < 0 ? hi + " … " + lo : lo + " … " + hi;
};

/* Lines, stations, control points, works and areas that a map draws now. */
corridor.lineLegend = function (page) {
  const { words, model, stages, state: { off } } = page, look = model.palette, rows = [], seen = new Set();
  const all = (pool) => [...new Set(stages.flatMap((s) => s.scenario[pool]))].map((i) => model[pool][i]);
  const row = (on, swatch, text) => { if (on && !seen.has(text)) { seen.add(text); rows.push(corridor.legendRow(swatch, text)); } };
  const line = (colour, style) => corridor.lineSwatch(colour, style.weight, style.dash), lines = all("lines"), points = all("checkpoints");
  const today = (kind) => lines.some((l) => !l.added && corridor.kindToday(l) === kind);
  for (const l of lines.filter((n) => n.added)) {
    const status = l.counterfactual ? "counterfactual" : l.status;
    row(true, line(look.axes[l.axis] || look.axes.other, look.status[status] || look.status.existing), words.t("axis_" + l.axis) + ", " + words.t("status_" + status));
  }
  row(all("stations").some((s) => s.added) && !off.stations, corridor.discSwatch(4.6, "#fff", "#1d1d1d", 2.2), words.t("station_added"));
  for (const kind of corridor.FOOTPRINTS)
    row(!off.footprint && all("footprint").some((f) => f.permanence === kind), corridor.fillSwatch(corridor.footprintFill(look.footprint, kind), look.footprint), words.t("layer_footprint") + ", " + words.t(kind));
  row(model.hubs.length && !off.hubs, corridor.hubSwatch(), words.t("hub_legend"));
  if (!off.checkpoints && points.some((p) => p.daily)) rows.push(corridor.element("li", { class: "wide" }, corridor.sizeSwatch(words), corridor.element("span", {}, words.t("passengers_day"))));
  row(!off.checkpoints && points.some((p) => !p.daily), corridor.discSwatch(5, "#fff9", "#1d1d1d", 2, [1.5, 2.5]), words.t("no_passengers"));
  row(!off.rail && today("rail"), line(look.existing, look.status.existing), words.t("existing_rail"));
  row(!off.rail && today("express"), line(look.existing, look.express), words.t("existing_express"));
  row(!off.road && today("road"), line(look.existing, look.road), words.t("existing_road"));
  row(true, corridor.lineSwatch(look.boundary, 1.8, "10 4 2 4"), words.t("boundary"));
  for (const [key, swatch, text] of corridor.natureKinds(page)) row(!off[key], swatch, text);
  row(true, corridor.fillSwatch(corridor.pattern(look.notMapped, "soft-up"), look.notMapped), words.t("not_mapped"));
  return rows;
};

/* Circles of control points by passengers, each beside its number. */
corridor.sizeSwatch = (words) => corridor.swatch((pen, w, h) => {
  let x = 2;
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (const daily of [20000, 100000, 250000]) {
    const radius = corridor.checkpointRadius(daily);
    pen.beginPath(); pen.arc(x + radius, h / 2, radius - 1, 0, 7);
    pen.fillStyle = "#fffd"; pen.fill(); pen.strokeStyle = "#1d1d1d"; pen.lineWidth = 2; pen.stroke();
    pen.fillStyle = "#22262a"; pen.fillText(words.number(daily), x + 2 * radius + 4, h / 2);
    x += 2 * radius + 14 + pen.measureText(words.number(daily)).width;
  }
}, 270, 36);

/* Kinds of areas under nature: the key of each layer, its swatch and its name. */
corridor.natureKinds = function (page) {
  const { model, words, stage } = page, look = model.palette, order = Object.keys(look.designations);
  const kinds = [...new Map(model.nature.designations.map((d) => [d.kind, d.kindName]))].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
  const rows = kinds.map(([kind, name]) => {
    const style = look.designations[kind] || look.otherDesignation;
    return ["designation:" + kind, corridor.fillSwatch(corridor.pattern(style.colour, style.hatch), style.colour), words.pick(name)];
  });
  if (stage.nature.corridors) rows.push(["corridors", corridor.fillSwatch(look.corridor + "44", look.corridor), words.t("layer_corridors")]);
  if (stage.nature.wildlife) rows.push(["wildlife", corridor.discSwatch(4, "#fff2d8", look.wildlife, 1.4), words.t("layer_wildlife")]);
  return rows;
};

/* A switch for each layer. */
corridor.layerSwitches = function (page) {
  const { model, words, state } = page, rows = [];
  const row = (key, text) => {
    const input = corridor.element("input", { type: "checkbox" });
    input.checked = !state.off[key];
    input.addEventListener("change", () => { state.off[key] = !input.checked; page.showMeasure(); page.showLayers(); });
    rows.push(corridor.element("li", {}, corridor.element("label", {}, input, corridor.element("span", {}, text))));
  };
  const hubs = model.hubs.length ? ["hubs", "contours"] : [];
  for (const key of ["zones", "checkpoints", "stations", ...hubs]) row(key, words.t("layer_" + key));
  for (const key of ["rail", "road"]) row(key, words.t("existing_" + key));
  for (const key of ["footprint", "labels"]) row(key, words.t("layer_" + key));
  rows.push(corridor.element("li", { class: "head" }, words.t("layer_designations")));
  for (const [key, , text] of corridor.natureKinds(page)) row(key, text);
  return rows;
};
