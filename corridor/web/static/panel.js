/* The panel beside the map: words, swatches, card and table. */
"use strict";

corridor.LANGS = ["en", "zh-Hant", "zh-Hans"];

corridor.element = function (tag, attributes, ...content) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  for (const part of content) if (part !== null && part !== undefined) made.append(part);
  return made;
};

corridor.Words = class {
  constructor(strings) { this.strings = strings; this.lang = 0; }
  t(key) { return this.pick(this.strings[key]) || key; }
  pick(text) { return text ? text[this.lang] || text[0] : ""; }
  fill(key, parts) { return this.t(key).replace(/\{(\w+)\}/g, (_, name) => parts[name]); }
  number(value, step) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const digits = step && step < 1 ? 1 : 0, fixed = Math.abs(value).toFixed(digits);
    const [whole, rest] = fixed.split(".");
    return (value < 0 && Number(fixed) !== 0 ? "−" : "") + whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (rest ? "." + rest : "");
  }
  signed(value, step) {
    const shown = this.number(value, step);
    return value > 0 && /[1-9]/.test(shown) ? "+" + shown : shown;
  }
};

corridor.swatch = function (draw, wide = 34, high = 16) {
  const ratio = 2, box = corridor.element("canvas", { width: wide * ratio, height: high * ratio, class: "swatch", "aria-hidden": "true" });
  const pen = box.getContext("2d");
  if (wide !== 34) box.style.width = wide + "px", box.style.height = high + "px";
  pen.scale(ratio, ratio);
  draw(pen, wide, high);
  return box;
};

corridor.fillSwatch = (fill, edge) => corridor.swatch((pen, w, h) => {
  pen.fillStyle = fill;
  pen.fillRect(1, 1, w - 2, h - 2);
  if (edge) { pen.strokeStyle = edge; pen.strokeRect(1, 1, w - 2, h - 2); }
});

corridor.lineSwatch = (colour, weight, dash, cap) => corridor.swatch((pen, w, h) => {
  pen.strokeStyle = colour;
  pen.lineWidth = weight;
  pen.lineCap = cap || "butt";
  if (dash) pen.setLineDash(dash.split(" ").map(Number));
  pen.beginPath(); pen.moveTo(1, h / 2); pen.lineTo(w - 1, h / 2); pen.stroke();
});

corridor.discSwatch = (radius, fill, edge, weight, dash) => corridor.swatch((pen, w, h) => {
  pen.beginPath(); pen.arc(w / 2, h / 2, Math.min(radius, h / 2 - 1), 0, 7);
  pen.fillStyle = fill; pen.fill();
  if (dash) pen.setLineDash(dash);
  pen.strokeStyle = edge; pen.lineWidth = weight; pen.stroke();
});

corridor.hubSwatch = () => corridor.swatch((pen, w, h) => {
  pen.translate(w / 2, h / 2); pen.rotate(Math.PI / 4);
  pen.fillStyle = "#ffd23f"; pen.fillRect(-4.4, -4.4, 8.8, 8.8);
  pen.strokeStyle = "#111"; pen.lineWidth = 1.6; pen.strokeRect(-4.4, -4.4, 8.8, 8.8);
});

/* The card of one control point. */
corridor.card = function (point, words, close) {
  const row = (key, value, mark) => [
    corridor.element("dt", {}, words.t(key)),
    corridor.element("dd", {}, value, mark ? corridor.element("em", { class: "mark" }, words.t(mark)) : null),
  ];
  const always = (point.open === "00:00" || point.open === "0:00") && point.close === "24:00";
  const hours = always ? words.t("hours_24") : point.open && point.close ? point.open + "–" + point.close : words.t("unknown");
  const range = point.mean === null ? words.t("unknown") : words.fill("minutes_range", {
    mean: words.number(point.mean), low: words.number(point.low), high: words.number(point.high) });
  const count = (v) => (v === null ? words.t("unknown") : words.number(v));
  const button = corridor.element("button", { type: "button", class: "close", "aria-label": words.t("close") }, "×");
  button.addEventListener("click", close);
  const entries = [
    row("status", words.pick(point.statusName), point.changed ? "changed_here" : ""),
    row("hours", hours),
    row("regime", point.regime ? words.pick(point.regime) : words.t("unknown")),
    row("clearance_time", range, point.assumed && point.mean !== null ? "assumption" : ""),
    row("daily_2025", count(point.daily)),
    point.capacity === null ? [] : row("design_capacity", count(point.capacity)),
  ];
  return [button, corridor.element("h2", {}, words.pick(point.name)), corridor.element("dl", {}, ...entries.flat())];
};

/* Means by district that came with the data; null where none did for this measure. */
corridor.givenRows = function (model, scenario, measure) {
  const is = model.districtMeans[scenario][measure], was = model.districtMeans[model.reference][measure];
  if (!is || !was) return null;
  const number = (v) => (v === null ? NaN : v);
  return model.base.districts.map((d, i) => ({ name: d.name, region: d.region, is: number(is[i]), was: number(was[i]) }))
    .filter((r) => !Number.isNaN(r.is));
};

/* Means of the zones drawn, by district, weighted by residents. */
corridor.drawnRows = function (model, values, reference, step) {
  const rows = model.base.districts.map((d) => ({ name: d.name, region: d.region, weight: 0, was: 0, is: 0, zones: 0, out: 0 }));
  for (let z = 0; z < model.zones.count; z++) {
    const row = rows[model.zones.district[z]], weight = model.zones.residents[z];
    if (!row || !weight) continue;
    row.zones++;
    if (values[z] === 65535 || reference[z] === 65535) { row.out++; continue; }
    row.weight += weight;
    row.is += weight * values[z] * step;
    row.was += weight * reference[z] * step;
  }
  return rows.filter((r) => r.zones).map((r) => ({ ...r, is: r.weight ? r.is / r.weight : NaN, was: r.weight ? r.was / r.weight : NaN }));
};

corridor.districtTable = function (rows, sides, words, scale, isReference, counted) {
  const cell = (tag, text, attributes) => corridor.element(tag, attributes || {}, text);
  const heads = ["district", ...(isReference ? ["value"] : ["reference", "value", "change"]), ...(counted ? ["left_out"] : [])];
  const head = corridor.element("tr", {}, ...heads.map((key) => cell("th", words.t(key), { scope: "col", title: key === "left_out" ? words.t("left_out_title") : null })));
  const body = corridor.element("tbody");
  const better = (r) => (r.is - r.was) * scale.better || 0;
  for (const side of sides) {
    const some = rows.filter((r) => r.region === side.id);
    if (some.length) body.append(corridor.element("tr", { class: "region" }, cell("th", words.pick(side.name), { colspan: heads.length, scope: "colgroup" })));
    if (!isReference) some.sort((a, b) => better(b) - better(a));
    for (const r of some) {
      const value = cell("td", words.number(r.is, scale.step));
      const figures = isReference ? [value] : [cell("td", words.number(r.was, scale.step)), value, cell("td", words.signed(r.is - r.was, scale.step))];
      const out = counted ? cell("td", r.out ? r.out + "/" + r.zones : "0") : null;
      body.append(corridor.element("tr", {}, cell("th", words.pick(r.name), { scope: "row" }), ...figures, out));
    }
  }
  return [corridor.element("thead", {}, head), body];
};
