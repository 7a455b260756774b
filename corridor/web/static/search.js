/* Finding a place on the map by its name in any of the three scripts. */
"use strict";

corridor.FOUND = 8;
corridor.PLACE_KINDS = ["checkpoints", "hubs", "district", "stations"];

/* A name or a question without case, accents and signs. */
corridor.plain = (text) => (text || "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/* Control points, hubs, districts and stations, each once, wherever scenarios repeat it. */
corridor.placesOf = function (model) {
  const found = [], point = (g) => model.geometry[g][0][0][0];
  const near = (a, b) => Math.abs(a[0] - b[0]) < 0.01 && Math.abs(a[1] - b[1]) < 0.01;
  const add = (kind, item, at) => {
    if (!found.some((p) => p.kind === kind && p.name[0] === item.name[0] && near(p.at, at))) found.push({ kind, name: item.name, at, id: item.id, plain: item.name.map(corridor.plain) });
  };
  model.checkpoints.forEach((c) => add("checkpoints", c, point(c.g)));
  model.hubs.forEach((h) => add("hubs", h, h.at));
  model.base.districts.forEach((d) => add("district", d, point(d.g)));
  model.stations.forEach((s) => add("stations", s, point(s.g)));
  return found;
};

/* The best places for a question: those whose name begins with it, then a word of it, then those that hold it. */
corridor.placesFor = function (places, question) {
  const asked = corridor.plain(question), run = asked.replace(/ /g, "");
  if (!run) return [];
  const rank = (p) => Math.min(...p.plain.map((name) => (name.startsWith(asked) ? 0 : (" " + name).includes(" " + asked) ? 1 : name.replace(/ /g, "").includes(run) ? 2 : 9)));
  return places.map((p) => [rank(p), corridor.PLACE_KINDS.indexOf(p.kind), p.name[0].length, p]).filter((r) => r[0] < 9)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).slice(0, corridor.FOUND).map((r) => r[3]);
};

corridor.Search = class {
  constructor(page) {
    Object.assign(this, { page, places: corridor.placesOf(page.model), found: [], at: -1 });
    this.input = page.$("search");
    this.list = page.$("found");
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("focus", () => this.show());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (e) => this.key(e));
    this.list.addEventListener("pointerdown", (e) => e.preventDefault());
  }

  /* The name of a place at a position, where it was found by its name. */
  named(at) {
    const place = this.places.find((p) => p.at[0].toFixed(4) === at[0].toFixed(4) && p.at[1].toFixed(4) === at[1].toFixed(4));
    return place ? place.name : null;
  }

  show() {
    const { words } = this.page, asked = this.input.value.trim();
    this.found = corridor.placesFor(this.places, asked);
    this.at = this.found.length ? 0 : -1;
    const options = this.found.map((p, i) => {
      const kind = words.t(p.kind === "district" ? "district" : "layer_" + p.kind);
      const option = corridor.element("li", { role: "option", id: "found-" + i }, corridor.element("span", {}, words.pick(p.name)), corridor.element("small", {}, kind));
      option.addEventListener("click", () => this.choose(p));
      return option;
    });
    this.list.replaceChildren(...(asked && !options.length ? [corridor.element("li", { role: "option", "aria-disabled": "true" }, words.t("search_none"))] : options));
    this.list.hidden = !asked;
    this.input.setAttribute("aria-expanded", String(Boolean(asked)));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((e, i) => e.setAttribute("aria-selected", String(i === this.at)));
    if (this.at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", "found-" + this.at);
  }

  key(event) {
    const count = this.found.length, to = { ArrowDown: this.at + 1, ArrowUp: this.at - 1 }[event.key];
    event.stopPropagation();
    if (event.key === "Enter" && this.at >= 0 && !this.list.hidden) this.choose(this.found[this.at]);
    else if (event.key === "Escape") { this.input.value = ""; this.close(); }
    else if (to !== undefined && count) { if (this.list.hidden) this.show(); else { this.at = (to + count) % count; this.mark(); } }
    else return;
    event.preventDefault();
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /* Moves the map to the place and reads it: the zone there in every scenario, and a control point's own card. */
  choose(place) {
    const { page } = this;
    this.input.value = page.words.pick(place.name);
    this.close();
    page.map.setView(place.at, place.kind === "district" ? 11.5 : Math.max(page.map.getZoom(), 12.5), { animate: false });
    page.reading.open(L.latLng(place.at), place.name);
    page.openCard(place.kind === "checkpoints" ? place.id : null);
    const first = page.$(page.state.card ? "card" : "zone").querySelector(".close");
    if (first) first.focus({ preventScroll: true });
  }
};
