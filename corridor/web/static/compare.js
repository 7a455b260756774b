/* The map of the comparison: state, switches, and what follows from them. */
"use strict";

corridor.VIEWS = ["value", "change", "percent"];

corridor.Compare = class extends corridor.MapPage {
  constructor(map, model, words) {
    super(map, model, words);
    this.stage = new corridor.Stage(this, map, { renderers: this.renderers, labels: this.labels });
    this.left = null;
    this.state = { scale: 0, hour: "", off: { road: true }, ...corridor.Compare.CLOSED };
    for (const key of Object.keys(this.stage.nature)) this.state.off[key] = !(key === "corridors" || model.openAtFirst.includes(key.split(":")[1]));
    this.off = { ...this.state.off };
    this.readState(new URLSearchParams());
    this.pair = new corridor.Pair(this);
    this.reading = new corridor.Reading(this);
    this.search = new corridor.Search(this);
    this.saving = new corridor.Saving(this);
  }

  get zones() { return this.stage.zones; }
  get two() { return this.state.beside || this.state.swipe; }
  get stages() { return this.two ? [this.left, this.stage] : [this.stage]; }
  get hub() { return this.model.hubs.find((h) => h.measure === this.scale.base); }
  get scenario() { return this.model.scenarios[this.state.scenario]; }
  get scale() { return this.model.scales[this.state.scale]; }
  get measure() { return this.scale.hours[this.state.hour]; }
  /* What is shown: values beside the reference, which has no change of its own. */
  get shows() { return this.two && this.state.other === this.model.reference ? "value" : this.state.view; }

  values(scenario) {
    const n = this.model.zones.count;
    return this.model.values[scenario].subarray(this.measure * n, (this.measure + 1) * n);
  }

  start() {
    this.wire();
    if (matchMedia("(max-width: 760px)").matches) document.querySelector("#layers-box details").open = false;
    this.followAddress();
    this.fitLimits();
    addEventListener("hashchange", () => this.followAddress());
    this.map.on("moveend", () => { clearTimeout(this.moved); this.moved = setTimeout(() => this.writeAddress(), 250); });
    document.documentElement.dataset.ready = "1";
  }

  /* Shows what the address says: at the start, for a link put into the open page, and for Back. */
  followAddress() {
    const asked = this.asked(), at = (asked.get("at") || "").split(",").map(Number);
    this.following = true;
    clearTimeout(this.moved);
    this.readState(asked);
    this.pair.bare(asked.has("embed") ? "embed" : "");
    this.showBeside();
    this.view("corridor");
    if (at.length === 3 && at.every(Number.isFinite)) this.map.setView(at.slice(0, 2), at[2], { animate: false });
    this.showWords();
    this.showScenario();
    this.following = false;
  }

  /* Unless the address says otherwise: what the first scenario changes for jobs (or residents) within an hour. */
  readState(asked) {
    const { model, state } = this, scenario = (key, other) => { const i = model.scenarios.findIndex((s) => s.id === asked.get(key)); return i < 0 ? other : i; };
    const base = (name) => model.scales.findIndex((s) => s.base === name);
    Object.assign(state, { scenario: scenario("s", model.first), other: scenario("o", model.reference) });
    state.scale = Math.max(base(asked.get("m")), base(asked.get("m")) < 0 ? base(this.lead()) : 0, 0);
    state.hour = asked.get("h");
    this.keepHour();
    const view = state.scenario === model.reference ? "value" : "change", zone = (asked.get("z") || "").split(",").map(Number);
    state.view = corridor.VIEWS.includes(asked.get("v")) ? asked.get("v") : view;
    Object.assign(state, { beside: asked.get("b") === "1", swipe: asked.get("b") === "swipe", card: null });
    state.place = zone.length === 2 && zone.every(Number.isFinite) ? zone : null;
  }

  /* What is shown, for the address: each choice is a step that Back undoes; a move of the map is none. */
  writeAddress(step) {
    const { state, model } = this, at = this.place(), pair = state.beside ? 1 : state.swipe ? "swipe" : "";
    this.say({
      s: this.scenario.id, m: this.scale.base, h: state.hour, v: state.view, ...(pair ? { b: pair } : {}),
      ...(pair && state.other !== model.reference ? { o: model.scenarios[state.other].id } : {}),
      ...(state.place ? { z: state.place.join() } : {}), ...(this.atHome() ? {} : { at }), ...(this.pair.embedded ? { embed: 1 } : {}),
    }, step && !this.following && !this.pair.embedded);
  }

  place() {
    const at = this.map.getCenter();
    return [at.lat.toFixed(4), at.lng.toFixed(4), this.map.getZoom()].join();
  }

  view(name) {
    super.view(name);
    if (name === "corridor") this.home = { at: this.map.getCenter(), zoom: this.map.getZoom() };
  }

  /* Whether the map is where it opens, give or take a pixel. */
  atHome() {
    const { map, home } = this, zoom = map.getZoom();
    return zoom === home.zoom && map.project(map.getCenter(), zoom).distanceTo(map.project(home.at, zoom)) < 3;
  }

  wire() {
    const on = (id, event, then) => this.$(id).addEventListener(event, then), set = (change) => { Object.assign(this.state, change); };
    on("scenario", "change", (e) => { set({ scenario: Number(e.target.value) }); this.showScenario(); });
    on("other", "change", (e) => { set({ other: Number(e.target.value) }); this.showScenario(); });
    on("measure", "change", (e) => { set({ scale: Number(e.target.value) }); this.keepHour(); this.showMeasure(); });
    on("hour", "input", (e) => { set({ hour: Object.keys(this.scale.hours)[e.target.value] }); this.showMeasure(); });
    document.querySelectorAll("input[name=view]").forEach((i) => i.addEventListener("change", () => { set({ view: i.value }); this.showMeasure(); }));
    this.wireFrame(() => { this.showWords(); this.showScenario(); });
    on("go-corridor", "click", () => this.view("corridor"));
    on("go-area", "click", () => this.view("area"));
    on("beside", "click", () => this.pair.set("beside", !this.state.beside));
    on("swipe", "click", () => this.pair.set("swipe", !this.state.swipe));
    on("reset", "click", () => this.reset());
    this.wireMap(this.map);
    document.addEventListener("keydown", (e) => { if (e.key === "Escape") this.escape(); });
  }

  wireMap(map) {
    map.on("mousemove", (e) => this.reading.line(e.latlng));
    map.on("mouseout", () => this.reading.line(null));
    map.on("click", (e) => this.choose(map, e));
    const box = map.getContainer();
    box.addEventListener("keydown", (e) => {
      box.classList.toggle("keyed", e.target === box);
      if (e.key === "Enter" && e.target === box) this.reading.open(map.getCenter());
    });
    for (const end of ["pointerdown", "focusout"]) box.addEventListener(end, () => box.classList.remove("keyed"));
  }

  /* A click or tap: the nearest circle or hub under a fingertip, else the zone. */
  choose(map, event) {
    const stage = this.stages.find((s) => s.map === map), { hub, point } = stage.marksNear(event.containerPoint, corridor.byFinger() ? 22 : 0);
    if (hub) this.chooseHub(hub);
    else if (point) this.openCard(point.id, stage);
    else this.reading.open(event.latlng);
  }

  escape() {
    if (this.state.card) this.closeCard();
    else if (this.state.place) this.reading.close();
  }

  /* As the page opens without an address; the language stays. */
  reset() {
    Object.assign(this.state, { off: { ...this.off } });
    this.readState(new URLSearchParams());
    this.openCard(null);
    this.showBeside();
    this.view("corridor");
    this.showWords();
    this.showScenario();
  }

  showBeside() { this.pair.show(); }

  fold() {
    super.fold();
    if (this.left) this.left.map.invalidateSize({ animate: false });
  }

  /* What is shown first: jobs within an hour, or residents where the study has no jobs. */
  lead() {
    return this.model.scales.some((s) => s.base === "jobs_60") ? "jobs_60" : "residents_60";
  }

  /* Shows the time to a hub; the hub that is shown already gives way to jobs. */
  chooseHub(hub) {
    const base = this.hub === hub ? this.lead() : hub.measure, at = this.model.scales.findIndex((s) => s.base === base);
    if (at < 0) return;
    this.state.scale = at;
    this.keepHour();
    this.showMeasure();
    this.showLayers();
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
    this.$("layers").replaceChildren(...corridor.layerSwitches(this));
    this.pair.words();
  }

  /* The title of a scenario, and whether it is the reference, counterfactual or undecided. */
  titled(number) {
    return this.marked(this.model.scenarios[number], number === this.model.reference ? "reference" : undefined);
  }

  fillScenarios() {
    for (const id of ["scenario", "other"])
      this.$(id).replaceChildren(...this.model.scenarios.map((s, i) => corridor.element("option", { value: i, selected: i === this.state[id] }, this.titled(i))));
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

  /* A slider where the measure has more than one hour; names below it where they fit. */
  fillHours() {
    const hours = Object.keys(this.scale.hours), at = hours.indexOf(this.state.hour), slider = this.$("hour"), each = Math.ceil(hours.length / 6);
    slider.hidden = this.$("hour-marks").hidden = hours.length < 2;
    Object.assign(slider, { max: hours.length - 1, value: at });
    slider.setAttribute("aria-valuetext", this.state.hour);
    this.$("hour-now").textContent = this.state.hour;
    this.$("hour-marks").replaceChildren(...hours.map((h, i) => corridor.element("span", {}, i % each ? "" : h)));
    document.querySelectorAll("input[name=view]").forEach((i) => {
      i.checked = i.value === this.shows;
      i.disabled = i.value !== "value" && this.two && this.state.other === this.model.reference;
    });
  }

  /* The scenario: its words, its lines, stations, control points and works. */
  showScenario() {
    const { model, words, scenario, state } = this;
    this.$("scenario").value = String(state.scenario);
    this.$("other").value = String(state.other);
    this.$("question").textContent = words.pick(scenario.question) + " (" + scenario.year + ")";
    this.showFlag(this.two ? [scenario, model.scenarios[state.other]] : [scenario]);
    this.$("is-reference").hidden = state.scenario !== model.reference;
    this.$("left-title").textContent = this.titled(state.other);
    this.$("right-title").textContent = this.titled(state.scenario);
    this.stage.show(state.scenario);
    if (this.two) this.left.show(state.other);
    this.showMeasure();
    for (const stage of this.stages) stage.showStations();
    this.showLayers();
    if (state.card) this.openCard(state.card);
  }

  showLayers() {
    for (const stage of this.stages) stage.showLayers();
    this.showZoneLegend();
    this.$("line-legend").replaceChildren(...corridor.lineLegend(this));
  }

  /* The legend of the zones goes with them. */
  showZoneLegend() {
    this.$("zone-legend").hidden = Boolean(this.state.off.zones);
    document.body.classList.toggle("no-zones", Boolean(this.state.off.zones));
  }

  /* The measure: colours, contours, legend, table and the chart of a zone. */
  showMeasure() {
    const { words, scale, state, shows } = this;
    this.fillHours();
    this.$("measure").value = String(state.scale);
    for (const stage of this.stages) {
      stage.paint();
      stage.showHubs();
      stage.showNames();
    }
    this.$("legend-title").textContent = this.measured();
    this.$("legend-unit").textContent = this.unit(shows);
    this.$("legend").replaceChildren(corridor.zoneLegend(this));
    this.$("percent-note").hidden = shows !== "percent";
    this.$("percent-note").textContent = words.fill("percent_note", { least: words.number(scale.percentFrom), unit: words.pick(scale.unit) });
    this.$("rounded").textContent = words.fill("rounded", { step: words.number(scale.step, scale.step), unit: words.pick(scale.unit) });
    this.$("contours").hidden = !this.hub || state.off.contours;
    if (this.hub) this.$("contour-legend").replaceChildren(...corridor.contourLegend(this));
    this.showTable();
    this.reading.show();
    this.reading.line(null);
    this.writeAddress(true);
  }

  measured() { return this.words.pick(this.scale.title) + ", " + this.state.hour; }

  unit(view) {
    const { words, model } = this, unit = words.pick(this.scale.unit);
    if (view === "value") return unit;
    return words.fill("change_unit", { reference: words.pick(model.scenarios[model.reference].title) }) + ", " + (view === "percent" ? "%" : unit);
  }

  /* Districts with the reference, the value and the change; exact where the data came with them. */
  districts() {
    const { model, state } = this, given = corridor.givenRows(model, state.scenario, this.measure);
    return { given, rows: given || corridor.drawnRows(model, this.values(state.scenario), this.values(model.reference), this.scale.step) };
  }

  showTable() {
    const { model, words, scale, state } = this, { given, rows } = this.districts();
    this.$("table-note").textContent = words.t(given ? "table_exact" : "table_note");
    this.$("table").replaceChildren(
      corridor.element("caption", {}, words.pick(this.scenario.title) + ": " + this.measured() + ", " + words.pick(scale.unit)),
      ...corridor.districtTable(rows, model.base.sides, words, scale, state.scenario === model.reference, !given));
    this.$("answer").textContent = corridor.answer(this, rows);
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
};
corridor.Compare.CLOSED = { beside: false, swipe: false, card: null, place: null };

/* Which districts gain and lose most, in a sentence. */
corridor.answer = function (page, rows) {
  const { words, scale, model, state } = page, key = (name, some) => words.fill(name, { measure: page.measured(), unit: words.pick(scale.unit), districts: some });
  if (state.scenario === model.reference) return words.t("is_reference");
  const moved = rows.map((r) => ({ name: words.pick(r.name), by: r.is - r.was })).filter((r) => Math.abs(r.by) >= scale.step).sort((a, b) => (b.by - a.by) * scale.better);
  const said = (some) => some.map((r) => r.name + " " + words.signed(r.by, scale.step)).join(words.lang ? "、" : ", ");
  const better = moved.filter((r) => r.by * scale.better > 0).slice(0, 3), worse = moved.filter((r) => r.by * scale.better < 0).reverse().slice(0, 2);
  if (!moved.length) return key("map_same", "");
  return [better.length ? key("map_gain", said(better)) : "", worse.length ? key("map_loss", said(worse)) : ""].filter(Boolean).join(" ");
};
