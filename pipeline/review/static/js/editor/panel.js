// Beside the list: what is known about the unit in work. Memory, comments, history; and what the episode has besides its units.

import { get, send } from "./api.js";
import { button, h } from "./dom.js";
import { diffNodes } from "./editor.js";
import { engineName, has, t } from "./text.js";
import { clock, moment } from "./times.js";

const TABS = ["memory", "comments", "history", "episode"];
const WAIT_MS = 200;
const MOST_KEYS = 3;
// How the note of a revision begins that was made to be read in its time (pipeline/translation/shortening.py).
const SHORTER = "shorter: ";

export class Panel {
  #tab = "memory";
  #timer = 0;
  #memories = [];

  constructor({ model, keys, actions }) {
    Object.assign(this, { model, keys, actions });
    this.body = h("div", { class: "panel-body", role: "tabpanel", id: "panel-body", tabindex: "0" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("panel.label"), onkeydown: (event) => this.#arrow(event) }, ...TABS.map((name) => this.#tabButton(name)));
    this.element = h("section", { class: "unit-panel", "aria-label": t("panel.label") }, this.tabs, this.body);
    model.addEventListener("active", () => this.later());
    model.addEventListener("units", (event) => event.detail.ids.includes(model.active) && this.later());
  }

  /** Show a tab, and put the focus into it. */
  open(name) {
    this.#tab = name;
    this.#mark();
    return this.#load();
  }

  /** Put the focus where a comment is written. */
  write() {
    if (this.model.active === null) return;
    this.#tab = "comments";
    const place = this.#commentPlace(this.model.active);
    if (!place.isConnected) this.body.replaceChildren(place);
    place.querySelector("textarea").focus();
    this.#load();
  }

  /** The memory's nth sentence like the one in work. */
  memory(n) {
    return this.#memories[n];
  }

  later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), WAIT_MS);
  }

  #tabButton(name) {
    return h("button", { type: "button", role: "tab", class: "button quiet small", id: `tab-${name}`, "aria-controls": "panel-body", "aria-selected": String(name === this.#tab), tabindex: name === this.#tab ? "0" : "-1", dataset: { tab: name }, onclick: () => this.open(name) }, t(`panel.${name}`));
  }

  #arrow(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = TABS[(TABS.indexOf(this.#tab) + step + TABS.length) % TABS.length];
    this.open(next);
    this.tabs.querySelector(`[data-tab=${next}]`).focus();
  }

  #mark() {
    for (const tab of this.tabs.children) {
      const chosen = tab.dataset.tab === this.#tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.body.setAttribute("aria-labelledby", `tab-${this.#tab}`);
  }

  async #load() {
    this.#mark();
    const [id, tab] = [this.model.active, this.#tab];
    try {
      const content = this.#tab === "episode" ? this.#episode() : id === null ? [h("p", { class: "muted" }, t("panel.none"))] : await this[`_${this.#tab}`](id);
      if (id === this.model.active && tab === this.#tab && content[0]?.parentNode !== this.body) this.body.replaceChildren(...content);
    } catch (error) {
      this.body.replaceChildren(h("p", { class: "muted" }, error.message));
    }
  }

  async _memory(id) {
    const { matches } = await get(`/api/units/${id}/memory`);
    this.#memories = matches;
    if (!matches.length) return [h("p", { class: "muted" }, t("memory.none"))];
    const unit = this.model.shown(id);
    return matches.map((match, index) => h("article", { class: "match" },
      h("p", { class: "match-head" }, h("span", { class: `badge ${match.score >= 100 ? "ok" : "machine"} num` }, `${match.score} %`), h("span", { class: "muted" }, h("bdi", {}, [match.episode, match.who].filter(Boolean).join(" · ")))),
      h("p", { class: "muted", dir: "auto" }, ...diffNodes(match.source, unit.source)),
      h("p", { class: "text", dir: "auto" }, match.text),
      button(t("memory.use"), () => this.actions.useMemory(index), { kind: "small", key: index < MOST_KEYS ? this.keys.label(`memory${index + 1}`) : "" })));
  }

  /** The comments, over a field for another one that is there at once and stays while they load. */
  async _comments(id) {
    const place = this.#commentPlace(id);
    const { comments } = await get(`/api/units/${id}/comments`);
    place.firstChild.replaceChildren(...comments.map((comment) => this.#comment(comment)));
    return [place];
  }

  #commentPlace(id) {
    const there = this.body.querySelector(`.comments[data-unit="${id}"]`);
    return there ?? h("div", { class: "comments stack", dataset: { unit: id } }, h("div", { class: "stack" }), this.#commentForm(id));
  }

  #comment(comment) {
    const toggle = async () => {
      const { unit } = await send("POST", `/api/comments/${comment.id}/${comment.resolved_at ? "reopen" : "resolve"}`, {});
      this.model.update([unit]);
    };
    return h("article", { class: `comment${comment.resolved_at ? " resolved" : ""}` },
      h("p", { class: "match-head" }, h("strong", {}, h("bdi", {}, comment.who)), h("span", { class: "muted" }, moment(comment.at, document.documentElement.lang))),
      h("p", { dir: "auto", class: "text" }, comment.text),
      comment.resolved_at ? h("p", { class: "muted" }, t("comment.resolved_by", { who: comment.resolved_by })) : null,
      button(t(comment.resolved_at ? "comment.reopen" : "comment.resolve"), toggle, { kind: "quiet small" }));
  }

  #commentForm(id) {
    const area = h("textarea", { rows: "2", dir: "auto", "aria-label": t("comment.text"), placeholder: t("comment.text") });
    const submit = () => {
      const text = area.value.trim();
      if (!text) return;
      area.value = "";
      this.actions.comment(id, text);
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
        event.preventDefault();
        submit();
      }
    });
    return h("form", { class: "stack", onsubmit: (event) => {
      event.preventDefault();
      submit();
    } }, area, h("div", {}, h("button", { class: "button small" }, t("comment.send"), h("kbd", { "aria-hidden": "true" }, "Ctrl Enter"))));
  }

  async _history(id) {
    const { revisions } = await get(`/api/units/${id}/history`);
    const ui = document.documentElement.lang;
    return revisions.map((revision, index) => h("article", { class: "revision" },
      h("p", { class: "match-head" }, h("strong", {}, h("bdi", {}, person(revision))), h("span", {}, has(`kind.${revision.kind}`) ? t(`kind.${revision.kind}`) : revision.kind), h("span", { class: "muted" }, moment(revision.at, ui))),
      revision.before !== revision.text ? h("p", { class: "text", dir: "auto" }, ...(revision.before ? diffNodes(revision.before, revision.text) : [revision.text])) : null,
      ...(revision.kind === "stale" ? becauseOf(revision.note) : []),
      revision.note && revision.kind === "flag" ? h("p", { class: "muted" }, revision.note) : null,
      revision.note.startsWith(SHORTER) ? h("p", { class: "muted" }, t("history.shorter", { what: revision.note.slice(SHORTER.length) })) : null,
      index ? button(t("history.revert"), () => this.actions.revert(id, revision.revision), { kind: "quiet small" }) : null));
  }

  #episode() {
    const { extra, detached } = this.model.data;
    return [
      h("h3", {}, t("episode.extra")),
      ...(extra.length ? extra.map((each) => h("p", { class: "extra" }, button(clock(each.start_ms, { short: true }), () => this.actions.play(each.start_ms, each.end_ms), { kind: "quiet small" }), h("span", { dir: "auto" }, each.text))) : [h("p", { class: "muted" }, t("episode.no_extra"))]),
      h("h3", {}, t("episode.detached")),
      ...(detached.length ? detached.map((unit) => h("article", { class: "match" }, h("p", { class: "muted", dir: "auto" }, unit.source), h("p", { class: "text", dir: "auto" }, unit.text))) : [h("p", { class: "muted" }, t("episode.no_detached"))]),
    ];
  }
}

/** Who made a revision; a machine that only found a text to be stale has no engine. */
function person({ who, engine, kind }) {
  if (!who.startsWith("machine")) return who;
  const name = kind === "stale" ? "" : engine || who.split(":")[1] || "";
  return name ? t("history.machine", { engine: engineName(name) }) : t("history.machine_alone");
}

/** What had changed when a text became stale: the note is JSON, {what: [before, after]}. */
function becauseOf(note) {
  try {
    return Object.entries(JSON.parse(note)).map(([what, [before, after]]) => h("p", { class: "muted" }, has(`stale.${what}`) ? t(`stale.${what}`) : what, ": ", h("span", { dir: "auto" }, ...diffNodes(before, after))));
  } catch {
    return []; // an older note, in words of its own
  }
}
