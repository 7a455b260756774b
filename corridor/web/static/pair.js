/* Two scenarios at once, side by side or one over the other under a divider; and the map with its legend alone. */
"use strict";

corridor.Pair = class {
  constructor(page) {
    Object.assign(this, { page, cut: 50, lost: 0, embedded: false });
    this.wireDivider();
    page.$("full").addEventListener("click", () => this.fullScreen());
    document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && !this.embedded) this.bare(""); });
  }

  $(id) { return document.getElementById(id); }

  /* Opens or closes one way of two; what was shown and where stays. */
  set(way, on) {
    const { page, page: { map, state } } = this, had = page.two, home = page.atHome(), seen = map.getBounds(), zoom = map.getZoom();
    Object.assign(state, { beside: false, swipe: false, [way]: on });
    this.show();
    if (home) page.view("corridor");
    else if (page.two && !had) { map.fitBounds(seen, { animate: false }); this.lost = zoom - map.getZoom(); }
    else if (had && !page.two) { map.setZoom(zoom + this.lost, { animate: false }); this.lost = 0; }
    page.showScenario();
  }

  show() {
    const { page, page: { state } } = this, box = this.$("map-box");
    if (state.beside) state.swipe = false;
    const on = page.two;
    for (const way of ["beside", "swipe"]) {
      box.classList.toggle(way, state[way]);
      this.$(way).setAttribute("aria-pressed", String(state[way]));
    }
    for (const id of ["left-box", "other-field"]) this.$(id).hidden = !on;
    this.$("right-title").hidden = !on && !document.body.classList.contains("bare");
    this.$("divider").hidden = !state.swipe;
    page.map.invalidateSize({ animate: false });
    if (!on) return;
    if (!page.left) this.openLeft();
    page.left.map.invalidateSize({ animate: false });
    page.left.map.setView(page.map.getCenter(), page.map.getZoom(), { animate: false });
    this.move(this.cut);
  }

  openLeft() {
    const { page } = this, map = L.map("map-left", { ...page.map.options, center: page.map.getCenter(), zoom: page.map.getZoom() });
    page.left = new corridor.Stage(page, map, { renderers: corridor.panes(map), labels: new corridor.Labels(map) });
    corridor.drawBase(map, page.model, page.left.renderers);
    page.wireMap(map);
    corridor.together(page.map, map);
    this.words();
  }

  /* The divider: dragged, or moved by arrow keys, Home and End. */
  wireDivider() {
    const bar = this.$("divider"), box = this.$("map-box");
    bar.addEventListener("pointerdown", (e) => { bar.setPointerCapture(e.pointerId); e.preventDefault(); bar.focus({ preventScroll: true }); });
    bar.addEventListener("pointermove", (e) => {
      const frame = box.getBoundingClientRect();
      if (bar.hasPointerCapture(e.pointerId)) this.move((100 * (e.clientX - frame.left)) / frame.width);
    });
    bar.addEventListener("keydown", (e) => {
      const to = { ArrowLeft: this.cut - 2, ArrowDown: this.cut - 2, ArrowRight: this.cut + 2, ArrowUp: this.cut + 2, PageDown: this.cut - 10, PageUp: this.cut + 10, Home: 0, End: 100 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      e.stopPropagation();
      this.move(to);
    });
  }

  move(percent) {
    this.cut = Math.min(Math.max(percent, 0), 100);
    this.$("map-box").style.setProperty("--cut", this.cut + "%");
    this.$("divider").setAttribute("aria-valuenow", String(Math.round(this.cut)));
  }

  /* Full screen shows the map and its legend; where a browser or frame does not allow it, they fill the page. */
  fullScreen() {
    const on = !document.body.classList.contains("bare"), root = document.documentElement;
    this.bare(on ? "full" : "");
    if (on && root.requestFullscreen) root.requestFullscreen().catch(() => {});
    else if (!on && document.fullscreenElement) document.exitFullscreen();
  }

  bare(kind) {
    this.embedded = kind === "embed";
    document.body.classList.toggle("bare", Boolean(kind));
    document.body.classList.toggle("embed", this.embedded);
    this.$("full").setAttribute("aria-pressed", String(kind === "full"));
    this.words();
    this.show();
  }

  words() {
    const { words, map, left } = this.page;
    this.$("full").textContent = words.t(this.$("full").getAttribute("aria-pressed") === "true" ? "full_leave" : "full");
    for (const m of [map, left && left.map].filter(Boolean))
      for (const key of ["zoom_in", "zoom_out"]) {
        const button = m.getContainer().querySelector(".leaflet-control-" + key.replace("_", "-"));
        if (button) { button.title = words.t(key); button.setAttribute("aria-label", words.t(key)); }
      }
  }
};

/* Two maps that move as one. */
corridor.together = function (one, other) {
  let moving = false;
  const follow = (leader, follower) => leader.on("move zoom", () => {
    if (moving) return;
    moving = true;
    follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    moving = false;
  });
  follow(one, other);
  follow(other, one);
};
