// A unit's cues by hand: times, row breaks, split, merge. What is not touched stays the re-cutter's.

import { autosize, h } from "./dom.js";
import { t } from "./text.js";
import { clock, parseClock } from "./times.js";
import { cueMeters } from "./unit.js";

const STEP_MS = 100;
const FINE_MS = 10;
const TYPING_MS = 400;

export class CueEditor {
  #cues = [];
  #unit = null;
  #box = h("div", { class: "cue-edit", role: "group" });
  #timer = 0;
  #dirty = false;

  constructor(editor) {
    this.editor = editor;
    // The fields are drawn anew while they are worked on: only a focus that is elsewhere afterwards has left.
    this.#box.addEventListener("focusout", () => setTimeout(() => this.hasFocus || this.#save()));
  }

  get isOpen() {
    return this.#unit !== null;
  }

  get hasFocus() {
    return this.isOpen && this.#box.contains(document.activeElement);
  }

  open(unit, parts) {
    if (!unit.cues.length) return;
    this.#take(unit);
    this.#dirty = false;
    this.show(parts.cues, unit);
    this.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.#save();
    this.#unit = null;
    this.#box.remove();
  }

  /** Draw the fields into the row, if they are not there. */
  show(place, unit) {
    if (!this.#dirty) this.#take(unit);
    this.#box.setAttribute("aria-label", t("cue.editing"));
    this.#draw();
    place.replaceChildren(this.#box);
  }

  focus(index = 0) {
    this.#box.querySelectorAll("textarea")[index]?.focus({ preventScroll: true });
  }

  /** The cue under the focus: its place among the unit's. */
  get at() {
    const row = document.activeElement?.closest?.(".cue-row");
    return row ? Number(row.dataset.index) : -1;
  }

  /** Cut the cue at the caret: text before it in one cue, after it in the next, time by the share of the text. */
  split() {
    const index = this.at;
    const area = this.#area(index);
    if (!area) return;
    const [before, after] = [area.value.slice(0, area.selectionStart), area.value.slice(area.selectionStart)].map((text) => text.trim());
    if (!before || !after) return;
    const cue = this.#cues[index];
    const middle = Math.round(cue.start_ms + ((cue.end_ms - cue.start_ms) * before.length) / (before.length + after.length));
    const gap = this.#limits.min_gap_ms;
    this.#cues.splice(index, 1, { start_ms: cue.start_ms, end_ms: Math.max(cue.start_ms + 1, middle - gap), lines: before.split("\n") }, { start_ms: middle, end_ms: cue.end_ms, lines: after.split("\n") });
    this.#redraw(index + 1);
  }

  /** Make one of the cue and the next. */
  merge() {
    const index = this.at;
    const [cue, next] = [this.#cues[index], this.#cues[index + 1]];
    if (!cue || !next) return;
    const rows = [...cue.lines, ...next.lines];
    const lines = rows.length <= this.#limits.max_lines ? rows : [rows.join(this.#joiner)];
    this.#cues.splice(index, 2, { start_ms: cue.start_ms, end_ms: next.end_ms, lines });
    this.#redraw(index);
  }

  /** Let the cue under the focus start (or end) at a time. */
  setEdge(edge, ms) {
    const index = this.at;
    if (index < 0) return;
    this.moveEdge(index, edge, ms);
    this.#redraw(index);
  }

  moveEdge(index, edge, ms) {
    this.#cues[index][edge] = Math.max(0, Math.round(ms));
    this.#dirty = true;
  }

  get #limits() {
    return this.editor.model.data.language;
  }

  get #joiner() {
    return this.#limits.wide ? "" : " ";
  }

  #area(index) {
    return this.#box.querySelector(`.cue-row[data-index="${index}"] textarea`);
  }

  #take(unit) {
    this.#unit = unit.id;
    this.#cues = unit.cues.map(({ start_ms, end_ms, lines }) => ({ start_ms, end_ms, lines: [...lines] }));
  }

  #redraw(focus) {
    this.#dirty = true;
    this.#draw();
    this.focus(focus);
    this.#check();
  }

  #draw() {
    this.#box.replaceChildren(...this.#cues.map((cue, index) => this.#row(cue, index)), h("p", { class: "muted hint" }, t("cue.hint", this.#hintKeys())));
    this.#box.querySelectorAll("textarea").forEach(autosize);
  }

  #hintKeys() {
    const { keys } = this.editor;
    return { split: keys.label("cue-split"), merge: keys.label("cue-merge"), start: keys.label("cue-start"), end: keys.label("cue-end"), auto: keys.label("cues-auto") };
  }

  #row(cue, index) {
    const { rtl, tag } = this.#limits;
    const meters = h("span", { class: "meters num" }, ...cueMeters(cue, this.#limits));
    const area = h("textarea", { rows: "1", lang: tag, dir: rtl ? "rtl" : "auto", "aria-label": t("cue.text", { n: index + 1 }), oninput: () => {
      cue.lines = area.value.split("\n");
      autosize(area);
      this.#typed(cue, meters);
    } });
    area.value = cue.lines.join("\n");
    const times = h("span", { class: "cue-times" }, this.#time(cue, "start_ms", index, meters), this.#time(cue, "end_ms", index, meters));
    return h("div", { class: "cue-row", dataset: { index } }, times, area, meters);
  }

  #time(cue, edge, index, meters) {
    const label = t(edge === "start_ms" ? "cue.start" : "cue.end", { n: index + 1 });
    const set = (ms) => {
      cue[edge] = Math.max(0, ms);
      input.value = clock(cue[edge]);
      input.removeAttribute("aria-invalid");
      this.#typed(cue, meters);
    };
    const input = h("input", { class: "num", value: clock(cue[edge]), "aria-label": label, inputmode: "decimal", size: "9",
      onchange: () => {
        const ms = parseClock(input.value);
        if (ms === null) input.setAttribute("aria-invalid", "true");
        else set(ms);
      },
      onkeydown: (event) => {
        const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!direction || event.altKey) return;
        event.preventDefault();
        set(cue[edge] + direction * (event.shiftKey ? FINE_MS : STEP_MS));
      } });
    return input;
  }

  #typed(cue, meters) {
    this.#dirty = true;
    meters.replaceChildren(...cueMeters(cue, this.#limits));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), TYPING_MS);
  }

  get #text() {
    return this.#cues.flatMap((cue) => cue.lines).map((row) => row.trim()).filter(Boolean).join(this.#joiner);
  }

  #check() {
    if (this.isOpen && this.#dirty) this.editor.actions.cuesEdited(this.#unit, this.#cues);
  }

  /** Hand the cues to the queue; text and cues go together, since they belong together. */
  #save() {
    clearTimeout(this.#timer);
    if (!this.#dirty || !this.isOpen) return;
    this.#dirty = false;
    const { model, queue } = this.editor;
    const stored = model.shown(this.#unit);
    const cues = this.#cues.map((cue) => ({ ...cue, lines: cue.lines.map((row) => row.trim()).filter(Boolean) })).filter((cue) => cue.lines.length);
    const text = sameWords(stored.text, this.#text) ? stored.text : this.#text;
    this.editor.actions.saveCues(this.#unit, text, cues, queue);
  }
}

/** Whether two texts differ in white space alone. */
function sameWords(one, other) {
  const bare = (text) => text.replace(/\s+/g, "");
  return bare(one) === bare(other);
}
