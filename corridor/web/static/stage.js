/* One map of the comparison: what it draws of a scenario. Side by side there are two, each with a scenario of its own. */
"use strict";

corridor.GROUPS = ["rail", "road", "lines", "stations", "checkpoints", "footprint", "contours", "hubs"];

corridor.Stage = class {
  /* page: words, model and state that both maps share; parts: renderers and labels of this map. */
  constructor(page, map, parts) {
    Object.assign(this, { page, map, model: page.model, words: page.words, ...parts });
    this.zones = corridor.zoneLayer(map, page.model, this.renderers);
    this.nature = corridor.natureLayers(page.model, this.renderers);
    this.groups = {};
    for (const name of corridor.GROUPS) this.groups[name] = L.layerGroup().addTo(map);
    this.chosen = L.layerGroup().addTo(map);
    this.number = page.model.reference;
    this.contourNames = [];
    map.on("zoomend", () => this.showStations());
  }

  get state() { return this.page.state; }
  get scenario() { return this.model.scenarios[this.number]; }

  /* Lines, stations, control points and works of a scenario. */
  show(number) {
    this.number = number;
    const { model, words, scenario } = this;
    for (const name of ["rail", "road", "lines", "footprint", "checkpoints"]) this.groups[name].clearLayers();
    for (const line of scenario.lines.map((l) => model.lines[l]).sort((a, b) => a.added - b.added)) {
      const group = this.groups[line.added ? "lines" : corridor.kindToday(line) === "road" ? "road" : "rail"];
      corridor.lineLayers(line, model, this.renderers).forEach((l) => group.addLayer(l));
    }
    for (const f of scenario.footprint) this.groups.footprint.addLayer(corridor.footprintMark(model.footprint[f], model, this.renderers));
    for (const c of scenario.checkpoints) {
      const point = model.checkpoints[c];
      this.groups.checkpoints.addLayer(corridor.checkpointMark(point, model, words.t("layer_checkpoints") + ": " + words.pick(point.name), (id) => this.page.openCard(id, this)));
    }
    this.showHubs();
  }

  /* The zones in colour, and the contours of a hub measure. */
  paint() {
    const { page, model } = this, is = page.values(this.number), was = page.values(model.reference);
    this.zones.shapes.forEach((shape, z) => shape.setStyle(corridor.zoneLook(page, is[z], was[z])));
    this.showContours(is, was);
  }

  showContours(is, was) {
    this.groups.contours.clearLayers();
    this.contourNames = [];
    if (!this.page.hub || this.state.off.contours) return;
    const before = this.page.shows !== "value" && this.number !== this.model.reference;
    if (before) corridor.contours(this, was, true).forEach((l) => this.groups.contours.addLayer(l));
    corridor.contours(this, is, false).forEach((l) => this.groups.contours.addLayer(l));
  }

  /* Hubs that times are known to; choosing one shows the time to it. */
  showHubs() {
    const { page, model, words } = this;
    this.groups.hubs.clearLayers();
    for (const hub of model.hubs) {
      const chosen = page.hub === hub, name = words.fill("hub_choose", { hub: words.pick(hub.name) });
      this.groups.hubs.addLayer(corridor.hubMark(hub, name, chosen, () => page.chooseHub(hub)));
    }
  }

  /* Stations that are drawn at this zoom. */
  stations() {
    const { model, map } = this, zoom = map.getZoom() || 0;
    return this.scenario.stations.map((s) => model.stations[s]).filter((s) => s.added || zoom >= (s.small ? 13 : 11.9));
  }

  showStations() {
    this.groups.stations.clearLayers();
    for (const s of this.stations()) this.groups.stations.addLayer(corridor.stationMark(s, this.model, this.renderers, this.map.getZoom() || 0));
    this.showNames();
  }

  /* The outline of the zone that is read, and a ring at the place. */
  showChosen(zone, place) {
    const line = { renderer: this.renderers.stations, interactive: false, fill: false };
    this.chosen.clearLayers();
    for (const [color, weight] of [["#fff", 5], ["#111", 2.2]]) {
      if (zone >= 0) this.chosen.addLayer(L.polygon(this.model.geometry[this.model.zones.first + zone], { ...line, color, weight }));
      if (place) this.chosen.addLayer(L.circleMarker(place, { ...line, radius: 9, color, weight: weight * 0.8 }));
    }
  }

  /* The nearest hub or control point within so many pixels of a point of the map. */
  marksNear(at, most) {
    const { model, map, groups } = this, away = (to) => at.distanceTo(map.latLngToContainerPoint(to)), point = (g) => model.geometry[g][0][0][0];
    const marks = [...(map.hasLayer(groups.hubs) ? model.hubs.map((hub) => ({ hub, away: away(hub.at) })) : []),
      ...(map.hasLayer(groups.checkpoints) ? this.scenario.checkpoints.map((c) => ({ point: model.checkpoints[c], away: away(point(model.checkpoints[c].g)) })) : [])];
    return marks.filter((m) => m.away <= most).sort((a, b) => a.away - b.away)[0] || {};
  }

  showLayers() {
    const off = this.state.off, set = (group, on) => (on ? group.addTo(this.map) : group.remove());
    set(this.zones.group, !off.zones);
    for (const name of corridor.GROUPS.filter((n) => n !== "lines")) set(this.groups[name], !off[name]);
    for (const [key, group] of Object.entries(this.nature)) set(group, !off[key]);
    this.showNames();
  }

  /* Names are placed once for all that changes in one go. */
  showNames() {
    if (!this.waiting) this.waiting = Promise.resolve().then(() => { this.waiting = null; this.placeNames(); });
  }

  placeNames() {
    if (!this.map._loaded) return;
    if (this.state.off.labels) { this.labels.set([], []); return; }
    const near = (a, b) => L.latLng(a).distanceTo(b) < 1500, all = [], blocks = [];
    const items = [...this.networkNames(blocks), ...this.landNames()].filter((i) => !all.some((o) => o.text === i.text && near(o.at, i.at)) && all.push(i));
    if (!this.state.off.contours) items.push(...this.contourNames);
    this.labels.set(items, blocks, this.over());
  }

  /* What is drawn over this map and must not be covered by a name. */
  over() { return [...this.map.getContainer().parentElement.querySelectorAll("#tools, #readout, #search-box")]; }

  networkNames(blocks) {
    const { model, words, scenario, state: { off } } = this, look = model.palette, items = [];
    const at = (g) => model.geometry[g][0][0][0], zoom = this.map.getZoom();
    if (!off.stations) for (const s of this.stations()) {
      blocks.push({ at: at(s.g), radius: corridor.stationRadius(s, zoom) + 1.5 });
      if (s.added) items.push({ at: at(s.g), text: words.pick(s.name), kind: "added", rank: 1, offset: 4 });
      else if (!s.small) items.push({ at: at(s.g), text: words.pick(s.name), kind: "station", rank: 9, offset: 2, from: 13 });
    }
    if (!off.checkpoints) for (const c of scenario.checkpoints.map((n) => model.checkpoints[n])) {
      const radius = corridor.checkpointRadius(c.daily);
      blocks.push({ at: at(c.g), radius: radius + 1 });
      items.push({ at: at(c.g), text: words.pick(c.name), kind: "checkpoint", rank: c.inStation ? 8 : 2.5 - (c.daily || 0) / 1e6, offset: radius, from: c.inStation ? 12.4 : 10.2 });
    }
    const near = (a, b) => Math.abs(a[0] - b[0]) < 0.008 && Math.abs(a[1] - b[1]) < 0.012;
    if (!off.hubs) for (const hub of model.hubs) {
      const chosen = this.page.hub === hub, named = items.some((i) => i.kind !== "station" && near(i.at, hub.at));
      blocks.push({ at: hub.at, radius: chosen ? 9 : 7 });
      if (!named) items.push({ at: hub.at, text: words.pick(hub.name), kind: chosen ? "hub chosen" : "hub", rank: chosen ? 0 : 3.5, offset: 8, from: chosen ? 0 : 10 });
    }
    for (const l of scenario.lines.map((n) => model.lines[n]).filter((n) => n.added)) {
      const path = model.geometry[l.g].flat().sort((a, b) => b.length - a.length)[0];
      const box = L.latLngBounds(path), wide = Math.max(box.getEast() - box.getWest(), box.getNorth() - box.getSouth());
      const from = Math.log2((70 * 360) / (256 * Math.max(wide, 0.001)));
      const along = [0.5, 0.62, 0.38, 0.75, 0.25].map((share) => path[Math.floor((path.length - 1) * share)]);
      items.push({ from, at: along[0], along, text: words.pick(l.name), kind: "line", rank: 3, offset: 6, colour: look.axes[l.axis] || look.axes.other });
    }
    return items;
  }

  landNames() {
    const { model, words } = this, items = [], at = (g) => model.geometry[g][0][0][0];
    for (const d of model.base.districts) items.push({ at: at(d.g), text: words.pick(d.name), kind: "district", rank: 5, from: 10 });
    for (const w of model.base.waters) items.push({ at: w.at, text: words.pick(w.name), kind: "water", rank: 4 });
    for (const a of model.nature.designations) {
      const ring = model.geometry[a.g].length ? model.geometry[a.g][0][0] : null;
      if (ring && !this.state.off["designation:" + a.kind]) items.push({ at: L.latLngBounds(ring).getCenter(), text: words.pick(a.name), kind: "site", rank: 7, from: 12.3 });
    }
    return items;
  }
};

/* How a zone looks in the view that the page shows: a colour, or hatching where there is no number to colour. */
corridor.zoneLook = function (page, is, was) {
  const { scale, model } = page, none = 65535, view = page.shows;
  const plain = (colour) => ({ fillColor: colour, color: colour, stroke: true });
  const hatched = (colour, kind) => ({ fillColor: corridor.pattern(colour, kind), stroke: false });
  if (view === "value") {
    if (is === none) return hatched(model.palette.noData, "none");
    return plain(scale.colours[scale.breaks.filter((b) => is * scale.step >= b).length]);
  }
  if (is === none && was === none) return hatched(model.palette.noData, "none");
  if (was === none) return hatched(model.palette.better, "cross");
  if (is === none) return hatched(model.palette.worse, "cross");
  const share = view === "percent", change = corridor.change(scale, view, is, was);
  if (change === null) return hatched(model.palette.noData, "dots");
  const breaks = share ? scale.percentBreaks : scale.changeBreaks, colours = share ? scale.percentColours : scale.changeColours;
  const side = breaks.filter((b) => Math.abs(change) >= b - 1e-9).length;
  return plain(colours[breaks.length + Math.sign(change) * side]);
};

/* Change of a zone in the unit of the view; null where the reference is too small for a percentage. */
corridor.change = function (scale, view, is, was) {
  if (view !== "percent") return (is - was) * scale.step;
  return was * scale.step < scale.percentFrom ? null : (100 * (is - was)) / was;
};
