/* Names on the map: placed by importance, none over another nor over a mark; one that finds no place is left out. */
"use strict";

corridor.Labels = class {
  constructor(map) {
    this.map = map;
    this.items = [];
    this.blocks = [];
    this.pane = map.createPane("names");
    this.pane.style.zIndex = 620;
    this.pane.style.pointerEvents = "none";
    this.pane.setAttribute("aria-hidden", "true");
    this.pen = document.createElement("canvas").getContext("2d");
    map.on("zoomend moveend resize", () => this.place());
    map.on("zoomstart", () => { this.pane.textContent = ""; });
  }

  /* items: {at, along, text, kind, rank, colour, offset}; blocks: {at, radius} and elements that no name may cover */
  set(items, blocks, over) {
    this.over = over || [];
    this.items = items.slice().sort((a, b) => a.rank - b.rank);
    this.blocks = blocks;
    this.place();
  }

  place() {
    const bounds = this.map.getBounds().pad(0.05), zoom = this.map.getZoom(), taken = [];
    const corner = this.map.containerPointToLayerPoint([0, 0]), size = this.map.getSize(), frame = this.map.getContainer().getBoundingClientRect();
    this.edges = [corner.x + 2, corner.y + 2, corner.x + size.x - 2, corner.y + size.y - 2];
    this.family = getComputedStyle(document.body).fontFamily;
    for (const element of [...(this.over || []), ...this.map.getContainer().querySelectorAll(".leaflet-control-zoom, .leaflet-control-scale")]) {
      const box = element.getBoundingClientRect(), x = corner.x - frame.left, y = corner.y - frame.top;
      taken.push([box.left + x - 3, box.top + y - 3, box.right + x + 3, box.bottom + y + 3]);
    }
    for (const { at, radius } of this.blocks) {
      const p = this.map.latLngToLayerPoint(at), box = [p.x - radius, p.y - radius, p.x + radius, p.y + radius];
      if (corridor.Labels.meet(box, this.edges)) taken.push(box);
    }
    this.pane.textContent = "";
    for (const item of this.items) {
      if (zoom < (item.from || 0) || zoom > (item.to || 99) || !bounds.contains(item.at)) continue;
      const spot = this.spot(item, taken);
      if (!spot) continue;
      taken.push(spot.box);
      this.write(item, spot);
    }
  }

  /* The first free place: on one line, then with a name of two parts on two. */
  spot(item, taken) {
    const size = corridor.Labels.SIZES[item.kind] || 11;
    this.pen.font = "700 " + size + "px " + this.family;
    for (const text of new Set([item.text, item.text.replace(/ ?([/／]) ?/, "$1\n")])) {
      const lines = text.split("\n"), wide = Math.max(...lines.map((l) => this.pen.measureText(l).width)) * (item.kind === "region" ? 1.35 : 1.06) + 4;
      for (const at of item.along || [item.at]) {
        const box = this.free(this.map.latLngToLayerPoint(at), item, wide, size * 1.25 * lines.length, taken);
        if (box) return { box, text };
      }
    }
    return null;
  }

  /* The first place on or beside a point, or a little farther off, that is in view and not taken. */
  free(p, item, wide, high, taken) {
    const edges = this.edges, mine = (x, y) => {
      const box = [x, y, x + wide, y + high];
      return box[0] >= edges[0] && box[1] >= edges[1] && box[2] <= edges[2] && box[3] <= edges[3] && !taken.some((t) => corridor.Labels.meet(box, t)) ? box : null;
    };
    if (item.offset === undefined) {
      for (const [dx, dy] of corridor.Labels.ABOUT) { const box = mine(p.x + (dx - 0.5) * wide, p.y + (dy - 0.5) * high); if (box) return box; }
      return null;
    }
    for (const gap of [3, 9, 15].map((more) => item.offset + more)) {
      const right = p.x + gap, left = p.x - gap - wide, above = p.y - gap - high, below = p.y + gap, middle = p.x - wide / 2, near = gap * 0.7;
      const beside = [[right, p.y - high / 2], [left, p.y - high / 2], [middle, above], [middle, below], [p.x - wide * 0.8, above], [p.x - wide * 0.8, below], [p.x - wide * 0.2, above],
        [p.x - wide * 0.2, below], [p.x + near, p.y - near - high], [p.x + near, p.y + near], [p.x - near - wide, p.y - near - high], [p.x - near - wide, p.y + near]];
      for (const at of beside) { const box = mine(...at); if (box) return box; }
    }
    return null;
  }

  write(item, { box, text }) {
    const name = document.createElement("div");
    name.className = "name " + item.kind;
    name.textContent = text;
    name.style.left = Math.round(box[0]) + "px";
    name.style.top = Math.round(box[1]) + "px";
    name.style.width = Math.ceil(box[2] - box[0]) + "px";
    if (item.colour) name.style.color = item.colour;
    this.pane.appendChild(name);
  }
};
/* Where the name of an area may be, in its own widths and heights from the middle. */
corridor.Labels.ABOUT = [[0, 0], [0, -1.2], [0, 1.2], [-0.6, 0], [0.6, 0], [-0.6, -1.2], [0.6, 1.2], [0, -2.4], [0, 2.4]];
corridor.Labels.meet = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
corridor.Labels.SIZES = { district: 11, water: 12, added: 12, checkpoint: 11.5, line: 12, region: 15, station: 10, site: 10.5 };
