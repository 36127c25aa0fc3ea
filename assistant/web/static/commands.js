// What can be tried on a device: the daemon tells which intents and slots; here is only how they are put to people.

import { el, options } from "./dom.js";
import { has, say } from "./words.js";

const OTHERWISE = { cover: "open", valve: "open", lock: "lock", vacuum: "start", lawn_mower: "start", scene: "start", script: "start", button: "press" };
/** Domains in which HassTurnOn and HassTurnOff are called otherwise. */

const OFF = { open: "close", lock: "unlock", start: "dock" };

const KNOWN = {
  HassStopMoving: "stop", HassVacuumStart: "start", HassVacuumReturnToBase: "dock", HassLawnMowerStartMowing: "start",
  HassLawnMowerDock: "dock", HassMediaUnpause: "play", HassMediaPause: "pause", HassToggle: "toggle",
  HassLightSet: "light", HassSetPosition: "position", CoverSetTilt: "tilt", HassClimateSetTemperature: "temperature",
  HassClimateSetHvacMode: "mode", HassFanSetSpeed: "speed", HassHumidifierSetpoint: "humidity", HassSetVolume: "volume",
  NumberSet: "value", SelectOption: "option", TextSet: "value", HassListAddItem: "add", HassListRemoveItem: "remove",
  HassListCompleteItem: "complete", HassVacuumCleanArea: "area", HassMediaNext: "next", HassMediaPrevious: "previous",
};

/** One with nothing to fill in is a button, others are a small form. `send(intent, slots)`. A label is told once. */
export function tryable(domain, intents, send) {
  const orders = intents.filter((each) => !each.question).sort((a, b) => rank(a) - rank(b));
  const told = new Set();
  const buttons = [], forms = [];
  for (const each of orders.length ? orders : intents.slice(0, 1)) {
    const slots = Object.entries(each.slots).filter(([name]) => name !== "code" && (!name.endsWith("_step") || each.required.includes(name)));
    const label = labelOf(domain, each);
    if (told.has(label)) continue;
    told.add(label);
    if (slots.length && !each.question) forms.push(form(label, each, slots, send));
    else buttons.push(el("button", { type: "button", title: each.help, onclick: () => send(each.intent, {}) }, label));
  }
  return [buttons.length ? el("div", { class: "buttons" }, buttons) : null, forms];
}

function rank({ intent }) {
  return ["HassTurnOn", "HassTurnOff"].indexOf(intent) + 1 || 3;
}

function labelOf(domain, { intent, help }) {
  const word = {
    HassTurnOn: OTHERWISE[domain] ?? "on",
    HassTurnOff: OFF[OTHERWISE[domain]] ?? "off",
    HassGetState: "read",
    ...KNOWN,
  }[intent];
  return word && has(`try.${word}`) ? say(`try.${word}`) : help.replace(/\.$/, "");
}

function form(label, { intent, required }, slots, send) {
  const inputs = slots.map(([name, schema]) => [name, input(name, schema, required.includes(name))]);
  const submit = (event) => {
    event.preventDefault();
    const given = inputs.filter(([, each]) => each.value !== "").map(([name, each]) => [name, each.type === "number" ? Number(each.value) : each.value]);
    send(intent, Object.fromEntries(given));
  };
  return el("form", { class: "valued", onsubmit: submit }, el("p", { class: "note" }, label), inputs.map(([, each]) => each), el("button", { type: "submit" }, say("try.send")));
}

function input(name, schema, required) {
  const told = has(`slot.${name}`) ? say(`slot.${name}`) : name.replaceAll("_", " ");
  const kind = schema.anyOf?.find((each) => each.type !== "null") ?? schema;
  if (kind.enum) return el("select", { "aria-label": told, required }, options([["", told], ...kind.enum.map((each) => [String(each), String(each)])], ""));
  const numeric = ["number", "integer"].includes(kind.type);
  return el("input", {
    type: numeric ? "number" : "text", "aria-label": told, placeholder: told, required, maxlength: numeric ? null : 200,
    min: kind.minimum, max: kind.maximum, step: numeric ? (kind.type === "integer" ? 1 : "any") : null,
  });
}
