/* A story on paper: each view a page of 16:9, made when the page is printed and gone afterwards. */
"use strict";

corridor.Slides = class {
  constructor(page) {
    this.page = page;
    addEventListener("beforeprint", () => this.make());
    addEventListener("afterprint", () => this.remove());
  }

  remove() { document.querySelectorAll("#slides").forEach((e) => e.remove()); }

  /* Goes through the views at the size of a page and keeps a copy of each; what prints may wait for no frame. */
  make() {
    this.remove();
    const { page } = this, at = page.at, slides = corridor.element("div", { id: "slides", "aria-hidden": "true" }), sharp = L.Browser.retina;
    this.resize(() => { document.body.classList.add("paging"); L.Browser.retina = true; }); // twice the pixels of the screen
    page.story.views.forEach((view, i) => {
      page.go(i);
      this.draw();
      slides.append(this.slide());
    });
    this.resize(() => { document.body.classList.remove("paging"); L.Browser.retina = sharp; });
    page.go(at);
    document.body.append(slides);
  }

  resize(change) {
    change();
    for (const stage of this.page.stages) stage.map.invalidateSize({ animate: false });
  }

  /* Draws at once what would wait for the next frame. */
  draw() {
    for (const stage of this.page.stages) {
      for (const renderer of Object.values(stage.renderers)) if (renderer._map && renderer._redrawRequest) renderer._redraw();
      stage.placeNames();
    }
  }

  slide() {
    const { page } = this, make = corridor.element, map = this.copy(page.$("map-box"));
    const shown = (id) => { const box = page.$(id).closest("section"); return box.hidden ? null : this.copy(box); };
    return make("section", { class: "slide" },
      make("div", { class: "words" }, make("h2", {}, page.words.pick(page.story.title)), this.copy(page.$("caption")), shown("zone-legend"), shown("line-legend"),
        make("p", { class: "number" }, page.$("step").textContent + " · " + page.words.t("screening"))),
      map);
  }

  /* A copy with what canvases show: of a map all in one, of the size of the map. */
  copy(node) {
    const made = node.cloneNode(true), maps = node.querySelectorAll(".leaflet-container"), copies = made.querySelectorAll(".leaflet-container");
    maps.forEach((map, i) => {
      copies[i].querySelectorAll("canvas").forEach((e) => e.remove());
      if (map.offsetWidth) copies[i].prepend(this.flat(map)); // the second map of a view side by side stays, hidden
    });
    const plain = (box) => [...box.querySelectorAll("canvas")].filter((e) => !e.closest(".leaflet-container"));
    const from = plain(node);
    plain(made).forEach((e, i) => e.getContext("2d").drawImage(from[i], 0, 0));
    return made;
  }

  flat(map) {
    const frame = map.getBoundingClientRect(), sheet = corridor.element("canvas", { class: "flat" }), pen = sheet.getContext("2d");
    sheet.width = frame.width * 2;
    sheet.height = frame.height * 2;
    const level = (e) => Number(getComputedStyle(e.parentElement).zIndex) || 0;
    for (const drawn of [...map.querySelectorAll("canvas")].sort((a, b) => level(a) - level(b))) {
      const box = drawn.getBoundingClientRect();
      if (drawn.width) pen.drawImage(drawn, (box.left - frame.left) * 2, (box.top - frame.top) * 2, box.width * 2, box.height * 2);
    }
    return sheet;
  }
};
