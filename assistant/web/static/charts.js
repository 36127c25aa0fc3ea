// Pictures: a turn's stages on one time axis, latencies over a day, the level of a microphone. SVG, built node by node.

import { el, svg } from "./dom.js";
import { ms, number, say, word } from "./words.js";

/** Draws now and whenever the room for it changes. */
function drawn(className, label, height, draw) {
  const picture = svg("svg", { class: className, role: "img", "aria-label": label, height });
  const watch = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0) picture.replaceChildren(...draw(Math.floor(contentRect.width)));
  });
  watch.observe(picture);
  return picture;
}

// ── a turn ──

const LANE = 26;

/** timeline: [{stage, start_ms, ms}] */
export function timeline(stages) {
  const known = stages.filter((each) => each.ms !== null && each.ms !== undefined);
  const total = Math.max(1, ...known.map((each) => each.start_ms + each.ms));
  const label = say("timeline.label", { stages: known.map((each) => `${word("stage", each.stage)} ${ms(each.ms)}`).join(", ") });
  return drawn("timeline", label, known.length * LANE + 24, (width) => {
    const left = Math.min(108, width * 0.3), right = 62, room = width - left - right;
    const at = (milliseconds) => left + (milliseconds / total) * room;
    const parts = [];
    for (const tick of ticks(total)) parts.push(
      svg("line", { class: "grid", x1: at(tick), x2: at(tick), y1: 0, y2: known.length * LANE }),
      svg("text", { class: "tick", x: at(tick), y: known.length * LANE + 16, "text-anchor": tick ? "middle" : "start" }, ms(tick) === say("unit.under_ms") ? "0" : ms(tick)),
    );
    known.forEach((each, row) => {
      const y = row * LANE, length = Math.max(3, (each.ms / total) * room);
      parts.push(
        svg("text", { class: "lane", x: 0, y: y + 17 }, word("stage", each.stage)),
        svg("rect", { class: `span ${each.stage}`, x: at(each.start_ms), y: y + 6, width: length, height: LANE - 12, rx: Math.min(5, length / 2) }),
        svg("text", { class: "took", x: Math.min(at(each.start_ms) + length + 6, width - right + 4), y: y + 17 }, ms(each.ms)),
      );
    });
    return parts;
  });
}

/** The same in one line, for a list: no labels, only the proportions. */
export function stripe(timings) {
  const spent = STAGES.map((stage) => [stage, timings?.[stage] ?? 0]).filter(([, each]) => each > 0);
  const total = spent.reduce((sum, [, each]) => sum + each, 0) || 1;
  let x = 0;
  const rects = spent.map(([stage, each]) => {
    const width = (each / total) * 100;
    const rect = svg("rect", { class: `span ${stage}`, x: `${x}%`, y: 0, width: `${Math.max(width, 0.8)}%`, height: 6 });
    x += width;
    return rect;
  });
  return svg("svg", { class: "stripe", height: 6, "aria-hidden": "true" }, rects);
}

export const STAGES = ["endpoint", "stt", "match", "think", "plan", "act", "confirm", "first_audio"];

export function spent(timings) {
  return STAGES.reduce((sum, stage) => sum + (timings?.[stage] ?? 0), 0);
}

// ── a day ──

/** by_hour: [{from, p50, p95, count}], the oldest first. */
export function latencies(stage, { p50, p95, count, by_hour }) {
  const label = say("latency.label", { stage: word("stage", stage), p50: ms(p50), p95: ms(p95), n: number(count) });
  const top = Math.max(1, ...by_hour.map((each) => each.p95 ?? 0));
  const hours = by_hour.map((each, at) => ({ ...each, at })).filter((each) => each.count);
  return drawn("latencies", label, 96, (width) => {
    const [high, low] = [18, 76];
    const x = (hour) => 4 + (hour / Math.max(1, by_hour.length - 1)) * (width - 8);
    const y = (value) => low - (value / top) * (low - high);
    const parts = [
      svg("line", { class: "grid", x1: 0, x2: width, y1: low, y2: low }),
      svg("line", { class: "grid faint", x1: 0, x2: width, y1: high, y2: high }),
      svg("text", { class: "tick", x: 0, y: high - 5 }, ms(top)),
    ];
    const upper = hours.map((each) => [x(each.at), y(each.p95)]), lower = hours.map((each) => [x(each.at), y(each.p50)]);
    if (hours.length > 1) parts.push(svg("path", { class: "band", d: `M${points(upper)}L${points([...lower].reverse())}Z` }));
    parts.push(svg("path", { class: "p95", d: `M${points(upper)}` }), svg("path", { class: "p50", d: `M${points(lower)}` }));
    for (const [px, py] of upper) parts.push(svg("circle", { class: "p95", cx: px, cy: py, r: 2.5 }));
    for (const [px, py] of lower) parts.push(svg("circle", { class: "p50", cx: px, cy: py, r: 2.5 }));
    parts.push(
      svg("text", { class: "tick", x: 0, y: 93 }, say("latency.day_ago")),
      svg("text", { class: "tick", x: width, y: 93, "text-anchor": "end" }, say("age.now")),
    );
    return parts;
  });
}

function points(pairs) {
  return pairs.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L");
}

function ticks(total) {
  const raw = total / 4, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw);
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
}

// ── a level ──

const BARS = 56;

/** The last seconds of a microphone as a row of bars; the wake score is a line across them. */
export class Meter {
  #levels = new Array(BARS).fill(0);
  #bars = [];
  #score;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor() {
    this.#bars = this.#levels.map((_, index) => svg("rect", { x: `${(index / BARS) * 100}%`, width: `${55 / BARS}%`, y: 31, height: 2, rx: 1.5 }));
    this.#score = svg("line", { class: "score", x1: 0, x2: "100%", y1: 63, y2: 63 });
    this.root = svg("svg", { class: "meter", height: 64, "aria-hidden": "true" }, this.#bars, this.#score);
  }

  /** level and score: 0 to 1. */
  push(level, score = 0) {
    this.#levels.push(Math.min(1, Math.max(0, level)));
    this.#levels.shift();
    const shown = this.#still.matches ? this.#levels.map(() => level) : this.#levels;
    shown.forEach((each, index) => {
      const height = 2 + each * 58;
      this.#bars[index].setAttribute("y", 32 - height / 2);
      this.#bars[index].setAttribute("height", height);
    });
    this.#score.setAttribute("y1", 63 - score * 62);
    this.#score.setAttribute("y2", 63 - score * 62);
    this.root.classList.toggle("stirred", score > 0.05);
    this.root.classList.toggle("woken", score > 0.5);
  }
}

/** dBFS (−60 … 0), or a linear 0-1, to the share of the meter that it fills. */
export function loudness(value) {
  if (value < 0) return Math.max(0, 1 + value / 60);
  return value <= 0 ? 0 : Math.max(0, 1 + (20 * Math.log10(value)) / 60);
}

/** A ring that empties. */
export class Ring {
  constructor() {
    this.left = svg("circle", { class: "left", cx: 24, cy: 24, r: 20, pathLength: 100, "stroke-dasharray": "100 100" });
    this.root = svg("svg", { class: "ring", viewBox: "0 0 48 48", "aria-hidden": "true" }, svg("circle", { class: "whole", cx: 24, cy: 24, r: 20 }), this.left);
  }

  set(share) {
    this.left.setAttribute("stroke-dasharray", `${(Math.max(0, Math.min(1, share)) * 100).toFixed(1)} 100`);
  }
}

export function legend() {
  return el("p", { class: "legend", "aria-hidden": "true" }, el("span", { class: "key p50" }, "p50"), el("span", { class: "key p95" }, "p95"));
}
