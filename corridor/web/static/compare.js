/* The map of the comparison: state, switches, and what follows from them. */
"use strict";

corridor.Compare = class extends corridor.MapPage {
  constructor(map, model, words) {
    super(map, model, words);
    this.zones = corridor.zoneLayer(map, model, this.renderers);
    this.nature = corridor.natureLayers(model, this.renderers);
    this.groups = {};
    for (const name of ["rail", "road", "lines", "stations", "checkpoints", "footprint"]) this.groups[name] = L.layerGroup().addTo(map);
    this.state = { scenario: model.reference, scale: 0, hour: "", view: "value", card: null, off: { road: true } };
    for (const key of Object.keys(this.nature)) this.state.off[key] = !(key === "corridors" || model.openAtFirst.includes(key.split(":")[1]));
    this.index = this.zoneIndex();
  }

  get scenario() { return this.model.scenarios[this.state.scenario]; }
  get scale() { return this.model.scales[this.state.scale]; }
  get measure() { return this.scale.hours[this.state.hour]; }

  values(scenario) {
    const n = this.model.zones.count;
    return this.model.values[scenario].subarray(this.measure * n, (this.measure + 1) * n);
  }

  start() {
    this.readAddress();
    this.wire();
    this.view("corridor");
    this.fitLimits();
    this.showWords();
    this.showScenario();
    document.documentElement.dataset.ready = "1";
  }

  readAddress() {
    const model = this.model, asked = this.asked();
    const scenario = model.scenarios.findIndex((s) => s.id === asked.get("s"));
    // Unless the address says otherwise: what the first scenario changes for jobs within an hour.
    this.state.scenario = scenario >= 0 ? scenario : model.first;
    const base = (name) => model.scales.findIndex((s) => s.base === name);
    this.state.scale = Math.max(base(asked.get("m")), base(asked.get("m")) < 0 ? base("jobs_60") : 0, 0);
    this.state.hour = this.scale.hours[asked.get("h")] === undefined ? Object.keys(this.scale.hours)[0] : asked.get("h");
    const view = this.state.scenario === model.reference ? "value" : "change";
    this.state.view = ["change", "value"].includes(asked.get("v")) ? asked.get("v") : view;
  }

  writeAddress() {
    this.say({ s: this.scenario.id, m: this.scale.base, h: this.state.hour, v: this.state.view });
  }

  wire() {
    const set = (change) => { Object.assign(this.state, change); };
    this.$("scenario").addEventListener("change", (e) => { set({ scenario: Number(e.target.value) }); this.showScenario(); });
    this.$("measure").addEventListener("change", (e) => { set({ scale: Number(e.target.value) }); this.keepHour(); this.showMeasure(); });
    document.querySelectorAll("input[name=view]").forEach((i) => i.addEventListener("change", () => { set({ view: i.value }); this.showMeasure(); }));
    this.wireFrame(() => { this.showWords(); this.showScenario(); });
    this.$("go-corridor").addEventListener("click", () => this.view("corridor"));
    this.$("go-area").addEventListener("click", () => this.view("area"));
    this.map.on("mousemove click", (e) => this.read(e.latlng));
    this.map.on("mouseout", () => this.read(null));
    this.map.on("zoomend", () => this.showStations());
    document.addEventListener("keydown", (e) => { if (e.key === "Escape" && this.state.card) this.openCard(null); });
  }

  keepHour() {
    if (this.scale.hours[this.state.hour] === undefined) this.state.hour = Object.keys(this.scale.hours)[0];
  }

  /* Words in the chosen script, everywhere. */
  showWords() {
    this.frameWords(this.words.t("compare_title") + " – " + this.words.t("index_title"));
    this.fillScenarios();
    this.fillMeasures();
    this.fillHours();
    this.fillLayers();
  }

  fillScenarios() {
    const { model, words } = this, options = model.scenarios.map((s, i) => {
      const mark = i === model.reference ? " (" + words.t("reference") + ")" : s.counterfactual ? " (" + words.t("counterfactual_short") + ")" : "";
      return corridor.element("option", { value: i, selected: i === this.state.scenario }, words.pick(s.title) + mark);
    });
    this.$("scenario").replaceChildren(...options);
  }

  fillMeasures() {
    const groups = new Map();
    this.model.scales.forEach((s, i) => {
      const unit = this.words.pick(s.unit);
      if (!groups.has(unit)) groups.set(unit, corridor.element("optgroup", { label: unit }));
      groups.get(unit).append(corridor.element("option", { value: i, selected: i === this.state.scale }, this.words.pick(s.title)));
    });
    this.$("measure").replaceChildren(...groups.values());
  }

  fillHours() {
    const made = Object.keys(this.scale.hours).map((hour) => {
      const input = corridor.element("input", { type: "radio", name: "hour", value: hour, id: "hour-" + hour });
      input.checked = hour === this.state.hour;
      input.addEventListener("change", () => { this.state.hour = hour; this.showMeasure(); });
      return corridor.element("label", {}, input, corridor.element("span", {}, hour));
    });
    this.$("hours").replaceChildren(...made);
    document.querySelectorAll("input[name=view]").forEach((i) => { i.checked = i.value === this.state.view; });
  }

  fillLayers() {
    const { model, words } = this, look = model.palette, rows = [];
    const row = (key, swatch, text) => {
      const input = corridor.element("input", { type: "checkbox" });
      input.checked = !this.state.off[key];
      input.addEventListener("change", () => { this.state.off[key] = !input.checked; this.showLayers(); });
      rows.push(corridor.element("li", {}, corridor.element("label", {}, input, swatch, corridor.element("span", {}, text))));
    };
    const head = (key) => rows.push(corridor.element("li", { class: "head" }, words.t(key)));
    row("zones", corridor.fillSwatch(this.scale.colours[this.scale.colours.length >> 1], "#8886"), words.t("layer_zones"));
    row("checkpoints", corridor.discSwatch(6, "#fffd", look.checkpoint, 2), words.t("layer_checkpoints"));
    row("stations", corridor.discSwatch(4, "#fff", "#1d1d1d", 2), words.t("layer_stations"));
    row("rail", corridor.lineSwatch(look.existing, 1, ""), words.t("existing_rail"));
    row("road", corridor.lineSwatch(look.existing, 1, look.road.dash), words.t("existing_road"));
    row("footprint", corridor.fillSwatch(look.footprint), words.t("layer_footprint"));
    row("labels", corridor.swatch((pen, w, h) => { pen.fillStyle = "#333"; pen.font = "600 12px sans-serif"; pen.textAlign = "center"; pen.fillText("Aa", w / 2, h - 4); }), words.t("layer_labels"));
    head("layer_designations");
    const kinds = new Map(model.nature.designations.map((d) => [d.kind, d.kindName]));
    const order = Object.keys(look.designations);
    [...kinds].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0])).forEach(([kind, name]) => {
      const style = look.designations[kind] || look.otherDesignation;
      row("designation:" + kind, corridor.fillSwatch(corridor.pattern(style.colour, style.hatch), style.colour), words.pick(name));
    });
    if (this.nature.corridors) row("corridors", corridor.fillSwatch(look.corridor + "44", look.corridor), words.t("layer_corridors"));
    if (this.nature.wildlife) row("wildlife", corridor.discSwatch(4, "#fff2d8", look.wildlife, 1.4), words.t("layer_wildlife"));
    this.$("layers").replaceChildren(...rows);
  }

  /* The scenario: its words, its lines, stations, control points and works. */
  showScenario() {
    const { model, words, scenario } = this;
    this.$("scenario").value = String(this.state.scenario);
    this.$("question").textContent = words.pick(scenario.question) + " (" + scenario.year + ")";
    for (const id of ["banner", "map-banner"]) this.$(id).hidden = !scenario.counterfactual;
    this.$("is-reference").hidden = this.state.scenario !== model.reference;
    const lines = scenario.lines.map((l) => model.lines[l]).sort((a, b) => a.added - b.added);
    for (const name of ["rail", "road", "lines"]) this.groups[name].clearLayers();
    for (const line of lines) {
      const group = this.groups[line.added ? "lines" : corridor.kindToday(line) === "road" ? "road" : "rail"];
      corridor.lineLayers(line, model, this.renderers).forEach((l) => group.addLayer(l));
    }
    this.groups.footprint.clearLayers();
    for (const f of scenario.footprint) this.groups.footprint.addLayer(corridor.footprintMark(model.footprint[f], model, this.renderers));
    this.groups.checkpoints.clearLayers();
    for (const c of scenario.checkpoints) {
      const point = model.checkpoints[c];
      this.groups.checkpoints.addLayer(corridor.checkpointMark(point, model, words.t("layer_checkpoints") + ": " + words.pick(point.name), (id) => this.openCard(id)));
    }
    this.showStations();
    this.showMeasure();
    this.showLayers();
    this.lineLegend(lines);
    if (this.state.card) this.openCard(this.state.card);
  }

  showStations() {
    const { model, map } = this, zoom = map.getZoom() || 0;
    this.groups.stations.clearLayers();
    for (const s of this.scenario.stations) {
      const station = model.stations[s];
      if (station.added || zoom >= (station.small ? 13 : 11.9)) this.groups.stations.addLayer(corridor.stationMark(station, model, this.renderers, zoom));
    }
    this.showNames();
  }

  showNames() {
    if (!this.map._loaded) return;
    const { model, words, scenario } = this, look = model.palette, items = [], blocks = [];
    const at = (g) => model.geometry[g][0][0][0];
    if (this.state.off.labels) { this.labels.set([], []); return; }
    for (const s of scenario.stations.map((n) => model.stations[n])) {
      if (s.added) { blocks.push({ at: at(s.g), radius: 5 }); items.push({ at: at(s.g), text: words.pick(s.name), kind: "added", rank: 1, offset: 4 }); }
      else if (!s.small) items.push({ at: at(s.g), text: words.pick(s.name), kind: "station", rank: 9, offset: 2, from: 13 });
    }
    for (const c of scenario.checkpoints.map((n) => model.checkpoints[n])) {
      const radius = corridor.checkpointRadius(c.daily);
      blocks.push({ at: at(c.g), radius: radius * 0.9 });
      items.push({ at: at(c.g), text: words.pick(c.name), kind: "checkpoint", rank: c.inStation ? 8 : 2.5 - (c.daily || 0) / 1e6, offset: radius, from: c.inStation ? 12.4 : 10.2 });
    }
    for (const l of scenario.lines.map((n) => model.lines[n]).filter((n) => n.added)) {
      const path = model.geometry[l.g].flat().sort((a, b) => b.length - a.length)[0];
      const box = L.latLngBounds(path), wide = Math.max(box.getEast() - box.getWest(), box.getNorth() - box.getSouth());
      const from = Math.log2((70 * 360) / (256 * Math.max(wide, 0.001)));
      const along = [0.5, 0.62, 0.38, 0.75, 0.25].map((share) => path[Math.floor((path.length - 1) * share)]);
      items.push({ from, at: along[0], along, text: words.pick(l.name), kind: "line", rank: 3, offset: 6, colour: look.axes[l.axis] || look.axes.other });
    }
    for (const d of model.base.districts) items.push({ at: at(d.g), text: words.pick(d.name), kind: "district", rank: 5, from: 10 });
    for (const w of model.base.waters) items.push({ at: w.at, text: words.pick(w.name), kind: "water", rank: 4 });
    for (const a of model.nature.designations) {
      const ring = model.geometry[a.g].length ? model.geometry[a.g][0][0] : null;
      if (ring && !this.state.off["designation:" + a.kind]) items.push({ at: L.latLngBounds(ring).getCenter(), text: words.pick(a.name), kind: "site", rank: 7, from: 12.3 });
    }
    this.labels.set(items, blocks, ["tools", "readout"].map((id) => this.$(id)));
  }

  lineLegend(lines) {
    const { words, model } = this, look = model.palette, rows = [], seen = new Set();
    const row = (swatch, text) => rows.push(corridor.element("li", {}, swatch, corridor.element("span", {}, text)));
    const line = (colour, style) => corridor.lineSwatch(colour, style.weight, style.dash);
    row(line(look.existing, look.status.existing), words.t("existing_rail"));
    if (lines.some((l) => corridor.kindToday(l) === "express")) row(line(look.existing, look.express), words.t("existing_express"));
    for (const l of lines.filter((n) => n.added)) {
      const status = l.counterfactual ? "counterfactual" : l.status, key = l.axis + status;
      if (seen.has(key)) continue;
      seen.add(key);
      row(line(look.axes[l.axis] || look.axes.other, look.status[status] || look.status.existing), words.t("axis_" + l.axis) + ", " + words.t("status_" + status));
    }
    row(corridor.lineSwatch(look.boundary, 1.8, "10 4 2 4"), words.t("boundary"));
    row(corridor.discSwatch(4.6, "#fff", "#1d1d1d", 2.2), words.t("station_added"));
    const sizes = corridor.element("span", { class: "sizes" });
    for (const daily of [20000, 100000, 250000]) {
      const disc = corridor.element("i", { class: "disc", "aria-hidden": "true" }), size = Math.round(corridor.checkpointRadius(daily) * 2) + "px";
      disc.style.width = disc.style.height = size;
      sizes.append(corridor.element("span", {}, disc, words.number(daily)));
    }
    rows.push(corridor.element("li", { class: "wide" }, sizes, corridor.element("span", {}, words.t("passengers_day"))));
    row(corridor.element("i", { class: "disc hollow swatch-disc", "aria-hidden": "true" }), words.t("no_passengers"));
    const present = new Set(this.scenario.footprint.map((f) => model.footprint[f].permanence));
    for (const kind of corridor.FOOTPRINTS.filter((k) => present.has(k)))
      row(corridor.fillSwatch(corridor.footprintFill(look.footprint, kind), look.footprint), words.t("layer_footprint") + ", " + words.t(kind));
    row(corridor.fillSwatch(corridor.pattern(look.notMapped, "soft-up"), look.notMapped), words.t("not_mapped"));
    this.$("line-legend").replaceChildren(...rows);
  }

  showLayers() {
    const off = this.state.off, set = (group, on) => (on ? group.addTo(this.map) : group.remove());
    set(this.zones.group, !off.zones);
    for (const name of ["rail", "road", "stations", "checkpoints", "footprint"]) set(this.groups[name], !off[name]);
    for (const [key, group] of Object.entries(this.nature)) set(group, !off[key]);
    this.showNames();
  }

  /* The measure: colours, legend and table. */
  showMeasure() {
    this.fillHours();
    this.$("measure").value = String(this.state.scale);
    const is = this.values(this.state.scenario), was = this.values(this.model.reference);
    this.zones.shapes.forEach((shape, z) => shape.setStyle(this.look(is[z], was[z])));
    const { unit, list } = corridor.zoneLegend(this.scale, this.state.view, this.words, this.model.palette);
    this.$("legend-title").textContent = this.words.pick(this.scale.title) + ", " + this.state.hour;
    this.$("legend-unit").textContent = (this.state.view === "change" ? this.words.fill("change_unit", { reference: this.words.pick(this.model.scenarios[this.model.reference].title) }) + ", " : "") + unit;
    this.$("legend").replaceChildren(list);
    this.$("rounded").textContent = this.words.fill("rounded", { step: this.words.number(this.scale.step, this.scale.step), unit });
    this.showTable(is, was);
    this.writeAddress();
    this.read(null);
  }

  look(is, was) {
    const { scale, model } = this, none = 65535;
    const plain = (colour) => ({ fillColor: colour, color: colour, stroke: true });
    const hatched = (colour, kind) => ({ fillColor: corridor.pattern(colour, kind), stroke: false });
    if (this.state.view === "value") {
      if (is === none) return hatched(model.palette.noData, "none");
      return plain(scale.colours[scale.breaks.filter((b) => is * scale.step >= b).length]);
    }
    if (is === none && was === none) return hatched(model.palette.noData, "none");
    if (was === none) return hatched(model.palette.better, "cross");
    if (is === none) return hatched(model.palette.worse, "cross");
    const change = (is - was) * scale.step, side = scale.changeBreaks.filter((b) => Math.abs(change) >= b - 1e-9).length;
    return plain(scale.changeColours[scale.changeBreaks.length + Math.sign(change) * side]);
  }

  showTable(is, was) {
    const { model, words, scale } = this, given = corridor.givenRows(model, this.state.scenario, this.measure);
    const rows = given || corridor.drawnRows(model, is, was, scale.step);
    this.$("table-note").textContent = words.t(given ? "table_exact" : "table_note");
    this.$("table").replaceChildren(
      corridor.element("caption", {}, words.pick(this.scenario.title) + ": " + words.pick(scale.title) + ", " + this.state.hour + ", " + words.pick(scale.unit)),
      ...corridor.districtTable(rows, words, scale, this.state.scenario === model.reference, !given));
  }

  openCard(id) {
    const point = this.scenario.checkpoints.map((c) => this.model.checkpoints[c]).find((c) => c.id === id);
    const box = this.$("card"), had = this.state.card;
    this.state.card = point ? id : null;
    box.hidden = !point;
    box.replaceChildren(...(point ? corridor.card(point, this.words, () => this.openCard(null)) : []));
    if (point && had !== id) box.querySelector("button").focus({ preventScroll: true });
  }

  zoneIndex() {
    const index = new Map(), { model } = this;
    for (let z = 0; z < model.zones.count; z++) {
      const box = L.latLngBounds(model.geometry[model.zones.first + z].flat(2));
      for (let x = Math.floor(box.getWest() * 50); x <= Math.floor(box.getEast() * 50); x++)
        for (let y = Math.floor(box.getSouth() * 50); y <= Math.floor(box.getNorth() * 50); y++) {
          const key = x + ":" + y;
          if (!index.has(key)) index.set(key, []);
          index.get(key).push([z, box]);
        }
    }
    return index;
  }

  /* The zone under the pointer, in words. */
  read(at) {
    const { words, model } = this, here = at && (this.index.get(Math.floor(at.lng * 50) + ":" + Math.floor(at.lat * 50)) || []).find(([z, box]) => box.contains(at) && corridor.inside(model.geometry[model.zones.first + z], at));
    if (!here || this.state.off.zones) { this.$("readout").textContent = words.t("point_at"); return; }
    const z = here[0], is = this.values(this.state.scenario)[z], was = this.values(model.reference)[z], scale = this.scale, unit = words.pick(scale.unit);
    const district = model.base.districts[model.zones.district[z]];
    const value = is === 65535 ? words.t("no_data") : words.number(is * scale.step, scale.step) + " " + unit;
    const change = is === 65535 || was === 65535 || this.state.scenario === model.reference ? "" : " (" + words.signed((is - was) * scale.step, scale.step) + ")";
    const people = words.number(model.zones.residents[z]) + " " + words.t("residents") + ", " + words.number(model.zones.jobs[z]) + " " + words.t("jobs");
    this.$("readout").replaceChildren(corridor.element("b", {}, value + change), " · " + (district ? words.pick(district.name) + " · " : "") + people);
  }
};
