// House: floors, rooms, devices; what each says of itself, what it is called, and what it does when it is told.

import * as api from "../api.js";
import { tryable } from "../commands.js";
import { el, fill, heading, labelled, options } from "../dom.js";
import { icon } from "../icons.js";
import { Story } from "../story.js";
import { ago, exactly, number, say, word } from "../words.js";

const LANGUAGES = [["en", "English"], ["it", "Italiano"], ["zh", "中文"]];

export class House {
  #context;
  #house = null;
  #rows = new Map();

  constructor(context) {
    this.#context = context;
    this.search = el("input", { type: "search", "aria-label": say("house.search"), placeholder: say("house.search"), oninput: () => this.#filter() });
    this.hidden = el("input", { type: "checkbox", onchange: () => this.#draw() });
    this.told = el("p", { class: "note", role: "status" });
    this.floors = el("div", { class: "floors" });
    this.root = el(
      "section", { class: "view", "aria-labelledby": "house-title" },
      el("div", { class: "head" }, heading(1, say("view.house"), { id: "house-title" })),
      el("div", { class: "filter" }, this.search, el("label", { class: "check" }, this.hidden, el("span", {}, say("house.show_hidden")))),
      this.told, this.floors,
    );
    context.stream.listen((event) => event.event === "house" && this.#changed(event));
  }

  enter() {
    return this.#load();
  }

  /** What is open stays open while only states are otherwise. */
  async #load(anew = false) {
    const before = shape(this.#house);
    try {
      this.#house = await api.get("/api/house");
    } catch (error) {
      return void (this.told.textContent = error.message);
    }
    if (anew || shape(this.#house) !== before) return this.#draw();
    for (const device of this.#house.devices) this.#rows.get(device.entity)?.update(device);
  }

  #draw() {
    const devices = this.#house.devices.filter((each) => this.hidden.checked || !each.hidden);
    this.told.textContent = devices.length ? say("house.count", { n: number(devices.length) }) : this.#house.problem || say("house.empty");
    this.#rows.clear();
    const floors = grouped(devices.filter((each) => !each.members), (each) => each.floor);
    const groups = devices.filter((each) => each.members);
    fill(
      this.floors,
      [...floors].map(([floor, here]) => this.#floor(floor, here, floors.size > 1 || floor !== null)),
      groups.length ? el("section", { class: "floor" }, el("h2", {}, say("house.groups")), el("div", { class: "rooms" }, this.#room(null, groups))) : null,
      this.#leftOut(),
    );
    this.#filter();
  }

  #floor(floor, devices, named) {
    const rooms = [...grouped(devices, (each) => each.room)];
    return el("section", { class: "floor" }, named ? el("h2", {}, floor ?? say("house.elsewhere")) : null, el("div", { class: "rooms" }, rooms.map(([room, here]) => this.#room(room ?? say("house.no_room"), here))));
  }

  #room(room, devices) {
    return el("section", { class: "room card" }, room === null ? null : el("h3", {}, room), el("ul", { class: "devices" }, devices.map((each) => this.#device(each))));
  }

  #device(device) {
    const row = new Device(device, this.#house.rooms, this.#context, () => this.#load(true));
    this.#rows.set(device.entity, row);
    return row.root;
  }

  #leftOut() {
    const reasons = this.#house.left_out ?? [];
    if (!reasons.length) return null;
    return el(
      "details", { class: "card told" },
      el("summary", {}, say("house.left_out", { n: number(reasons.length) })),
      el("dl", {}, reasons.map((each) => [el("dt", {}, el("code", {}, each.left_out)), el("dd", {}, each.reason)])),
    );
  }

  #filter() {
    const wanted = this.search.value.trim().toLocaleLowerCase();
    for (const row of this.#rows.values()) row.root.hidden = !row.matches(wanted);
    for (const place of this.floors.querySelectorAll(".room, .floor")) place.hidden = !place.querySelector(".devices > li:not([hidden])");
  }

  #changed(event) {
    if (event.renamed && this.root.isConnected) this.enter();
    for (const device of event.devices) this.#rows.get(device.entity)?.update({ ...device, age_seconds: 0, stale: false });
  }
}

class Device {
  #context;
  #rooms;
  #saved;

  constructor(device, rooms, context, saved) {
    Object.assign(this, { device });
    [this.#context, this.#rooms, this.#saved] = [context, rooms, saved];
    this.state = el("span", { class: "value" });
    this.age = el("span", { class: "age" });
    this.body = el("div", { class: "body" });
    this.details = el(
      "details", { id: `device-${device.entity}`, ontoggle: () => this.details.open && !this.body.children.length && this.#open() },
      el("summary", {}, el("span", { class: "name" }, device.name, this.#mark()), el("span", { class: "reads" }, this.state, this.age)),
      this.body,
    );
    this.root = el("li", { class: "device" }, this.details);
    this.update(device);
  }

  matches(wanted) {
    const { name, entity, room, aliases } = this.device;
    return [name, entity, room ?? "", ...Object.values(aliases ?? {}).flat()].some((each) => each.toLocaleLowerCase().includes(wanted));
  }

  update(device) {
    this.device = { ...this.device, ...device };
    this.state.textContent = reading(this.device);
    this.age.textContent = this.device.available === false ? say("device.away") : this.device.stale ? say("device.stale", { age: ago(this.device.age_seconds) }) : this.device.readable === false ? "" : ago(this.device.age_seconds);
    this.root.dataset.state = this.device.available === false ? "away" : this.device.stale ? "stale" : String(this.device.state);
    if (this.facts?.isConnected) this.facts.replaceWith((this.facts = this.#facts()));
  }

  #mark() {
    return this.device.critical ? el("span", { class: "critical", title: say("device.critical") }, icon("critical"), el("span", { class: "unseen" }, say("device.critical"))) : null;
  }

  #open() {
    this.facts = this.#facts();
    fill(this.body, this.facts, this.#tryout(), this.#form());
  }

  #facts() {
    const { device } = this;
    const pairs = [
      [say("device.entity"), el("code", {}, device.entity)],
      [say("device.source"), `${word("source", device.source)} · ${say("device.named_by", { source: word("told", device.name_source) })}`],
      device.since ? [say("device.since"), exactly(device.since)] : null,
      device.members ? [say("device.members"), device.members.map((id) => this.#context.nameOf(id)).join(", ")] : null,
      ...Object.entries(device.attributes ?? {}).map(([name, value]) => [name.replaceAll("_", " "), String(value)]),
    ].filter(Boolean);
    return el("dl", { class: "facts" }, pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  }

  // ── trying ──

  #tryout() {
    const place = el("div", { class: "tried", "aria-live": "polite" });
    const choice = el("div", { class: "choice" });
    this.#offer(choice, place);
    return el("section", { class: "tryout" }, el("h4", {}, say("try.title")), choice, place);
  }

  async #offer(choice, place) {
    try {
      const { intents } = await api.get(`${pathOf(this.device)}/intents`);
      fill(choice, intents.length ? tryable(this.device.entity.split(".")[0], intents, (intent, slots) => this.#try(intent, slots, place)) : el("p", { class: "note" }, say("try.nothing")));
    } catch (error) {
      fill(choice, el("p", { class: "problem" }, error.message));
    }
  }

  async #try(intent, slots, place) {
    fill(place, el("p", { class: "note" }, say("try.going")));
    try {
      const turn = await api.post(`${pathOf(this.device)}/try`, { intent, slots });
      if (turn.device) this.update(turn.device);
      const story = new Story({ nameOf: this.#context.nameOf });
      story.show({ actions: turn.actions, reply: turn.reply, error: turn.error, timings_ms: turn.timings_ms, language: turn.language });
      fill(place, story.root, turn.actions.some((each) => each.verdict === "needs_confirmation") ? this.#yes(place) : null);
    } catch (error) {
      fill(place, el("p", { class: "problem" }, error.message));
    }
  }

  /** The policy asks here as it does everywhere. */
  #yes(place) {
    const answer = (text) => async () => {
      try {
        const turn = await api.post("/api/say", { text: say(`answer.${text}.en`), language: "en" });
        const story = new Story({ nameOf: this.#context.nameOf });
        story.show(turn);
        fill(place, story.root);
      } catch (error) {
        fill(place, el("p", { class: "problem" }, error.message));
      }
    };
    return el("p", { class: "buttons" }, el("button", { type: "button", class: "main", onclick: answer("yes") }, say("yes")), el("button", { type: "button", onclick: answer("no") }, say("no")));
  }

  // ── what it is called ──

  #form() {
    const { device } = this;
    const fixed = new Set(device.fixed ?? []);
    const kept = (code) => (device.aliases?.[code] ?? []).filter((each) => !(device.fixed_aliases?.[code] ?? []).includes(each));
    const name = el("input", { type: "text", value: device.name, maxlength: 100, required: true, disabled: fixed.has("name") });
    const aliases = LANGUAGES.map(([code, language]) => [code, language, el("input", { type: "text", lang: code, value: kept(code).join(", "), maxlength: 500 })]);
    const room = el("select", { disabled: fixed.has("room") }, options([["", say("house.no_room")], ...this.#rooms.map((each) => [each.name, each.name])], device.room ?? ""));
    const critical = el("input", { type: "checkbox", checked: Boolean(device.critical), disabled: fixed.has("critical") });
    const hidden = el("input", { type: "checkbox", checked: Boolean(device.hidden), disabled: fixed.has("hidden") });
    const told = el("p", { class: "note", role: "status" });
    const changes = () => {
      const change = {};
      if (name.value.trim() !== device.name) change.name = name.value.trim();
      if (aliases.some(([code, , input]) => listed(input.value).join() !== kept(code).join())) change.aliases = Object.fromEntries(aliases.map(([code, , input]) => [code, listed(input.value)]));
      if (room.value !== (device.room ?? "")) change.room = room.value || null;
      if (critical.checked !== Boolean(device.critical)) change.critical = critical.checked;
      if (hidden.checked !== Boolean(device.hidden)) change.hidden = hidden.checked;
      return change;
    };
    const save = async (event) => {
      event.preventDefault();
      const change = changes();
      if (!Object.keys(change).length) return void (told.textContent = say("device.unchanged"));
      try {
        this.#renamed(await api.put(pathOf(device), change));
        this.#context.notice(say("device.saved"), "good");
      } catch (error) {
        told.textContent = error.message;
      }
    };
    return el(
      "form", { class: "naming", onsubmit: save },
      el("h4", {}, say("device.naming")),
      labelled(say("device.name"), name, hint(fixed, "name")),
      el(
        "fieldset", {}, el("legend", {}, say("device.aliases")), el("p", { class: "note" }, say("device.aliases_hint")),
        aliases.map(([code, language, input]) => labelled(language, input, device.fixed_aliases?.[code]?.length ? say("device.fixed_aliases", { names: device.fixed_aliases[code].join(", ") }) : null)),
      ),
      labelled(say("device.room"), room, hint(fixed, "room")),
      el("label", { class: "check" }, critical, el("span", {}, say("device.critical_label"))),
      el("label", { class: "check" }, hidden, el("span", {}, say("device.hidden_label"))),
      el("p", { class: "buttons" }, el("button", { class: "main", type: "submit" }, say("save"))),
      told,
    );
  }

  /** It may stand elsewhere now, so all is drawn anew; the focus stays with it. */
  async #renamed(device) {
    this.device = { ...this.device, ...device };
    await this.#saved();
    const again = document.getElementById(`device-${this.device.entity}`);
    if (again) again.open = true;
    again?.querySelector("summary").focus();
  }
}

function shape(house) {
  return JSON.stringify(house?.devices.map((each) => [each.entity, each.name, each.floor, each.room, each.hidden, each.critical, each.aliases]));
}

function pathOf({ entity }) {
  return `/api/house/${encodeURIComponent(entity)}`;
}

function hint(fixed, setting) {
  return fixed.has(setting) ? say("device.fixed") : null;
}

function reading({ state, unit, readable, attributes }) {
  if (readable === false) return "";
  if (state === null || state === undefined) return say("value.unknown");
  const value = Number(state);
  const counted = state !== "" && Number.isFinite(value);
  const told = counted ? number(value, 2) : word("value", state);
  const detail = attributes?.brightness !== undefined && state === "on" ? ` · ${number(attributes.brightness)} %` : "";
  return `${told}${unit && counted ? ` ${unit}` : ""}${detail}`;
}

function listed(text) {
  return text.split(/[,，、]/).map((each) => each.trim()).filter(Boolean);
}

/** In the order of first appearance, which is the daemon's. */
function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row) ?? null, [...(groups.get(key(row) ?? null) ?? []), row]);
  return groups;
}
