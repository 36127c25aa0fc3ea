// One turn as a thread: heard, path, thoughts, plan, actions, reply. It grows as events come, or is filled at once.

import { append, el, fill } from "./dom.js";
import { ms, say, word } from "./words.js";

const WIDE = matchMedia("(min-width: 60rem)");

export class Story {
  #steps = new Map();
  #record = { actions: [], thoughts: "", timings_ms: {} };
  #nameOf;

  /** live: the thoughts stand open where there is room. */
  constructor({ nameOf, live = false }) {
    this.#nameOf = nameOf;
    this.live = live;
    this.root = el("ol", { class: "story", "aria-label": say("story.label") });
  }

  get record() {
    return this.#record;
  }

  /** One event of this turn. */
  tell(event) {
    const record = this.#record;
    switch (event.event) {
      case "hearing":
        return this.#heard(event.text, null, true);
      case "heard":
        Object.assign(record, { transcript: event.text, language: event.language });
        return this.#heard(event.text, event.language, false);
      case "matched":
        Object.assign(record, { routed_because: event.because, repairs: event.repairs ?? [] });
        record.path = event.covered ? "reflex" : "brain";
        this.#repaired(record.repairs);
        return this.#path(record);
      case "thought":
        record.thoughts += event.text;
        return this.#think(event.text);
      case "planned":
        record.plan = event.plan;
        return this.#plan(record);
      case "done":
        record.actions.push(...rows(event));
        record.timings_ms.act = Math.max(record.timings_ms.act ?? 0, event.act_ms);
        record.timings_ms.confirm = Math.max(record.timings_ms.confirm ?? 0, event.confirm_ms);
        this.#actions(record.actions);
        return this.#times();
      case "murmured":
        return this.#murmur(event.text);
      case "saying":
        Object.assign(record, { reply: event.text, because: event.because });
        return this.#reply(record);
      case "stage":
        record.timings_ms[event.stage] = event.ms;
        return this.#times();
      case "ended":
        return this.show({ ...record, ...event.summary });
    }
  }

  /** All that a summary or a kept turn tells. */
  show(turn) {
    const record = (this.#record = { ...this.#record, ...turn });
    if (record.transcript) this.#heard(record.transcript, record.language, false);
    this.#repaired(record.repairs ?? []);
    if (record.routed_because || (record.path && record.path !== "none")) this.#path(record);
    if (record.thoughts) this.#think(record.thoughts, true);
    if (record.plan || record.intents?.length) this.#plan(record);
    if (record.actions?.length) this.#actions(record.actions);
    if (record.reply || record.error) this.#reply(record);
    this.#steps.get("thoughts")?.item.classList.remove("busy");
    this.#times();
  }

  #heard(text, language, going) {
    const { body, item } = this.#step("heard", say("story.heard"));
    item.classList.toggle("busy", going);
    fill(body, el("p", { class: "heard", lang: language }, text || "…"));
  }

  #repaired(repairs) {
    const body = this.#steps.get("heard")?.body;
    if (!body || !repairs.length) return;
    body.querySelector(".repairs")?.remove();
    append(body, el("p", { class: "repairs note" }, repairs.map((each) => say("story.repair", each)).join("; ")));
  }

  #path(record) {
    const { body } = this.#step("path", say("story.path"));
    fill(
      body,
      el("p", {}, el("strong", { class: `way ${record.path}` }, word("path", record.path ?? "none")), " ", el("span", { class: "note" }, record.routed_because ?? "")),
      record.budget ? el("p", { class: "note" }, say("story.budget", { budget: record.budget })) : null,
    );
  }

  #think(text, whole = false) {
    const { body, item } = this.#step("thoughts", say("story.thoughts"));
    let shown = body.querySelector(".thoughts");
    if (!shown) {
      shown = el("p", { class: "thoughts", tabindex: "0", role: "group", aria: { label: say("story.thoughts") } });
      this.latest = el("span", { class: "latest", "aria-hidden": "true" });
      fill(body, el("details", { open: this.live && WIDE.matches }, el("summary", {}, el("span", {}, say("story.unfold")), this.latest), shown));
    }
    item.classList.toggle("busy", !whole);
    const following = shown.scrollHeight - shown.scrollTop - shown.clientHeight < 24;
    if (whole) shown.textContent = text;
    else shown.append(text);
    this.latest.textContent = tail(shown.textContent);
    if (following) shown.scrollTop = shown.scrollHeight;
  }

  #plan(record) {
    const { body } = this.#step("plan", say("story.plan"));
    this.#steps.get("thoughts")?.item.classList.remove("busy");
    const intents = (record.intents ?? []).map((each) => el("li", {}, this.#intent(each)));
    const raw = record.plan && el("details", {}, el("summary", {}, say("story.raw")), el("pre", { tabindex: "0" }, pretty(record.plan)));
    fill(body, intents.length ? el("ul", { class: "intents" }, intents) : null, raw || null);
  }

  #intent({ intent, targets = [], slots = {} }) {
    const shown = targets.slice(0, 4).map((id) => this.#nameOf(id));
    if (targets.length > shown.length) shown.push(say("story.more", { n: targets.length - shown.length }));
    const given = Object.entries(slots).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`);
    return [el("code", {}, intent), shown.length ? ` ${shown.join(", ")}` : "", given.length ? el("span", { class: "note" }, ` · ${given.join(", ")}`) : null];
  }

  #actions(actions) {
    const { body } = this.#step("actions", say("story.actions"));
    fill(body, el("ul", { class: "actions" }, actions.map((action) => this.#action(action))));
  }

  #action(action) {
    const sent = action.topic !== null && action.topic !== undefined;
    return el(
      "li", {},
      el("p", { class: "deed" }, el("strong", {}, this.#nameOf(action.entity)), " ", steps(action, sent)),
      sent ? el("p", { class: "wire" }, el("code", {}, `${action.topic}  ${action.payload}`)) : null,
      action.problem ? el("p", { class: "problem" }, action.problem) : null,
    );
  }

  #murmur(text) {
    const { body } = this.#step("murmur", say("story.murmur"));
    fill(body, el("p", { class: "note" }, text));
  }

  #reply(record) {
    const { body, item } = this.#step("reply", say("story.reply"));
    item.classList.toggle("failed", Boolean(record.error));
    fill(
      body,
      record.reply ? el("p", { class: "reply", lang: record.language }, record.reply) : null,
      record.because && !record.reply?.includes(record.because) ? el("p", { class: "because" }, say("story.because", { because: record.because })) : null,
      record.error ? el("p", { class: "problem" }, record.error) : null,
    );
  }

  #times() {
    const took = this.#record.timings_ms ?? {};
    const sums = {
      heard: sum(took.endpoint, took.stt), path: sum(took.match), thoughts: sum(took.think),
      plan: sum(took.plan), actions: sum(took.act, took.confirm), reply: sum(took.first_audio),
    };
    for (const [name, step] of this.#steps) step.time.textContent = ms(sums[name] ?? null);
  }

  #step(name, title) {
    if (this.#steps.has(name)) return this.#steps.get(name);
    const body = el("div", { class: "content" });
    const time = el("span", { class: "took" });
    const item = el("li", { class: `step ${name}`, data: { order: ORDER.indexOf(name) } }, el("p", { class: "title" }, el("span", {}, title), time), body);
    const next = [...this.root.children].find((other) => Number(other.dataset.order) > ORDER.indexOf(name));
    this.root.insertBefore(item, next ?? null);
    const step = { item, body, time };
    this.#steps.set(name, step);
    return step;
  }
}

const TAIL = 60;

const ORDER = ["heard", "path", "murmur", "thoughts", "plan", "actions", "reply"];

/** What came of one action, a row a message, as a summary has them. */
function rows({ messages, ...outcome }) {
  const sent = messages.length ? messages : [{ topic: null, payload: null }];
  return sent.map((message) => ({ ...outcome, ...message }));
}

/** allowed → sent → confirmed, as far as it got. */
function steps(action, sent) {
  const row = [el("span", { class: `chip ${action.verdict}` }, word("verdict", action.verdict))];
  if (sent) row.push(arrow(), el("span", { class: "chip sent" }, say("action.sent")));
  if (sent && action.confirmed === true) row.push(arrow(), el("span", { class: "chip confirmed" }, say("action.confirmed")));
  if (sent && action.confirmed === false) row.push(arrow(), el("span", { class: "chip unconfirmed" }, say("action.unconfirmed")));
  return el("span", { class: "chips" }, row);
}

/** The last words, for a line that is folded. */
function tail(text) {
  return text.length > TAIL ? `…${text.slice(-TAIL)}` : text;
}

function arrow() {
  return el("span", { class: "arrow", "aria-hidden": "true" }, "→");
}

function sum(...values) {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length ? known.reduce((total, value) => total + value, 0) : null;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return String(text);
  }
}
