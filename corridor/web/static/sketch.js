/* The drawing, its history, its form, and what the server says of it. */
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
  const store = corridor.store, browser = store.get("browser") || Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16)).join("");
  store.set("browser", browser);

  const ask = async function (name, body) {
    const answer = await fetch(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok && answer.status !== 400) throw new Error(String(answer.status));
    return answer.json();
  };

  const held = document.getElementById("shared") && JSON.parse(document.getElementById("shared").textContent);
  let ground, board, ideas, chosen = -1, number = 0, pending = false, flying = false, fitting = false, shown = null, slow = [];
  /* An idea that is drawn: what it was saved as last, shared by all of its states in the history. */
  let idea = { id: "", revision: "", saved: "" }, past = [], future = [];
  const empty = () => ({
    id: "idea", title: say("idea"), headways_min: {}, closed_lines: [], checkpoints: [],
    line: { points: [], structures: [], headway_min: { peak: ground.usual.peak, off_peak: ground.usual.off_peak }, hours: ["06:00", "24:00"], speed_kmh: ground.usual.speed_kmh, run_time_min: null, regime: "co_location", checkpoint: null },
  });
  let drawing;

  /* --- the drawing and its history --- */
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const remember = function () {
    past.push([copy(drawing), idea]);
    if (past.length > 200) past.shift();
    future = [];
  };
  const change = function (work) {
    remember();
    work(drawing);
    $("help").hidden = true;
    show();
    score();
  };
  const travel = function (from, to) {
    if (!from.length) return;
    to.push([copy(drawing), idea]);
    [drawing, idea] = from.pop();
    chosen = Math.min(chosen, drawing.line.points.length - 1);
    show();
    score();
  };
  const start = function (next, saved) {
    remember();
    drawing = copy(next);
    if (!drawing.line) drawing.line = empty().line;
    idea = { id: "", revision: "", ...saved };
    idea.saved = idea.id && JSON.stringify(drawing);
    chosen = -1;
    fitting = true;
    show();
    score();
    fit();
  };
  /* The keys of a point's name in each script; `named([])` is a point without one. */
  const NAMES = ["name", "name_zh_hant", "name_zh_hans"];
  const named = (names) => Object.fromEntries(NAMES.map((key, i) => [key, names[i] || ""]));
  const newName = function (line) {
    const taken = new Set(line.points.map((p) => p.name));
    let n = 1;
    while (taken.has(`${words.station[0]} ${n}`)) n += 1;
    return words.station.map((word) => `${word} ${n}`);
  };
  const pointAt = function (lonlat, line, asStop) {
    const near = board.near(lonlat);
    if (near) return { lonlat: [near.at[1], near.at[0]], station: near.id, ...named([]) };
    return { lonlat, station: null, ...named(asStop ? newName(line) : []) };
  };
  const stationOf = (point) => point.station && ground.stations.find((s) => s.id === point.station);
  const nameOf = function (point) {
    const known = stationOf(point);
    return known ? said(known.name) : point.station || point[NAMES[language()]] || point.name || say("bend");
  };
  /* A stop in another place: a station of its own, named as it was. */
  const moved = function (point, lonlat) {
    const known = stationOf(point), names = known ? known.name : point.station ? [point.station] : NAMES.map((key) => point[key]);
    return { lonlat, station: null, ...named(names) };
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
      d.line.points.splice(leg + 1, 0, { lonlat, station: null, ...named([]) });
      d.line.structures.splice(leg, 0, d.line.structures[leg]);
      chosen = leg + 1;
    }),
    move: function (i, lonlat, done) {
      if (!moving) { remember(); moving = true; number += 1; tell("waiting"); }  // figures on the page are not of this drawing
      const point = drawing.line.points[i], stops = point.station || point.name;
      const near = done && stops && pointAt(lonlat, drawing.line, true);
      drawing.line.points[i] = near && near.station ? near : moved(point, lonlat);
      chosen = i;
      $("help").hidden = true;
      // an answer takes longer than a hand: only where it lets go is scored
      if (done) { moving = false; show(); score(); }
    },
    name: (point) => nameOf(point),
    said,
    choose: (i) => { chosen = i; show(); },
  };

  /* --- the server's answers --- */
  const tell = (key) => { document.body.dataset.state = $("state").dataset.state = key; $("state").textContent = key ? say(key) : ""; };
  const toSend = function () {
    const sent = copy(drawing);
    if (!sent.line.points.length || isBegun()) sent.line = null;
    return sent;
  };
  /* One station is not wrong: the hand that placed it goes on to the next. */
  const isBegun = () => drawing.line.points.length === 1;
  const isBlank = () => (!drawing.line.points.length || isBegun()) && !Object.keys(drawing.headways_min).length && !drawing.closed_lines.length && !drawing.checkpoints.length;
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
    ideas.score();
  };
  const refine = async function (mine) {
    while (mine === number) {
      await new Promise((done) => setTimeout(done, 500));
      if (mine !== number) return;
      let answer;
      try { answer = await ask("refined", { browser, number: mine }); } catch (error) { tell("gone"); return; }
      if (mine !== number || answer.stale) return;
      showSlow(answer.groups, answer.done);
      if (answer.done) { tell("refined"); ideas.score(); return; }
    }
  };
  /* The slow parts that are there, and under their titles those that are still awaited. */
  const showSlow = function (groups, done) {
    slow = [groups, done];
    const there = new Set(groups.map((g) => g.key)), awaited = done ? [] : words.steps.filter(([key]) => !there.has(key));
    $("slow").replaceChildren(...groups.map((g) => table(g, "refined")), ...awaited.map(([, title]) => heading(title, "refining")));
  };
  const heading = function (title, kind) {
    const head = make("h2", said(title) + " ");
    head.append(make("span", say(kind), { className: "label " + kind, title: kind === "refining" ? "" : say("exact_hint") }));
    return head;
  };
  const table = function (group, kind) {
    const part = make("section"), changes = ["districts", "hubs", "fragmentation"].includes(group.key);
    part.append(heading(group.title, kind));
    if (!group.rows.length) { part.append(make("p", say(changes ? "no_change" : "nothing"), { className: "note" })); return part; }
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
  let refused = [];
  const refuse = function (problems) {
    refused = problems;
    $("problems").replaceChildren(...problems.map((p) => make("li", said(p))));
    $("problems").hidden = !problems.length;
  };
  const render = function (answer) {
    const problems = (answer && answer.problems) || [];
    refuse(problems);
    if (problems.length) { tell(""); answer = null; }
    shown = answer;
    if ($("about")) $("about").hidden = Boolean(answer);
    $("groups").replaceChildren(...(answer ? answer.groups.map((g) => table(g, "exact")) : []));
    if (answer) showSlow([], false);
    else $("slow").replaceChildren();
    $("section").innerHTML = answer ? answer.section : "";
    $("section-pane").hidden = !(answer && answer.section);
    board.map.invalidateSize();
    if (answer && fitting) { fitting = false; fit(); }
    board.change.show(answer ? answer.gain : { cell: [], jobs: [] });
    ideas.compare();
    for (const id of ["share", "report", "save"]) $(id).disabled = !answer;
  };

  /* --- what is shown of the drawing --- */
  const show = function () {
    const line = drawing.line;
    board.show(line, chosen);
    $("next").hidden = !isBegun();
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
    ideas.mark();
  };
  const pointRow = function (point, i) {
    const stops = point.station || point.name, whole = make("li", undefined, { className: (i === chosen ? "chosen " : "") + (stops ? "" : "bend") });
    const row = whole.appendChild(make("div")), name = make("button", nameOf(point), { type: "button", className: "name" });
    name.addEventListener("click", () => on.choose(i));
    name.addEventListener("keydown", (event) => nudge(event, i));
    row.append(name);
    if (i < drawing.line.structures.length) {
      const pick = make("select");
      pick.setAttribute("aria-label", say("structure"));
      pick.title = say("structure");
      pick.append(...words.structures.map(([value, title]) => make("option", said(title), { value })));
      pick.value = drawing.line.structures[i];
      pick.addEventListener("change", () => change((d) => { d.line.structures[i] = pick.value; }));
      row.append(pick);
    }
    if (i === chosen) {
      if (point.name) {
        const own = make("input", undefined, { value: nameOf(point), maxLength: 80 });
        own.setAttribute("aria-label", say("name"));
        own.addEventListener("change", () => own.value && change((d) => { Object.assign(d.line.points[i], named([own.value])); }));
        row.append(own);
      }
      const inner = i > 0 && i < drawing.line.points.length - 1;
      if (inner || !stops) {
        const turn = make("button", say(stops ? "to_bend" : "to_station"), { type: "button" });
        turn.addEventListener("click", () => change((d) => { d.line.points[i] = stops ? { lonlat: point.lonlat, station: null, ...named([]) } : pointAt(point.lonlat, d.line, true); }));
        row.append(turn);
      }
      const gone = make("button", say("remove"), { type: "button" });
      gone.addEventListener("click", () => change((d) => removePoint(d, i)));
      row.append(gone);
    }
    return whole;
  };
  const nudge = function (event, i) {
    const step = event.shiftKey ? 0.005 : 0.0005, moves = { ArrowUp: [0, step], ArrowDown: [0, -step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] };
    const by = moves[event.key];
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); change((d) => removePoint(d, i)); }
    if (!by) return;
    event.preventDefault();
    change(function (d) {
      const p = d.line.points[i];
      d.line.points[i] = moved(p, [+(p.lonlat[0] + by[0]).toFixed(6), +(p.lonlat[1] + by[1]).toFixed(6)]);
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
      if (point.open || point.close) parts.push(`${point.open || "…"}–${point.close || "…"}`);
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
      if (name === "title") d.title = event.target.value || say("idea");
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
      button.addEventListener("click", () => start({ ...idea.drawing, title: said(idea.title) }));
      return button;
    }));
  };
  const fit = function () {
    if (drawing.line.points.length) board.map.fitBounds(drawing.line.points.map((p) => [p.lonlat[1], p.lonlat[0]]), { paddingTopLeft: [60, 60], paddingBottomRight: [70, 30], maxZoom: 14 });
  };
  const wire = function () {
    $("undo").addEventListener("click", () => travel(past, future));
    $("redo").addEventListener("click", () => travel(future, past));
    $("new").addEventListener("click", () => start(empty()));
    $("hour").addEventListener("change", () => { ideas.compare(); score(); });
    $("station").addEventListener("change", function (event) {
      const station = ground.stations.find((s) => s.name.includes(event.target.value));
      if (station) change((d) => push(d, { lonlat: [station.at[1], station.at[0]], station: station.id, ...named([]) }));
      event.target.value = "";
    });
    $("set_headway").addEventListener("click", () => { const m = Number($("line_headway").value), off = Number($("line_headway_off").value); if (m > 0) change((d) => { d.headways_min[$("line").value] = off > 0 ? { peak: m, off_peak: off } : m; }); });
    $("close_line").addEventListener("click", () => change((d) => { if (!d.closed_lines.includes($("line").value)) d.closed_lines.push($("line").value); }));
    $("set_point").addEventListener("click", function () {
      const id = $("point").value, regime = $("point_regime").value, night = $("all_night").checked, open = !night && $("point_open").value, close = !night && $("point_close").value;
      if (!regime && !night && !open && !close) return;
      change((d) => { d.checkpoints = [...d.checkpoints.filter((c) => c.id !== id), { id, ...(regime && { regime }), ...(night && { open_24_hours: true }), ...(open && { open }), ...(close && { close }) }]; });
      for (const name of ["point_open", "point_close"]) $(name).value = "";
    });
    document.addEventListener("keydown", function (event) {
      if (!(event.ctrlKey || event.metaKey) || /INPUT|SELECT/.test(event.target.tagName)) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) { event.preventDefault(); travel(past, future); }
      if (key === "y" || (key === "z" && event.shiftKey)) { event.preventDefault(); travel(future, past); }
    });
  };
  const speak = function (lang) {
    document.documentElement.lang = document.documentElement.dataset.chosen = lang;
    document.querySelectorAll("button[data-lang]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === lang)));
    document.title = say("title");
    try { history.replaceState(null, "", "#lang=" + lang); } catch (error) { /* a sandboxed frame may not */ }
    for (const hinted of document.querySelectorAll("[data-hint]")) hinted.title = say(hinted.dataset.hint);
    if (!board) return;
    if (held) return look();
    fillLists();
    if (!number && drawing.title && past.length === 0) drawing.title = say("idea");
    show();
    refuse(refused);
    if (shown) { const [groups, done] = slow; render(shown); showSlow(groups, done); }
    if ($("state").dataset.state) tell($("state").dataset.state);
    ideas.list();
  };
  /* A shared file: the drawing and its answer, with nothing to change. */
  const look = function () {
    board.show(drawing.line, -1);
    render(held.answer);
    showSlow(held.groups, held.done);
    $("shared-note").textContent = say("shared_note").replace("{hour}", held.hour);
  };
  /* The language that the address names (#lang=zh-Hant), or else that of the browser. */
  const addressed = () => LANGS.find((lang) => lang === new URLSearchParams(location.hash.slice(1)).get("lang"));
  const preferred = (navigator.language || "").toLowerCase();
  const begin = async function () {
    speak(addressed() || (/^zh-(hant|hk|tw|mo)/.test(preferred) ? "zh-Hant" : /^zh/.test(preferred) ? "zh-Hans" : "en"));
    addEventListener("hashchange", () => { if (addressed() && addressed() !== document.documentElement.lang) speak(addressed()); });
    const answer = held || await fetch("ground.json");
    if (!held && !answer.ok) { tell("gone"); return; }
    ground = held ? held.ground : await answer.json();
    drawing = held ? held.drawing : empty();
    if (!drawing.line) drawing.line = empty().line;
    board = new corridor.Board(ground, held ? { name: on.name, said } : on);
    corridor.board = board;
    ideas = new corridor.Ideas({
      $, say, make, ask, start, tell, browser, held,
      now: () => ({ drawing: toSend(), idea, shown, number, hour: held ? held.hour : $("hour").value, busy: flying || $("state").dataset.state === "waiting" || $("state").dataset.state === "refining" }),
      refuse,
    });
    if (!held) wire();
    document.querySelectorAll("button[data-lang]").forEach((b) => b.addEventListener("click", () => speak(b.dataset.lang)));
    speak(document.documentElement.lang);
    if (held) fit();
    else render(null);
    document.body.dataset.ready = "1";
  };
  begin();
})();
