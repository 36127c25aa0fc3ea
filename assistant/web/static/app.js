// The page's frame: who is there, which view is shown, whether the daemon is; then the views do the rest.

import * as api from "./api.js";
import { controls } from "./controls.js";
import { append, el, fill, heading, labelled, translate } from "./dom.js";
import { icon } from "./icons.js";
import { Stream } from "./stream.js";
import { Health } from "./views/health.js";
import { House } from "./views/house.js";
import { Now } from "./views/now.js";
import { Time } from "./views/time.js";
import { Turns } from "./views/turns.js";
import * as words from "./words.js";
import { say } from "./words.js";

const VIEWS = { now: Now, turns: Turns, house: House, time: Time, health: Health };
const NOTICE_MS = 8000;

const main = document.getElementById("main");
const names = new Map();
const built = {};
let shown = null;

const context = {
  me: null,
  stream: new Stream(),
  nameOf: (id) => names.get(id) ?? id ?? "",
  announce: (text) => (document.getElementById("announcer").textContent = text),
  notice,
  room: {
    get: () => localStorage.getItem("room") ?? "",
    set: (room) => localStorage.setItem("room", room),
  },
};

async function start() {
  try {
    context.me = await api.get("/api/me");
  } catch (error) {
    await words.learn(words.choose(null));
    return fill(main, el("section", { class: "card narrow" }, heading(1, say("error.title")), el("p", {}, error.message), el("button", { onclick: () => location.reload() }, say("again"))));
  }
  api.trust(context.me.csrf);
  await words.learn(words.choose(context.me.language));
  translate(document);
  for (const link of document.querySelectorAll("#nav a")) link.prepend(icon(link.dataset.view));
  if (context.me.login_needed && !context.me.logged_in) return login();
  enter();
}

function enter() {
  document.body.classList.add("in");
  api.whenLoggedOut(() => location.reload());
  fill(document.getElementById("controls"), controls(context));
  context.stream.listen(linked);
  context.stream.listen(renamed);
  context.stream.open();
  learnNames();
  addEventListener("hashchange", () => route(true));
  route(false);
}

// ── which view ──

function route(moved) {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const view = name in VIEWS ? name : "now";
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const next = (built[view] ??= new VIEWS[view](context));
  if (shown !== next) {
    shown?.leave?.();
    fill(main, next.root);
    shown = next;
    main.dataset.view = view;
    scrollTo(0, 0);
  }
  next.enter?.(rest.join("/"));
  document.title = `${say(`view.${view}`)} · MiMo`;
  if (moved) next.root.querySelector("h1")?.focus({ preventScroll: true });
}

// ── whether the daemon is there ──

function linked(event) {
  if (event.event === "notice") return notice(event.text);
  if (event.event !== "link") return;
  document.getElementById("link").dataset.link = event.link;
  document.getElementById("link-text").textContent = say(`link.${event.link}`);
  if (event.link === "open") shown?.enter?.(location.hash.slice(1).split("/").slice(1).join("/"));
}

function notice(text, kind = "plain") {
  const shelf = document.getElementById("notices");
  const card = el("p", { class: `notice ${kind}` }, el("span", {}, text), el("button", { class: "quiet", "aria-label": say("dismiss"), onclick: () => card.remove() }, "×"));
  append(shelf, card);
  while (shelf.children.length > 3) shelf.firstChild.remove();
  setTimeout(() => card.remove(), NOTICE_MS);
}

// ── what devices are called ──

async function learnNames() {
  try {
    for (const device of (await api.get("/api/house")).devices) names.set(device.entity, device.name);
  } catch {
    // Without the names the ids are shown: the house view says what is wrong.
  }
}

function renamed(event) {
  if (event.event === "house" && event.renamed) learnNames();
}

// ── who is there ──

function login() {
  document.body.classList.add("out");
  const password = el("input", { type: "password", autocomplete: "current-password", required: true });
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el(
    "form",
    {
      class: "card narrow",
      onsubmit: async (event) => {
        event.preventDefault();
        problem.textContent = "";
        try {
          await api.post("/api/login", { password: password.value });
          location.reload();
        } catch (error) {
          problem.textContent = error.message;
          password.select();
        }
      },
    },
    heading(1, say("login.title")),
    el("p", { class: "note" }, say("login.why")),
    labelled(say("login.password"), password),
    problem,
    el("button", { class: "main", type: "submit" }, say("login.enter")),
  );
  fill(main, form);
  document.title = `${say("login.title")} · MiMo`;
  password.focus();
}

start();
