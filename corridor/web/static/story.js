/* The comparison map in presentation: views one after another, by keys and buttons. */
"use strict";

corridor.Story = class extends corridor.Compare {
  get story() { return this.model.story; }

  start() {
    const asked = this.asked();
    this.own = { ...this.state.off };
    this.wire();
    this.speaker = new corridor.Speaker(this);
    this.slides = new corridor.Slides(this);
    this.wireStory();
    this.view("corridor");
    this.fitLimits();
    this.map.keyboard.disable(); // arrows step through the story
    this.at = 0;
    this.go(Number(asked.get("view") || 1) - 1);
    addEventListener("hashchange", () => this.go(Number(this.asked().get("view") || 1) - 1));
    document.documentElement.dataset.ready = "1";
  }

  writeAddress() { this.say({ view: this.at + 1 }); }

  wireStory() {
    this.$("back").addEventListener("click", () => this.go(this.at - 1));
    this.$("next").addEventListener("click", () => this.go(this.at + 1));
    this.$("controls").addEventListener("click", () => this.showControls(!document.body.classList.contains("controls")));
    this.$("speak").addEventListener("click", () => { this.speaker.isOpen ? this.speaker.close() : this.speaker.open(); this.showSpeaker(); });
    this.$("print").addEventListener("click", () => window.print());
    document.addEventListener("keydown", (e) => this.key(e));
    addEventListener("pagehide", () => this.speaker.close());
  }

  key(event) {
    const on = (kinds) => event.target.closest && event.target.closest(kinds);
    if (event.altKey || event.ctrlKey || event.metaKey || on("select, input")) return;
    const onButton = on("button, summary, a, .checkpoint, .hub");
    const steps = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, ...(onButton ? {} : { " ": 1 }) };
    const last = this.story.views.length - 1;
    if (event.key in steps) this.go(this.at + steps[event.key]);
    else if (event.key === "Home") this.go(0);
    else if (event.key === "End") this.go(last);
    else if (event.key === "s") { this.speaker.open(); this.showSpeaker(); }
    else if (event.key === "n") this.$("notes-box").open = !this.$("notes-box").open;
    else return;
    event.preventDefault();
  }

  showSpeaker() {
    this.$("speak").setAttribute("aria-pressed", String(this.speaker.isOpen));
  }

  showControls(on) {
    document.body.classList.toggle("controls", on);
    this.$("controls").setAttribute("aria-pressed", String(on));
    this.map.keyboard[on ? "enable" : "disable"]();
  }

  /* One view of the story: what is shown, where, and what is said. */
  go(number) {
    const { story, model, state } = this, views = story.views;
    this.at = Math.min(Math.max(number || 0, 0), views.length - 1);
    const view = views[this.at];
    state.scenario = view.s;
    state.scale = model.scales.findIndex((s) => s.base === view.m);
    state.hour = view.h;
    this.keepHour();
    Object.assign(state, { view: view.v, beside: view.b, swipe: false, other: model.reference, off: view.on ? this.offBut(view.on) : { ...this.own } });
    if (state.card) this.openCard(null);
    this.showBeside();
    this.showWords();
    this.showScenario();
    this.moveTo(view.at);
    this.speaker.turn();
  }

  offBut(on) {
    const off = {};
    for (const key of [...corridor.GROUPS.filter((n) => n !== "lines"), "zones", "labels", ...Object.keys(this.stage.nature)])
      off[key] = !(on.includes(key) || (key.startsWith("designation:") && (on.includes("designations") || on.includes(key.split(":")[1]))));
    return off;
  }

  moveTo(place) {
    if (place.at) this.map.setView(place.at, place.zoom, { animate: false });
    else {
      this.view(place.box);
      if (place.zoom) this.map.setZoom(place.zoom, { animate: false });
    }
  }

  showWords() {
    super.showWords();
    const { words, story } = this, view = story.views[this.at], title = words.pick(story.title);
    document.title = title;
    document.querySelector("#head h1").textContent = title;
    this.$("caption").textContent = words.pick(view.caption);
    this.$("step").textContent = words.fill("story_step", { step: this.at + 1, all: story.views.length });
    this.$("back").disabled = this.at === 0;
    this.$("next").disabled = this.at === story.views.length - 1;
    this.$("notes-box").hidden = !view.notes;
    this.$("notes").textContent = view.notes ? words.pick(view.notes) : "";
    this.speaker.show();
    this.$("dots").replaceChildren(...story.views.map((v, i) => {
      const name = words.fill("story_step", { step: i + 1, all: story.views.length }) + ": " + words.pick(v.caption).slice(0, 60);
      const dot = corridor.element("button", { type: "button", title: name, "aria-label": name, "aria-current": i === this.at ? "step" : null });
      dot.addEventListener("click", () => { this.go(i); this.$("dots").children[i].firstChild.focus(); });
      return corridor.element("li", {}, dot);
    }));
  }
};
