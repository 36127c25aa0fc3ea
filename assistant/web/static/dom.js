// Builds elements. Names, transcripts and thoughts are data: they become text nodes, never markup.

import { has, say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** el("button", {class: "quiet", onclick: f, aria: {label: "…"}}, "text", otherElement, null) */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Takes the place of everything in `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren(...nodes(children));
  return parent;
}

export function append(parent, ...children) {
  parent.append(...nodes(children));
  return parent;
}

/** A heading that a change of view moves the focus to. */
export function heading(level, text, attributes = {}) {
  return el(`h${level}`, { tabindex: "-1", ...attributes }, text);
}

/** A form's field with its label; `input` gets an id. */
export function labelled(label, input, hint = null) {
  input.id ||= fresh("field");
  const described = hint && el("small", { id: fresh("hint") }, hint);
  if (described) input.setAttribute("aria-describedby", described.id);
  return el("p", { class: "field" }, el("label", { for: input.id }, label), input, described);
}

export function options(pairs, chosen) {
  return pairs.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
}

let counter = 0;
export function fresh(stem) {
  return `${stem}-${++counter}`;
}

/** Writes the page's own fixed texts in the chosen language. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-say]")) if (has(node.dataset.say)) node.textContent = say(node.dataset.say);
  for (const node of root.querySelectorAll("[data-say-label]")) node.setAttribute("aria-label", say(node.dataset.sayLabel));
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "aria" || name === "data") for (const [key, each] of Object.entries(value)) {
      if (each !== null && each !== undefined) node.setAttribute(`${name}-${key}`, each);
    }
    else if (name === "value" || name === "checked" || name === "selected" || name === "disabled" || name === "open") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...nodes(children));
  return node;
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
