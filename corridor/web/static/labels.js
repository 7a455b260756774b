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
      taken.push(spot);
      this.write(item, spot);
    }
  }

  spot(item, taken) {
    const size = corridor.Labels.SIZES[item.kind] || 11, lines = item.text.split("\n");
    this.pen.font = "700 " + size + "px " + this.family;
    const wide = Math.max(...lines.map((l) => this.pen.measureText(l).width)) * (item.kind === "region" ? 1.35 : 1.06) + 4;
    const high = size * 1.25 * lines.length;
    for (const at of item.along || [item.at]) {
      const box = this.free(this.map.latLngToLayerPoint(at), item, wide, high, taken);
      if (box) return box;
    }
    return null;
  }

  /* The first place beside a point that is in view and not taken. */
  free(p, item, wide, high, taken) {
    const gap = (item.offset || 0) + 3, edges = this.edges;
    const middle = [[0, 0], [0, -1.2], [0, 1.2], [-0.6, 0], [0.6, 0], [-0.6, -1.2], [0.6, 1.2], [0, -2.4], [0, 2.4]].map(([dx, dy]) => [p.x - wide / 2 + dx * wide, p.y - high / 2 + dy * high]);
    const beside = [[p.x + gap, p.y - high / 2], [p.x - gap - wide, p.y - high / 2], [p.x - wide / 2, p.y - gap - high], [p.x - wide / 2, p.y + gap],
      [p.x - wide * 0.8, p.y - gap - high], [p.x - wide * 0.8, p.y + gap], [p.x - wide * 0.2, p.y - gap - high], [p.x - wide * 0.2, p.y + gap],
      [p.x + gap * 0.7, p.y - gap * 0.7 - high], [p.x + gap * 0.7, p.y + gap * 0.7], [p.x - gap * 0.7 - wide, p.y - gap * 0.7 - high], [p.x - gap * 0.7 - wide, p.y + gap * 0.7]];
    for (const [x, y] of item.offset === undefined ? middle : beside) {
      const box = [x, y, x + wide, y + high];
      if (box[0] < edges[0] || box[1] < edges[1] || box[2] > edges[2] || box[3] > edges[3]) continue;
      if (!taken.some((t) => corridor.Labels.meet(box, t))) return box;
    }
    return null;
  }

  write(item, box) {
    const name = document.createElement("div");
    name.className = "name " + item.kind;
    name.textContent = item.text;
    name.style.left = Math.round(box[0]) + "px";
    name.style.top = Math.round(box[1]) + "px";
    name.style.width = Math.ceil(box[2] - box[0]) + "px";
    if (item.colour) name.style.color = item.colour;
    this.pane.appendChild(name);
  }
};
corridor.Labels.meet = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
corridor.Labels.SIZES = { district: 11, water: 12, added: 12, checkpoint: 11.5, line: 12, region: 15, station: 10, site: 10.5 };
