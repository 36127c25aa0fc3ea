// Now: what it hears, thinks and does at this moment; and the box to type or talk into.

import * as api from "../api.js";
import { loudness, Meter, spent } from "../charts.js";
import { el, fill, heading } from "../dom.js";
import { icon } from "../icons.js";
import { Story } from "../story.js";
import { Microphone, Talk } from "../talk.js";
import { ms, say, when, word } from "../words.js";

const TAP_MS = 350;
const BEFORE = 4;
const EXAMPLES = ["example.light", "example.state", "example.wish", "example.timer"];

export class Now {
  #context;
  #story = null;
  #turn = null;
  #talk = null;
  #heldSince = 0;
  #places = new Map();

  constructor(context) {
    this.#context = context;
    this.meter = new Meter();
    this.state = el("p", { class: "state" });
    this.stage = el("div", { class: "stage" }, this.#nothingYet());
    this.before = el("ol", { class: "before" });
    this.root = el(
      "section", { class: "view now", "aria-labelledby": "now-title" },
      heading(1, say("view.now"), { id: "now-title", class: "unseen" }),
      (this.listen = el("div", { class: "listen" }, this.meter.root, this.state)),
      this.stage,
      el("section", { class: "earlier", "aria-labelledby": "before-title" }, el("h2", { id: "before-title" }, say("now.before")), this.before),
      this.#composer(),
    );
    context.stream.listen((event) => this.#told(event));
    context.onmuted = () => this.#showState();
    context.hush = () => this.#talk?.hush();
    this.#showState();
  }

  async enter() {
    try {
      this.#now(await api.get("/api/now"));
    } catch (error) {
      this.#context.notice(error.message, "bad");
    }
    this.#lookBack();
  }

  // ── what happens ──

  #now(now) {
    this.#listens = now.state;
    if (now.turn && !this.#story) {
      this.#begin(now.turn.turn).show(now.turn);
      this.#over = now.state === "idle";
      this.root.classList.toggle("busy", !this.#over);
    }
    this.#showState();
  }

  #listens = null;

  #told(event) {
    if (event.event === "level") return this.#level(event);
    if (event.event === "state") {
      this.#listens = event.state ?? this.#listens;
      return this.#showState();
    }
    if (!event.turn) return;
    if (event.event === "started" && event.turn !== this.#turn) this.#begin(event.turn);
    // A summary may overtake the events of its turn; what they tell is in it already.
    if (event.turn !== this.#turn || this.#over) return;
    this.#story.tell(event);
    if (event.event === "saying") this.#context.announce(event.text);
    if (event.event === "ended") this.#ended();
    this.#follow();
  }

  #begin(turn) {
    this.#turn = turn;
    this.#over = false;
    this.#story = new Story({ nameOf: this.#context.nameOf, live: true });
    this.root.classList.add("busy");
    fill(this.stage, this.#story.root);
    return this.#story;
  }

  /** The newest step comes into sight. */
  #follow() {
    const last = this.#story.root.lastElementChild;
    if (!last || last === this.#seen) return;
    this.#seen = last;
    last.scrollIntoView({ block: "nearest" });
  }

  #seen = null;
  #over = false;

  #ended() {
    this.#over = true;
    this.root.classList.remove("busy");
    this.#lookBack();
  }

  /** Of several places the loudest is shown, in the rhythm of the one that spoke first. */
  #level({ place = "", loudness: loud, wake }) {
    if (!this.#places.size) setTimeout(() => this.#showState());
    this.#places.set(place, { loud, wake });
    if (this.#talk || place !== this.#places.keys().next().value) return;
    const all = [...this.#places.values()];
    this.meter.push(Math.max(...all.map((each) => each.loud)), Math.max(...all.map((each) => each.wake)));
  }

  async #lookBack() {
    try {
      const { turns } = await api.get("/api/turns", { limit: BEFORE + 1 });
      const others = turns.filter((each) => each.turn !== this.#turn).slice(0, BEFORE);
      fill(this.before, others.map((each) => this.#earlier(each)));
      this.before.parentElement.hidden = !others.length;
    } catch {
      this.before.parentElement.hidden = true;
    }
  }

  #earlier(turn) {
    return el(
      "li", {},
      el(
        "a", { href: `#turns/${turn.turn}` },
        el("time", { datetime: turn.at }, when(turn.at)),
        el("span", { class: "asked" }, turn.transcript || say("turn.unheard")),
        el("span", { class: `answered${turn.error ? " failed" : ""}` }, turn.reply || turn.error || ""),
        el("span", { class: "took" }, ms(spent(turn.timings_ms))),
      ),
    );
  }

  #nothingYet() {
    const chips = EXAMPLES.map((key) => el("li", {}, el("button", { class: "chip example", onclick: () => this.#fillIn(say(key)) }, say(key))));
    return el("div", { class: "empty" }, el("p", { class: "lead" }, say("now.empty")), el("p", { class: "note" }, say("now.try")), el("ul", { class: "examples" }, chips));
  }

  #showState() {
    const idle = this.#context.me.muted ? "muted" : this.#places.size ? "ready" : "idle";
    const state = this.#talk ? this.#talking : !this.#listens || this.#listens === "idle" ? idle : this.#listens;
    const text = word(this.#talk ? "talk" : "state", state);
    if (this.state.textContent !== text) this.state.textContent = text;
    this.root.dataset.state = state;
    // Where nothing listens there is nothing to see of it.
    this.listen.hidden = state === "idle";
  }

  #talking = "opening";

  // ── the box ──

  #composer() {
    this.box = el("input", { type: "text", name: "request", autocomplete: "off", maxlength: 1000, enterkeyhint: "send", placeholder: say("ask.placeholder"), "aria-label": say("ask.label") });
    this.sendButton = el("button", { class: "round", type: "submit", "aria-label": say("ask.send"), title: say("ask.send") }, icon("send"));
    const hindrance = Microphone.hindrance();
    this.pushButton = this.#pushToTalk(hindrance);
    this.handsButton = el("button", {
      class: "round quiet", type: "button", "aria-pressed": "false", title: say("talk.hands_free"), "aria-label": say("talk.hands_free"),
      onclick: () => this.#handsFree(), disabled: hindrance !== null,
    }, icon("ear"));
    this.problem = el("p", { class: "hint", role: "status" }, hindrance ? say(hindrance, { origin: location.origin }) : "");
    return el(
      "form", { class: "ask", onsubmit: (event) => { event.preventDefault(); this.#ask(); } },
      el("div", { class: "row" }, this.handsButton, el("div", { class: "box" }, this.box, this.sendButton), this.pushButton),
      this.problem,
    );
  }

  #fillIn(text) {
    this.box.value = text;
    this.box.focus();
  }

  async #ask(text = this.box.value.trim(), language = undefined) {
    if (!text) return this.box.focus();
    this.box.value = "";
    this.problem.textContent = "";
    this.root.classList.add("busy");
    try {
      this.#whole(await api.post("/api/say", { text, language, room: this.#context.room.get() || undefined }));
    } catch (error) {
      this.problem.textContent = error.message;
      this.box.value ||= text;
    } finally {
      this.root.classList.remove("busy");
    }
  }

  /** A turn's summary: the last word on it, also where events were missed. */
  #whole(summary) {
    if (!summary?.turn) return;
    if (this.#turn !== summary.turn) this.#begin(summary.turn);
    if (this.#over) return;
    this.#story.show(summary);
    this.#context.announce(summary.reply);
    if (summary.actions.some((each) => each.verdict === "needs_confirmation")) this.#offer(summary.language);
    this.#ended();
    this.#follow();
  }

  /** The question that it asks can be answered with one press, by whoever caused it. */
  #offer(language) {
    const button = (answer, quiet) => el("button", { class: quiet ? "" : "main", onclick: () => this.#ask(say(`answer.${answer}.${language}`), language) }, say(answer));
    this.stage.append(el("p", { class: "buttons offer" }, button("yes"), button("no", true)));
  }

  // ── talking ──

  #pushToTalk(hindrance) {
    const button = el("button", {
      class: "push", type: "button", disabled: hindrance !== null, title: say("talk.push"), "aria-label": say("talk.push"), "aria-pressed": "false",
    }, icon("mic"));
    const press = () => {
      if (this.#talk?.mode === "push" && this.#talking === "listening") return this.#letGo(true);
      this.#heldSince = performance.now();
      this.#begun("push");
    };
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      button.focus({ preventScroll: true });
      button.setPointerCapture(event.pointerId);
      press();
    });
    for (const name of ["pointerup", "pointercancel"]) button.addEventListener(name, () => this.#letGo(false));
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => {
      if (![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      if (!event.repeat) press();
    });
    button.addEventListener("keyup", (event) => [" ", "Enter"].includes(event.key) && this.#letGo(false));
    // A screen reader clicks without pressing: first click begins, the second ends.
    button.addEventListener("click", (event) => event.detail === 0 && press());
    return button;
  }

  /** A tap is no hold: it keeps listening until the next tap, or until the daemon has heard the end. */
  #letGo(surely) {
    const held = performance.now() - this.#heldSince;
    if (!surely && (!this.#heldSince || held < TAP_MS)) return void (this.#heldSince = 0);
    this.#heldSince = 0;
    if (this.#talk?.mode === "push") this.#talk.release();
  }

  #handsFree() {
    if (this.#talk?.mode === "hands_free") this.#talk.close();
    else this.#begun("hands_free");
  }

  #begun(mode) {
    this.#talk?.close();
    this.problem.textContent = "";
    const talk = new Talk({
      mode,
      room: this.#context.room.get(),
      onstate: (state) => this.#talk === talk && this.#talkState(state),
      onlevel: (level) => this.meter.push(loudness(level)),
      onturn: (turn) => this.#whole(turn),
      onproblem: (problem) => (this.problem.textContent = say(problem, { origin: location.origin })),
    });
    this.#talk = talk;
    this.#talkState("opening");
    talk.open();
  }

  #talkState(state) {
    this.#talking = state;
    if (state === "closed") this.#talk = null;
    this.pushButton.setAttribute("aria-pressed", String(this.#talk?.mode === "push"));
    this.handsButton.setAttribute("aria-pressed", String(this.#talk?.mode === "hands_free"));
    this.pushButton.dataset.talk = this.#talk?.mode === "push" ? state : "";
    this.handsButton.dataset.talk = this.#talk?.mode === "hands_free" ? state : "";
    this.#showState();
  }
}
