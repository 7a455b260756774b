/* What a zone has: in one line under the pointer, and in every scenario at once in a chart that stays until it is closed. */
"use strict";

corridor.NEAR = 0.012;
corridor.byFinger = () => matchMedia("(pointer: coarse)").matches;

corridor.Reading = class {
  constructor(page) {
    Object.assign(this, { page, model: page.model, zone: -1, title: null });
    this.index = this.indexed();
  }

  get box() { return this.page.$("zone"); }

  indexed() {
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

  about(at, reach) {
    const found = [];
    for (let x = -reach; x <= reach; x++) for (let y = -reach; y <= reach; y++) found.push(...(this.index.get(Math.floor(at.lng * 50) + x + ":" + (Math.floor(at.lat * 50) + y)) || []));
    return found;
  }

  /* The zone at a position; -1 where there is none. */
  at(at) {
    const here = this.about(at, 0).find(([z, box]) => box.contains(at) && corridor.inside(this.model.geometry[this.model.zones.first + z], at));
    return here ? here[0] : -1;
  }

  /* The zone at a position, or else the nearest within about a kilometre. */
  nearest(at) {
    const away = (box) => { const c = box.getCenter(); return Math.hypot(c.lat - at.lat, (c.lng - at.lng) * 0.92); };
    const exact = this.at(at);
    if (exact >= 0) return exact;
    const [first] = this.about(at, 1).map(([z, box]) => [away(box), z]).filter(([d]) => d < corridor.NEAR).sort((a, b) => a[0] - b[0]);
    return first ? first[1] : -1;
  }

  /* A zone in a scenario: value, change and change in per cent; null for what is not known. */
  figures(zone, scenario) {
    const { page, model } = this, { step } = page.scale, is = page.values(scenario)[zone], was = page.values(model.reference)[zone];
    const value = is === 65535 ? null : is * step, both = is !== 65535 && was !== 65535;
    return { value, change: both ? (is - was) * step : null, percent: both ? corridor.change(page.scale, "percent", is, was) : null };
  }

  people(zone) {
    const { words } = this.page, { residents, jobs } = this.model.zones;
    const living = words.number(residents[zone]) + " " + words.t("residents");
    return jobs ? living + ", " + words.number(jobs[zone]) + " " + words.t("jobs") : living;
  }

  district(zone) {
    const district = this.model.base.districts[this.model.zones.district[zone]];
    return district ? this.page.words.pick(district.name) : "";
  }

  /* The zone under the pointer, in words. */
  line(at) {
    const { page, page: { words, scale } } = this, zone = at && !page.state.off.zones ? this.at(at) : -1, box = page.$("readout");
    if (zone < 0) { box.textContent = words.t("choose_zone"); return; }
    const unit = words.pick(scale.unit), said = (number) => {
      const f = this.figures(zone, number);
      if (f.value === null) return words.t("no_data");
      const change = number === this.model.reference || f.change === null ? "" : " (" + words.signed(f.change, scale.step) + (f.percent === null ? "" : ", " + words.signed(f.percent, 0.1) + " %") + ")";
      return words.number(f.value, scale.step) + " " + unit + change;
    };
    const both = page.two ? said(page.state.other) + " | " : "";
    box.replaceChildren(corridor.element("b", {}, both + said(page.state.scenario)), " · " + (this.district(zone) ? this.district(zone) + " · " : "") + this.people(zone));
  }

  /* Opens the chart of the zone at a position, for a finger the nearest; `title` is the place that was looked for. */
  open(at, title) {
    const place = [Number(at.lat.toFixed(4)), Number(at.lng.toFixed(4))], here = L.latLng(place);
    if (!title && (corridor.byFinger() ? this.nearest(here) : this.at(here)) < 0) { this.page.$("readout").textContent = this.page.words.t("empty_land"); return; }
    this.page.state.place = place;
    this.show(title);
    this.page.writeAddress(true);
  }

  close() {
    this.page.state.place = null;
    this.show();
    this.page.writeAddress(true);
  }

  show(title) {
    const { page, box, page: { words } } = this, place = page.state.place, at = place && L.latLng(place);
    this.zone = at && !page.state.off.zones ? this.nearest(at) : -1;
    const name = place && (title || page.search.named(place));
    for (const stage of page.stages) stage.showChosen(this.zone, name ? place : null);
    box.hidden = !place || page.state.off.zones;
    if (box.hidden) return;
    const found = this.zone >= 0, near = found && this.at(at) < 0;
    const close = corridor.element("button", { type: "button", class: "close", "aria-label": words.t("close") }, "×");
    close.addEventListener("click", () => this.close());
    const heading = [...new Set([name ? words.pick(name) : "", found ? this.district(this.zone) : ""])].filter(Boolean).join(" · ") || words.t("zone");
    const said = found ? [page.measured() + ", " + page.unit("value") + ".", this.people(this.zone) + ".", near ? words.t("zone_near") : ""].join(" ") : words.t("zone_none");
    box.replaceChildren(close, corridor.element("h2", {}, heading), corridor.element("p", { class: "note" }, said), ...(found ? [this.chart(), this.saveButton()] : []));
  }

  /* A row a scenario: its bar in the colour that the map gives the zone, its value, its change. */
  chart() {
    const { page, model, page: { words, scale, shows } } = this, share = shows === "percent";
    const rows = model.scenarios.map((s, i) => this.figures(this.zone, i)), known = rows.map((r) => r[shows === "value" ? "value" : shows] || 0);
    const low = Math.min(0, ...known), wide = Math.max(0, ...known) - low || 1, was = page.values(model.reference)[this.zone];
    const body = rows.map((r, i) => {
      const fill = corridor.zoneLook(page, page.values(i)[this.zone], was).fillColor, bar = corridor.element("i", { class: "bar" });
      Object.assign(bar.style, { left: (100 * (Math.min(known[i], 0) - low)) / wide + "%", width: (100 * Math.abs(known[i])) / wide + "%", background: typeof fill === "string" ? fill : "#b9b6ae" });
      const own = i === page.state.scenario ? "chosen" : i === model.reference ? "reference" : null;
      const change = i === model.reference ? words.t("reference") : share ? (r.percent === null ? "–" : words.signed(r.percent, 0.1)) : r.change === null ? "–" : words.signed(r.change, scale.step);
      return corridor.element("tr", { class: own, "aria-current": own === "chosen" ? "true" : null },
        corridor.element("th", { scope: "row" }, i === model.reference ? words.pick(model.scenarios[i].title) : page.titled(i), corridor.element("span", { class: "track", "aria-hidden": "true" }, bar)),
        corridor.element("td", {}, words.number(r.value, scale.step)), corridor.element("td", {}, change));
    });
    const heads = [words.t("scenario"), words.t("value"), words.t(share ? "view_percent" : "change")].map((text) => corridor.element("th", { scope: "col" }, text));
    return corridor.element("table", { class: "bars" }, corridor.element("thead", {}, corridor.element("tr", {}, ...heads)), corridor.element("tbody", {}, ...body));
  }

  saveButton() {
    const button = corridor.element("button", { type: "button", class: "plain" }, this.page.words.t("save_table"));
    button.addEventListener("click", () => this.page.saving.zoneTable());
    return button;
  }
};
