// The daemon's HTTP interface; what it refuses arrives as an error with a sentence to show.

import { say } from "./words.js";

export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

let token = "";
let onLoggedOut = () => {};

export function trust(csrf) {
  token = csrf ?? "";
}

export function whenLoggedOut(handler) {
  onLoggedOut = handler;
}

export const get = (path, query = {}) => call("GET", path + asQuery(query));
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

/** ws:// or wss:// of the same origin. */
export function socketUrl(path, query = {}) {
  const url = new URL(path + asQuery(query), location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin" });
  } catch {
    throw new Refused(say("error.away"), 0);
  }
  const told = await contents(answer);
  if (answer.ok) return told;
  if (answer.status === 401 && path !== "/api/login") onLoggedOut();
  throw new Refused(sentence(told, answer.status), answer.status);
}

async function contents(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** FastAPI's `detail` is a sentence, or a list of what is wrong with which field. */
function sentence(told, status) {
  const detail = told?.detail ?? told?.error;
  if (typeof detail === "string" && detail && detail !== "Not Found") return detail;
  if (Array.isArray(detail)) return detail.map((each) => `${(each.loc ?? []).slice(1).join(".")}: ${each.msg}`).join("; ");
  if (status === 404 || status === 501) return say("error.missing");
  if (status === 429) return say("error.too_often");
  return say("error.status", { status });
}

function asQuery(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
