// Turns: what was asked and what became of it, each as a picture of where its time went.

import * as api from "../api.js";
import { spent, stripe, timeline } from "../charts.js";
import { append, el, fill, heading, labelled } from "../dom.js";
import { icon } from "../icons.js";
import { Story } from "../story.js";
import { exactly, ms, number, say, when, word } from "../words.js";

const PAGE = 20;
const PATIENCE_MS = 250;

export class Turns {
  #context;
  #only = "";
  #wanted = null;
  #asking = 0;
  #last = null;
  #rows = new Map();

  constructor(context) {
    this.#context = context;
    this.search = el("input", { type: "search", "aria-label": say("turns.search"), placeholder: say("turns.search"), oninput: () => this.#soon() });
    this.list = el("ol", { class: "turns" });
    this.told = el("p", { class: "note", role: "status" });
    this.more = el("button", { class: "wide", hidden: true, onclick: () => this.#load(true) }, say("turns.more"));
    this.root = el(
      "section", { class: "view", "aria-labelledby": "turns-title" },
      el(
        "div", { class: "head" },
        heading(1, say("view.turns"), { id: "turns-title" }),
        el("a", { class: "button quiet", href: "/api/turns/export?only=wrong", download: "turns.jsonl" }, icon("export"), say("turns.export")),
      ),
      el("div", { class: "filter" }, this.search, this.#choices()),
      this.told, this.list, this.more,
    );
    context.stream.listen((event) => event.event === "ended" && this.root.isConnected && this.#soon());
  }

  enter(turn) {
    this.#wanted = turn || null;
    this.#load();
  }

  #choices() {
    const name = "only";
    const choice = (value) => el("label", {}, el("input", { type: "radio", name, value, checked: value === "", onchange: () => { this.#only = value; this.#load(); } }), el("span", {}, say(`turns.only.${value || "all"}`)));
    return el("fieldset", { class: "choices" }, el("legend", { class: "unseen" }, say("turns.only")), ["", "errors", "wrong"].map(choice));
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#load(), PATIENCE_MS);
  }

  async #load(further = false) {
    const asking = ++this.#asking;
    const query = { search: this.search.value.trim(), only: this.#only, limit: PAGE, before: further ? this.#last : null };
    let answer;
    try {
      answer = await api.get("/api/turns", query);
    } catch (error) {
      return void (this.told.textContent = error.message);
    }
    if (asking !== this.#asking) return;
    this.#show(answer, further);
    if (this.#wanted) await this.#openWanted(answer.turns);
  }

  #show({ turns, more }, further) {
    const rows = turns.map((turn) => this.#kept(turn));
    if (further) append(this.list, rows);
    else this.#place(rows);
    this.#last = turns.at(-1)?.at ?? this.#last;
    this.more.hidden = !more;
    this.told.textContent = this.list.children.length ? "" : say(this.search.value || this.#only ? "turns.none_found" : "turns.none");
  }

  async #openWanted(turns) {
    const id = this.#wanted;
    this.#wanted = null;
    if (!turns.some((turn) => turn.turn === id)) {
      try {
        this.list.prepend(this.#kept(await api.get(`/api/turns/${encodeURIComponent(id)}`)));
      } catch (error) {
        return void (this.told.textContent = error.message);
      }
    }
    const details = document.getElementById(`turn-${id}`);
    details.open = true;
    details.scrollIntoView({ block: "start" });
    details.querySelector("summary").focus({ preventScroll: true });
  }

  /** Leaves the rows that stay where they are untouched: a note that is being written keeps its words and the cursor. */
  #place(rows) {
    const staying = new Set(rows);
    for (const row of [...this.list.children]) if (!staying.has(row) && !row.contains(document.activeElement)) row.remove();
    rows.forEach((row, at) => this.list.children[at] === row || this.list.insertBefore(row, this.list.children[at] ?? null));
    this.#rows = new Map([...this.list.children].map((row) => [row.firstChild.id, row]));
  }

  #kept(turn) {
    const id = `turn-${turn.turn}`;
    const row = this.#rows.get(id) ?? this.#row(id, turn);
    this.#rows.set(id, row);
    fill(row.querySelector("summary"), ...this.#summary(turn));
    return row;
  }

  #row(id, turn) {
    const body = el("div", { class: "body" });
    const details = el("details", { id, class: "card turn", ontoggle: () => details.open && !body.children.length && this.#fill(body, turn) }, el("summary", {}), body);
    return el("li", {}, details);
  }

  #summary(turn) {
    return [
      el("span", { class: "line" }, el("span", { class: "asked" }, turn.transcript || say("turn.unheard")), el("time", { datetime: turn.at, title: exactly(turn.at) }, when(turn.at))),
      el("span", { class: `answered${turn.error ? " failed" : ""}` }, turn.reply || turn.error || ""),
      el(
        "span", { class: "line small" },
        el("span", { class: `way ${turn.path}` }, word("path", turn.path)),
        turn.source ? el("span", { class: "note" }, word("source", turn.source)) : null,
        turn.wrong ? el("span", { class: "chip unconfirmed flag" }, icon("flag"), say("turn.wrong")) : null,
        el("span", { class: "took" }, ms(spent(turn.timings_ms))),
      ),
      stripe(turn.timings_ms),
    ];
  }

  async #fill(body, row) {
    fill(body, el("p", { class: "note" }, say("loading")));
    let turn;
    try {
      turn = await api.get(`/api/turns/${encodeURIComponent(row.turn)}`);
    } catch (error) {
      return fill(body, el("p", { class: "problem" }, error.message));
    }
    const story = new Story({ nameOf: this.#context.nameOf });
    story.show(turn);
    const stages = turn.timeline ?? [];
    fill(
      body,
      story.root,
      el("div", { class: "aside" },
      stages.length ? el("figure", {}, el("figcaption", {}, say("timeline.title")), timeline(stages)) : null,
      this.#replay(turn),
      turn.steps?.length ? el("details", { class: "told" }, el("summary", {}, say("turn.steps")), el("ol", {}, turn.steps.map((step) => el("li", {}, step)))) : null,
      turn.read?.length ? el("details", { class: "told" }, el("summary", {}, say("turn.read", { n: number(turn.read.length) })), el("ul", {}, turn.read.map((each) => this.#reading(each)))) : null),
      this.#wrong(turn),
    );
  }

  #reading(state) {
    const age = state.stale ? `, ${say("turn.stale")}` : "";
    return el("li", {}, el("strong", {}, this.#context.nameOf(state.entity)), ` ${word("value", state.state ?? "unknown")}${age}`);
  }

  #replay(turn) {
    if (!turn.has_audio) return null;
    return el("figure", {}, el("figcaption", {}, say("turn.audio", { seconds: number(turn.audio_seconds ?? 0, 1) })), el("audio", { controls: true, preload: "none", src: `/api/turns/${encodeURIComponent(turn.turn)}/audio` }));
  }

  #wrong(turn) {
    const place = el("div", { class: "wrong" });
    const path = `/api/turns/${encodeURIComponent(turn.turn)}/wrong`;
    const told = el("p", { class: "note", role: "status" });
    const note = el("input", { type: "text", maxlength: 500, value: turn.wrong?.note ?? "" });
    const change = async (act, next, text) => {
      try {
        await act();
        turn.wrong = next;
        told.textContent = text;
        draw();
      } catch (error) {
        told.textContent = error.message;
      }
    };
    const draw = () => fill(
      place,
      el(
        "form", { onsubmit: (event) => { event.preventDefault(); change(() => api.post(path, { note: note.value }), { note: note.value }, say("turn.marked")); } },
        labelled(say("turn.wrong_note"), note),
        el("p", { class: "buttons" }, el("button", { type: "submit" }, icon("flag"), say(turn.wrong ? "save" : "turn.mark_wrong")),
          turn.wrong ? el("button", { type: "button", class: "quiet", onclick: () => change(() => api.remove(path), null, say("turn.unmarked")) }, say("turn.unmark")) : null),
      ),
      told,
    );
    draw();
    return place;
  }
}
