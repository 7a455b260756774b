/* What every page with a map does: its base, its language, its address, the panel that folds. */
"use strict";

corridor.MapPage = class {
  constructor(map, model, words) {
    Object.assign(this, { map, model, words });
    this.renderers = corridor.panes(map);
    corridor.drawBase(map, model, this.renderers);
    this.labels = new corridor.Labels(map);
  }

  $(id) { return document.getElementById(id); }

  /* What the address asks for; sets the language, by the browser where the address names none. */
  asked() {
    const asked = new URLSearchParams(location.hash.slice(1)), browser = (navigator.language || "").toLowerCase();
    const own = /^zh-(hant|hk|tw|mo)/.test(browser) ? 1 : /^zh/.test(browser) ? 2 : 0;
    const named = corridor.LANGS.indexOf(asked.get("lang"));
    if (named >= 0) this.words.lang = named;
    else if (!document.documentElement.dataset.ready) this.words.lang = own;
    return asked;
  }

  /* Writes what is shown into the address, and the language into links to pages beside this one; `step` is one that Back undoes. */
  say(shown, step) {
    const lang = corridor.LANGS[this.words.lang], address = "#" + new URLSearchParams({ lang, ...shown });
    try { if (address !== location.hash) history[step ? "pushState" : "replaceState"](null, "", address); } catch (e) { /* a sandboxed frame may not */ }
    // a page around this one (watch.html) opens it again at the same view
    if (window.parent !== window) window.parent.postMessage({ corridor: [location.pathname.split("/").pop(), address] }, "*");
    document.querySelectorAll("a[data-keep]").forEach((a) => { a.href = a.getAttribute("href").split("#")[0] + "#lang=" + lang; });
  }

  wireFrame(changed) {
    document.querySelectorAll("button[data-lang]").forEach((b) => b.addEventListener("click", () => {
      this.words.lang = corridor.LANGS.indexOf(b.dataset.lang);
      changed();
    }));
    this.$("fold").addEventListener("click", () => this.fold());
    this.wireCredit();
  }

  /* The sources fold to one line: by their button, and on a phone once the map is used. */
  wireCredit() {
    const box = this.$("credit"), button = this.$("credit-fold");
    const fold = (folded) => {
      if (folded === box.classList.contains("folded-credit")) return;
      box.classList.toggle("folded-credit", folded);
      button.setAttribute("aria-expanded", String(!folded));
      this.map.invalidateSize({ animate: false });
    };
    button.addEventListener("click", () => fold(!box.classList.contains("folded-credit")));
    this.map.on("click dragend", () => { if (!box.dataset.used && matchMedia("(max-width: 760px)").matches) fold(true); box.dataset.used = "1"; });
  }

  fold() {
    const folded = document.body.classList.toggle("folded");
    this.$("fold").setAttribute("aria-expanded", String(!folded));
    this.$("fold").textContent = this.words.t(folded ? "show_panel" : "hide_panel");
    this.map.invalidateSize({ animate: false });
  }

  fitLimits() {
    const area = L.latLngBounds(this.model.views.area);
    this.map.setMinZoom(Math.max(8, this.map.getBoundsZoom(area) - 0.75));
    this.map.setMaxBounds(area.pad(0.35));
  }

  view(name) { this.map.fitBounds(this.model.views[name], { animate: false }); }

  /* The fixed words of the page in the chosen script. */
  frameWords(title) {
    const words = this.words;
    document.documentElement.lang = corridor.LANGS[words.lang];
    document.querySelectorAll("[data-i18n]").forEach((e) => { e.textContent = words.t(e.dataset.i18n); });
    document.querySelectorAll("[data-i18n-label]").forEach((e) => { e.setAttribute("aria-label", words.t(e.dataset.i18nLabel)); e.title = words.t(e.dataset.i18nLabel); });
    document.querySelectorAll("[data-i18n-hint]").forEach((e) => { e.placeholder = words.t(e.dataset.i18nHint); });
    document.querySelectorAll("button[data-lang]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === corridor.LANGS[words.lang])));
    document.title = title;
    this.$("date").textContent = this.model.date ? words.fill("date_note", { date: this.model.date }) : "";
    this.$("fold").textContent = words.t(document.body.classList.contains("folded") ? "show_panel" : "hide_panel");
  }

  /* The title of a scenario with a mark in brackets: the key of one, or that of its flag. */
  marked(scenario, key = corridor.FLAGS[scenario.flag]) {
    const { words } = this;
    return words.pick(scenario.title) + (key ? (words.lang ? "（" + words.t(key) + "）" : " (" + words.t(key) + ")") : "");
  }

  /* What must be said above the map of the scenarios shown: the gravest flag of them. */
  showFlag(scenarios) {
    const key = Object.keys(corridor.FLAGS).find((flag) => scenarios.some((s) => s.flag === flag));
    for (const id of ["banner", "map-banner"]) {
      this.$(id).hidden = !key;
      if (key) this.$(id).textContent = this.words.t((this.$(id).dataset.i18n = key));
    }
  }
};

/* Flags of scenarios, the gravest first, and the mark of each. */
corridor.FLAGS = { counterfactual: "counterfactual_short", undecided: "undecided_short" };

/* Unpacks the data and starts a page of the given class; says why where it cannot. */
corridor.start = async function (map, id, Page) {
  const words = new corridor.Words(JSON.parse(document.getElementById("words").textContent));
  const note = document.getElementById("note");
  try {
    const model = await corridor.unpack(id);
    note.hidden = true;
    corridor.page = new Page(map, model, words);
    corridor.page.start();
  } catch (fault) {
    note.hidden = false;
    note.textContent = words.t(fault.message === "no_unpack" ? "no_unpack" : "broken");
    if (fault.message !== "no_unpack") console.error(fault);
  }
};
