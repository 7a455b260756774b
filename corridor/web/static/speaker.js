/* The speaker's own view of a story: notes, what comes next, and the time; in a window of its own, else beside the map. */
"use strict";

corridor.Speaker = class {
  constructor(page) {
    this.page = page;
    this.window = null;
    this.box = null;
    this.ran = this.viewRan = 0;
    this.ticked = null;
  }

  get isOpen() { return Boolean(this.box); }

  /* The window shares this page's origin, also from file://, so that it is written to directly and holds no script. */
  open() {
    if (this.isOpen) { if (this.window) this.window.focus(); return; }
    this.window = window.open("", "", "width=1000,height=700");
    this.build();
    if (this.window) {
      const own = this.window.document;
      own.open();
      own.write("<!DOCTYPE html><html><head><meta charset='utf-8'></head><body class='speaking'></body></html>");
      own.close();
      document.querySelectorAll("style").forEach((style) => own.head.append(own.importNode(style, true)));
      own.body.append(this.box);
      own.addEventListener("keydown", (e) => this.page.key(e));
      this.window.addEventListener("pagehide", () => this.close());
    } else {
      this.page.$("story").append(this.box); // a frame that may open no window
    }
    document.body.classList.add("spoken");
    this.ran = this.viewRan = 0;
    this.run(true);
    this.show();
    this.clock = (this.window || window).setInterval(() => this.tick(), 250);
  }

  close() {
    if (!this.isOpen) return;
    const own = this.window;
    (own || window).clearInterval(this.clock);
    this.box.remove();
    this.box = this.window = null;
    document.body.classList.remove("spoken");
    if (own && !own.closed) own.close();
    this.page.showSpeaker();
  }

  build() {
    const make = corridor.element, words = this.page.words, part = (name, tag, attributes) => (this[name] = make(tag || "p", { class: name, ...attributes }));
    const button = (key, act) => {
      const made = make("button", { type: "button", "data-key": key }, words.t(key));
      made.addEventListener("click", act);
      return made;
    };
    this.pause = button("story_pause", () => this.run(this.ticked === null));
    this.box = make("section", { class: "speaker" },
      make("div", { class: "times" },
        part("total", "span", { role: "timer" }), part("onView", "span", { role: "timer" }), part("hour", "span"),
        this.pause, button("story_restart", () => { this.ran = this.viewRan = 0; this.tick(); }), button("story_close", () => this.close())),
      make("div", { class: "now" }, part("step"), part("says"), part("notes")),
      make("div", { class: "then" }, make("h2", { "data-key": "story_then" }), part("thenSays"), part("thenShows")),
      make("div", { class: "steps" }, button("story_back", () => this.page.go(this.page.at - 1)), button("story_next", () => this.page.go(this.page.at + 1))));
  }

  run(on) {
    this.tick();
    this.ticked = on ? performance.now() : null;
    this.show();
  }

  /* Another view begins. */
  turn() { this.tick(); this.viewRan = 0; this.show(); }

  tick() {
    const now = performance.now(), gone = this.ticked === null ? 0 : now - this.ticked;
    this.ran += gone;
    this.viewRan += gone;
    if (this.ticked !== null) this.ticked = now;
    if (!this.isOpen) return;
    const { words } = this.page, two = (n) => String(n).padStart(2, "0"), time = (ms) => two(Math.floor(ms / 60000)) + ":" + two(Math.floor(ms / 1000) % 60), day = new Date();
    this.total.textContent = words.fill("story_total", { time: time(this.ran) });
    this.onView.textContent = words.fill("story_on_view", { time: time(this.viewRan) });
    this.hour.textContent = two(day.getHours()) + ":" + two(day.getMinutes());
  }

  show() {
    if (!this.isOpen) return;
    const { page } = this, { words, story, model } = page, own = this.box.ownerDocument, view = story.views[page.at], then = story.views[page.at + 1];
    own.documentElement.lang = corridor.LANGS[words.lang];
    if (this.window) own.title = words.t("story_speaker") + ": " + words.pick(story.title);
    this.box.setAttribute("aria-label", words.t("story_speaker"));
    this.box.querySelectorAll("[data-key]").forEach((e) => { e.textContent = words.t(e.dataset.key); });
    this.pause.textContent = words.t(this.ticked === null ? "story_resume" : "story_pause");
    this.step.textContent = words.fill("story_step", { step: page.at + 1, all: story.views.length });
    this.says.textContent = words.pick(view.caption);
    this.notes.textContent = view.notes ? words.pick(view.notes) : words.t("story_no_notes");
    this.thenSays.textContent = then ? words.pick(then.caption) : words.t("story_end");
    this.thenShows.textContent = then ? words.pick(model.scenarios[then.s].title) + " · " + words.pick(model.scales.find((s) => s.base === then.m).title) : "";
    const [back, next] = this.box.querySelectorAll(".steps button");
    back.disabled = page.at === 0;
    next.disabled = !then;
    this.tick();
  }
};
