// Making elements. Text only ever goes in as text: nothing here, or in any other module, parses data as HTML.

/**
 * An element. `props`: `class`, `dataset`, `on…` listeners, ARIA and other attributes; true sets one without a value, false,
 * null and undefined leave it out. `value`, `checked`, `disabled`, `hidden` are set as properties.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "open"]);

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

const SHAPES = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  check: "M2.5 8.5l3.5 3.5 7.5-8",
  flag: "M3.5 14V2.5h8l-2 3 2 3h-8",
  comment: "M2 3h12v8H7l-3 3v-3H2z",
  warning: "M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.6v.4",
  error: "M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  clock: "M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8zM8 4.5V8l2.4 1.6",
  pin: "M8 14V9.5M4.5 9.5h7L10 6V2.5H6V6z",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  spark: "M8 1.5l1.6 4.9 4.9 1.6-4.9 1.6L8 14.5l-1.6-4.9L1.5 8l4.9-1.6z",
};

/** A 16-pixel drawing, hidden from screen readers: the words beside it say what it means. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** A button with a label, and the key that does the same. */
export function button(label, onclick, { key = "", kind = "", ...props } = {}) {
  const keys = key ? [h("kbd", { "aria-hidden": "true" }, key)] : [];
  return h("button", { type: "button", class: `button ${kind}`.trim(), onclick, ...props }, label, ...keys);
}

/** As high as its text: `field-sizing` where the browser knows it, else by measuring. */
export function autosize(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

/** The text with `spans` ([from, to] in code points, in order) inside elements made by `make(text, span)`. */
export function marked(text, spans, make) {
  const points = Array.from(text);
  const parts = [];
  let at = 0;
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    if (span.from < at || span.to > points.length) continue;
    if (span.from > at) parts.push(points.slice(at, span.from).join(""));
    parts.push(make(points.slice(span.from, span.to).join(""), span));
    at = span.to;
  }
  if (at < points.length) parts.push(points.slice(at).join(""));
  return parts;
}
