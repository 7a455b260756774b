/* The drawing, its history, what the server says of it, and the list of ideas. */
"use strict";
(function () {
  const LANGS = ["en", "zh-Hant", "zh-Hans"], words = JSON.parse(document.getElementById("words").textContent);
  const $ = (id) => document.getElementById(id), form = $("form"), field = (name) => form.elements.namedItem(name);
  const language = () => LANGS.indexOf(document.documentElement.lang);
  const say = (key) => words[key][language()], said = (text) => (Array.isArray(text) ? text[language()] : text);
  const make = function (tag, text, set) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return Object.assign(made, set || {});
  };
  const browser = sessionStorage.getItem("browser") || Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16)).join("");
  sessionStorage.setItem("browser", browser);

  const ask = async function (name, body) {
    const answer = await fetch(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok && answer.status !== 400) throw new Error(String(answer.status));
    return answer.json();
  };

  let ground, board, chosen = -1, revision = "", number = 0, pending = false, flying = false, shown = null, ideas = [];
  let past = [], future = [];
  const stars = new Set(JSON.parse(localStorage.getItem("stars") || "[]"));
  const empty = () => ({
    id: "idea", title: "Idea", headways_min: {}, closed_lines: [], checkpoints: [],
    line: { points: [], structures: [], headway_min: { peak: ground.usual.peak, off_peak: ground.usual.off_peak }, hours: ["06:00", "24:00"], speed_kmh: ground.usual.speed_kmh, run_time_min: null, regime: "co_location", checkpoint: null },
  });
  let drawing;

  /* --- the drawing and its history --- */
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const change = function (work) {
    past.push(copy(drawing));
    if (past.length > 200) past.shift();
    future = [];
    work(drawing);
    $("help").hidden = true;
    show();
    score();
  };
  const travel = function (from, to) {
    if (!from.length) return;
    to.push(copy(drawing));
    drawing = from.pop();
    show();
    score();
  };
  const start = function (next, itsRevision) {
    past.push(copy(drawing));
    future = [];
    drawing = copy(next);
    if (!drawing.line) drawing.line = empty().line;
    revision = itsRevision || "";
    chosen = -1;
    show();
    score();
  };
  const newName = (line) => `${words.station[0]} ${line.points.filter((p) => p.name).length + 1}`;
  const pointAt = function (lonlat, line, asStop) {
    const near = board.near(lonlat);
    if (near) return { lonlat: [near.at[1], near.at[0]], station: near.id, name: "" };
    return { lonlat, station: null, name: asStop ? newName(line) : "" };
  };
  const nameOf = function (point) {
    const known = point.station && ground.stations.find((s) => s.id === point.station);
    return known ? said(known.name) : point.station || point.name || say("bend");
  };
  const push = (d, point) => {
    const line = d.line;
    if (line.points.length) line.structures.push(line.structures.at(-1) || "bored_tunnel");
    line.points.push(point);
    chosen = line.points.length - 1;
    if (!line.checkpoint) line.checkpoint = nearestCheckpoint(point.lonlat);
  };
  const nearestCheckpoint = function (lonlat) {
    const away = (c) => (c.at[0] - lonlat[1]) ** 2 + (c.at[1] - lonlat[0]) ** 2;
    return ground.checkpoints.slice().sort((a, b) => away(a) - away(b))[0].id;
  };
  const removePoint = (d, i) => {
    d.line.points.splice(i, 1);
    d.line.structures.splice(Math.min(i, d.line.structures.length - 1), 1);
    chosen = Math.min(i, d.line.points.length - 1);
  };
  let moving = false;
  const on = {
    add: (lonlat) => change((d) => push(d, pointAt(lonlat, d.line, true))),
    bend: (leg, lonlat) => change((d) => {
      d.line.points.splice(leg + 1, 0, { lonlat, station: null, name: "" });
      d.line.structures.splice(leg, 0, d.line.structures[leg]);
      chosen = leg + 1;
    }),
    move: function (i, lonlat, done) {
      if (!moving) { past.push(copy(drawing)); future = []; moving = true; }
      const point = drawing.line.points[i], stops = point.station || point.name;
      drawing.line.points[i] = done && stops ? { ...pointAt(lonlat, drawing.line, true) } : { ...point, lonlat, station: null, name: stops ? point.name || nameOf(point) : "" };
      if (done && stops && point.name && drawing.line.points[i].name) drawing.line.points[i].name = point.name;
      chosen = i;
      $("help").hidden = true;
      // an answer takes longer than a hand: only where it lets go is scored
      if (done) { moving = false; show(); score(); }
    },
    name: (point) => nameOf(point),
    choose: (i) => { chosen = i; show(); },
  };

  /* --- the server's answers --- */
  const tell = (key) => { $("state").dataset.state = key; $("state").textContent = key ? say(key) : ""; };
  const toSend = function () {
    const sent = copy(drawing);
    if (!sent.line.points.length) sent.line = null;
    return sent;
  };
  const isBlank = () => !drawing.line.points.length && !Object.keys(drawing.headways_min).length && !drawing.closed_lines.length && !drawing.checkpoints.length;
  const score = function () { number += 1; pending = true; if (!flying) fly(); };
  const fly = async function () {
    flying = true;
    while (pending) {
      pending = false;
      if (isBlank()) { render(null); tell(""); continue; }
      const mine = number, begun = performance.now();
      tell("waiting");
      try {
        const answer = await ask("score", { browser, number: mine, drawing: toSend(), hour: $("hour").value });
        if (mine !== number || answer.stale) continue;
        render(answer);
        window.corridor.lastAnswer = { number: mine, ms: performance.now() - begun };
        if (!answer.problems) { tell("refining"); refine(mine); }
      } catch (error) { tell("gone"); pending = false; }
    }
    flying = false;
  };
  const refine = async function (mine) {
    while (mine === number) {
      await new Promise((done) => setTimeout(done, 500));
      if (mine !== number) return;
      let answer;
      try { answer = await ask("refined", { browser, number: mine }); } catch (error) { tell("gone"); return; }
      if (mine !== number || answer.stale) return;
      $("slow").replaceChildren(...answer.groups.map((g) => table(g, "refined")));
      if (answer.done) { tell("refined"); return; }
    }
  };
  const table = function (group, kind) {
    const part = make("section"), head = make("h2", said(group.title) + " ");
    head.append(make("span", say(kind), { className: "label " + kind }));
    part.append(head);
    if (!group.rows.length) { part.append(make("p", say("nothing"), { className: "note" })); return part; }
    const grid = make("table"), top = make("tr");
    top.append(make("th"), ...group.heads.map((h) => make("th", said(h), { scope: "col" })));
    grid.append(top);
    for (const [name, figures] of group.rows) {
      const row = make("tr");
      row.append(make("th", said(name), { scope: "row" }), ...figures.map((f) => make("td", f)));
      grid.append(row);
    }
    const scroll = make("div", undefined, { className: "scroll" });
    scroll.append(grid);
    part.append(scroll);
    if (group.note) part.append(make("p", said(group.note), { className: "note" }));
    return part;
  };
  const render = function (answer) {
    const problems = (answer && answer.problems) || [];
    $("problems").replaceChildren(...problems.map((p) => make("li", p)));
    $("problems").hidden = !problems.length;
    if (problems.length) { tell(""); answer = null; }
    shown = answer;
    $("groups").replaceChildren(...(answer ? answer.groups.map((g) => table(g, "exact")) : []));
    $("slow").replaceChildren();
    $("section").innerHTML = answer ? answer.section : "";
    board.change.show(answer ? answer.gain : { cell: [], jobs: [] });
    compare();
  };

  /* --- ideas side by side --- */
  const kept = () => JSON.parse(sessionStorage.getItem("figures") || "{}");
  const COLUMNS = [["jobs change", "jobs"], ["jobs across change", "jobs_across"], ["permanent_ha", "permanent"], ["cost central", "central"]];
  const compare = function () {
    const all = kept(), rows = Object.entries(all);
    if (shown) rows.push([drawing.title, shown.figures]);
    const grid = make("table"), top = make("tr");
    const heads = [say("jobs") + ", " + say("change"), say("jobs_across") + ", " + say("change"), say("permanent") + ", ha", "HKD bn"];
    top.append(make("th"), ...heads.map((h) => make("th", h, { scope: "col" })));
    grid.append(top);
    for (const [name, figures] of rows) {
      const row = make("tr");
      row.append(make("th", name, { scope: "row" }));
      COLUMNS.forEach(([key], i) => row.append(make("td", figures[key] === undefined ? "–" : figures[key].toLocaleString("en", { maximumFractionDigits: i < 2 ? 0 : 1 }))));
      grid.append(row);
    }
    $("compared").replaceChildren(grid);
  };
  const listIdeas = async function () {
    try { ideas = (await ask("ideas", {})).ideas; } catch (error) { tell("gone"); return; }
    ideas.sort((a, b) => stars.has(b.id) - stars.has(a.id) || a.title.localeCompare(b.title));
    $("ideas").replaceChildren(...ideas.map(function (idea) {
      const row = make("li"), open = make("button", idea.title, { type: "button" });
      open.addEventListener("click", () => openIdea(idea.id));
      const star = make("button", stars.has(idea.id) ? "★" : "☆", { type: "button", className: "star" });
      star.setAttribute("aria-label", say("star") + ": " + idea.title);
      star.setAttribute("aria-pressed", String(stars.has(idea.id)));
      star.addEventListener("click", function () {
        if (!stars.delete(idea.id)) stars.add(idea.id);
        localStorage.setItem("stars", JSON.stringify([...stars]));
        listIdeas();
      });
      row.append(star, open);
      return row;
    }));
  };
  const openIdea = async function (id) {
    const answer = await ask("open", { id });
    if (answer.problems) { render({ problems: answer.problems }); return; }
    start(answer.drawing, answer.revision);
  };
  const save = async function () {
    const answer = await ask("save", { drawing: toSend(), revision });
    if (answer.problems) { render({ problems: answer.problems }); return; }
    revision = answer.idea.revision;
    $("saved").textContent = say("saved").replace("{file}", answer.idea.id + ".yaml");
    if (shown) sessionStorage.setItem("figures", JSON.stringify({ ...kept(), [answer.idea.title]: shown.figures }));
    listIdeas();
    compare();
  };

  /* --- what is shown of the drawing --- */
  const show = function () {
    const line = drawing.line;
    board.show(line, chosen);
    $("undo").disabled = !past.length;
    $("redo").disabled = !future.length;
    const held = document.activeElement.closest("#points");
    $("points").replaceChildren(...line.points.map(pointRow));
    // the list is made anew: whoever moves a point by keys stays on it
    if (held && chosen >= 0) $("points").querySelectorAll("button.name")[chosen].focus();
    const set = (name, value) => { field(name).value = value === null || value === undefined ? "" : value; };
    set("title", drawing.title);
    set("peak", line.headway_min.peak);
    set("off_peak", line.headway_min.off_peak);
    set("first", line.hours[0]);
    set("last", line.hours[1]);
    set("speed_kmh", line.speed_kmh);
    set("run_time_min", line.run_time_min);
    set("regime", line.regime);
    set("checkpoint", line.checkpoint || "");
    showChanges();
  };
  const pointRow = function (point, i) {
    const row = make("li", undefined, { className: i === chosen ? "chosen" : "" });
    const name = make("button", nameOf(point), { type: "button", className: "name" });
    name.addEventListener("click", () => on.choose(i));
    name.addEventListener("keydown", (event) => nudge(event, i));
    row.append(name);
    if (i === chosen) {
      if (point.name) {
        const own = make("input", undefined, { value: point.name, maxLength: 80 });
        own.setAttribute("aria-label", say("name"));
        own.addEventListener("change", () => own.value && change((d) => { d.line.points[i].name = own.value; }));
        row.append(own);
      }
      const stops = point.station || point.name, inner = i > 0 && i < drawing.line.points.length - 1;
      if (inner || !stops) {
        const turn = make("button", say(stops ? "to_bend" : "to_station"), { type: "button" });
        turn.addEventListener("click", () => change((d) => { d.line.points[i] = stops ? { lonlat: point.lonlat, station: null, name: "" } : pointAt(point.lonlat, d.line, true); }));
        row.append(turn);
      }
      const gone = make("button", say("remove"), { type: "button" });
      gone.addEventListener("click", () => change((d) => removePoint(d, i)));
      row.append(gone);
    }
    if (i < drawing.line.structures.length) {
      const pick = make("select");
      pick.setAttribute("aria-label", say("structure"));
      pick.append(...words.structures.map(([value, name]) => make("option", said(name), { value })));
      pick.value = drawing.line.structures[i];
      pick.addEventListener("change", () => change((d) => { d.line.structures[i] = pick.value; }));
      row.append(pick);
    }
    return row;
  };
  const nudge = function (event, i) {
    const step = event.shiftKey ? 0.005 : 0.0005, moves = { ArrowUp: [0, step], ArrowDown: [0, -step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] };
    const by = moves[event.key];
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); change((d) => removePoint(d, i)); }
    if (!by) return;
    event.preventDefault();
    change(function (d) {
      const p = d.line.points[i], stops = p.station || p.name;
      d.line.points[i] = { lonlat: [+(p.lonlat[0] + by[0]).toFixed(6), +(p.lonlat[1] + by[1]).toFixed(6)], station: null, name: stops ? p.name || nameOf(p) : "" };
      chosen = i;
    });
  };
  const showChanges = function () {
    const rows = [], add = (text, undo) => {
      const row = make("li", text + " "), gone = make("button", say("remove"), { type: "button" });
      gone.addEventListener("click", () => change(undo));
      row.append(gone);
      rows.push(row);
    };
    const lineName = (id) => said((ground.lines.find((l) => l.id === id) || { name: id }).name);
    const spell = (key) => ({ peak: say("headway_peak"), off_peak: say("headway_off") })[key] || key.replace("_", " ");
    const headway = (minutes) => typeof minutes === "object" ? Object.entries(minutes).map(([key, m]) => `${spell(key)} ${m}`).join(", ") : `${minutes} min`;
    for (const [id, minutes] of Object.entries(drawing.headways_min)) add(`${lineName(id)}: ${headway(minutes)}`, (d) => { delete d.headways_min[id]; });
    for (const id of drawing.closed_lines) add(`${lineName(id)}: ${say("close_line")}`, (d) => { d.closed_lines = d.closed_lines.filter((l) => l !== id); });
    for (const point of drawing.checkpoints) {
      const known = ground.checkpoints.find((c) => c.id === point.id), parts = [];
      if (point.regime) parts.push(say("regime_" + point.regime));
      if (point.open_24_hours) parts.push(say("all_night"));
      if (point.open || point.close) parts.push(`${point.open || ""}–${point.close || ""}`);
      add(`${known ? said(known.name) : point.id}: ${parts.join(", ")}`, (d) => { d.checkpoints = d.checkpoints.filter((c) => c.id !== point.id); });
    }
    $("changes").replaceChildren(...rows);
  };

  /* --- the form --- */
  const numeric = (name) => (field(name).value === "" ? null : Number(field(name).value));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", function (event) {
    const name = event.target.name;
    if (!name) return;
    change(function (d) {
      const line = d.line;
      if (name === "title") d.title = event.target.value || "Idea";
      if (name === "peak" || name === "off_peak") line.headway_min[name] = numeric(name);
      if (name === "first") line.hours[0] = event.target.value;
      if (name === "last") line.hours[1] = event.target.value;
      if (name === "speed_kmh") { line.speed_kmh = numeric(name) || ground.usual.speed_kmh; line.run_time_min = null; }
      if (name === "run_time_min") { line.run_time_min = numeric(name); line.speed_kmh = line.run_time_min ? null : ground.usual.speed_kmh; }
      if (name === "regime") line.regime = event.target.value;
      if (name === "checkpoint") line.checkpoint = event.target.value || null;
    });
  });
  const fillLists = function () {
    const options = (rows, none) => [...(none === undefined ? [] : [make("option", none, { value: "" })]), ...rows.map((r) => make("option", said(r.name), { value: r.id }))];
    const keep = (select, list) => { const was = select.value; select.replaceChildren(...list); select.value = was; if (select.selectedIndex < 0) select.selectedIndex = 0; };
    keep(field("checkpoint"), options(ground.checkpoints, say("none")));
    keep($("point"), options(ground.checkpoints));
    keep($("line"), options(ground.lines.slice().sort((a, b) => said(a.name).localeCompare(said(b.name)))));
    for (const option of document.querySelectorAll("select[name=regime] option, #point_regime option")) option.textContent = option.value ? say("regime_" + option.value) : say("as_it_is");
    $("stations").replaceChildren(...ground.stations.map((s) => make("option", undefined, { value: said(s.name) })));
    $("worked").replaceChildren(...ground.worked.map(function (idea) {
      const button = make("button", said(idea.title), { type: "button" });
      button.addEventListener("click", () => { start(idea.drawing); fit(); });
      return button;
    }));
  };
  const fit = function () {
    if (drawing.line.points.length) board.map.fitBounds(drawing.line.points.map((p) => [p.lonlat[1], p.lonlat[0]]), { padding: [60, 60], maxZoom: 14 });
  };
  const wire = function () {
    $("undo").addEventListener("click", () => travel(past, future));
    $("redo").addEventListener("click", () => travel(future, past));
    $("new").addEventListener("click", () => start(empty()));
    $("save").addEventListener("click", save);
    $("hour").addEventListener("change", score);
    $("station").addEventListener("change", function (event) {
      const station = ground.stations.find((s) => s.name.includes(event.target.value));
      if (station) change((d) => push(d, { lonlat: [station.at[1], station.at[0]], station: station.id, name: "" }));
      event.target.value = "";
    });
    $("set_headway").addEventListener("click", () => { const m = Number($("line_headway").value), off = Number($("line_headway_off").value); if (m > 0) change((d) => { d.headways_min[$("line").value] = off > 0 ? { peak: m, off_peak: off } : m; }); });
    $("close_line").addEventListener("click", () => change((d) => { if (!d.closed_lines.includes($("line").value)) d.closed_lines.push($("line").value); }));
    $("set_point").addEventListener("click", function () {
      const id = $("point").value, regime = $("point_regime").value, night = $("all_night").checked;
      const hours = night ? { open_24_hours: true } : $("point_open").value && $("point_close").value ? { open: $("point_open").value, close: $("point_close").value } : null;
      if (!regime && !hours) return;
      change((d) => { d.checkpoints = [...d.checkpoints.filter((c) => c.id !== id), { id, ...(regime && { regime }), ...hours }]; });
    });
    document.addEventListener("keydown", function (event) {
      if (!(event.ctrlKey || event.metaKey) || /INPUT|SELECT/.test(event.target.tagName)) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) { event.preventDefault(); travel(past, future); }
      if (key === "y" || (key === "z" && event.shiftKey)) { event.preventDefault(); travel(future, past); }
    });
    document.querySelectorAll("button[data-lang]").forEach((b) => b.addEventListener("click", () => speak(b.dataset.lang)));
  };
  const speak = function (lang) {
    document.documentElement.lang = document.documentElement.dataset.chosen = lang;
    document.querySelectorAll("button[data-lang]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === lang)));
    document.title = say("title");
    if (!ground) return;
    fillLists();
    show();
    if (shown) render(shown);
    if ($("state").dataset.state) tell($("state").dataset.state);
    listIdeas();
  };
  const preferred = (navigator.language || "").toLowerCase();
  const begin = async function () {
    speak(/^zh-(hant|hk|tw|mo)/.test(preferred) ? "zh-Hant" : /^zh/.test(preferred) ? "zh-Hans" : "en");
    ground = await (await fetch("ground.json")).json();
    drawing = empty();
    board = new corridor.Board(ground, on);
    corridor.board = board;
    wire();
    speak(document.documentElement.lang);
    document.body.dataset.ready = "1";
  };
  begin();
})();
