// Health: what is wrong and what mends it, how fast each stage was over the last day, which brains answer.

import * as api from "../api.js";
import { latencies, legend, STAGES } from "../charts.js";
import { el, fill, heading } from "../dom.js";
import { icon } from "../icons.js";
import { lasting, ms, number, say, word } from "../words.js";

const EVERY_MS = 30_000;

export class Health {
  #context;
  #timer = null;

  constructor(context) {
    this.#context = context;
    this.run = el("button", { class: "main", onclick: () => this.#chain() }, icon("play"), say("health.run"));
    this.told = el("p", { class: "note", role: "status" });
    this.chain = el("div", { class: "chain", "aria-live": "polite" });
    this.findings = el("ul", { class: "findings" });
    this.latency = el("div", { class: "plots" });
    this.brain = el("div", {});
    this.root = el(
      "section", { class: "view", "aria-labelledby": "health-title" },
      el("div", { class: "head" }, heading(1, say("view.health"), { id: "health-title" }), this.run),
      this.told, this.chain,
      el("section", { "aria-labelledby": "findings-title" }, el("h2", { id: "findings-title" }, say("health.findings")), this.findings),
      el("section", { "aria-labelledby": "latency-title" }, el("div", { class: "head" }, el("h2", { id: "latency-title" }, say("health.latency")), legend()), this.latency),
      el("section", { "aria-labelledby": "brain-title" }, el("h2", { id: "brain-title" }, say("health.brain")), this.brain),
    );
  }

  enter() {
    this.#load();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => document.hidden || this.#load(), EVERY_MS);
  }

  leave() {
    clearInterval(this.#timer);
  }

  async #load() {
    let health;
    try {
      health = await api.get("/api/health");
    } catch (error) {
      return void (this.told.textContent = error.message);
    }
    const wrong = health.findings.filter((each) => !each.fine).length;
    this.told.textContent = [
      health.findings.length && say(wrong === 0 ? "health.all_fine" : wrong === 1 ? "health.one_wrong" : "health.some_wrong", { n: number(wrong) }),
      health.uptime_seconds !== undefined ? say("health.uptime", { time: lasting(health.uptime_seconds) }) : null,
      disk(health.disk),
    ].filter(Boolean).join(" · ");
    this.findings.parentElement.hidden = !health.findings.length;
    fill(this.findings, [...health.findings].sort((a, b) => Number(a.fine) - Number(b.fine)).map(finding));
    this.#latencies(health.latency ?? {});
    this.#brains(health.brain ?? []);
  }

  #latencies(latency) {
    const known = [...STAGES.filter((stage) => latency[stage]), ...Object.keys(latency).filter((stage) => !STAGES.includes(stage))].filter((stage) => latency[stage].count);
    if (!known.length) return fill(this.latency, el("p", { class: "note" }, say("health.no_latency")));
    fill(this.latency, known.map((stage) => plot(stage, latency[stage])));
  }

  #brains(brains) {
    if (!brains.length) return fill(this.brain, el("p", { class: "note" }, say("health.no_brain")));
    fill(this.brain, el("ul", { class: "findings" }, brains.map((each) => el(
      "li", { class: `card finding ${each.healthy ? "fine" : "bad"}` },
      el("p", { class: "part" }, el("strong", {}, each.name), el("span", { class: "verdict" }, say(each.healthy ? "brain.healthy" : "brain.away"))),
      el("p", { class: "found" }, each.tokens_per_second ? say("brain.pace", { n: number(each.tokens_per_second, 1) }) : say("brain.no_pace")),
    ))));
  }

  async #chain() {
    this.run.disabled = true;
    fill(this.chain, el("p", { class: "note" }, say("health.running")));
    try {
      const told = await api.post("/api/health/chain");
      fill(this.chain, chainReport(told));
    } catch (error) {
      fill(this.chain, el("p", { class: "problem" }, error.message));
    } finally {
      this.run.disabled = false;
      this.#load();
    }
  }
}

function finding({ part, fine, found, remedy }) {
  return el(
    "li", { class: `card finding ${fine ? "fine" : "bad"}` },
    el("p", { class: "part" }, el("strong", {}, word("part", part)), el("span", { class: "verdict" }, say(fine ? "finding.fine" : "finding.bad"))),
    el("p", { class: "found" }, found),
    !fine && remedy ? el("p", { class: "remedy" }, el("span", {}, say("finding.remedy")), " ", el("code", {}, remedy)) : null,
  );
}

function plot(stage, figures) {
  return el(
    "figure", { class: "card plot" },
    el("figcaption", {}, el("strong", {}, word("stage", stage)), el("span", { class: "note" }, say("latency.figures", { p50: ms(figures.p50), p95: ms(figures.p95), n: number(figures.count) }))),
    latencies(stage, figures),
  );
}

function chainReport(summary) {
  return el(
    "div", { class: "card" },
    el("p", {}, el("strong", {}, say(summary.error ? "chain.failed" : "chain.worked"))),
    summary.transcript ? el("p", {}, say("chain.heard", { text: summary.transcript })) : null,
    summary.reply ? el("p", {}, say("chain.said", { text: summary.reply })) : null,
    summary.error ? el("p", { class: "problem" }, summary.error) : null,
  );
}

function disk(told) {
  return told && say("health.disk", { gb: number(told.free_bytes / 1e9, 1) });
}
