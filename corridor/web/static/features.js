/* Zones, lines, stations, works and protected areas; what a scenario shows is drawn anew at each switch. */
"use strict";

corridor.zoneLayer = function (map, model, renderers) {
  const shapes = [];
  for (let z = 0; z < model.zones.count; z++) {
    shapes.push(L.polygon(model.geometry[model.zones.first + z], {
      renderer: renderers.zones, interactive: false, smoothFactor: 0, stroke: false, weight: 0.6, fill: true, fillOpacity: 1, fillColor: "#fff",
    }));
  }
  return { shapes, group: L.layerGroup(shapes).addTo(map) };
};

corridor.natureLayers = function (model, renderers) {
  const look = model.palette, groups = {};
  const add = (key, layer) => { (groups[key] || (groups[key] = L.layerGroup())).addLayer(layer); };
  for (const area of model.nature.designations) {
    const style = look.designations[area.kind] || look.otherDesignation;
    add("designation:" + area.kind, L.polygon(model.geometry[area.g], {
      renderer: renderers.nature, interactive: false, color: style.colour, weight: 1.1, opacity: 0.9,
      fillColor: corridor.pattern(style.colour, style.hatch), fillOpacity: 1,
    }));
  }
  for (const area of model.nature.corridors) {
    add("corridors", L.polygon(model.geometry[area.g], {
      renderer: renderers.nature, interactive: false, color: look.corridor, weight: 1.6, dashArray: "1 4", lineCap: "round",
      fillColor: look.corridor, fillOpacity: 0.22,
    }));
  }
  for (const site of model.nature.wildlife) add("wildlife", corridor.wildlifeMark(site, model, renderers));
  return groups;
};

corridor.wildlifeMark = function (site, model, renderers) {
  const parts = model.geometry[site.g], look = model.palette;
  const line = { renderer: renderers.nature, interactive: false, color: look.wildlife, weight: 1.4 };
  if (parts.length && parts[0][0].length === 1)
    return L.circleMarker(parts[0][0][0], { ...line, renderer: renderers.stations, radius: 4, fillColor: "#fff2d8", fillOpacity: 1 });
  const ring = parts.length ? parts[0][0] : [];
  const closed = ring.length > 2 && String(ring[0]) === String(ring[ring.length - 1]);
  return closed ? L.polygon(parts, { ...line, fillColor: look.wildlife, fillOpacity: 0.15 })
    : L.polyline(parts.flat(), { ...line, dashArray: "3 4" });
};

/* Lines of today: by rail, express rail, or road and sea; straight from stop to stop, so drawn thin. */
corridor.kindToday = (line) => (/bus|coach|shuttle|ferry/.test(line.mode) ? "road" : line.mode === "high_speed" ? "express" : "rail");
corridor.today = (line, look) => look[corridor.kindToday(line)] || look.status.existing;

corridor.lineLayers = function (line, model, renderers) {
  const look = model.palette, path = model.geometry[line.g].flat();
  const style = look.status[line.counterfactual ? "counterfactual" : line.status] || look.status.existing;
  const base = { renderer: renderers.lines, interactive: false, smoothFactor: 1, lineCap: "butt" };
  if (!line.added) {
    const today = corridor.today(line, look);
    return [L.polyline(path, { ...base, color: look.existing, weight: today.weight, opacity: 0.6, dashArray: today.dash || null })];
  }
  return [
    L.polyline(path, { ...base, color: "#fff", weight: style.weight + 3.2, opacity: 0.92, lineCap: "round" }),
    L.polyline(path, { ...base, color: look.axes[line.axis] || look.axes.other, weight: style.weight, dashArray: style.dash || null }),
  ];
};

corridor.stationRadius = (station, zoom) => (station.added ? 4.6 : (station.small ? 1.1 : 1.7) + Math.max(0, zoom - 11) * 0.5);

corridor.stationMark = function (station, model, renderers, zoom) {
  const look = model.palette, at = model.geometry[station.g][0][0][0];
  const base = { renderer: renderers.stations, interactive: false, fillColor: "#fff", fillOpacity: 1, radius: corridor.stationRadius(station, zoom) };
  return L.circleMarker(at, { ...base, ...(station.added ? { color: "#1d1d1d", weight: 2.2 } : { color: look.existing, weight: 1 }) });
};

corridor.FOOTPRINTS = ["permanent", "temporary", "shade"];
corridor.footprintFill = (colour, permanence) =>
  permanence === "permanent" ? colour + "c0" : corridor.pattern(colour, permanence === "shade" ? "dots" : "up");

corridor.footprintMark = function (work, model, renderers) {
  const colour = model.palette.footprint, lasting = work.permanence === "permanent";
  return L.polygon(model.geometry[work.g], {
    renderer: renderers.footprint, interactive: false, color: colour, weight: lasting ? 2 : 1.2, dashArray: lasting ? null : "3 3",
    fillColor: corridor.footprintFill(colour, work.permanence), fillOpacity: 1,
  });
};

corridor.CHECKPOINT_PX = 0.034;
corridor.checkpointRadius = (daily) => Math.max(5, Math.sqrt(daily || 0) * corridor.CHECKPOINT_PX);

corridor.checkpointMark = function (point, model, name, open) {
  const radius = corridor.checkpointRadius(point.daily), size = Math.round(radius * 2);
  const disc = document.createElement("span");
  disc.className = "disc" + (point.daily ? "" : " hollow") + (point.changed ? " changed" : "");
  const icon = L.divIcon({ className: "checkpoint", html: disc, iconSize: [size, size] });
  const mark = L.marker(model.geometry[point.g][0][0][0], { icon, keyboard: true, riseOnHover: true });
  mark.on("click", () => open(point.id));
  mark.on("add", () => {
    const element = mark.getElement();
    element.setAttribute("aria-label", name);
    element.title = name;
    element.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      e.preventDefault();
      open(point.id);
    });
  });
  return mark;
};
