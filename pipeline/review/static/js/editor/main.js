// The editor of an episode: fetches it, builds the page, and joins its parts.

import { get, send, useCsrf, withQuery } from "./api.js";
import { dialog, prompt, toast } from "./dialog.js";
import { button, h } from "./dom.js";
import { Editor } from "./editor.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { FILTERS, Model, openFindings, ORDERS } from "./model.js";
import { Panel } from "./panel.js";
import { Player } from "./player.js";
import { publish, published, sign } from "./publish.js";
import { Queue } from "./queue.js";
import { loadTexts, t } from "./text.js";
import { titles } from "./titles.js";
import * as tools from "./tools.js";
import { Wave } from "./wave.js";

const SKIP_MS = 1000;
const SEARCH_MS = 150;
const DONE_MS = 6000;

class Page {
  constructor(data, frame) {
    const { episode, language } = data;
    this.keys = new Keys();
    this.queue = new Queue(episode.id, language.tag);
    this.model = new Model(data, this.queue);
    this.player = new Player(this.model);
    this.wave = new Wave(this.model, this.player);
    this.list = new List(this.model, (unit) => this.context(unit), this.nothing());
    this.runs = h("span", { class: "run-state muted", role: "status" });
    this.editor = new Editor({ ...this.parts, list: this.list, actions: this.actions() });
    this.panel = new Panel({ ...this.parts, actions: this.actions() });
    this.live = new Live(this.model, this.queue);
    this.build(frame);
    this.commands();
    this.follow();
  }

  get parts() {
    return { model: this.model, queue: this.queue, keys: this.keys };
  }

  get unit() {
    return this.model.active === null ? undefined : this.model.shown(this.model.active);
  }

  /** What a row needs besides its unit. */
  context(unit) {
    const { data, active, lines, presence } = this.model;
    return {
      active: unit.id === active, language: data.language, source: data.source, lines, keys: this.keys,
      editingCues: this.editor?.cues.isOpen, saves: this.queue.of(unit.id),
      presence: presence.filter((each) => each.unit === unit.id).map(({ who }) => who),
      play: (from, to) => this.player.play(from, to),
      playLine: (line) => line.start_ms !== null && this.player.play(line.start_ms, line.end_ms),
      dismiss: (finding) => this.dismiss(finding),
      undismiss: (finding) => this.put("undismiss", { dismissal: finding.dismissed.id }),
    };
  }

  actions() {
    return {
      play: (from, to) => this.player.play(from, to),
      cuesChanged: () => this.retime(),
      cuesEdited: (id, cues) => {
        this.editor.check(id, this.model.shown(id).text, cues);
      },
      saveCues: (id, text, cues) => this.saveCues(id, text, cues),
      comment: (id, text) => this.queue.put(id, "comment", { text }, this.model.units.get(id).revision),
      revert: (id, to) => this.queue.put(id, "revert", { to }, this.model.units.get(id).revision),
      useMemory: (n) => this.useMemory(n),
    };
  }

  build(frame) {
    const side = h("aside", { class: "side" }, this.player.element, this.panel.element);
    const main = h("div", { class: "work" }, this.toolbar(), this.list.element);
    frame.replaceChildren(main, side, this.wave.element);
    this.languageLinks();
    this.saveState();
    this.counts();
  }

  toolbar() {
    const { model } = this;
    this.filters = h("select", { "aria-label": t("editor.filter"), onchange: () => this.relist({ filter: this.filters.value }) }, ...Object.keys(FILTERS).map((name) => h("option", { value: name }, t(`filter.${name}`))));
    const orders = h("select", { "aria-label": t("editor.order"), onchange: () => this.relist({ order: orders.value }) }, ...Object.keys(ORDERS).map((name) => h("option", { value: name }, t(`order.${name}`))));
    let timer = 0;
    this.search = h("input", { type: "search", "aria-label": t("editor.search"), placeholder: t("editor.search"), autocomplete: "off", oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.relist({ needle: this.search.value }), SEARCH_MS);
    }, onkeydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) this.focusRow(model.visible[0]);
    } });
    this.progress = h("progress", { max: "100", value: 0, "aria-label": t("editor.progress") });
    this.done = h("span", { class: "num muted" });
    const tool = (name) => button(t(`key.${name}`), () => this.keys.run(name), { kind: "quiet small", title: this.keys.label(name) });
    return h("div", { class: "list-tools" }, h("span", { class: "done" }, this.progress, this.done), this.filters, orders, this.search, this.runs,
      h("span", { class: "push row-gap" }, tool("replace"), tool("approve-all"), tool("export"), tool("import"), tool("titles"), tool("publish"), tool("help")));
  }

  /** An episode that is not translated yet, and what can be done about it. */
  nothing() {
    const { episode, language } = this.model.data;
    const start = async () => {
      try {
        await send("POST", "/api/run", { id: episode.id, stage: "translate" });
        toast(t("editor.run_started"));
      } catch (error) {
        toast(error.message, "error");
      }
    };
    return h("div", { class: "stack" }, h("p", {}, t("editor.nothing", { language: language.own_name || language.tag })), h("p", {}, button(t("editor.run"), start, { kind: "primary" })));
  }

  /** How far the run of a stage is that works on the episode, whoever started it. */
  run({ stage, state, label, done, total, message }) {
    const parts = [t(`run.${stage}`), state === "running" ? label : t(`run.${state}`), state === "running" && total ? `${Math.round((done / total) * 100)} %` : "", state === "failed" ? message : ""];
    this.runs.textContent = parts.filter(Boolean).join(" · ");
    clearTimeout(this.runTimer);
    if (stage === "publish" && (state === "done" || state === "failed")) this.publishSigns();
    if (state === "done") this.runTimer = setTimeout(() => this.runs.replaceChildren(), DONE_MS);
  }

  relist(wish) {
    Object.assign(this.model, wish);
    this.model.relist();
  }

  languageLinks() {
    const { episode, language } = this.model.data;
    document.getElementById("languages").replaceChildren(...episode.languages.map((tag) => h("a", { class: "button quiet small", href: withQuery("/episode", { id: episode.id, language: tag }), "aria-current": tag === language.tag ? "page" : null, dataset: { tag } }, tag)));
    this.publishSigns();
  }

  /** Beside each language, what viewers have of it. */
  async publishSigns() {
    const { platforms } = await published(this.model.data.episode).catch(() => ({ platforms: [] }));
    for (const link of document.querySelectorAll("#languages [data-tag]")) {
      link.querySelector(".published")?.remove();
      link.append(sign(platforms, link.dataset.tag) ?? "");
    }
  }

  counts() {
    const counts = this.model.counts();
    const total = this.model.units.size;
    this.progress.value = total ? (counts.approved / total) * 100 : 0;
    this.done.textContent = t("editor.approved", { n: counts.approved, total });
    for (const option of this.filters.options) option.textContent = `${t(`filter.${option.value}`)} (${counts[option.value]})`;
  }

  saveState() {
    const place = document.getElementById("save-state");
    const saves = this.queue.all;
    const bad = saves.filter((save) => save.state === "conflict" || save.state === "refused");
    const words = bad.length ? t("save.conflicts", { n: bad.length }) : !saves.length ? t("save.all") : this.queue.online ? t("save.saving") : t("save.offline", { n: saves.length });
    const state = bad.length ? "conflict" : !saves.length ? "saved" : this.queue.online ? "saving" : "offline";
    if (place.dataset.state === state && place.dataset.words === words) return;
    Object.assign(place.dataset, { state, words });
    place.replaceChildren(bad.length ? button(words, () => this.focusRow(bad[0].unit), { kind: "small danger" }) : words);
  }

  /** Join the parts: what one tells, another shows. */
  follow() {
    const { model, queue, player, wave, live } = this;
    queue.renewCsrf = async () => useCsrf((await get("/api/episode", live.address)).csrf);
    queue.addEventListener("change", () => {
      this.saveState();
      for (const id of new Set([...(this.waiting ?? []), ...queue.all.map((save) => save.unit)])) this.list.refresh(id);
      this.waiting = queue.all.map((save) => save.unit);
    });
    queue.addEventListener("saved", ({ detail }) => this.saved(detail));
    queue.addEventListener("conflict", ({ detail }) => this.conflicted(detail));
    queue.addEventListener("signedout", () => this.signedOut());
    queue.addEventListener("full", () => toast(t("save.full"), "error"));
    for (const name of ["units", "list", "reloaded"]) model.addEventListener(name, () => this.later());
    model.addEventListener("reloaded", ({ detail }) => detail.moved && document.activeElement === document.body && this.focusRow(model.active));
    model.addEventListener("active", ({ detail }) => {
      live.sit();
      wave.refresh();
      if (detail.to === null) return;
      if (!this.picking && player.media.paused) player.seek(startOf(this.unit));
      wave.reveal(startOf(this.unit));
    });
    player.addEventListener("cue", ({ detail }) => this.lit(detail));
    wave.addEventListener("moved", ({ detail }) => this.dragged(detail));
    wave.addEventListener("pick", ({ detail }) => this.picked(detail));
    live.addEventListener("presence", ({ detail }) => this.presence(detail.present));
    live.addEventListener("theirs", () => this.editor.refresh());
    live.addEventListener("task", ({ detail }) => this.task(detail));
    live.addEventListener("run", ({ detail }) => this.run(detail));
    const going = model.data.runs.find(({ state }) => state === "running" || state === "queued");
    if (going) this.run(going);
    this.keys.listen();
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.counts();
      this.retime();
    });
  }

  retime() {
    this.player.retime();
    this.wave.refresh();
  }

  saved({ save, unit }) {
    if (!unit) return;
    if (this.model.preview?.id === unit.id && this.model.preview.text === unit.text) this.model.preview = null;
    this.model.update([unit]);
    this.editor.rebase(unit.id, { force: true });
    if (unit.id === this.model.active && save.op === "comment") this.panel.later();
  }

  conflicted({ save, theirs }) {
    if (theirs) this.model.update([theirs]);
    this.list.refresh(save.unit);
    this.editor.refresh();
  }

  signedOut() {
    if (this.askedToSignIn) return;
    this.askedToSignIn = true;
    dialog(t("save.signed_out"), () => ({ body: [h("p", {}, t("save.signed_out.words"))], foot: [h("a", { class: "button primary", autofocus: true, href: withQuery("/signin", { to: location.pathname + location.search }) }, t("page.sign_in"))] }));
  }

  presence(present) {
    const names = [...new Set(present.map(({ who }) => who))].filter((who) => who !== this.model.data.me);
    document.getElementById("presence").replaceChildren(...names.map((who) => h("span", { class: "who", title: who }, h("bdi", {}, who))));
  }

  task({ unit, state, error }) {
    if (state === "failed") toast(error, "error");
    else if (state === "queued") toast(t("retranslate.queued"));
    else if (state === "done" && unit !== this.model.active) toast(t("retranslate.done", { n: this.model.units.get(unit)?.first + 1 }));
  }

  /** Mark the cue that is being shown, and bring it into sight while the media plays. */
  lit({ cue, playing }) {
    for (const old of this.list.element.querySelectorAll(".playing")) old.classList.remove("playing");
    if (!cue) return;
    const parts = this.list.parts(cue.unit);
    const place = parts?.cues.querySelector(`[data-index="${cue.index}"]`);
    place?.classList.add("playing");
    parts?.row.classList.add("playing");
    if (playing && this.player.follow && parts?.row.isConnected && !this.editor.isTyping) intoSight(place ?? parts.row);
  }

  dragged({ unit, index, start_ms, end_ms }) {
    const shown = this.model.shown(unit);
    const cues = shown.cues.map((cue, at) => ({ start_ms: at === index ? start_ms : cue.start_ms, end_ms: at === index ? end_ms : cue.end_ms, lines: cue.lines }));
    // Edges push their neighbours of the same unit, never over them.
    const gap = this.model.data.language.min_gap_ms;
    if (index > 0) cues[index - 1].end_ms = Math.min(cues[index - 1].end_ms, start_ms - gap);
    if (index + 1 < cues.length) cues[index + 1].start_ms = Math.max(cues[index + 1].start_ms, end_ms + gap);
    this.queue.put(unit, "cues", { cues }, this.revision(unit), { method: "PUT" });
    this.model.touched([unit]);
  }

  picked({ unit, index }) {
    const cue = this.model.shown(unit).cues[index];
    this.picking = true;
    this.focusRow(unit);
    this.picking = false;
    if (cue) this.player.play(cue.start_ms, cue.end_ms);
  }

  saveCues(id, text, cues) {
    const stored = this.model.shown(id);
    if (text === stored.text) this.queue.put(id, "cues", { cues }, this.revision(id), { method: "PUT" });
    else this.queue.put(id, "text", { text, cues }, this.revision(id), { method: "PUT" });
    this.model.touched([id]);
  }

  /** The revision that a change of a unit builds on: of the last save in the queue, else what is shown. */
  revision(id) {
    return this.queue.of(id).at(-1)?.revision ?? this.model.units.get(id).revision;
  }

  /** Send a change of the unit in work. */
  put(op, body = {}) {
    const { unit } = this;
    if (!unit) return;
    this.queue.put(unit.id, op, body, this.revision(unit.id));
    this.model.touched([unit.id]);
  }

  async dismiss(finding) {
    if (!finding) return;
    const reason = await prompt(t("finding.dismiss"), t("finding.reason"), { list: ["fine", "meant", "checked"].map((name) => t(`finding.reason.${name}`)) });
    if (reason !== null) this.put("dismiss", { rule: finding.rule, value: finding.value, reason });
  }

  focusRow(id, { edit = false } = {}) {
    if (id === null || id === undefined) return;
    this.model.activate(id);
    const parts = this.list.parts(id);
    if (!parts) return;
    if (edit) this.editor.focus();
    else parts.row.focus({ preventScroll: true });
    intoSight(parts.row);
  }

  move(steps, wanted = null) {
    const next = this.model.active === null ? this.model.visible[0] : this.model.neighbour(steps, wanted);
    if (next !== null) this.focusRow(next, { edit: this.editor.isTyping });
  }

  useMemory(n) {
    const match = this.panel.memory(n);
    if (match && this.unit) this.editor.write(match.text);
  }

  async approve() {
    const { unit, editor } = this;
    if (!unit?.text) return;
    const typing = editor.isTyping;
    editor.cues.close();
    const next = this.model.neighbour(1, FILTERS.open) ?? this.model.neighbour(1);
    this.put("approve");
    if (next !== null) this.focusRow(next, { edit: typing });
    else this.list.parts(unit.id).row.focus({ preventScroll: true });
  }

  async ask(run) {
    const { unit } = this;
    if (!unit) return;
    if (!(await this.queue.settled(unit.id))) {
      toast(t("save.first"), "error");
      return;
    }
    try {
      await run(this.model.shown(unit.id));
    } catch (error) {
      toast(error.message, "error");
    }
  }

  commands() {
    const { keys, model, player, wave, editor } = this;
    const on = (name, run) => keys.on(name, run);
    on("next", () => this.move(1));
    on("previous", () => this.move(-1));
    on("next-open", () => this.move(1, FILTERS.open));
    on("next-finding", () => this.move(1, (unit) => openFindings(unit).length));
    on("previous-finding", () => this.move(-1, (unit) => openFindings(unit).length));
    on("first", () => this.focusRow(model.visible[0]));
    on("last", () => this.focusRow(model.visible.at(-1)));
    on("edit", () => this.unit && editor.focus({ atEnd: true }));
    on("leave", () => this.leave());
    on("filter", () => this.search.focus());
    on("play", () => player.toggle());
    on("play-unit", () => this.playUnit());
    on("back", () => player.skip(-SKIP_MS));
    on("forward", () => player.skip(SKIP_MS));
    on("slower", () => player.pace(-1));
    on("faster", () => player.pace(1));
    on("follow", () => player.toggleFollow());
    on("zoom-in", () => wave.zoom(1));
    on("zoom-out", () => wave.zoom(-1));
    this.decisions(on);
    this.edits(on);
    on("lines", () => this.ask((unit) => tools.editLines(unit, model)));
    on("replace", () => this.queue.settled().then(() => tools.replace(model)));
    on("term", () => tools.addTerm(model, { term: this.selected(".unit-source"), translation: editor.field.value.slice(editor.field.selectionStart, editor.field.selectionEnd).trim() }));
    on("history", () => this.panel.open("history"));
    on("export", () => this.queue.settled().then(() => tools.exportFile(model)));
    on("import", () => this.queue.settled().then(() => tools.importFile(model)));
    on("titles", () => titles(model));
    on("publish", () => this.queue.settled().then(() => publish(model, () => this.languageLinks())));
    on("help", () => tools.help(keys));
  }

  decisions(on) {
    const { editor, model } = this;
    on("approve", () => this.approve());
    on("reopen", () => this.put("reopen"));
    on("flag", () => this.flag());
    on("comment", () => this.panel.write());
    on("dismiss", () => this.unit && this.dismiss(openFindings(this.unit)[0]));
    on("accept", () => this.unit?.proposal && this.ask(() => this.put("accept")));
    on("reject", () => this.unit?.proposal && this.put("reject"));
    on("approve-all", () => this.queue.settled().then(() => tools.approveAll(model)));
    on("undo", () => this.ask(() => this.put("undo")));
    on("redo", () => this.ask(() => this.put("redo")));
    on("save", () => {
      editor.cues.close();
      editor.refresh();
      this.queue.flush();
    });
    for (const n of [1, 2, 3]) on(`memory${n}`, () => this.useMemory(n - 1));
  }

  edits(on) {
    const { editor, model, player } = this;
    on("retranslate", () => this.ask(async (unit) => {
      const wish = await tools.retranslate(unit, model.data.engines);
      if (wish) await send("POST", `/api/units/${unit.id}/retranslate`, wish);
    }));
    on("split", () => this.ask((unit) => unit.first < unit.last && this.split(unit)));
    on("merge", () => this.ask((unit) => this.merge(unit)));
    on("cues", () => this.toggleCues());
    on("cue-split", () => editor.cues.split());
    on("cue-merge", () => editor.cues.merge());
    on("cue-start", () => editor.cues.setEdge("start_ms", player.ms));
    on("cue-end", () => editor.cues.setEdge("end_ms", player.ms));
    on("cues-auto", () => {
      editor.cues.close();
      if (this.unit) this.saveCues(this.unit.id, this.unit.text, []);
    });
  }

  async split(unit) {
    const wish = await tools.split(unit, this.model.lines);
    if (!wish) return;
    const parts = [{ first: unit.first, last: wish.after, text: wish.texts[0] }, { first: wish.after + 1, last: unit.last, text: wish.texts[1] }];
    this.model.regroup(await send("POST", `/api/units/${unit.id}/split`, { parts, everywhere: wish.everywhere, revision: unit.revision }));
    this.focusRow(this.model.active);
  }

  async merge(unit) {
    const next = this.model.adjacent(unit.id, 1);
    if (!next || !(await this.queue.settled(next.id))) return;
    const wish = await tools.merge(unit, next, this.model.data.language.wide ? "" : " ");
    if (!wish) return;
    const units = [unit, next].map(({ id, revision }) => ({ id, revision }));
    this.model.regroup(await send("POST", "/api/units/merge", { units, ...wish }));
    this.focusRow(this.model.active);
  }

  async flag() {
    if (!this.unit) return;
    if (this.unit.flagged) {
      this.put("unflag");
      return;
    }
    const reason = await prompt(t("key.flag"), t("flag.reason"));
    if (reason !== null) this.put("flag", { reason });
  }

  toggleCues() {
    const { unit, editor } = this;
    if (!unit) return;
    const parts = this.list.parts(unit.id);
    if (editor.cues.isOpen) {
      editor.cues.close();
      this.list.refresh(unit.id);
      editor.refresh();
      editor.focus();
    } else {
      this.queue.flush(unit.id);
      editor.cues.open(unit, parts);
      editor.refresh();
    }
  }

  leave() {
    const parts = this.unit && this.list.parts(this.unit.id);
    if (!parts) return;
    this.queue.flush(this.unit.id);
    if (this.editor.cues.isOpen) {
      this.editor.cues.close();
      this.list.refresh(this.unit.id);
      this.editor.refresh();
    }
    parts.row.focus({ preventScroll: true });
  }

  playUnit() {
    const { unit } = this;
    if (!unit) return;
    const { cues } = unit;
    this.player.play(startOf(unit), cues.at(-1)?.end_ms ?? unit.end_ms);
  }

  selected(within) {
    const chosen = getSelection();
    const text = chosen.toString().trim();
    return text && chosen.anchorNode?.parentElement?.closest(within) ? text : "";
  }
}

/** When a unit's first cue is shown: not always as its sentence begins. */
function startOf(unit) {
  return unit.cues[0]?.start_ms ?? unit.start_ms;
}

/** Scroll only as far as needed, with some of what comes next. */
function intoSight(element) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "nearest", behavior: still ? "instant" : "smooth" });
}

async function start() {
  const frame = document.getElementById("editor");
  try {
    // The browser has asked for the episode while it was loading this code.
    const [data] = await Promise.all([get(document.getElementById("episode-data").href), loadTexts(document.documentElement.lang)]);
    useCsrf(data.csrf);
    const page = new Page(data, frame);
    page.focusRow(page.model.visible.find((id) => FILTERS.open(page.model.shown(id))) ?? page.model.visible[0]);
    frame.dataset.ready = String(Math.round(performance.now()));
    page.queue.wake();
    page.live.open();
    page.presence(data.present ?? []);
    await page.wave.load().catch(() => page.wave.element.classList.add("silent"));
    frame.dataset.wave = "ready";
  } catch (error) {
    frame.replaceChildren(h("p", { class: "notice error", role: "alert" }, error.message));
    throw error;
  }
}

start();
