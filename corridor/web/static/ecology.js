/* The ecology page: conflicts as a list and on the map, corridors, bands, pictures, the long section. */
"use strict";

corridor.SHOWN = 8;
corridor.ABOVE = { bands: 236, picture: 235, found: 262, marks: 610 };

corridor.Ecology = class extends corridor.MapPage {
  constructor(map, model, words) {
    super(map, model, words);
    for (const [name, level] of Object.entries(corridor.ABOVE)) {
      const pane = map.createPane(name);
      pane.style.zIndex = level;
      if (name !== "marks") pane.style.pointerEvents = "none";
      if (name !== "marks" && name !== "picture") this.renderers[name] = L.canvas({ pane: name, padding: 0.4 });
    }
    this.nature = corridor.natureLayers(model, this.renderers);
    this.groups = {};
    for (const name of ["bands", "footprint", "lines", "stations", "found", "dots", "marks", "picture", "place"]) this.groups[name] = L.layerGroup().addTo(map);
    this.state = { scenario: model.first, kind: "", line: "", open: null, picture: "", bands: "construction", more: {}, off: {} };
    for (const key of Object.keys(this.nature)) this.state.off[key] = !(key === "corridors" || key === "wildlife" || model.openAtFirst.includes(key.split(":")[1]));
  }

  get scenario() { return this.model.scenarios[this.state.scenario]; }
  conflict(id) { const found = this.scenario.conflicts.find((c) => c[0] === id); return found ? this.model.conflicts[found[1]] : null; }
  shape(g) { return this.model.geometry[g]; }
  box(g) { return L.latLngBounds(this.shape(g).flat(2)); }
  middle(g) {
    const parts = this.shape(g), ring = parts.map((p) => p[0]).sort((a, b) => b.length - a.length)[0] || [];
    if (ring.length > 2 && String(ring[0]) !== String(ring[ring.length - 1])) return ring[ring.length >> 1];
    const box = L.latLngBounds(ring), at = box.getCenter();
    return ring.length < 4 || corridor.inside([[ring]], at) ? [at.lat, at.lng] : ring[0];
  }

  start() {
    const asked = this.asked(), wanted = this.model.scenarios.findIndex((s) => s.id === asked.get("s"));
    if (wanted >= 0) this.state.scenario = wanted;
    this.showWords();
    this.showScenario();
    this.map.invalidateSize({ animate: false });
    this.wire();
    this.view("corridor");
    this.fitLimits();
    if (asked.get("c") && this.conflict(asked.get("c"))) this.open(asked.get("c"));
    document.documentElement.dataset.ready = "1";
  }

  wire() {
    this.wireFrame(() => { this.showWords(); this.showScenario(); });
    this.$("scenario").addEventListener("change", (e) => { Object.assign(this.state, { scenario: Number(e.target.value), open: null, more: {} }); this.showScenario(); });
    for (const name of ["kind", "line"]) this.$(name).addEventListener("change", (e) => { this.state[name] = e.target.value; this.showList(); });
    this.$("picture").addEventListener("change", (e) => { this.choosePicture(e.target.value); });
    this.$("go-corridor").addEventListener("click", () => this.view("corridor"));
    this.$("go-area").addEventListener("click", () => this.view("area"));
    this.$("section-fold").addEventListener("click", () => this.foldSection());
    this.$("section-line").addEventListener("change", () => this.showSection());
    this.$("chainage").addEventListener("input", (e) => this.place(Number(e.target.value) / 1000));
    const follow = (e) => this.point(e);
    this.$("drawing").addEventListener("pointermove", follow);
    this.$("drawing").addEventListener("click", (e) => { const at = this.point(e); if (at) this.map.panTo(at, { animate: false }); });
    this.map.on("zoomend moveend resize", () => this.showMarks());
    this.map.on("click", (e) => this.choose(e));
    this.wireTabs();
    this.$("list").addEventListener("keydown", (e) => this.step(e));
    document.addEventListener("keydown", (e) => { if (e.key === "Escape" && this.state.open) this.close(); });
  }

  wireTabs() {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const show = (tab) => tabs.forEach((t) => {
      t.setAttribute("aria-selected", String(t === tab));
      t.tabIndex = t === tab ? 0 : -1;
      this.$(t.getAttribute("aria-controls")).hidden = t !== tab;
    });
    tabs.forEach((tab, i) => {
      tab.addEventListener("click", () => show(tab));
      tab.addEventListener("keydown", (e) => {
        const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[e.key];
        if (to === undefined) return;
        e.preventDefault();
        const next = tabs[(to + tabs.length) % tabs.length];
        show(next);
        next.focus();
      });
    });
  }

  /* Arrow keys go through the list. */
  step(e) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!move || !e.target.matches("button.item")) return;
    e.preventDefault();
    const all = [...this.$("list").querySelectorAll("button.item")], next = all[all.indexOf(e.target) + move];
    if (next) next.focus();
  }

  showWords() {
    const { words, model } = this;
    this.frameWords(words.t("eco_title") + " – " + words.t("subtitle"));
    this.$("section-fold").textContent = words.t("eco_open_section");
    this.$("scenario").replaceChildren(...model.scenarios.map((s, i) => corridor.element("option", { value: i, selected: i === this.state.scenario },
      this.marked(s))));
    this.$("sources").replaceChildren(...Object.values(model.layerNotes).map((n) => corridor.element("li", {},
      corridor.element("span", {}, words.pick(n.title) + (n.date ? ", " + n.date : "") + ". " + n.licence + ". " + n.attribution))));
    this.$("left-out").hidden = !model.leftOut.length && !model.noSections;
    this.$("left-out").textContent = [
      model.leftOut.length ? words.fill("eco_left_out", { count: model.leftOut.length, ids: model.leftOut.join(", ") }) : "",
      model.noSections ? words.t("eco_sections_left_out") : "",
    ].join(" ").trim();
    this.fillLayers();
  }

  showScenario() {
    const { words, scenario, model } = this;
    this.$("scenario").value = String(this.state.scenario);
    this.$("question").textContent = words.pick(scenario.question) + " (" + scenario.year + ")";
    this.showFlag([scenario]);
    for (const name of ["lines", "footprint", "stations", "place"]) this.groups[name].clearLayers();
    for (const f of scenario.footprint) this.groups.footprint.addLayer(corridor.footprintMark(model.footprint[f], model, this.renderers));
    for (const p of scenario.parts) corridor.partLayers(model.parts[p], model, this.renderers).forEach((l) => this.groups.lines.addLayer(l));
    for (const s of scenario.stations) this.groups.stations.addLayer(L.circleMarker(this.shape(model.stations[s].g)[0][0][0],
      { renderer: this.renderers.stations, interactive: false, radius: 4, color: "#1d1d1d", weight: 2, fillColor: "#fff", fillOpacity: 1 }));
    if (!scenario.lines.some((l) => l.id === this.state.line)) this.state.line = "";
    this.fillFilters();
    this.fillPictures();
    this.showCrossings();
    this.showCalendar();
    this.fillSections();
    this.showBands();
    this.showPicture();
    this.showLayers();
    this.showList();
    if (this.state.open) this.open(this.state.open, true); else this.close();
  }

  /* ---- the list */

  fillFilters() {
    const { words, scenario, model } = this, all = scenario.conflicts.map((c) => model.conflicts[c[1]]);
    const option = (value, text, now) => corridor.element("option", { value, selected: value === now }, text);
    const kinds = model.groups.filter((g) => all.some((c) => c.group === g.id));
    if (!kinds.some((g) => g.id === this.state.kind)) this.state.kind = "";
    this.$("kind").replaceChildren(option("", words.fill("eco_all_kinds", { count: all.length }), this.state.kind),
      ...kinds.map((g) => option(g.id, words.pick(g.name) + " (" + all.filter((c) => c.group === g.id).length + ")", this.state.kind)));
    const lines = scenario.lines.filter((l) => all.some((c) => c.line_id === l.id));
    if (!lines.some((l) => l.id === this.state.line)) this.state.line = "";
    this.$("line").replaceChildren(option("", words.fill("eco_all_lines", { count: lines.length }), this.state.line),
      ...lines.map((l) => option(l.id, words.pick(l.name) + " (" + all.filter((c) => c.line_id === l.id).length + ")", this.state.line)));
  }

  /* Conflicts that the filters leave, in the order of the list: [id, conflict]. */
  left() {
    const { kind, line } = this.state;
    return this.scenario.conflicts.map(([id, n]) => [id, this.model.conflicts[n]])
      .filter(([, c]) => (!kind || c.group === kind) && (!line || c.line_id === line));
  }

  showList() {
    const { words, model } = this, left = this.left(), blocks = [];
    for (const level of model.levels) {
      const mine = left.filter(([, c]) => c.severity === level.severity), named = words.fill("eco_level_head", { level: words.pick(level.name), count: mine.length });
      if (!mine.length) continue;
      const all = this.state.more[level.severity] || mine.length <= corridor.SHOWN + 2;
      const list = corridor.element("ul", { "aria-label": named });
      mine.forEach(([id, c], i) => { const item = corridor.element("li", {}, this.item(id, c)); if (!all && i >= corridor.SHOWN) item.className = "folded-away"; list.append(item); });
      blocks.push(corridor.element("h3", {}, named), list);
      if (!all) {
        const more = corridor.element("button", { type: "button", class: "more" }, words.fill("eco_more", { count: mine.length }));
        more.addEventListener("click", () => { this.state.more[level.severity] = true; this.showList(); this.$("list").querySelector(`[data-id="${mine[corridor.SHOWN][0]}"]`).focus(); });
        blocks.push(more);
      }
    }
    this.$("count").textContent = this.scenario.conflicts.length ? words.fill("eco_shown", { count: left.length, all: this.scenario.conflicts.length }) : words.t("eco_none");
    this.$("list").replaceChildren(...blocks);
    const worst = this.worst(left);
    this.$("worst").replaceChildren(...(worst ? [corridor.element("span", { class: "on-phone" }, words.pick(this.scenario.title) + (words.lang ? "：" : ": ")), worst] : []));
    this.showMarks();
  }

  /* One sentence on what is worst of the conflicts that the filters leave. */
  worst(left) {
    const { words, model } = this, pick = (text) => words.pick(text);
    if (!left.length) return "";
    const [, c] = left[0], same = left.filter(([, other]) => other.severity === c.severity).length;
    const level = pick(model.levels.find((row) => row.severity === c.severity).name);
    if (!c.severity) return words.t(c.severity === null ? "eco_worst_unrated" : "eco_worst_none");
    const said = { count: same, all: left.length, level };
    for (const key of ["name", "size", "line", "place", "how"]) said[key] = pick(c[key]);
    return words.fill(c.group === "wildlife" ? "eco_worst_near" : "eco_worst_take", said);
  }

  item(id, c) {
    const { words } = this, number = String(Number(id.slice(1)));
    const button = corridor.element("button", { type: "button", class: "item", "data-id": id, "aria-pressed": String(id === this.state.open) },
      corridor.badge(number, c.group, this.model.palette.groups),
      corridor.element("span", { class: "said" }, corridor.element("b", {}, words.pick(c.name)),
        corridor.element("small", {}, words.pick(c.kind) + " · " + words.pick(c.line) + (words.pick(c.place) ? " · " + words.pick(c.place) : "") + (words.pick(c.how) ? " · " + words.pick(c.how) : ""))),
      corridor.element("span", { class: "amount" }, words.pick(c.size)));
    button.addEventListener("click", () => this.open(id));
    return button;
  }

  /* ---- one conflict */

  open(id, stay) {
    const c = this.conflict(id);
    if (!c) { this.close(); return; }
    this.state.open = id;
    this.$("card").hidden = false;
    this.$("card").replaceChildren(...this.card(id, c));
    this.groups.found.clearLayers();
    corridor.foundLayers(c, this.model, this.renderers).forEach((l) => this.groups.found.addLayer(l));
    this.$("list").querySelectorAll("button.item").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.id === id)));
    if (!stay) this.zoomTo(this.box(c.g));
    this.showMarks();
    this.say({ s: this.scenario.id, c: id });
  }

  close() {
    this.state.open = null;
    this.$("card").hidden = true;
    this.groups.found.clearLayers();
    this.$("list").querySelectorAll("button.item").forEach((b) => b.setAttribute("aria-pressed", "false"));
    this.showMarks();
    this.say({ s: this.scenario.id });
  }

  zoomTo(box) {
    const wide = this.map.getSize().x > 620, card = this.$("card");
    const over = card.hidden ? 0 : wide ? card.offsetWidth + 30 : 0;
    this.map.fitBounds(box.pad(0.25), { animate: false, maxZoom: 15.5, paddingTopLeft: [50, 40], paddingBottomRight: [50 + over, 40] });
    if (!wide && window.matchMedia("(max-width: 760px)").matches) this.$("map-box").scrollIntoView({ block: "start" });
  }

  card(id, c) {
    const { words, model } = this, note = model.layerNotes[c.layer], entries = [];
    const row = (key, ...value) => entries.push(corridor.element("dt", {}, words.t(key)), corridor.element("dd", {}, ...value));
    const mark = (key) => corridor.element("em", { class: "mark" }, words.t(key));
    row("eco_what", words.pick(c.kind) + (words.pick(c.subject) ? " · " + words.pick(c.subject) : ""));
    row("eco_by", corridor.element("b", {}, words.pick(c.line)), (words.pick(c.place) ? " · " + words.pick(c.place) : "") + (words.pick(c.how) ? " · " + words.pick(c.how) : ""), c.assumed ? mark("assumption") : null);
    row("eco_amount", words.pick(c.size));
    if (c.level) row("eco_level", corridor.element("b", {}, words.pick(c.level)), words.pick(c.reason) ? ": " + words.pick(c.reason) : "");
    if (c.rules.length) row("eco_seasons", corridor.element("ul", {}, ...c.rules.map((r) => corridor.element("li", {}, corridor.element("details", {}, corridor.element("summary", {},
      words.pick(r.title) + " (" + (r.months ? words.fill("eco_months", { months: r.months }) : words.t("review_all_year")) + ")" + (r.sure ? "" : ", " + words.t("review_maybe"))), words.pick(r.text))))));
    row("eco_layer", (note ? words.pick(note.title) + ", " + note.date : c.layer));
    if (note) row("eco_licence", note.licence);
    const letter = (v) => v || words.t("eco_not_stated");
    row("eco_sure_short", words.fill("eco_sure_pair", { work: letter(c.confidence[0]), layer: letter(c.confidence[1]) }));
    if (c.sources.some(Boolean)) row("eco_source", c.sources.filter(Boolean).join("; "));
    const left = this.left().map((x) => x[0]), at = left.indexOf(id);
    const button = (key, to) => {
      const made = corridor.element("button", { type: "button", disabled: to ? null : "disabled", "data-step": key }, words.t(key));
      made.addEventListener("click", () => { this.open(to); const again = this.$("card").querySelector(`[data-step="${key}"]`); if (again && !again.disabled) again.focus(); });
      return made;
    };
    const close = corridor.element("button", { type: "button", class: "close", "aria-label": words.t("close") }, "×");
    close.addEventListener("click", () => { const back = this.$("list").querySelector(`[data-id="${id}"]`); this.close(); if (back) back.focus({ preventScroll: true }); });
    const walk = corridor.element("p", { class: "walk" }, button("eco_previous", left[at - 1]), corridor.element("span", {}, at < 0 ? "" : words.fill("eco_position", { at: at + 1, all: left.length })), button("eco_next", left[at + 1]));
    return [close, corridor.element("h2", {}, corridor.badge(String(Number(id.slice(1))), c.group, model.palette.groups), words.pick(c.name)), corridor.element("dl", {}, ...entries), walk];
  }

  /* A click on the map opens the conflict nearest to it, or the one around it. */
  choose(e) {
    const p = e.containerPoint, near = [], reach = matchMedia("(pointer: coarse)").matches ? 22 : 14;
    for (const [id, c] of this.left()) {
      const away = this.map.latLngToContainerPoint(this.middle(c.g)).distanceTo(p);
      if (away < reach) near.push([away, id]);
      else if (corridor.inside(this.shape(c.g), e.latlng)) near.push([20 + away / 1e6, id]);
    }
    near.sort((a, b) => a[0] - b[0]);
    if (!near.length) return;
    const at = near.findIndex(([, id]) => id === this.state.open);
    this.open(near[(at + 1) % near.length][1], true);
  }

  /* Numbered marks where there is room, dots for the others. */
  showMarks() {
    if (!this.map._loaded || !this.groups.marks) return;
    const { model, words, groups } = this, taken = [], spots = [], bounds = this.map.getBounds().pad(0.1), look = model.palette.groups;
    groups.marks.clearLayers();
    groups.dots.clearLayers();
    const all = this.left(), first = all.findIndex(([id]) => id === this.state.open);
    if (first > 0) all.unshift(...all.splice(first, 1));
    for (const [id, c] of all) {
      const at = this.middle(c.g);
      if (!bounds.contains(at)) continue;
      const p = this.map.latLngToLayerPoint(at);
      if (taken.some((q) => Math.abs(q.x - p.x) < 27 && Math.abs(q.y - p.y) < 25)) { spots.push([at, c]); continue; }
      taken.push(p);
      const icon = L.divIcon({ className: "numbered" + (id === this.state.open ? " open" : ""), html: corridor.badge(String(Number(id.slice(1))), c.group, look), iconSize: [26, 24] });
      const marker = L.marker(at, { icon, pane: "marks", keyboard: false, riseOnHover: true, title: words.pick(c.name) + ", " + words.pick(c.size) });
      marker.on("click", () => this.open(id, this.map.getZoom() >= 13.5));
      groups.marks.addLayer(marker);
    }
    for (const [at, c] of spots) groups.dots.addLayer(L.circleMarker(at, { renderer: this.renderers.found, interactive: false, radius: 2.6, color: "#fff", weight: 1, fillColor: look[c.group].colour, fillOpacity: 1 }));
    this.showNames(taken);
  }

  showNames(taken) {
    const { model, words, scenario, map } = this, items = [];
    const blocks = taken.map((p) => ({ at: map.layerPointToLatLng(p), radius: 13 }));
    if (this.state.off.labels) { this.labels.set([], []); return; }
    for (const s of scenario.stations.map((n) => model.stations[n])) {
      const at = this.shape(s.g)[0][0][0];
      items.push({ at, text: words.pick(s.name), kind: "added", rank: 2, offset: 4, from: 10.8 });
    }
    for (const l of scenario.lines) {
      const path = this.shape(model.courses[l.course].g).flat()[0] || [];
      if (!path.length) continue;
      const along = [0.5, 0.62, 0.38, 0.75, 0.25].map((share) => path[Math.floor((path.length - 1) * share)]);
      items.push({ at: along[0], along, text: words.pick(l.name), kind: "line", rank: 1, offset: 8, from: 10, colour: "#5b2a7d" });
    }
    for (const d of model.base.districts) items.push({ at: this.shape(d.g)[0][0][0], text: words.pick(d.name), kind: "district", rank: 5, from: 10 });
    for (const w of model.base.waters) items.push({ at: w.at, text: words.pick(w.name), kind: "water", rank: 4 });
    for (const a of model.nature.designations) {
      const ring = this.shape(a.g).length ? this.shape(a.g)[0][0] : null;
      if (ring && !this.state.off["designation:" + a.kind]) items.push({ at: L.latLngBounds(ring).getCenter(), text: words.pick(a.name), kind: "site", rank: 6, from: 11.6 });
    }
    this.labels.set(items, blocks, ["tools", "card"].map((id) => this.$(id)).filter((e) => !e.hidden));
  }

  /* ---- corridors */

  showCrossings() {
    const { words, scenario } = this, blocks = [];
    const said = (r) => {
      const button = corridor.element("button", { type: "button", class: "item sentence" }, corridor.element("span", { class: "said" }, corridor.element("b", {}, words.pick(r.name)), corridor.element("span", {}, words.pick(r.text)), words.pick(r.species) ? corridor.element("small", {}, words.pick(r.species)) : null));
      button.addEventListener("click", () => this.showCorridor(r));
      return corridor.element("li", {}, button);
    };
    const crossed = scenario.crossings.filter((r) => r.crossed), spared = scenario.crossings.filter((r) => !r.crossed);
    blocks.push(corridor.element("h3", {}, words.fill("eco_crossed", { count: crossed.length })), corridor.element("ul", {}, ...crossed.map(said)));
    blocks.push(corridor.element("details", {}, corridor.element("summary", {}, words.fill("eco_not_crossed", { count: spared.length })), corridor.element("ul", {}, ...spared.map(said))));
    this.$("crossings").replaceChildren(...blocks);
  }

  showCorridor(r) {
    this.close();
    if (!r.shapes.length) return;
    const boxes = r.shapes.map((g) => this.box(g)), box = boxes.reduce((a, b) => a.extend(b), L.latLngBounds(boxes[0].getSouthWest(), boxes[0].getNorthEast()));
    for (const g of r.shapes) this.groups.found.addLayer(L.polygon(this.shape(g), { renderer: this.renderers.found, interactive: false, color: this.model.palette.corridor, weight: 4, fill: false }));
    if (this.state.off.corridors) { this.state.off.corridors = false; this.fillLayers(); this.showLayers(); }
    this.zoomTo(box);
  }

  /* ---- the calendar: a body of the table for each rule and what it guards, a column for each month */

  showCalendar() {
    const { words, scenario } = this, make = corridor.element, all = scenario.calendar, months = [...Array(12).keys()];
    const lang = document.documentElement.lang, name = (i, month) => new Intl.DateTimeFormat(lang, { month, timeZone: "UTC" }).format(Date.UTC(2001, i, 15));
    const inForce = months.map((i) => all.filter((e) => e.months.includes(i + 1)).length);
    const free = months.filter((i) => !all.some((e) => e.months.length < 12 && e.months.includes(i + 1)));
    this.$("free-months").textContent = !all.length ? words.t("eco_calendar_none")
      : free.length ? words.fill("eco_calendar_free", { months: free.map((i) => name(i, "long")).join(words.t("list_comma")) }) + (all.some((e) => e.months.length === 12) ? " " + words.t("eco_calendar_all_year") : "")
      : words.t("eco_calendar_always");
    const cell = (e, i) => {
      const state = !e.months.includes(i + 1) ? "off" : e.sure ? "on" : "maybe";
      return make("td", { class: state }, make("span", { "aria-hidden": "true" }, { on: "●", maybe: "○", off: "" }[state]), make("span", { class: "visually-hidden" }, words.t("eco_calendar_" + state)));
    };
    const line = (...said) => make("small", {}, said.filter(Boolean).join(" · "));
    const body = (e) => make("tbody", {},
      make("tr", {}, make("th", { scope: "rowgroup", colspan: 12 }, make("b", {}, words.pick(e.title)),
        line(words.pick(e.feature), words.pick(e.phase), e.m ? words.fill("eco_calendar_within", { m: words.number(e.m) }) : words.t("eco_calendar_inside"), e.sure ? "" : words.t("review_maybe")),
        ...e.works.map((w) => line(words.pick(w.line) + ": " + words.pick(w.places))),
        make("details", {}, make("summary", {}, e.rule + " · " + words.pick(e.sources)), make("p", {}, words.pick(e.text))))),
      make("tr", {}, ...months.map((i) => cell(e, i))));
    const head = make("thead", {}, make("tr", {}, ...months.map((i) => make("th", { scope: "col", abbr: name(i, "long"), "aria-label": name(i, "long"), title: name(i, "long") }, name(i, "narrow")))));
    const foot = make("tfoot", {}, make("tr", {}, make("th", { scope: "rowgroup", colspan: 12 }, words.t("eco_calendar_total"))), make("tr", {}, ...inForce.map((n) => make("td", {}, String(n)))));
    this.$("calendar").hidden = !all.length;
    this.$("calendar").replaceChildren(make("caption", {}, words.t("eco_calendar_caption")), head, ...all.map(body), foot);
  }

  /* ---- layers, bands, pictures, legend */

  fillLayers() {
    const { model, words } = this, look = model.palette, rows = [];
    const row = (key, swatch, text) => {
      const input = corridor.element("input", { type: "checkbox" });
      input.checked = !this.state.off[key];
      input.addEventListener("change", () => { this.state.off[key] = !input.checked; this.showLayers(); });
      rows.push(corridor.element("li", {}, corridor.element("label", {}, input, swatch, corridor.element("span", {}, text))));
    };
    row("lines", corridor.lineSwatch("#1d1d1d", 3, ""), words.t("eco_lines"));
    row("footprint", corridor.fillSwatch(look.footprint), words.t("layer_footprint"));
    row("stations", corridor.discSwatch(4, "#fff", "#1d1d1d", 2), words.t("eco_stations"));
    row("marks", corridor.discSwatch(6, look.groups.water.colour, "#fff", 1), words.t("eco_marks"));
    row("labels", corridor.swatch((pen, w, h) => { pen.fillStyle = "#333"; pen.font = "600 12px sans-serif"; pen.textAlign = "center"; pen.fillText("Aa", w / 2, h - 4); }), words.t("eco_names"));
    rows.push(corridor.element("li", { class: "head" }, words.t("layer_designations")));
    const kinds = new Map(model.nature.designations.map((d) => [d.kind, d.kindName])), order = Object.keys(look.designations);
    [...kinds].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0])).forEach(([kind, name]) => {
      const style = look.designations[kind] || look.otherDesignation;
      row("designation:" + kind, corridor.fillSwatch(corridor.pattern(style.colour, style.hatch), style.colour), words.pick(name));
    });
    if (this.nature.corridors) row("corridors", corridor.fillSwatch(look.corridor + "44", look.corridor), words.t("layer_corridors"));
    if (this.nature.wildlife) row("wildlife", corridor.discSwatch(4, "#fff2d8", look.wildlife, 1.4), words.t("layer_wildlife"));
    this.$("layers").replaceChildren(...rows);
    this.$("bands").replaceChildren(...["", "construction", "operation"].map((phase) => {
      const input = corridor.element("input", { type: "radio", name: "bands", value: phase });
      input.checked = phase === this.state.bands;
      input.addEventListener("change", () => { this.state.bands = phase; this.showBands(); });
      return corridor.element("label", {}, input, corridor.element("span", {}, words.t("eco_bands_" + (phase || "none"))));
    }));
  }

  showLayers() {
    const off = this.state.off, set = (group, on) => (on ? group.addTo(this.map) : group.remove());
    for (const name of ["lines", "footprint", "stations", "marks"]) set(this.groups[name], !off[name]);
    set(this.groups.dots, !off.marks);
    for (const [key, group] of Object.entries(this.nature)) set(group, !off[key]);
    this.showMarks();
    this.showKey();
  }

  showBands() {
    this.groups.bands.clearLayers();
    const mine = this.scenario.bands.map((b) => this.model.bands[b]).filter((b) => b.phase === this.state.bands).sort((a, b) => b.m - a.m);
    const colour = this.model.palette.phases[this.state.bands];
    for (const b of mine) this.groups.bands.addLayer(L.polygon(this.shape(b.g), { renderer: this.renderers.bands, interactive: false, color: colour, weight: 0.9, opacity: 0.85, dashArray: "4 3", fillColor: colour, fillOpacity: 0.09 }));
    this.showKey();
  }

  picture() { return this.scenario.grids.find((g) => g.key + ":" + g.what === this.state.picture); }
  pictureName(g) { return this.words.fill("eco_" + g.kind + "_" + g.what, { name: this.words.pick(g.name) }); }

  fillPictures() {
    const { words, scenario } = this;
    if (!this.picture()) this.state.picture = "";
    const option = (value, text) => corridor.element("option", { value, selected: value === this.state.picture }, text);
    this.$("picture").replaceChildren(option("", words.t("eco_no_picture")), ...scenario.grids.map((g) => option(g.key + ":" + g.what, this.pictureName(g))));
    this.$("picture").disabled = !scenario.grids.length;
  }

  /* A picture takes the place of the bands, which would hide it, and the view. */
  choosePicture(key) {
    this.state.picture = key;
    if (key && this.state.bands) { this.state.bands = ""; this.fillLayers(); this.showBands(); }
    this.showPicture();
    const g = this.picture();
    if (g) { this.map.invalidateSize({ animate: false }); this.map.fitBounds(g.corners, { animate: false }); }
  }

  showPicture() {
    const { words, model } = this, g = this.picture(), box = this.$("picture-legend");
    this.groups.picture.clearLayers();
    if (!g) {
      box.replaceChildren(this.scenario.grids.length ? "" : corridor.element("p", { class: "note" }, words.t("eco_no_pictures")));
    } else {
      this.groups.picture.addLayer(L.imageOverlay(g.png, g.corners, { pane: "picture", opacity: 0.9, className: "cells", alt: this.pictureName(g) }));
      box.replaceChildren(corridor.element("p", { class: "note" }, words.t("eco_picture_note")));
    }
    this.showKey();
  }

  classes(g) {
    const { words, model } = this, rows = model.scales[g.key + ":" + g.what];
    const number = (v) => (v < 0 ? "−" : "") + String(Math.abs(Number(v.toPrecision(2))));
    const range = (i) => i === 0 ? words.fill("eco_below", { value: number(rows[1].from) }) : i === rows.length - 1 ? words.fill("eco_from", { value: number(rows[i].from) }) : words.fill("eco_range", { low: number(rows[i].from), high: number(rows[i + 1].from) });
    return rows.map((r, i) => [r.colour, r.colour ? range(i) : words.fill("eco_unseen", { range: range(i) })]);
  }

  /* The legend of what is on the map now, under it. */
  showKey() {
    const { words, model, scenario } = this, look = model.palette, rows = [];
    const row = (swatch, text) => rows.push(corridor.element("li", {}, swatch, corridor.element("span", {}, text)));
    const g = this.picture();
    if (g) {
      rows.push(corridor.element("li", { class: "wide" }, corridor.element("b", {}, this.pictureName(g)), corridor.element("span", {}, words.t(g.kind === "quality" ? "eco_quality_unit" : g.what === "change" ? "eco_change_unit" : "eco_current_unit"))));
      for (const [colour, text] of this.classes(g)) row(corridor.fillSwatch(colour || "#fff", "#8886"), text);
      rows.push(corridor.element("li", { class: "break" }));
    }
    const parts = scenario.parts.map((p) => model.parts[p]), present = new Set(parts.map((p) => p.structure));
    if (!this.state.off.lines) for (const [name, style] of Object.entries(look.structures)) if (present.has(name)) row(corridor.lineSwatch(style.colour, style.weight, style.dash), words.t("structure_" + name));
    const lasting = new Set(scenario.footprint.map((f) => model.footprint[f].permanence));
    if (!this.state.off.footprint) for (const kind of corridor.FOOTPRINTS.filter((k) => lasting.has(k))) row(corridor.fillSwatch(corridor.footprintFill(look.footprint, kind), look.footprint), words.t("layer_footprint") + ", " + words.t(kind));
    if (this.state.bands) row(corridor.bandSwatch(look.phases[this.state.bands]), words.fill("eco_band_key", { what: words.t("eco_bands_" + this.state.bands) }));
    if (!this.state.off.corridors && this.nature.corridors) row(corridor.fillSwatch(look.corridor + "44", look.corridor), words.t("layer_corridors"));
    if (!this.state.off.wildlife && this.nature.wildlife) row(corridor.discSwatch(4, "#fff2d8", look.wildlife, 1.4), words.t("layer_wildlife"));
    for (const kind of new Set(model.nature.designations.map((d) => d.kind))) {
      const style = look.designations[kind] || look.otherDesignation, name = model.nature.designations.find((d) => d.kind === kind).kindName;
      if (!this.state.off["designation:" + kind]) row(corridor.fillSwatch(corridor.pattern(style.colour, style.hatch), style.colour), words.pick(name));
    }
    if (!this.state.off.marks) row(corridor.badge("1", "other", look.groups), words.t("eco_conflict_key"));
    this.$("key").replaceChildren(...rows);
  }

  /* ---- the long section */

  fillSections() {
    const { words, scenario } = this, chosen = this.$("section-line").value;
    const lines = scenario.lines.filter((l) => l.section !== null);
    const longest = lines.slice().sort((a, b) => b.m - a.m)[0];
    const now = lines.some((l) => l.id === chosen) ? chosen : longest ? longest.id : "";
    this.$("section-line").replaceChildren(...lines.map((l) => corridor.element("option", { value: l.id, selected: l.id === now }, words.pick(l.name))));
    this.$("along").hidden = !lines.length;
    this.showSection();
  }

  foldSection() {
    const box = this.$("section");
    box.hidden = !box.hidden;
    this.$("section-fold").setAttribute("aria-expanded", String(!box.hidden));
    document.body.classList.toggle("opened-section", !box.hidden);
    if (box.hidden) this.groups.place.clearLayers();
    this.map.invalidateSize({ animate: false });
    this.showMarks();
  }

  get along() { return this.scenario.lines.find((l) => l.id === this.$("section-line").value); }

  showSection() {
    this.groups.place.clearLayers();
    this.$("chainage-read").textContent = "";
    const line = this.along;
    // drawn and escaped when the page was made
    this.$("drawing").innerHTML = line ? this.model.sections[line.section] : "";
    const svg = this.$("drawing").querySelector("svg"), lang = document.documentElement.lang;
    // a reader aloud takes the first title, whatever the script of the page
    if (svg) svg.setAttribute("aria-label", ["title", "desc"].map((tag) => svg.querySelector(`${tag}[lang="${lang}"]`).textContent).join(". "));
    if (line) this.sayChainage(0);
  }

  /* The chainage under the pointer. */
  point(e) {
    const svg = this.$("drawing").querySelector("svg"), { width, left, right } = this.model.section;
    if (!svg || !this.along) return null;
    const box = svg.getBoundingClientRect(), x = ((e.clientX - box.left) / box.width) * width;
    if (x < left - 4 || x > right + 4) return null;
    return this.place(Math.min(1, Math.max(0, (x - left) / (right - left))));
  }

  /* Sets the slider to a share of the line and gives it a name in words: how far, and on what structure. */
  sayChainage(share) {
    const line = this.along, m = share * line.m, run = line.runs.find((r) => m <= r.to) || line.runs[line.runs.length - 1];
    const said = this.words.fill("eco_at_km", { km: (m / 1000).toFixed(1) }) + (run ? " · " + this.words.pick(run.name) : "");
    this.$("chainage").value = String(Math.round(share * 1000));
    this.$("chainage").setAttribute("aria-valuetext", said);
    return said;
  }

  /* Marks a share of the line on the map and returns where that is. */
  place(share) {
    const line = this.along, path = line ? this.shape(this.model.courses[line.course].g)[0][0] : [];
    if (path.length < 2) return null;
    const steps = path.slice(1).map((p, i) => this.map.distance(path[i], p)), whole = steps.reduce((a, b) => a + b, 0);
    let left = share * whole, i = 0;
    while (i < steps.length - 1 && left > steps[i]) left -= steps[i++];
    const part = steps[i] ? Math.min(1, left / steps[i]) : 0, [a, b] = [path[i], path[i + 1]];
    const at = L.latLng(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part);
    this.groups.place.clearLayers();
    const said = this.sayChainage(share), mark = L.marker(at, { pane: "marks", interactive: false, keyboard: false, icon: L.divIcon({ className: "place", iconSize: [26, 26] }) });
    this.groups.place.addLayer(mark);
    mark.getElement().setAttribute("role", "img");
    mark.getElement().setAttribute("aria-label", this.words.pick(line.name) + ", " + said);
    this.$("chainage-read").textContent = said;
    if (!this.map.getBounds().contains(at)) this.map.panTo(at, { animate: false });
    return at;
  }
};

/* A number in the shape of its group. */
corridor.badge = function (number, group, look) {
  const made = corridor.element("span", { class: "badge " + look[group].shape, "aria-hidden": number ? null : "true" }, corridor.element("span", {}, number));
  made.style.setProperty("--mark", look[group].colour);
  return made;
};

corridor.bandSwatch = (colour) => corridor.swatch((pen, w, h) => {
  pen.fillStyle = pen.strokeStyle = colour;
  for (const inset of [1, 7, 12]) { pen.globalAlpha = 0.16; pen.fillRect(inset, inset / 2, w - 2 * inset, h - inset); pen.globalAlpha = 0.85; pen.setLineDash([4, 3]); pen.strokeRect(inset, inset / 2, w - 2 * inset, h - inset); }
});

corridor.partLayers = function (part, model, renderers) {
  const style = model.palette.structures[part.structure] || { weight: 3, dash: "", colour: "#1d1d1d" };
  const path = model.geometry[part.g].flat(), base = { renderer: renderers.lines, interactive: false, smoothFactor: 0.5 };
  return [
    L.polyline(path, { ...base, color: "#fff", weight: style.weight + 3, opacity: 0.9 }),
    L.polyline(path, { ...base, color: style.colour, weight: style.weight, dashArray: style.dash || null, lineCap: "butt" }),
  ];
};

/* The chosen conflict, outlined. */
corridor.foundLayers = function (c, model, renderers) {
  const parts = model.geometry[c.g], base = { renderer: renderers.found, interactive: false }, colour = "#ffd60a";
  const ring = parts.length ? parts[0][0] : [];
  if (ring.length === 1) return parts.flatMap((p) => [L.circleMarker(p[0][0], { ...base, radius: 14, color: "#111", weight: 6, fill: false }), L.circleMarker(p[0][0], { ...base, radius: 14, color: colour, weight: 3, fill: false })]);
  const closed = ring.length > 2 && String(ring[0]) === String(ring[ring.length - 1]);
  const draw = (options) => (closed ? L.polygon(parts, options) : L.polyline(parts.flat(), options));
  return [draw({ ...base, color: "#111", weight: closed ? 6 : 11, fill: false }), draw({ ...base, color: colour, weight: closed ? 3 : 6, fillColor: colour, fillOpacity: 0.35, fill: closed })];
};
