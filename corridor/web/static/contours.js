/* Isochrones of a hub: the edges of the zones from which it is reached within a cut-off, no smoother than the zones. */
"use strict";

corridor.CUTOFFS = [30, 45, 60, 90];
corridor.CONTOUR = {
  30: { weight: 2.6, dash: null }, 45: { weight: 2, dash: "9 4" }, 60: { weight: 2, dash: null }, 90: { weight: 1.6, dash: "2 4" },
};
corridor.CONTOUR_COLOUR = "#111111";
corridor.CONTOUR_BEFORE = "#a34700";

/* Edges of each zone, as pairs of corners whose order does not matter; worked out once. */
corridor.zoneEdges = function (model) {
  if (model.edges) return model.edges;
  const numbers = new Map(), ends = [], edges = [];
  for (let z = 0; z < model.zones.count; z++) {
    const own = [];
    for (const ring of model.geometry[model.zones.first + z].flat()) {
      for (let i = 1; i < ring.length; i++) {
        const a = ring[i - 1].join(), b = ring[i].join(), key = a < b ? a + ";" + b : b + ";" + a;
        if (!numbers.has(key)) { numbers.set(key, ends.length); ends.push([ring[i - 1], ring[i]]); }
        own.push(numbers.get(key));
      }
    }
    edges.push(own);
  }
  model.edges = { ends, edges };
  return model.edges;
};

/* The edges between zones within a cut-off and zones beyond it, as lines joined end to end; none along water or empty land. */
corridor.outline = function (model, steps, most) {
  const { ends, edges } = corridor.zoneEdges(model), within = new Uint8Array(ends.length), beyond = new Uint8Array(ends.length);
  edges.forEach((own, z) => { for (const e of own) (steps[z] <= most ? within : beyond)[e] = 1; });
  const open = new Map(), rest = new Set();
  within.forEach((n, e) => {
    if (!n || !beyond[e]) return;
    rest.add(e);
    for (const end of ends[e]) { const key = end.join(); if (!open.has(key)) open.set(key, []); open.get(key).push(e); }
  });
  const lines = [];
  for (const first of rest) {
    rest.delete(first);
    const line = [...ends[first]];
    for (let next = first; next !== undefined;) {
      const last = line[line.length - 1].join();
      next = open.get(last).find((e) => rest.has(e));
      if (next === undefined) break;
      rest.delete(next);
      line.push(ends[next][0].join() === last ? ends[next][1] : ends[next][0]);
    }
    lines.push(line);
  }
  return lines;
};

/* Layers of the contours of one map, and their names into its `contourNames`. */
corridor.contours = function (stage, steps, before) {
  const { page, model, renderers } = stage, layers = [], colour = before ? corridor.CONTOUR_BEFORE : corridor.CONTOUR_COLOUR;
  const base = { renderer: renderers.lines, interactive: false, smoothFactor: 0, lineJoin: "miter", lineCap: "butt" };
  for (const minutes of corridor.CUTOFFS) {
    const lines = corridor.outline(model, steps, Math.floor(minutes / page.scale.step + 1e-9)), style = corridor.CONTOUR[minutes];
    if (!lines.length) continue;
    if (!before) layers.push(L.polyline(lines, { ...base, color: "#fff", weight: style.weight + 2, opacity: 0.75 }));
    layers.push(L.polyline(lines, { ...base, color: colour, weight: before ? style.weight * 0.7 : style.weight, dashArray: style.dash }));
    if (before) continue;
    for (const line of lines.filter((l) => l.length > 8).slice(0, 6)) {
      const along = [0.5, 0.2, 0.8, 0.35, 0.65].map((share) => line[Math.floor((line.length - 1) * share)]);
      stage.contourNames.push({ at: along[0], along, text: minutes + " " + page.words.pick(page.scale.unit), kind: "contour", rank: 4.5, offset: 0 });
    }
  }
  return layers;
};

/* The legend of the contours. */
corridor.contourLegend = function (page) {
  const words = page.words, colour = corridor.CONTOUR_COLOUR, rows = corridor.CUTOFFS.map((minutes) => corridor.element("li", {},
    corridor.lineSwatch(colour, corridor.CONTOUR[minutes].weight, corridor.CONTOUR[minutes].dash || ""), corridor.element("span", {}, words.fill("contour_within", { minutes }))));
  if (page.shows !== "value" && page.state.scenario !== page.model.reference)
    rows.push(corridor.element("li", {}, corridor.lineSwatch(corridor.CONTOUR_BEFORE, 1.6, ""), corridor.element("span", {}, words.t("contour_before"))));
  return rows;
};

/* A hub: a square standing on its corner, which can be chosen by mouse and keyboard. */
corridor.hubMark = function (hub, name, chosen, choose) {
  const sign = document.createElement("span");
  sign.className = "hub-sign";
  const icon = L.divIcon({ className: "hub" + (chosen ? " chosen" : ""), html: sign, iconSize: [22, 22] });
  const mark = L.marker(hub.at, { icon, keyboard: true, riseOnHover: true, zIndexOffset: chosen ? 400 : 200 });
  mark.on("click", choose);
  mark.on("add", () => {
    const element = mark.getElement();
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", name);
    element.setAttribute("aria-pressed", String(chosen));
    element.title = name;
    element.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      e.preventDefault();
      choose();
    });
  });
  return mark;
};
