/* What is shown, as files made in the page: a picture, a table of districts, a table of one zone. */
"use strict";

/* A text as a spreadsheet shows it and never works it out, as in the tables of the program. */
corridor.harmless = (text) => (/^[\s\ufeff\u200b\u2060'"‘’“”＇＂]*[=+\-@＝＋－＠\t\r\n]/.test(text) ? "'" + text : text);

corridor.csv = function (rows) {
  const cell = (v) => (typeof v === "number" ? String(Number(v.toFixed(4))) : v === null || v === undefined ? "" : '"' + corridor.harmless(String(v)).replace(/"/g, '""') + '"');
  return "\ufeff" + rows.map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
};

corridor.save = function (name, blob) {
  const link = corridor.element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

corridor.Saving = class {
  constructor(page) {
    this.page = page;
    page.$("save-picture").addEventListener("click", () => this.picture());
    page.$("save-table").addEventListener("click", () => this.table());
  }

  name(ending) {
    const { scenario, scale, state } = this.page;
    return [scenario.id, scale.base, state.hour].join("-").replace(/[^\w.+-]+/g, "") + ending;
  }

  saveRows(rows, name) { corridor.save(name, new Blob([corridor.csv(rows)], { type: "text/csv" })); }

  table() {
    const { page, page: { words, model, scale, state } } = this, { rows } = page.districts(), number = (v) => (Number.isNaN(v) ? null : v);
    const head = ["scenario", "measure", "hour", "unit", "side", "district", "reference", "value", "change"].map((key) => words.t(key));
    const side = (id) => { const s = model.base.sides.find((x) => x.id === id); return s ? words.pick(s.name) : ""; };
    this.saveRows([head, ...rows.map((r) => [page.titled(state.scenario), words.pick(scale.title), state.hour, words.pick(scale.unit),
      side(r.region), words.pick(r.name), number(r.was), number(r.is), number(r.is - r.was)])], this.name(".csv"));
  }

  zoneTable() {
    const { page, page: { words, model, scale, state, reading } } = this;
    const head = ["scenario", "measure", "hour", "unit", "district", "latitude", "longitude", "value", "change", "view_percent"].map((key) => words.t(key));
    this.saveRows([head, ...model.scenarios.map((s, i) => {
      const f = reading.figures(reading.zone, i);
      return [page.titled(i), words.pick(scale.title), state.hour, words.pick(scale.unit), reading.district(reading.zone), ...state.place, f.value, f.change, f.percent];
    })], this.name("-zone.csv"));
  }

  picture() {
    const canvas = corridor.pictureOf(this.page);
    canvas.toBlob((blob) => corridor.save(this.name(".png"), blob), "image/png");
  }
};

corridor.PICTURE = { side: 330, gap: 14 };

/* The maps with their names and marks under a title, the legend and the chart of a zone beside them, the sources below. */
corridor.pictureOf = function (page) {
  const frame = page.$("map-box").getBoundingClientRect(), { side, gap } = corridor.PICTURE, pen = document.createElement("canvas").getContext("2d");
  const maps = page.stages.map((s) => s.map.getContainer().getBoundingClientRect()), first = Math.min(...maps.map((m) => m.top)), bottom = Math.max(...maps.map((m) => m.bottom)) - first;
  const wide = frame.width + side, family = getComputedStyle(document.body).fontFamily, draw = { pen, family, wide };
  const lines = (y) => corridor.pictureFoot(page, draw, y), ratio = 2, top = 64;
  pen.canvas.width = wide * ratio;
  const foot = lines(0), beside = corridor.pictureSide(page, draw, frame.width + gap, top, side - 2 * gap);
  const high = Math.max(top + bottom + gap, beside + gap) + foot;
  pen.canvas.height = high * ratio;
  pen.scale(ratio, ratio);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, wide, high);
  corridor.pictureTitle(page, draw, gap);
  pen.save();
  pen.translate(-frame.left, top - first);
  page.stages.forEach((stage) => corridor.pictureMap(page, pen, stage));
  pen.fillStyle = "#22262a";
  if (page.two) pen.fillRect(page.state.swipe ? frame.left + (frame.width * page.pair.cut) / 100 : maps[1].left - 2, maps[1].top, 2, maps[1].height);
  pen.restore();
  corridor.pictureSide(page, draw, frame.width + gap, top, side - 2 * gap);
  lines(high - foot);
  return pen.canvas;
};

corridor.pictureTitle = function (page, { pen, family, wide }, x) {
  const names = page.two ? [page.titled(page.state.other), page.titled(page.state.scenario)].join(" | ") : page.titled(page.state.scenario);
  const text = (font, colour, y, words) => { pen.font = font + " " + family; pen.fillStyle = colour; pen.fillText(words, x, y, wide - 2 * x); };
  text("700 19px", "#22262a", 26, names);
  text("400 14px", "#22262a", 48, page.measured() + ", " + page.unit(page.shows) + (page.$("map-banner").hidden ? "" : " · " + page.$("map-banner").textContent));
};

/* One map: its canvases from the lowest, its circles and hubs, its names, its scale; the left map of a swipe as far as the divider. */
corridor.pictureMap = function (page, pen, stage) {
  const box = stage.map.getContainer(), frame = box.getBoundingClientRect(), level = (c) => Number(getComputedStyle(c.parentElement).zIndex) || 0;
  pen.save();
  pen.beginPath();
  pen.rect(frame.left, frame.top, frame.width * (page.state.swipe && stage === page.left ? page.pair.cut / 100 : 1), frame.height);
  pen.clip();
  pen.fillStyle = page.model.palette.sea;
  pen.fillRect(frame.left, frame.top, frame.width, frame.height);
  for (const canvas of [...box.querySelectorAll(".leaflet-pane canvas")].sort((a, b) => level(a) - level(b))) {
    const at = canvas.getBoundingClientRect();
    if (at.width && canvas.width) pen.drawImage(canvas, at.left, at.top, at.width, at.height);
  }
  for (const mark of box.querySelectorAll(".checkpoint .disc, .hub .hub-sign")) corridor.pictureMark(pen, mark);
  for (const name of box.querySelectorAll(".name")) corridor.pictureName(pen, name);
  const scale = box.querySelector(".leaflet-control-scale-line");
  if (scale) corridor.pictureScale(pen, scale);
  pen.restore();
};

corridor.pictureMark = function (pen, mark) {
  const at = mark.getBoundingClientRect(), x = at.left + at.width / 2, y = at.top + at.height / 2, style = getComputedStyle(mark), line = parseFloat(style.borderTopWidth);
  const hub = mark.className === "hub-sign", r = at.width / 2 - (hub ? 0 : line / 2);
  pen.beginPath();
  if (hub) for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]]) pen.lineTo(x + dx, y + dy);
  else pen.arc(x, y, r, 0, 7);
  pen.closePath();
  pen.setLineDash(style.borderTopStyle === "dotted" ? [line, line] : []);
  Object.assign(pen, { fillStyle: style.backgroundColor, strokeStyle: style.borderTopColor, lineWidth: line });
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
};

corridor.pictureName = function (pen, name) {
  const at = name.getBoundingClientRect(), style = getComputedStyle(name), lines = name.textContent.split("\n"), high = at.height / lines.length;
  Object.assign(pen, { font: [style.fontStyle, style.fontWeight, style.fontSize, style.fontFamily].join(" "), textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3, strokeStyle: "#ffffffd0", fillStyle: style.color });
  for (const say of ["strokeText", "fillText"]) lines.forEach((line, i) => pen[say](line, at.left + at.width / 2, at.top + high * (i + 0.5)));
  Object.assign(pen, { textAlign: "left", textBaseline: "alphabetic" });
};

corridor.pictureScale = function (pen, scale) {
  const at = scale.getBoundingClientRect();
  Object.assign(pen, { fillStyle: "#ffffffc0", strokeStyle: "#333", lineWidth: 1.5, font: "12px sans-serif" });
  pen.fillRect(at.left, at.top, at.width, at.height);
  pen.beginPath();
  for (const [x, y] of [[at.left, at.bottom - 6], [at.left, at.bottom], [at.right, at.bottom], [at.right, at.bottom - 6]]) pen.lineTo(x, y);
  pen.stroke();
  pen.fillStyle = "#333";
  pen.fillText(scale.textContent, at.left + 4, at.bottom - 5);
};

/* Words in lines no wider than given, at words or, in Chinese, at signs; returns where the next line begins. */
corridor.pictureText = function ({ pen, family }, words, x, y, wide, font, colour, step) {
  pen.font = font + " " + family;
  pen.fillStyle = colour;
  let line = "";
  for (const part of words.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+/g) || []) {
    if (line && pen.measureText(line + part).width > wide) { pen.fillText(line.trim(), x, y + step * 0.8); y += step; line = ""; }
    line += part;
  }
  pen.fillText(line.trim(), x, y + step * 0.8);
  return y + step;
};

/* The legend as it is drawn in the page, then the chart of the zone; returns where it ends. */
corridor.pictureSide = function (page, draw, x, y, wide) {
  const say = (text, font, step, indent = 0, at = y) => corridor.pictureText(draw, text, x + indent, at, wide - indent, font, "#22262a", step);
  for (const row of document.querySelectorAll(".legend :is(h2, h3, li)")) {
    if (!row.getClientRects().length && !document.body.classList.contains("folded")) continue;
    const swatch = row.querySelector("canvas");
    if (row.localName !== "li") { y = say(row.textContent, "700 14px", 19) + 3; continue; }
    const high = swatch ? swatch.height / 2 : 0, own = swatch && high > 20;
    if (swatch) draw.pen.drawImage(swatch, x, y, swatch.width / 2, high);
    y = own ? say(row.textContent, "400 12.5px", 16, 0, y + high) : Math.max(say(row.textContent, "400 12.5px", 16, 42), y + high) + 3;
  }
  return page.$("zone").hidden ? y : corridor.pictureZone(page, draw, x, y + 14, wide, say);
};

corridor.pictureZone = function (page, draw, x, y, wide) {
  const { pen } = draw, box = page.$("zone"), line = (text, font, step, at, width = wide) => corridor.pictureText(draw, text, x, at, width, font, "#22262a", step);
  y = line(box.querySelector("h2").textContent, "700 14px", 19, y);
  y = line(box.querySelector(".note").textContent, "400 12px", 15, y) + 4;
  for (const row of box.querySelectorAll("tbody tr")) {
    const [name, value, change] = [...row.children], bar = name.querySelector(".bar"), share = (v) => (parseFloat(v) / 100) * (wide * 0.5), font = row.className === "chosen" ? "700 12px" : "400 12px";
    const end = line(name.firstChild.data, font, 15, y, wide * 0.5);
    [[value, 0.76], [change, 1]].forEach(([cell, at]) => { pen.textAlign = "right"; pen.fillText(cell.textContent, x + wide * at, y + 12); pen.textAlign = "left"; });
    Object.assign(pen, { fillStyle: bar.style.background, strokeStyle: "#0006", lineWidth: 0.6 });
    const at = [x + share(bar.style.left), end + 1, share(bar.style.width), 6];
    pen.fillRect(...at);
    pen.strokeRect(...at);
    y = end + 12;
  }
  return y;
};

/* Sources, date and what the map is not; returns its height. */
corridor.pictureFoot = function (page, draw, y) {
  const own = (e) => [...e.childNodes].map((n) => (n.nodeType === 3 || !n.lang || n.lang === document.documentElement.lang ? (n.nodeType === 3 ? n.data : own(n)) : "")).join("");
  const shown = ["credit-text", "credit-note", "screening", "date"].map((id) => own(page.$(id)).replace(/\s+/g, " ").replace(/[\s·]+$/, "").trim()).filter(Boolean).join(" · ");
  return corridor.pictureText(draw, shown, 14, y, draw.wide - 28, "400 11px", "#3d4348", 15) - y + 10;
};
