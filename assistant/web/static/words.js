// The page's own texts, one file a language; numbers, times and ages in that language's way.

const LANGUAGES = ["en", "it", "zh"];

let texts = {};
export let language = "en";
let locale = "en";

/** The configured language, else the first of the browser's that we have. */
export function choose(configured, preferred = navigator.languages) {
  if (LANGUAGES.includes(configured)) return configured;
  const short = preferred.map((code) => code.slice(0, 2).toLowerCase());
  return short.find((code) => LANGUAGES.includes(code)) ?? "en";
}

export async function learn(code) {
  const answer = await fetch(new URL(`./texts/${code}.json`, import.meta.url));
  texts = await answer.json();
  language = code;
  // Times and numbers as the browser's own region has them, where it speaks this language.
  locale = navigator.languages.find((each) => each.toLowerCase().startsWith(code)) ?? code;
  document.documentElement.lang = code;
}

export function has(key) {
  return key in texts;
}

/** The text of a key, with {names} filled in. */
export function say(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The text of a key where there is one, else the word itself: states and stages that we do not know stay readable. */
export function word(group, name) {
  const key = `${group}.${name}`;
  return key in texts ? texts[key] : String(name).replaceAll("_", " ");
}

export function ms(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "";
  if (milliseconds < 1) return say("unit.under_ms");
  if (milliseconds < 1000) return say("unit.ms", { n: number(Math.round(milliseconds)) });
  return say("unit.s", { n: number(milliseconds / 1000, milliseconds < 10_000 ? 2 : 1) });
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/** "3 min ago" */
export function ago(seconds) {
  if (seconds === null || seconds === undefined) return say("age.unknown");
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ["second", 1];
  if (seconds < 5) return say("age.now");
  return new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" }).format(-Math.floor(seconds / size), unit);
}

/** "4 h 12 min" */
export function lasting(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const parts = days ? [[days, "day"], [hours, "hour"]] : hours ? [[hours, "hour"], [minutes, "minute"]] : [[minutes, "minute"]];
  return parts.map(([n, unit]) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(n)).join(" ");
}

/** "07:05", "1:02:09" */
export function clock(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** "14:05", with the day where it is not today. */
export function when(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return String(iso ?? "");
  const today = date.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(locale, style).format(date);
}

/** "14:05", and "tomorrow" or "Fri 27 Nov"; null where it is today. */
export function due(iso) {
  const date = new Date(iso), midnight = (each) => new Date(each).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(date) - midnight(Date.now())) / 86_400_000);
  const day = days === 0 ? null : days === 1 ? new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(1, "day") : shown(date, { weekday: "short", day: "numeric", month: "short" });
  return [shown(date, { timeStyle: "short" }), day];
}

export function weekday(date, style) {
  return shown(date, { weekday: style });
}

function shown(date, style) {
  return new Intl.DateTimeFormat(locale, style).format(date);
}

export function exactly(iso) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" }).format(new Date(iso));
}

const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
