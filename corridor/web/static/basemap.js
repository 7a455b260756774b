/* Land, sea, boundary and districts from the page's own data; no tile is fetched. */
"use strict";

corridor.PANES = { land: 200, zones: 210, districts: 220, sea: 230, nature: 240, footprint: 250, boundary: 255,
  lines: 260, stations: 270 };

corridor.panes = function (map) {
  const renderers = {};
  for (const [name, level] of Object.entries(corridor.PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    pane.style.pointerEvents = "none";
    renderers[name] = L.canvas({ pane: name, padding: 0.4 });
  }
  return renderers;
};

/* A small repeating picture for a fill: the colour with strokes or dots on nothing. */
corridor.hatch = function (colour, kind) {
  const size = kind === "dots" ? 7 : 8, tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.strokeStyle = pen.fillStyle = colour;
  pen.globalAlpha = 0.16;
  if (kind !== "none") pen.fillRect(0, 0, size, size);
  pen.globalAlpha = kind === "none" ? 0.75 : kind === "soft-up" ? 0.35 : 0.8;
  pen.lineWidth = 1.1;
  const stroke = (...points) => { pen.beginPath(); points.forEach((p, i) => (i ? pen.lineTo(...p) : pen.moveTo(...p))); pen.stroke(); };
  const up = () => { stroke([-1, size + 1], [size + 1, -1]); stroke([-1, 1], [1, -1]); stroke([size - 1, size + 1], [size + 1, size - 1]); };
  const down = () => { stroke([-1, -1], [size + 1, size + 1]); stroke([-1, size - 1], [1, size + 1]); stroke([size - 1, -1], [size + 1, 1]); };
  if (kind === "up" || kind === "cross" || kind === "none" || kind === "soft-up") up();
  if (kind === "down" || kind === "cross") down();
  if (kind === "level") stroke([0, size / 2], [size, size / 2]);
  if (kind === "dots") { pen.beginPath(); pen.arc(size / 2, size / 2, 1, 0, 7); pen.fill(); }
  return tile;
};

corridor.pattern = function (colour, kind) {
  const key = colour + kind, kept = corridor.pattern.kept || (corridor.pattern.kept = {});
  if (!kept[key]) kept[key] = document.createElement("canvas").getContext("2d").createPattern(corridor.hatch(colour, kind), "repeat");
  return kept[key];
};

corridor.drawBase = function (map, model, renderers) {
  const look = model.palette, shape = (n) => model.geometry[n];
  const quiet = { interactive: false, smoothFactor: 0.5 };
  const rings = shape(model.base.land).flat();
  const [[south, west], [north, east]] = model.views.area;
  const around = [[south - 8, west - 8], [south - 8, east + 8], [north + 8, east + 8], [north + 8, west - 8]];
  L.polygon(shape(model.base.land), { ...quiet, renderer: renderers.land, stroke: false, fillColor: look.land, fillOpacity: 1 }).addTo(map);
  L.polyline(shape(model.base.districtLines).flat(), { ...quiet, renderer: renderers.districts, color: look.district, weight: 0.8, opacity: 0.75, dashArray: "1 3", lineCap: "round" }).addTo(map);
  L.polygon([around, ...rings], { ...quiet, renderer: renderers.sea, color: look.coast, weight: 0.8, fillColor: look.sea, fillOpacity: 1 }).addTo(map);
  L.polygon(shape(model.base.notMapped), { ...quiet, renderer: renderers.sea, stroke: false, fillColor: "#ecebe7", fillOpacity: 1 }).addTo(map);
  L.polygon(shape(model.base.notMapped), { ...quiet, renderer: renderers.sea, stroke: false, fillColor: corridor.pattern(look.notMapped, "soft-up"), fillOpacity: 1 }).addTo(map);
  const river = shape(model.base.boundary).flat();
  L.polyline(river, { ...quiet, renderer: renderers.boundary, color: "#fff", weight: 4, opacity: 0.8 }).addTo(map);
  L.polyline(river, { ...quiet, renderer: renderers.boundary, color: look.boundary, weight: 1.8, dashArray: "10 4 2 4" }).addTo(map);
};
