// What can be turned from anywhere: stop, mute, and behind one button volume, language, this browser's room, log out.

import * as api from "./api.js";
import { el, fill, labelled, options } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./words.js";

export function controls(context) {
  const { me } = context;
  const turn = async (change) => {
    try {
      await api.post("/api/controls", change);
      return true;
    } catch (error) {
      context.notice(error.message, "bad");
      return false;
    }
  };

  const stop = el("button", { class: "round quiet", title: say("control.stop"), "aria-label": say("control.stop"), onclick: () => { context.hush?.(); turn({ stop: true }); } }, icon("stop"));

  const mute = el("button", { class: "round quiet", onclick: async () => {
    const muted = !me.muted;
    if (await turn({ muted })) showMuted(muted);
  } });
  const showMuted = (muted) => {
    me.muted = muted;
    mute.setAttribute("aria-pressed", String(muted));
    mute.setAttribute("aria-label", say("control.mute"));
    mute.title = say(muted ? "control.muted" : "control.mute");
    fill(mute, icon(muted ? "mute" : "mic"));
    document.body.classList.toggle("muted", muted);
    context.onmuted?.(muted);
  };
  showMuted(Boolean(me.muted));

  const volume = el("input", { type: "range", min: 0, max: 100, step: 5, value: me.volume ?? 100, onchange: () => turn({ volume: Number(volume.value) }) });
  const language = el(
    "select", { onchange: async () => (await turn({ language: language.value })) && location.reload() },
    options([["auto", say("language.auto")], ["en", "English"], ["it", "Italiano"], ["zh", "中文"]], me.language ?? "auto"),
  );
  const room = el(
    "select", { onchange: () => context.room.set(room.value) },
    options([["", say("room.none")], ...(me.rooms ?? []).map((each) => [each, each])], context.room.get()),
  );
  const menu = el(
    "details", { class: "menu" },
    el("summary", { class: "round quiet", "aria-label": say("control.more"), title: say("control.more") }, icon("sliders")),
    el(
      "div", { class: "sheet card" },
      labelled(say("control.volume"), volume),
      labelled(say("control.language"), language),
      labelled(say("control.room"), room, say("control.room_hint")),
      me.login_needed ? el("button", { class: "quiet wide", onclick: async () => { await api.post("/api/logout"); location.reload(); } }, icon("out"), say("login.leave")) : null,
      el("p", { class: "note" }, `mimo-assistant ${me.version ?? ""}`),
    ),
  );
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));

  context.stream.listen((event) => {
    if (event.event !== "controls") return;
    if (typeof event.muted === "boolean" && event.muted !== me.muted) showMuted(event.muted);
    if (typeof event.volume === "number" && document.activeElement !== volume) volume.value = event.volume;
  });
  return [stop, mute, menu];
}
