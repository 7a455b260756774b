/* The list of ideas: saved, starred, side by side, shared as one file, reported in full. */
"use strict";

/* What a browser keeps for the page; one that keeps nothing (a frame of another site) starts anew each time. */
corridor.store = {
  get(key, lasting) { try { return (lasting ? localStorage : sessionStorage).getItem(key); } catch (error) { return null; } },
  set(key, value, lasting) { try { (lasting ? localStorage : sessionStorage).setItem(key, value); } catch (error) { /* nothing is kept */ } },
};

corridor.Ideas = class {
  /* `desk` is the page: its words and elements, what it asks of the server, and `now`, what is drawn. */
  constructor(desk) {
    Object.assign(this, desk);
    this.all = [];
    this.rows = new Map();
    this.stars = new Set(JSON.parse(corridor.store.get("stars", true) || "[]"));
    const press = (id, work) => this.$(id).addEventListener("click", work);
    if (this.held) { press("file", () => this.download(this.held.drawing.id + ".yaml", this.held.file, "application/yaml")); return; }
    press("save", () => this.save());
    press("share", () => this.share());
    press("report", () => this.report());
    this.$("read").addEventListener("change", (event) => this.read(event.target));
  }

  /* --- the list --- */
  async list() {
    try { this.all = (await this.ask("ideas", {})).ideas; } catch (error) { this.tell("gone"); return; }
    this.all.sort((a, b) => this.stars.has(b.id) - this.stars.has(a.id) || a.title.localeCompare(b.title));
    this.$("ideas").replaceChildren(...(this.all.length ? this.all.map((idea) => this.entry(idea)) : [this.make("li", this.say("nothing"), { className: "note" })]));
    this.mark();
    this.compare();
    this.score();
    this.follow();
  }
  entry(idea) {
    const { make, say, stars } = this, row = make("li"), open = make("button", idea.title, { type: "button" });
    const star = make("button", stars.has(idea.id) ? "★" : "☆", { type: "button", className: "star", title: say("star") });
    row.dataset.id = idea.id;
    open.addEventListener("click", () => this.open(idea.id));
    star.setAttribute("aria-label", say("star") + ": " + idea.title);
    star.setAttribute("aria-pressed", String(stars.has(idea.id)));
    star.addEventListener("click", () => {
      if (!stars.delete(idea.id)) stars.add(idea.id);
      corridor.store.set("stars", JSON.stringify([...stars]), true);
      this.list();
    });
    row.append(star, open);
    return row;
  }
  mark() {
    for (const row of this.$("ideas").children) row.classList.toggle("open", row.dataset.id === this.now().idea.id);
  }
  async open(id) {
    const answer = await this.ask("open", { id });
    if (answer.problems) this.refuse(answer.problems);
    else this.start(answer.drawing, { id, revision: answer.revision });
  }
  /* Saves what is drawn; false where the server refuses it. */
  async save() {
    const { drawing, idea } = this.now(), answer = await this.ask("save", { drawing, revision: idea.revision });
    if (answer.problems) { this.refuse(answer.problems); return false; }
    Object.assign(idea, { id: answer.idea.id, revision: answer.idea.revision, saved: JSON.stringify(drawing) });
    this.$("saved").textContent = this.say("saved").replace("{file}", answer.idea.id + ".yaml");
    await this.list();
    return true;
  }

  /* --- side by side --- */
  key(idea) { return idea.id + idea.revision + this.now().hour; }
  compare() {
    const { make, say } = this, { drawing, idea, shown } = this.now(), saved = JSON.stringify(drawing) === idea.saved;
    const rows = this.all.filter((one) => this.rows.has(this.key(one)) && !(shown && saved && one.id === idea.id)).map((one) => [(this.stars.has(one.id) ? "★ " : "") + one.title, this.rows.get(this.key(one))]);
    if (shown) rows.unshift([drawing.title, shown.row, "now"]);
    if (!rows.length) { this.$("compared").replaceChildren(); return; }
    const grid = make("table"), top = make("tr"), scroll = make("div", undefined, { className: "scroll" });
    top.append(...["jobs", "jobs_across", "permanent", "cost"].map((key) => make("th", say("row_" + key), { scope: "col" })));
    grid.append(top);
    for (const [title, figures, kind] of rows) {
      const head = make("tr", undefined, { className: "title " + (kind || "") }), row = make("tr", undefined, { className: kind || "" });
      head.append(make("th", title, { scope: "rowgroup", colSpan: figures.length }));
      row.append(...figures.map((figure) => make("td", figure || "–")));
      grid.append(head, row);
    }
    scroll.append(grid);
    this.$("compared").replaceChildren(make("h2", say(this.held ? "from_do_minimum" : "compare")), scroll);
  }
  /* Scores saved ideas one after the other, while nothing that is drawn waits for the server. */
  async score() {
    if (this.scoring || this.held) return;
    this.scoring = true;
    try {
      for (const idea of this.all.slice(0, 12)) {
        const { busy, hour } = this.now(), key = this.key(idea);
        if (busy) break;
        if (this.rows.has(key)) continue;
        const answer = await this.ask("row", { id: idea.id, hour });
        this.rows.set(key, answer.row || ["", "", "", ""]);
        this.compare();
      }
    } catch (error) { this.tell("gone"); }
    this.scoring = false;
  }

  /* --- one file --- */
  download(name, text, type) {
    const link = this.make("a", undefined, { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  async share() {
    const answer = await this.ask("share", { browser: this.browser, number: this.now().number });
    if (answer.html) this.download(answer.name, answer.html, "text/html");
  }
  async read(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const page = new DOMParser().parseFromString(await file.text(), "text/html"), part = page.getElementById("shared");
    try { this.start(JSON.parse(part.textContent).drawing); } catch (error) { this.refuse([this.say("not_shared")]); }
  }

  /* --- the full report --- */
  async report() {
    if (!(await this.save())) return;
    const answer = await this.ask("report", { id: this.now().idea.id });
    if (answer.problems) this.refuse(answer.problems);
    else this.follow();
  }
  async follow() {
    clearTimeout(this.following);
    let found;
    try { found = (await this.ask("reports", {})).reports; } catch (error) { return; }
    this.$("reports").replaceChildren(...found.map((report) => {
      const row = this.make("li"), title = (this.all.find((one) => one.id === report.id) || { title: report.id }).title;
      const words = this.say("report_" + report.state).replace("{name}", title).replace("{why}", report.problems.join("; ")).replace("{step}", report.step).replace("{done}", report.done).replace("{total}", report.total);
      row.append(report.state === "done" ? this.make("a", words, { href: `reports/${report.id}/index.html`, target: "_blank" }) : words);
      return row;
    }));
    if (found.some((report) => report.state === "working")) this.following = setTimeout(() => this.follow(), 1500);
  }
};
