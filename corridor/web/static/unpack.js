/* Reads the packed data of the page: see corridor/web/pack.py for the format. */
"use strict";
var corridor = {};

corridor.unpack = async function (id) {
  if (typeof DecompressionStream === "undefined") throw new Error("no_unpack");
  const packed = atob(document.getElementById(id).textContent.trim());
  const bytes = Uint8Array.from(packed, (c) => c.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(plain).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const section = (name) => new Uint8Array(buffer, 4 + length + header.sections[name][0], header.sections[name][1]);
  const model = header.model;
  model.geometry = corridor.readGeometry(section("geometry"));
  if (header.sections.values) model.values = corridor.readValues(section("values"), model);
  return model;
};

/* Each geometry as parts of rings of [latitude, longitude]. */
corridor.readGeometry = function (bytes) {
  const GRID = 100000;
  const all = [];
  let at = 0, x = 0, y = 0;
  const count = () => {
    let value = 0, scale = 1, byte;
    do { byte = bytes[at++]; value += (byte & 127) * scale; scale *= 128; } while (byte > 127);
    return value;
  };
  const step = () => { const n = count(); return n % 2 ? -(n + 1) / 2 : n / 2; };
  const point = () => { x += step(); y += step(); return [y / GRID, x / GRID]; };
  const list = (item) => { const n = count(), out = []; for (let i = 0; i < n; i++) out.push(item()); return out; };
  while (at < bytes.length) all.push(list(() => list(() => list(point))));
  return all;
};

/* Steps by scenario, each measures x zones; 65535 is no value. */
corridor.readValues = function (bytes, model) {
  const zones = model.zones.count, size = model.measures * zones;
  const block = (at) => {
    const out = new Uint16Array(size);
    for (let i = 0; i < size; i++) out[i] = bytes[at + i] | (bytes[at + size + i] << 8);
    return out;
  };
  const reference = block(0);
  for (let i = 0; i < size; i++) if (i % zones) reference[i] += reference[i - 1];
  const all = [];
  let at = 2 * size;
  model.scenarios.forEach((_, s) => {
    if (s === model.reference) { all.push(reference); return; }
    const other = block(at);
    for (let i = 0; i < size; i++) other[i] += reference[i];
    all.push(other);
    at += 2 * size;
  });
  return all;
};

/* Whether a point is in an area: an odd number of its edges is to the east. */
corridor.inside = function (parts, at) {
  let odd = false;
  for (const ring of parts.flat()) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [y, x] = ring[i], [v, u] = ring[j];
      if (y > at.lat !== v > at.lat && at.lng < ((u - x) * (at.lat - y)) / (v - y) + x) odd = !odd;
    }
  }
  return odd;
};
