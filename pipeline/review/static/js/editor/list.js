// The list of units: rows made once, and made anew only where something changed. Rows out of sight are not laid out
// (content-visibility in the style sheet), so 600 sentences open as fast as 20.

import { h } from "./dom.js";
import { t } from "./text.js";
import { fillRow, makeRow } from "./unit.js";

export class List {
  #rows = new Map();

  /** `nothing` is the element that stands in the place of an episode's sentences while there are none. */
  constructor(model, context, nothing) {
    this.model = model;
    this.nothing = nothing;
    this.context = context;
    this.element = h("div", { class: "units", role: "feed", "aria-label": t("editor.units") });
    this.element.addEventListener("focusin", (event) => this.#entered(event));
    this.element.addEventListener("mousedown", (event) => this.#pressed(event));
    this.element.addEventListener("click", (event) => this.#clicked(event));
    model.addEventListener("list", () => this.arrange());
    model.addEventListener("units", (event) => event.detail.ids.forEach((id) => this.refresh(id)));
    model.addEventListener("reloaded", () => this.#all());
    this.arrange();
  }

  /** The parts of a unit's row; undefined where the list does not show it. */
  parts(id) {
    return this.#rows.get(id);
  }

  /** Rows in the order of the model's list; those that are there stay the same elements. */
  arrange() {
    const { visible } = this.model;
    const rows = visible.map((id) => this.#row(id).row);
    const kept = new Set(visible);
    for (const [id, parts] of this.#rows) {
      if (!kept.has(id)) {
        parts.row.remove();
        if (!this.model.units.has(id)) this.#rows.delete(id);
      }
    }
    rows.forEach((row, index) => {
      if (this.element.children[index] !== row) this.element.insertBefore(row, this.element.children[index] ?? null);
      row.setAttribute("aria-posinset", index + 1);
      row.setAttribute("aria-setsize", rows.length);
    });
    this.#empty(rows.length === 0);
  }

  refresh(id) {
    const parts = this.#rows.get(id);
    const unit = this.model.shown(id);
    if (parts && unit) fillRow(parts, unit, this.context(unit));
  }

  #all() {
    for (const id of this.#rows.keys()) this.refresh(id);
  }

  #row(id) {
    if (!this.#rows.has(id)) {
      const unit = this.model.shown(id);
      this.#rows.set(id, makeRow(unit, this.context(unit)));
    }
    return this.#rows.get(id);
  }

  #empty(isEmpty) {
    const note = this.element.querySelector(":scope > .empty");
    this.element.setAttribute("role", isEmpty ? "region" : "feed"); // a feed has articles only
    if (!isEmpty) note?.remove();
    else if (!note) this.element.append(h("div", { class: "empty" }, this.model.units.size ? h("p", {}, t("editor.none")) : this.nothing));
  }

  #entered(event) {
    const row = event.target.closest(".unit");
    if (row) this.model.activate(Number(row.dataset.id));
  }

  #pressed(event) {
    const row = event.target.closest(".unit");
    if (!row || event.button !== 0) return;
    if (Number(row.dataset.id) !== this.model.active && event.target.closest("button, .line")) {
      // The unit in work has more rows than others: were it this one already, what was pressed would move away from the mouse.
      event.preventDefault();
      return;
    }
    // Asked before the unit becomes the one in work: its text is a field then, and what was clicked is gone.
    const shown = event.target.closest(".unit-target .text:not(textarea)");
    const place = shown ? placeIn(shown, event) : 0;
    this.model.activate(Number(row.dataset.id));
    if (!shown) return;
    event.preventDefault();
    const field = row.querySelector(".unit-target textarea");
    field?.focus({ preventScroll: true });
    field?.setSelectionRange(place, place);
  }

  #clicked(event) {
    const row = event.target.closest(".unit");
    if (!row || Number(row.dataset.id) === this.model.active) return;
    this.model.activate(Number(row.dataset.id));
    row.focus({ preventScroll: true });
  }
}

/** How many characters of a text stand before the place of a click. */
function placeIn(shown, { clientX, clientY }) {
  const caret = document.caretPositionFromPoint?.(clientX, clientY);
  if (!caret || !shown.contains(caret.offsetNode)) return shown.textContent.length;
  const before = document.createRange();
  before.setStart(shown, 0);
  before.setEnd(caret.offsetNode, caret.offset);
  return before.toString().length;
}
