// Time: what counts down, rings, reminds or happens later: make, change, cancel.

import * as api from "../api.js";
import { Ring } from "../charts.js";
import { el, fill, heading, labelled } from "../dom.js";
import { icon } from "../icons.js";
import { clock, due, exactly, language, say, weekday, word } from "../words.js";

const KINDS = ["timer", "alarm", "reminder", "command", "watch"];
const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const TICK_MS = 250;

export class Time {
  #context;
  #rows = [];
  #timer = null;

  constructor(context) {
    this.#context = context;
    this.told = el("p", { class: "note", role: "status" });
    this.lists = el("div", { class: "planned" });
    this.maker = new Maker(context, () => this.#load());
    this.root = el(
      "section", { class: "view time", "aria-labelledby": "time-title" },
      el("div", { class: "head" }, heading(1, say("view.time"), { id: "time-title" })),
      el("div", { class: "columns" }, el("div", { class: "wide" }, this.told, this.lists), this.maker.root),
    );
    context.stream.listen((event) => event.event === "schedule" && this.#told(event));
  }

  enter() {
    this.#load();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#rows.forEach((row) => row.tick()), TICK_MS);
  }

  leave() {
    clearInterval(this.#timer);
  }

  #told(event) {
    this.#draw(event.rows);
  }

  async #load() {
    try {
      const answer = await api.get("/api/schedule");
      this.#draw(answer.rows);
    } catch (error) {
      this.told.textContent = error.message;
    }
  }

  #draw(rows) {
    if (this.lists.contains(document.activeElement) && document.activeElement.matches("input")) return;
    const focused = document.activeElement?.closest?.("[data-planned]")?.dataset.planned;
    this.told.textContent = rows.length ? "" : say("time.empty");
    this.#rows = rows.map((row) => new Planned(row, this.#context, () => this.#load()));
    fill(this.lists, KINDS.map((kind) => {
      const these = this.#rows.filter((row) => row.row.kind === kind);
      if (!these.length) return null;
      return el("section", { "aria-label": say(`kinds.${kind}`) }, el("h2", {}, say(`kinds.${kind}`)), el("ul", { class: kind === "timer" ? "timers" : "dues" }, these.map((row) => row.root)));
    }));
    if (focused) this.lists.querySelector(`[data-planned="${CSS.escape(focused)}"] button`)?.focus();
  }
}

/** One thing that is planned. */
class Planned {
  constructor(row, context, changed) {
    Object.assign(this, { row, context, changed, seenAt: performance.now() });
    this.left = el("span", { class: "left", role: "timer" });
    this.ring = new Ring();
    this.edit = el("div", {});
    this.root = el("li", { class: "card planned-row", data: { planned: row.id } }, row.kind === "timer" ? this.#timer() : this.#due(), this.edit);
    this.tick();
  }

  tick() {
    const { row } = this;
    if (row.kind !== "timer" || row.remaining_seconds === null || row.remaining_seconds === undefined) return;
    const left = row.paused ? row.remaining_seconds : row.remaining_seconds - (performance.now() - this.seenAt) / 1000;
    const text = left <= 0 ? say("time.over") : clock(left);
    if (this.left.textContent !== text) this.left.textContent = text;
    this.ring.set(left / (row.seconds || row.remaining_seconds || 1));
  }

  #timer() {
    const { row } = this;
    return [
      el("div", { class: "face" }, this.ring.root, this.left),
      el("p", { class: "what" }, el("strong", {}, row.name || row.text || say("kind.timer")), row.room ? el("span", { class: "note" }, row.room) : null, row.paused ? el("span", { class: "chip" }, say("time.paused")) : null),
      el(
        "p", { class: "buttons" },
        this.#button(row.paused ? "play" : "pause", say(row.paused ? "time.resume" : "time.pause"), () => this.#change({ paused: !row.paused })),
        el("button", { class: "quiet", type: "button", disabled: Boolean(row.paused), onclick: () => this.#change({ seconds: 60 }) }, say("time.longer")),
        this.#edit(row.name || say("kind.timer")),
        this.#cancel(),
      ),
    ];
  }

  #due() {
    const { row } = this;
    const what = row.text || row.name || word("kind", row.kind);
    const [time, day] = row.due ? due(row.due) : [];
    return [
      row.due ? el("p", { class: "due" }, el("time", { datetime: row.due, title: exactly(row.due) }, el("strong", {}, time), day ? el("span", { class: "note" }, day) : null)) : null,
      el(
        "p", { class: "what" },
        el("strong", { lang: row.language }, what),
        row.name && row.text ? el("span", { class: "note" }, row.name) : null,
        row.repeats ? el("span", { class: "note" }, repeated(row.repeats)) : null,
        row.room ? el("span", { class: "note" }, row.room) : null,
      ),
      el("p", { class: "buttons" }, row.due ? this.#edit(what) : null, this.#cancel(what)),
    ];
  }

  #button(drawing, label, act) {
    return el("button", { class: "quiet", type: "button", onclick: act }, icon(drawing), label);
  }

  #cancel(what = this.row.name || word("kind", this.row.kind)) {
    return el("button", { class: "quiet danger", type: "button", "aria-label": say("time.cancel_what", { what }), onclick: () => this.#do(() => api.remove(`/api/schedule/${encodeURIComponent(this.row.id)}`), say("time.cancelled", { what })) }, say("time.cancel"));
  }

  #edit(what) {
    return el("button", { class: "quiet", type: "button", "aria-label": say("time.change_what", { what }), onclick: () => this.#editor() }, say("time.change"));
  }

  #editor() {
    if (this.edit.children.length) return fill(this.edit);
    const { row } = this, worded = row.kind === "reminder" || row.kind === "command";
    const text = worded ? el("input", { type: "text", maxlength: 300, value: row.text, required: true }) : el("input", { type: "text", maxlength: 80, value: row.name ?? "" });
    const time = row.kind === "timer" ? null : el("input", { type: "datetime-local", value: local(new Date(row.due)), required: true });
    const known = row.kind === "timer" ? null : daysOf(row.repeats);
    const days = known && weekdays(known);
    const submit = (event) => {
      event.preventDefault();
      document.activeElement.blur();
      const change = {}, said = text.value.trim();
      if (said !== ((worded ? row.text : row.name) ?? "")) change[worded ? "text" : "name"] = said;
      if (time && time.value !== local(new Date(row.due))) change.due = zoned(new Date(time.value));
      if (days && days.chosen().join() !== known.join()) change.repeats = ruleOf(days.chosen());
      if (Object.keys(change).length) this.#change(change);
      else fill(this.edit);
    };
    fill(this.edit, el(
      "form", { class: "inline", onsubmit: submit },
      labelled(say(worded ? `make.text.${row.kind}` : "make.name"), text), time && labelled(say("make.when"), time), days && days.root,
      el("p", { class: "buttons" }, el("button", { class: "main", type: "submit" }, say("save"))),
    ));
    text.focus();
  }

  #change(change) {
    return this.#do(() => api.patch(`/api/schedule/${encodeURIComponent(this.row.id)}`, change));
  }

  async #do(act, done = null) {
    try {
      await act();
      if (done) this.context.announce(done);
      this.changed();
    } catch (error) {
      this.context.notice(error.message, "bad");
    }
  }
}

/** The form that makes a new one. */
class Maker {
  #context;
  #made;
  #kind = "timer";

  constructor(context, made) {
    [this.#context, this.#made] = [context, made];
    this.fields = el("div", { class: "fields" });
    this.told = el("p", { class: "problem", role: "alert" });
    const choice = (kind) => el("label", {}, el("input", { type: "radio", name: "kind", value: kind, checked: kind === this.#kind, onchange: () => { this.#kind = kind; this.#draw(); } }), el("span", {}, say(`kind.${kind}`)));
    this.root = el(
      "form", { class: "card maker", onsubmit: (event) => this.#make(event) },
      el("h2", {}, say("make.title")),
      el("fieldset", { class: "choices" }, el("legend", { class: "unseen" }, say("make.kind")), KINDS.filter((kind) => kind !== "watch").map(choice)),
      this.fields, this.told,
      el("p", { class: "buttons" }, el("button", { class: "main", type: "submit" }, say("make.go"))),
      el("p", { class: "note" }, say("make.by_voice")),
    );
    this.#draw();
  }

  #draw() {
    this.told.textContent = "";
    this.days = null;
    if (this.#kind === "timer") return this.#timer();
    const soon = new Date(Date.now() + 3_600_000);
    soon.setMinutes(0, 0, 0);
    this.text = this.#kind === "alarm" ? el("input", { type: "text", maxlength: 80 }) : el("input", { type: "text", maxlength: 300, required: true });
    this.time = this.#kind === "alarm" ? el("input", { type: "time", value: "07:00", required: true }) : el("input", { type: "datetime-local", value: local(soon), required: true });
    this.days = weekdays();
    fill(
      this.fields,
      this.#kind === "alarm" ? null : labelled(say(`make.text.${this.#kind}`), this.text),
      labelled(say("make.when"), this.time),
      this.days.root,
      this.#kind === "alarm" ? labelled(say("make.name"), this.text) : null,
    );
  }

  #timer() {
    const part = (max, value) => el("input", { type: "number", min: 0, max, value, inputmode: "numeric" });
    [this.hours, this.minutes, this.seconds, this.text] = [part(23, 0), part(59, 5), part(59, 0), el("input", { type: "text", maxlength: 80 })];
    fill(
      this.fields,
      el("div", { class: "trio" }, labelled(say("make.hours"), this.hours), labelled(say("make.minutes"), this.minutes), labelled(say("make.seconds"), this.seconds)),
      labelled(say("make.name"), this.text),
    );
  }

  async #make(event) {
    event.preventDefault();
    this.told.textContent = "";
    try {
      await api.post("/api/schedule", this.#body());
      this.#context.announce(say("make.made", { what: this.text.value || say(`kind.${this.#kind}`) }));
      this.#draw();
      this.#made();
    } catch (error) {
      this.told.textContent = error.message;
    }
  }

  #body() {
    const text = this.text.value.trim();
    const shared = { kind: this.#kind, room: this.#context.room.get() || undefined, language };
    if (this.#kind === "timer") {
      const seconds = Number(this.hours.value) * 3600 + Number(this.minutes.value) * 60 + Number(this.seconds.value);
      if (!seconds) throw new Error(say("make.no_time"));
      return { ...shared, seconds, name: text || undefined };
    }
    const days = this.days.chosen(), repeats = ruleOf(days) || undefined;
    if (this.#kind === "alarm") return { ...shared, due: zoned(nextAt(this.time.value, days)), repeats, name: text || undefined };
    return { ...shared, due: zoned(new Date(this.time.value)), repeats, text };
  }
}

function weekdays(chosen = []) {
  const boxes = DAYS.map((day, index) => {
    const date = new Date(2024, 0, 1 + index);
    const named = (style) => weekday(date, style);
    const box = el("input", { type: "checkbox", value: day, checked: chosen.includes(day), "aria-label": named("long") });
    return [box, el("label", { title: named("long") }, box, el("span", { "aria-hidden": "true" }, named("short")))];
  });
  return {
    root: el("fieldset", { class: "days" }, el("legend", {}, say("make.repeats")), boxes.map(([, label]) => label)),
    chosen: () => boxes.filter(([box]) => box.checked).map(([box]) => box.value),
  };
}

/** An iCalendar rule for these days; of none, "". */
function ruleOf(days) {
  return days.length === 0 ? "" : days.length === 7 ? "FREQ=DAILY" : `FREQ=WEEKLY;BYDAY=${days.join(",")}`;
}

/** The days of such a rule, in order; null where it is another, which only words can change. */
function daysOf(rule) {
  if (!rule) return [];
  const named = rule.split("BYDAY=").at(-1).split(",");
  return [DAYS, DAYS.filter((day) => named.includes(day))].find((days) => ruleOf(days) === rule) ?? null;
}

/** The next moment when the clock shows this, on one of these days if there are any. */
function nextAt(time, days) {
  const [hours, minutes] = time.split(":").map(Number);
  const date = new Date();
  date.setHours(hours, minutes, 0, 0);
  const fits = () => date > new Date() && (!days.length || days.includes(DAYS[(date.getDay() + 6) % 7]));
  while (!fits()) date.setDate(date.getDate() + 1);
  return date;
}

/** As an <input type="datetime-local"> takes it. */
function local(date) {
  return zoned(date).slice(0, 16);
}

/** ISO with this clock's offset. */
function zoned(date) {
  const offset = -date.getTimezoneOffset();
  const two = (value) => String(Math.floor(Math.abs(value))).padStart(2, "0");
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  return `${shifted}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

/** An iCalendar rule in words, where it is one of those that this page makes. */
function repeated(rule) {
  const parts = Object.fromEntries(rule.replace("RRULE:", "").split(";").map((each) => each.split("=")));
  if (parts.FREQ === "DAILY" && !parts.INTERVAL) return say("repeats.daily");
  if (parts.FREQ === "WEEKLY" && parts.BYDAY && !parts.INTERVAL) {
    const days = parts.BYDAY.split(",");
    if (days.join() === "MO,TU,WE,TH,FR") return say("repeats.workdays");
    if (days.join() === "SA,SU") return say("repeats.weekend");
    const named = days.map((day) => weekday(new Date(2024, 0, 1 + DAYS.indexOf(day)), "short"));
    return say("repeats.days", { days: named.join(", ") });
  }
  return parts.FREQ ? word("repeats", parts.FREQ.toLowerCase()) : rule;
}
