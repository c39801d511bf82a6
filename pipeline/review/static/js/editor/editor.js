// The unit in work: the field for its text, its tools, a proposal beside it, a conflict to decide.

import { get, send } from "./api.js";
import { CueEditor } from "./cues.js";
import { diff } from "./diff.js";
import { autosize, button, h, icon } from "./dom.js";
import { composing } from "./keys.js";
import { findingWords } from "./findings.js";
import { count, readingSpeed } from "./measure.js";
import { engineName, t } from "./text.js";

const CHECK_MS = 250;
const DECISIONS = [".conflict", ".refused-box", ".proposal-box"];

export class Editor {
  #checkTimer = 0;
  #base = null; // the unit at the revision that the typing began from
  #started = "";
  #shownFor = null; // the unit whose tools were drawn last: only what comes while one is there is brought into sight

  constructor({ model, queue, list, keys, actions }) {
    Object.assign(this, { model, queue, list, keys, actions });
    this.cues = new CueEditor(this);
    this.field = this.#makeField();
    this.meter = h("div", { class: "text-meter num" });
    model.addEventListener("active", (event) => this.#moved(event.detail));
    model.addEventListener("units", (event) => event.detail.ids.includes(model.active) && this.refresh());
    queue.addEventListener("change", () => this.#saveChanged());
  }

  get unit() {
    return this.model.active === null ? undefined : this.model.shown(this.model.active);
  }

  /** Whether the field has the focus. */
  get isTyping() {
    return document.activeElement === this.field || this.cues.hasFocus;
  }

  focus({ atEnd = false } = {}) {
    if (this.cues.isOpen) return this.cues.focus();
    this.field.focus({ preventScroll: true });
    if (atEnd) this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    return undefined;
  }

  /** Put a text into the field as if it were typed, so that the field's own undo takes it back. */
  write(text) {
    if (this.cues.isOpen) this.cues.close();
    this.focus();
    this.field.select();
    if (!document.execCommand("insertText", false, text)) this.field.value = text;
    this.#typed();
  }

  /** Show the active unit as it is now; what is being typed is left alone. */
  refresh() {
    const { unit } = this;
    const parts = unit && this.list.parts(unit.id);
    if (!parts) return;
    if (!parts.target.contains(this.field)) {
      const focused = parts.row.contains(document.activeElement);
      parts.target.replaceChildren(this.field, this.meter);
      if (focused && document.activeElement === document.body) parts.row.focus({ preventScroll: true });
    }
    if (this.field.value !== unit.text && !this.#isMine(unit)) this.field.value = unit.text;
    autosize(this.field);
    this.#meterText(unit);
    const cueFocus = this.cues.hasFocus;
    if (this.cues.isOpen && !cueFocus) this.cues.show(parts.cues, unit);
    if (parts.work.contains(document.activeElement) && !this.#conflict(unit)) return;
    const before = DECISIONS.filter((name) => parts.work.querySelector(name));
    parts.work.replaceChildren(...this.#work(unit));
    // What came just now and asks for an answer is not left below the edge.
    const fresh = DECISIONS.filter((name) => !before.includes(name)).map((name) => parts.work.querySelector(name)).find(Boolean);
    if (fresh && unit.id === this.#shownFor) fresh.scrollIntoView({ block: "nearest" });
    this.#shownFor = unit.id;
  }

  #makeField() {
    const { language } = this.model.data;
    return h("textarea", {
      class: "text", rows: "1", spellcheck: "true", lang: language.tag, dir: language.rtl ? "rtl" : "auto", autocomplete: "off",
      oninput: () => this.#typed(), onfocus: () => this.#begin(), onblur: () => this.queue.flush(this.model.active ?? -1),
      onkeydown: (event) => this.#keydown(event),
    });
  }

  #keydown(event) {
    // A translation is one run of text; rows are the cues' business. An input method's Enter is its own.
    if (event.key === "Enter" && !composing(event) && !event.ctrlKey && !event.metaKey && !event.altKey) event.preventDefault();
  }

  #begin() {
    const { unit } = this;
    this.#base = unit ? { id: unit.id, revision: this.model.units.get(unit.id).revision } : null;
    this.#started = unit?.text ?? "";
  }

  #typed() {
    const id = this.model.active;
    if (id === null) return;
    if (this.#base?.id !== id) this.#begin();
    const text = this.field.value.replace(/\s*\n\s*/g, " ");
    const stored = this.model.units.get(id);
    const waiting = this.queue.of(id).length;
    if (text === stored.text && waiting && this.queue.of(id).every((save) => save.state === "held")) this.queue.untype(id);
    else if (text !== stored.text || waiting) this.queue.type(id, text, this.#revisionFor(id));
    autosize(this.field);
    this.#meterText(this.unit);
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => this.check(id, text), CHECK_MS);
  }

  /** The revision that a new save builds on: that of the save before it in the queue, else the one that was seen when typing began. */
  #revisionFor(id) {
    const before = this.queue.of(id).at(-1);
    if (before) return before.revision;
    return this.#base?.id === id ? this.#base.revision : this.model.units.get(id).revision;
  }

  /** A save came through, or the unit was taken over: from here on, typing builds on this state. */
  rebase(id, { force = false } = {}) {
    const stored = this.model.units.get(id);
    if (this.#base?.id === id && stored && (force || !this.#isMine(stored))) this.#base = { id, revision: stored.revision };
  }

  /** Whether the field holds words that the unit as shown does not. */
  #isMine(unit) {
    return document.activeElement === this.field && this.queue.of(unit.id).length > 0;
  }

  /** Ask what the checks say about a text, and which cues it becomes. */
  async check(id, text, cues) {
    const { episode, language } = this.model.data;
    try {
      const answer = await send("POST", "/api/check", { id: episode.id, language: language.tag, unit: id, text, cues });
      if (this.model.active !== id) return;
      this.model.preview = { id, text, ...answer };
      this.list.refresh(id);
      this.refresh();
      this.actions.cuesChanged();
    } catch {
      // Without the server the counters of the page itself go on.
    }
  }

  #meterText(unit) {
    const { language } = this.model.data;
    const [first, last] = [unit.cues[0], unit.cues.at(-1)];
    const ms = first ? last.end_ms - first.start_ms : unit.end_ms - unit.start_ms;
    const text = this.field.value;
    const speed = readingSpeed(text, ms, language.wide);
    const fast = speed > language.max_cps ? " warning" : "";
    this.meter.replaceChildren(
      h("span", { class: "meter" }, t("text.characters", { n: count(text, language.wide) })),
      h("span", { class: `meter${fast}`, "aria-label": t("text.speed_label") }, t("cue.cps", { n: speed.toFixed(1) })),
      h("span", { class: "meter muted" }, t("text.limit", { n: language.max_cps })));
  }

  #moved({ from, to }) {
    clearTimeout(this.#checkTimer);
    if (from !== null) {
      this.queue.flush(from);
      this.cues.close();
      if (this.model.preview?.id === from) this.model.preview = null;
      this.list.refresh(from);
    }
    this.#base = null;
    if (to === null) return;
    this.field.value = this.unit.text;
    this.field.setAttribute("aria-label", t("unit.translation", { n: this.unit.first + 1 }));
    this.list.refresh(to);
    this.refresh();
  }

  #saveChanged() {
    const { unit } = this;
    if (!unit || !this.#conflict(unit) || this.list.parts(unit.id)?.work.querySelector(".conflict")) return;
    this.refresh();
  }

  #conflict(unit) {
    return this.queue.of(unit.id).find((save) => save.state === "conflict");
  }

  #work(unit) {
    const conflict = this.#conflict(unit);
    if (conflict) return [this.#conflictBox(unit, conflict)];
    const refused = this.queue.of(unit.id).find((save) => save.state === "refused");
    return [refused && this.#refusedBox(refused), unit.proposal && this.#proposalBox(unit), this.#tools(unit)].filter(Boolean);
  }

  #tools(unit) {
    const { keys } = this;
    const tool = (name, kind = "quiet", extra = {}) => button(t(`key.${name}`), () => keys.run(name), { key: keys.label(name), title: keys.label(name), kind: `${kind} small`, dataset: { command: name }, ...extra });
    const decided = unit.status === "approved" && !unit.stale;
    return h("div", { class: "tools", role: "toolbar", "aria-label": t("unit.tools") },
      decided ? tool("reopen") : tool("approve", "primary", { disabled: !unit.text }),
      tool("play-unit"), tool("cues", "quiet", { "aria-pressed": String(this.cues.isOpen) }), tool("retranslate"), tool("flag", "quiet", { "aria-pressed": String(unit.flagged) }), tool("comment"),
      tool("split", "quiet", { disabled: unit.first === unit.last }), tool("merge"), tool("lines"), tool("term"), tool("history"),
      tool("undo", "quiet", { disabled: !unit.can_undo }), tool("redo", "quiet", { disabled: !unit.can_redo }));
  }

  #proposalBox(unit) {
    const { keys } = this;
    const { text, engine, findings } = unit.proposal;
    return h("section", { class: "proposal-box", "aria-label": t("mark.proposal") },
      h("p", { class: "box-title" }, icon("spark"), t("proposal.title", { engine: engineName(engine) })),
      h("p", { class: "text", dir: "auto" }, ...diffNodes(unit.text, text)),
      ...findings.map((finding) => h("p", { class: `note ${finding.severity}` }, icon(finding.severity), h("span", {}, findingWords(finding).message))),
      h("div", { class: "row-gap" }, button(t("key.accept"), () => keys.run("accept"), { key: keys.label("accept"), kind: "small" }), button(t("key.reject"), () => keys.run("reject"), { key: keys.label("reject"), kind: "quiet small" })));
  }

  #refusedBox(save) {
    return h("section", { class: "refused-box", role: "alert" }, h("p", {}, icon("error"), " ", t("save.refused", { error: save.error })),
      save.body?.text ? h("p", { class: "text", dir: "auto" }, save.body.text) : null,
      button(t("save.refused.dismiss"), () => {
        this.queue.dismiss(save);
        this.refresh();
      }, { kind: "small" }));
  }

  #conflictBox(unit, save) {
    const decide = (text) => () => this.#decide(unit.id, text);
    const theirs = save.theirs;
    const choice = (title, text, label, run, extra = null) => h("div", { class: "choice" }, h("h2", {}, title), h("p", { class: "text", dir: "auto" }, ...text), extra, button(label, run, { kind: "small" }));
    const base = save.base ?? "";
    return h("section", { class: "conflict", role: "alertdialog", "aria-label": t("conflict.title"), tabindex: "-1" },
      h("p", { class: "box-title" }, icon("error"), t("conflict.title"), " ", h("span", { class: "muted" }, t("conflict.words", { who: theirs.changed_by || "?" }))),
      h("div", { class: "choices" },
        choice(t("conflict.theirs", { who: theirs.changed_by || "?" }), diffNodes(base, theirs.text), t("conflict.take_theirs"), decide(null)),
        choice(t("conflict.yours"), diffNodes(base, save.yours), t("conflict.keep_mine"), decide(save.yours)),
        save.merged ? choice(t("conflict.merged"), diffNodes(theirs.text, save.merged), t("conflict.take_merged"), decide(save.merged)) : null));
  }

  #decide(id, text) {
    const theirs = this.#conflict({ id })?.theirs;
    this.queue.resolve(id, text);
    if (theirs) this.model.update([theirs]);
    this.#base = null;
    this.model.preview = null;
    const parts = this.list.parts(id);
    parts.row.focus({ preventScroll: true });
    parts.work.replaceChildren();
    this.list.refresh(id);
    this.field.value = text ?? theirs?.text ?? this.unit.text;
    this.refresh();
  }

  /** Fetch the memory's sentences like the active one. */
  async memory(id) {
    return (await get(`/api/units/${id}/memory`)).matches;
  }
}

/** `after`, with what changed since `before` marked word by word. */
export function diffNodes(before, after) {
  const tags = { same: "span", ins: "ins", del: "del" };
  return diff(before, after).map(([kind, text]) => h(tags[kind], {}, text));
}
