/* The map that is drawn on: land and lines of the study, the change of each cell, and the points of the drawing. */
"use strict";
window.corridor = {};

/* Squares of cells, coloured by their change; one canvas, drawn anew when the map moves. */
corridor.ChangeLayer = L.Layer.extend({
  initialize: function (cells) { this.cells = cells; this.gain = { cell: [], jobs: [] }; },
  onAdd: function (map) {
    this.canvas = L.DomUtil.create("canvas", "change", map.getPane("change"));
    map.on("moveend zoomend resize", this.draw, this);
    this.draw();
  },
  show: function (gain) { this.gain = gain; this.draw(); },
  draw: function () {
    const map = this._map, size = map.getSize(), canvas = this.canvas;
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    canvas.width = size.x;
    canvas.height = size.y;
    const pen = canvas.getContext("2d"), { lat, lon, size_m } = this.cells, { cell, jobs } = this.gain;
    const centre = map.getCenter(), degree_m = 111320;
    const edge = map.latLngToContainerPoint([centre.lat, centre.lng + size_m / (degree_m * Math.cos(centre.lat * Math.PI / 180))]).x - size.x / 2;
    const side = Math.max(edge, 2) + 1;
    for (let i = 0; i < cell.length; i++) {
      const at = map.latLngToContainerPoint([lat[cell[i]], lon[cell[i]]]);
      if (at.x < -side || at.y < -side || at.x > size.x + side || at.y > size.y + side) continue;
      pen.fillStyle = corridor.shade(jobs[i]);  // opaque: where squares meet they overlap; the canvas as a whole is seen through
      pen.fillRect(at.x - side / 2, at.y - side / 2, side, side);
    }
  },
});

corridor.BETTER = ["#ddd8ec", "#b7acd6", "#8b78bb", "#543290"];
corridor.WORSE = ["#fbe0bd", "#f3b868", "#d98021", "#954a05"];
corridor.STEPS = [1, 1000, 10000, 100000];
corridor.shade = function (jobs) {
  const step = corridor.STEPS.filter((least) => Math.abs(jobs) >= least).length - 1;
  return (jobs > 0 ? corridor.BETTER : corridor.WORSE)[Math.max(step, 0)];
};

corridor.Board = class {
  /* `on` has add(lonlat), bend(leg, lonlat), move(point, lonlat, done), choose(point), name(point) and said(text); without `add` it is only looked at. */
  constructor(ground, on) {
    this.ground = ground;
    this.on = on;
    this.map = L.map("map", { zoomControl: true, attributionControl: false, preferCanvas: true, zoomSnap: 0.25, keyboard: true, doubleClickZoom: false, zoomAnimation: false });
    for (const [name, level] of Object.entries({ land: 200, change: 240, lines: 260, drawn: 630 })) {
      this.map.createPane(name).style.zIndex = level;
      if (name !== "drawn") this.map.getPane(name).style.pointerEvents = "none";
    }
    this.base();
    this.change = new corridor.ChangeLayer(ground.cells).addTo(this.map);
    this.svg = L.svg({ pane: "drawn" });  // a canvas would cover the points
    this.drawn = L.layerGroup().addTo(this.map);
    this.labels = new corridor.Labels(this.map);
    new ResizeObserver(() => this.map.invalidateSize()).observe(this.map.getContainer());
    if (!on.add) return;
    this.snap = L.circleMarker([0, 0], { pane: "drawn", renderer: this.svg, radius: 9, weight: 2, color: "#c8321b", fill: false, interactive: false }).bindTooltip("", { permanent: true, direction: "auto", offset: [10, 0], className: "snap" });
    const small = matchMedia("(max-width: 600px)");  // where a finger that moves the map would place stations
    this.map.on("click", (event) => { if (!small.matches) on.add(this.lonlat(event.latlng)); });
    this.map.on("mousemove", (event) => this.hint(this.near(this.lonlat(event.latlng))));
    this.map.on("mouseout", () => this.hint(null));
  }
  /* The station to which a click would snap, ringed and named. */
  hint(station) {
    if (station === this.hinted) return;
    this.hinted = station;
    this.snap.remove();
    if (!station) return;
    this.snap.setLatLng(station.at).addTo(this.map);
    this.snap.setTooltipContent(document.createTextNode(this.on.said(station.name)));
  }
  lonlat(at) { return [+at.lng.toFixed(6), +at.lat.toFixed(6)]; }
  base() {
    const { ground, map } = this, quiet = { interactive: false, pane: "land", renderer: L.canvas({ pane: "land", padding: 0.4 }) };
    const above = { interactive: false, pane: "lines", renderer: L.canvas({ pane: "lines", padding: 0.4 }) };
    L.polygon(ground.land, { ...quiet, stroke: false, fillColor: ground.palette.land, fillOpacity: 1 }).addTo(map);
    L.polygon(ground.notMapped, { ...quiet, stroke: false, fillColor: "#e4e3df", fillOpacity: 1 }).addTo(map);
    for (const { colour, rings } of ground.designations) {
      L.polygon(rings, { ...quiet, color: colour, weight: 0.7, fillColor: colour, fillOpacity: 0.25 }).addTo(map);
    }
    L.polyline(ground.corridors, { ...quiet, color: "#2d7d32", weight: 1.4, dashArray: "5 4" }).addTo(map);
    L.polyline(ground.districts, { ...quiet, color: "#8d8a84", weight: 0.8, dashArray: "1 3" }).addTo(map);
    L.polyline(ground.boundary, { ...above, color: ground.palette.boundary, weight: 1.8, dashArray: "10 4 2 4" }).addTo(map);
    L.polyline(ground.lines.flatMap((line) => line.courses), { ...above, color: "#6a7076", weight: 1 }).addTo(map);
    for (const station of ground.stations) {
      L.circleMarker(station.at, { ...above, radius: 2.2, weight: 1, color: station.open ? "#4b5157" : "#8b2f8b", fillColor: "#fff", fillOpacity: 1 }).addTo(map);
    }
    const points = L.latLngBounds(ground.checkpoints.map((c) => c.at));
    map.fitBounds(points.isValid() ? points.pad(0.08) : ground.bounds, { padding: [4, 4] });
  }
  /* The station under a place on the screen, to which a point snaps. */
  near(lonlat) {
    const here = this.map.latLngToContainerPoint([lonlat[1], lonlat[0]]);
    let best = null, least = 14;
    for (const station of this.ground.stations) {
      const away = here.distanceTo(this.map.latLngToContainerPoint(station.at));
      if (away < least) { least = away; best = station; }
    }
    return best;
  }
  /* Names of the drawing first, then control points, districts and, near by, stations. */
  name() {
    const { ground, on, line } = this, drawn = line.points.filter((p) => p.station || p.name), own = new Set(drawn.map((p) => p.station));
    const at = (p) => [p.lonlat[1], p.lonlat[0]], mark = drawn.map((p) => ({ at: at(p), radius: 9 }));
    this.labels.set([
      ...drawn.map((p) => ({ at: at(p), text: on.name(p), kind: "added", rank: 0, offset: 8 })),
      ...ground.checkpoints.filter((c) => c.open).map((c) => ({ at: c.at, text: on.said(c.name), kind: "checkpoint", rank: 2, offset: 3, from: 9.5 })),
      ...ground.places.map((d) => ({ at: d.at, text: on.said(d.name), kind: "district", rank: 5, from: 9 })),
      ...ground.stations.filter((s) => !own.has(s.id)).map((s) => ({ at: s.at, text: on.said(s.name), kind: "station", rank: 9, offset: 2, from: 12 })),
    ], mark);
  }
  show(line, chosen) {
    this.line = line;
    this.drawn.clearLayers();
    const at = line.points.map((p) => [p.lonlat[1], p.lonlat[0]]);
    this.legs = line.structures.map((structure, i) => {
      const under = /tunnel|cover/.test(structure);
      const leg = L.polyline([at[i], at[i + 1]], { pane: "drawn", renderer: this.svg, color: "#c8321b", weight: 5, dashArray: under ? "7 6" : null, bubblingMouseEvents: false });
      if (this.on.bend) leg.on("click", (event) => this.on.bend(i, this.lonlat(event.latlng)));
      return leg.addTo(this.drawn);
    });
    this.marks = line.points.map((p, i) => {
      const stop = p.station || p.name, kind = (stop ? "stop" : "bend") + (i === chosen ? " chosen" : "");
      const icon = L.divIcon({ className: "point " + kind, iconSize: stop ? [18, 18] : [12, 12], html: "" });
      const mark = L.marker(at[i], { icon, draggable: Boolean(this.on.move), pane: "drawn", keyboard: false, title: "", autoPan: true, zIndexOffset: 10000 });  // above the line, wherever on the map
      if (!this.on.move) return mark.addTo(this.drawn);
      mark.on("drag", (event) => { this.follow(i, event.latlng); this.on.move(i, this.lonlat(event.latlng), false); });
      mark.on("dragend", () => this.on.move(i, this.lonlat(mark.getLatLng()), true));
      mark.on("click", () => this.on.choose(i));
      return mark.addTo(this.drawn);
    });
    this.name();
  }
  follow(i, at) {
    if (this.legs[i]) this.legs[i].setLatLngs([at, this.legs[i].getLatLngs()[1]]);
    if (this.legs[i - 1]) this.legs[i - 1].setLatLngs([this.legs[i - 1].getLatLngs()[0], at]);
  }
};
