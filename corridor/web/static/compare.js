/* The map of the comparison: state, switches, and what follows from them. */
"use strict";

corridor.VIEWS = ["value", "change", "percent"];

corridor.Compare = class extends corridor.MapPage {
  constructor(map, model, words) {
    super(map, model, words);
    this.state = { scenario: model.reference, scale: 0, hour: "", view: "value", card: null, beside: false, off: { road: true } };
    this.stage = new corridor.Stage(this, map, { renderers: this.renderers, labels: this.labels });
    this.left = null;
    for (const key of Object.keys(this.stage.nature)) this.state.off[key] = !(key === "corridors" || model.openAtFirst.includes(key.split(":")[1]));
    this.index = this.zoneIndex();
  }

  get zones() { return this.stage.zones; }
  get stages() { return this.state.beside ? [this.left, this.stage] : [this.stage]; }
  get hub() { return this.model.hubs.find((h) => h.measure === this.scale.base); }
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
    if (this.state.beside) {
      this.state.view = "value";
      this.showBeside();
      this.view("corridor");
    }
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
    this.state.view = corridor.VIEWS.includes(asked.get("v")) ? asked.get("v") : view;
    this.state.beside = asked.get("b") === "1";
  }

  writeAddress() {
    this.say({ s: this.scenario.id, m: this.scale.base, h: this.state.hour, v: this.state.view, ...(this.state.beside ? { b: 1 } : {}) });
  }

  wire() {
    const set = (change) => { Object.assign(this.state, change); };
    this.$("scenario").addEventListener("change", (e) => { set({ scenario: Number(e.target.value) }); this.showScenario(); });
    this.$("measure").addEventListener("change", (e) => { set({ scale: Number(e.target.value) }); this.keepHour(); this.showMeasure(); });
    document.querySelectorAll("input[name=view]").forEach((i) => i.addEventListener("change", () => { set({ view: i.value }); this.showMeasure(); }));
    this.wireFrame(() => { this.showWords(); this.showScenario(); });
    this.$("go-corridor").addEventListener("click", () => this.view("corridor"));
    this.$("go-area").addEventListener("click", () => this.view("area"));
    this.$("beside").addEventListener("click", () => this.setBeside(!this.state.beside));
    this.wireMap(this.map);
    document.addEventListener("keydown", (e) => { if (e.key === "Escape" && this.state.card) this.closeCard(); });
  }

  wireMap(map) {
    map.on("mousemove click", (e) => this.read(e.latlng));
    map.on("mouseout", () => this.read(null));
  }

  /* Before and after: the reference on the left, the chosen scenario on the right, both moving as one. */
  setBeside(on) {
    const shown = this.map.getBounds();
    this.state.beside = on;
    if (on) this.state.view = "value";
    this.showBeside();
    this.showScenario();
    this.map.fitBounds(shown, { animate: false });
  }

  showBeside() {
    const on = this.state.beside, box = this.$("map-box");
    box.classList.toggle("beside", on);
    for (const id of ["left-box", "right-title"]) this.$(id).hidden = !on;
    this.$("beside").setAttribute("aria-pressed", String(on));
    this.map.invalidateSize({ animate: false });
    if (!on) return;
    if (!this.left) {
      const map = L.map("map-left", { ...this.map.options, zoomControl: false, center: this.map.getCenter(), zoom: this.map.getZoom() });
      this.left = new corridor.Stage(this, map, { renderers: corridor.panes(map), labels: new corridor.Labels(map) });
      corridor.drawBase(map, this.model, this.left.renderers);
      this.wireMap(map);
      corridor.together(this.map, map);
    }
    this.left.map.invalidateSize({ animate: false });
    this.left.map.setView(this.map.getCenter(), this.map.getZoom(), { animate: false });
  }

  fold() {
    super.fold();
    if (this.left) this.left.map.invalidateSize({ animate: false });
  }

  /* Shows the time to a hub; the hub that is shown already gives way to jobs. */
  chooseHub(hub) {
    const base = this.hub === hub ? "jobs_60" : hub.measure, at = this.model.scales.findIndex((s) => s.base === base);
    if (at < 0) return;
    this.state.scale = at;
    this.keepHour();
    this.showMeasure();
    for (const stage of this.stages) {
      stage.showHubs();
      stage.showLayers();
    }
    const name = this.words.fill("hub_choose", { hub: this.words.pick(hub.name) });
    const mark = [...this.map.getContainer().querySelectorAll(".hub")].find((e) => e.title === name);
    if (mark) mark.focus({ preventScroll: true });
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
    document.querySelectorAll("input[name=view]").forEach((i) => {
      i.checked = i.value === this.state.view;
      i.disabled = this.state.beside && i.value !== "value";
    });
  }

  fillLayers() {
    const { model, words } = this, look = model.palette, rows = [];
    const row = (key, swatch, text) => {
      const input = corridor.element("input", { type: "checkbox" });
      input.checked = !this.state.off[key];
      input.addEventListener("change", () => { this.state.off[key] = !input.checked; if (key === "contours") this.showMeasure(); this.showLayers(); });
      rows.push(corridor.element("li", {}, corridor.element("label", {}, input, swatch, corridor.element("span", {}, text))));
    };
    const head = (key) => rows.push(corridor.element("li", { class: "head" }, words.t(key)));
    row("zones", corridor.fillSwatch(this.scale.colours[this.scale.colours.length >> 1], "#8886"), words.t("layer_zones"));
    row("checkpoints", corridor.discSwatch(6, "#fffd", look.checkpoint, 2), words.t("layer_checkpoints"));
    row("stations", corridor.discSwatch(4, "#fff", "#1d1d1d", 2), words.t("layer_stations"));
    if (model.hubs.length) {
      row("hubs", corridor.hubSwatch(), words.t("layer_hubs"));
      row("contours", corridor.lineSwatch(corridor.CONTOUR_COLOUR, 2, ""), words.t("layer_contours"));
    }
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
    if (this.stage.nature.corridors) row("corridors", corridor.fillSwatch(look.corridor + "44", look.corridor), words.t("layer_corridors"));
    if (this.stage.nature.wildlife) row("wildlife", corridor.discSwatch(4, "#fff2d8", look.wildlife, 1.4), words.t("layer_wildlife"));
    this.$("layers").replaceChildren(...rows);
  }

  /* The scenario: its words, its lines, stations, control points and works. */
  showScenario() {
    const { model, words, scenario } = this;
    this.$("scenario").value = String(this.state.scenario);
    this.$("question").textContent = words.pick(scenario.question) + " (" + scenario.year + ")";
    for (const id of ["banner", "map-banner"]) this.$(id).hidden = !scenario.counterfactual;
    this.$("is-reference").hidden = this.state.scenario !== model.reference;
    this.$("left-title").textContent = words.t("reference") + ": " + words.pick(model.scenarios[model.reference].title);
    this.$("right-title").textContent = words.pick(scenario.title);
    this.stage.show(this.state.scenario);
    if (this.state.beside) this.left.show(model.reference);
    this.showMeasure();
    for (const stage of this.stages) {
      stage.showStations();
      stage.showLayers();
    }
    this.showZoneLegend();
    this.lineLegend(scenario.lines.map((l) => model.lines[l]));
    if (this.state.card) this.openCard(this.state.card);
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
    if (model.hubs.length && !this.state.off.hubs) row(corridor.hubSwatch(), words.t("hub_legend"));
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
    for (const stage of this.stages) stage.showLayers();
    this.showZoneLegend();
  }

  /* The legend of the zones goes with them. */
  showZoneLegend() {
    this.$("zone-legend").hidden = Boolean(this.state.off.zones);
    document.body.classList.toggle("no-zones", Boolean(this.state.off.zones));
  }

  /* The measure: colours, contours, legend and table. */
  showMeasure() {
    const { words, model, scale, state } = this;
    this.fillHours();
    this.$("measure").value = String(state.scale);
    for (const stage of this.stages) {
      stage.paint();
      stage.showHubs();
      stage.showNames();
    }
    const unit = words.pick(scale.unit), change = words.fill("change_unit", { reference: words.pick(model.scenarios[model.reference].title) }) + ", ";
    this.$("legend-title").textContent = words.pick(scale.title) + ", " + state.hour;
    this.$("legend-unit").textContent = state.view === "value" ? unit : change + (state.view === "percent" ? "%" : unit);
    this.$("legend").replaceChildren(corridor.zoneLegend(scale, state.view, words, model.palette));
    this.$("percent-note").hidden = state.view !== "percent";
    this.$("percent-note").textContent = words.fill("percent_note", { least: words.number(scale.percentFrom), unit });
    this.$("rounded").textContent = words.fill("rounded", { step: words.number(scale.step, scale.step), unit });
    this.$("contours").hidden = !this.hub || state.off.contours;
    if (this.hub) this.$("contour-legend").replaceChildren(...corridor.contourLegend(this));
    this.showTable(this.values(state.scenario), this.values(model.reference));
    this.writeAddress();
    this.read(null);
  }

  showTable(is, was) {
    const { model, words, scale } = this, given = corridor.givenRows(model, this.state.scenario, this.measure);
    const rows = given || corridor.drawnRows(model, is, was, scale.step);
    this.$("table-note").textContent = words.t(given ? "table_exact" : "table_note");
    this.$("table").replaceChildren(
      corridor.element("caption", {}, words.pick(this.scenario.title) + ": " + words.pick(scale.title) + ", " + this.state.hour + ", " + words.pick(scale.unit)),
      ...corridor.districtTable(rows, model.base.sides, words, scale, this.state.scenario === model.reference, !given));
  }

  openCard(id, stage) {
    const from = stage || this.stage, point = from.scenario.checkpoints.map((c) => this.model.checkpoints[c]).find((c) => c.id === id);
    const box = this.$("card"), had = this.state.card;
    this.state.card = point ? id : null;
    box.hidden = !point;
    box.replaceChildren(...(point ? corridor.card(point, this.words, () => this.closeCard()) : []));
    if (point && had !== id) box.querySelector("button").focus({ preventScroll: true });
  }

  /* Back to the circle from which the card was opened. */
  closeCard() {
    const id = this.state.card, point = this.scenario.checkpoints.map((c) => this.model.checkpoints[c]).find((c) => c.id === id);
    this.openCard(null);
    const mark = point && [...this.map.getContainer().querySelectorAll(".checkpoint")].find((e) => e.title.endsWith(this.words.pick(point.name)));
    if (mark) mark.focus({ preventScroll: true });
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
    const share = is === 65535 || was === 65535 ? null : corridor.change(scale, "percent", is, was);
    const change = is === 65535 || was === 65535 || this.state.scenario === model.reference ? ""
      : " (" + words.signed((is - was) * scale.step, scale.step) + (share === null ? "" : ", " + words.signed(share, 0.1) + " %") + ")";
    const people = words.number(model.zones.residents[z]) + " " + words.t("residents") + ", " + words.number(model.zones.jobs[z]) + " " + words.t("jobs");
    this.$("readout").replaceChildren(corridor.element("b", {}, value + change), " · " + (district ? words.pick(district.name) + " · " : "") + people);
  }
};
