// Titles and descriptions of the video in other languages: seen, corrected, approved; what somebody else wrote meanwhile is shown.

import { get, send } from "./api.js";
import { dialog, toast } from "./dialog.js";
import { autosize, button, h, icon } from "./dom.js";
import { diffNodes } from "./editor.js";
import { t } from "./text.js";
import { moment } from "./times.js";

const BADGES = { machine: "machine", edited: "edited", approved: "approved", missing: "new", "out-of-date": "warning", "in-the-settings": "" };
const POLL_MS = 1000;

/** The window. What is not saved when it is closed is saved then. */
export async function titles(model) {
  const { episode } = model.data;
  let rows = [];
  await dialog(t("titles.heading"), (close, box) => {
    box.classList.add("broad");
    const place = h("div", { class: "stack titles" }, h("p", { class: "muted" }, t("titles.loading")));
    const note = h("span", { class: "muted", role: "status" });
    const ask = button(t("titles.propose"), () => propose(), { kind: "quiet", hidden: true });
    const load = async () => {
      const found = await get("/api/titles", { id: episode.id });
      rows = [];
      place.replaceChildren(...Object.entries(found.sources).map(([field, source]) => section(episode, field, source, found.languages, rows)));
      ask.hidden = !rows.some(({ row }) => row.state === "missing" || row.state === "out-of-date");
      (place.querySelector("textarea") ?? box.querySelector("button")).focus();
    };
    const propose = async () => {
      ask.disabled = true;
      note.textContent = t("titles.proposing");
      try {
        await saveAll(rows);
        const { run } = await send("POST", "/api/titles/propose", { id: episode.id });
        const ended = await end(run, box);
        note.textContent = ended?.state === "failed" ? [ended.message, ended.remedy].filter(Boolean).join(" ") : (ended?.warnings ?? []).join(" ");
        if (box.isConnected) await load();
      } catch (error) {
        note.textContent = error.message;
      }
      ask.disabled = false;
    };
    load().catch((error) => place.replaceChildren(h("p", { class: "note error", role: "alert" }, error.message)));
    return { body: [place], foot: [note, ask, button(t("dialog.close"), close, { kind: "primary" })] };
  });
  await saveAll(rows);
}

/** The run when it is over; null when the window was closed before. */
async function end(number, box) {
  while (box.isConnected) {
    const { runs } = await get("/api/runs");
    const run = runs.find(({ id }) => id === number);
    if (!run || run.state === "done" || run.state === "failed") return run ?? null;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  return null;
}

async function saveAll(rows) {
  for (const each of rows) {
    await each.save().catch((error) => toast(error.message, "error"));
    if (each.conflict) toast(t("titles.not_saved", { who: each.row.who, text: each.area.value }), "error");
  }
}

function section(episode, field, source, languages, rows) {
  const found = languages.flatMap(({ language, own_name: name, rows: all }) => all.filter((row) => row.field === field).map((row) => {
    const each = new Title(episode, row, name);
    rows.push(each);
    return each.element;
  }));
  return h("section", { class: "stack" }, h("h3", {}, t(`titles.${field}`)), h("p", { class: "source", dir: "auto" }, source), ...found);
}

/** A title or a description in one language. */
class Title {
  constructor(episode, row, name) {
    Object.assign(this, { episode, row, name, conflict: null });
    this.fixed = row.state === "in-the-settings";
    this.area = h("textarea", { rows: row.field === "title" ? 1 : 4, value: row.text, lang: row.language, dir: "auto", readonly: this.fixed, "aria-label": `${t(`titles.${row.field}`)}, ${name}`,
      oninput: () => {
        autosize(this.area);
        this.show();
      },
      onchange: () => this.quietly(() => this.save()),
      onkeydown: (event) => this.key(event) });
    this.head = h("div", { class: "row-gap" });
    this.tail = h("div", { class: "stack" });
    this.past = h("div", { class: "stack" });
    this.element = h("article", { class: "title-row", dataset: { language: row.language, field: row.field } }, this.head, this.area, this.tail, this.past);
    this.show();
    requestAnimationFrame(() => autosize(this.area));
  }

  get dirty() {
    return !this.fixed && this.area.value.trim() !== this.row.text && this.area.value.trim() !== "";
  }

  show() {
    const { row, name, dirty } = this;
    const approved = row.state === "approved" && !dirty;
    const told = row.who ? h("span", { class: "muted" }, h("bdi", {}, row.who.startsWith("machine") ? t("history.machine", { engine: row.who.split(":")[1] ?? "" }) : row.who), " · ", moment(row.at, document.documentElement.lang)) : null;
    const focused = this.head.contains(document.activeElement);
    const decide = this.fixed ? null : approved ? button(t("titles.reopen"), () => this.quietly(() => this.put({ approve: false })), { kind: "small" }) : button(t("titles.approve"), () => this.quietly(() => this.put({ approve: true })), { kind: "small", key: "Ctrl Enter", disabled: !this.area.value.trim() });
    this.head.replaceChildren(...[h("strong", {}, h("bdi", {}, name)), h("span", { class: `badge ${dirty ? "saving" : BADGES[row.state]}` }, t(dirty ? "titles.state.unsaved" : `titles.state.${row.state}`)), told,
      h("span", { class: "push row-gap" }, row.revision ? button(t("titles.history"), () => this.quietly(() => this.history()), { kind: "quiet small", "aria-expanded": String(this.past.childElementCount > 0) }) : null, decide)].filter(Boolean));
    if (focused) decide?.focus();
    const problems = row.problems.map(({ code, values }) => h("p", { class: "note error" }, icon("error"), h("span", {}, t(`publish.why.${code}`, values))));
    const old = row.state === "out-of-date" ? [h("p", { class: "note warning" }, icon("warning"), h("span", {}, t("titles.of"), " ", h("bdi", {}, row.of)))] : [];
    this.tail.replaceChildren(...this.conflicted(), ...old, ...problems);
  }

  conflicted() {
    if (!this.conflict) return [];
    const { theirs, merged } = this.conflict;
    const use = (text) => () => {
      this.area.value = text;
      this.conflict = null;
      this.show();
      this.area.focus();
    };
    return [h("div", { class: "note warning", role: "alert" }, icon("warning"), h("div", { class: "stack" }, h("span", {}, t("titles.conflict", { who: theirs.who })), h("p", { class: "text", dir: "auto" }, theirs.text),
      h("div", { class: "row-gap" }, button(t("titles.theirs"), use(theirs.text), { kind: "small" }), merged !== null ? button(t("titles.both"), use(merged), { kind: "small" }) : null, button(t("titles.mine"), () => this.quietly(() => {
        this.conflict = null;
        return this.save();
      }), { kind: "small" }))))];
  }

  key(event) {
    if (this.fixed || event.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && (mod || this.row.field === "title")) {
      event.preventDefault();
      event.stopPropagation();
      this.quietly(() => (mod ? this.put({ approve: true }) : this.save()));
    } else if (mod && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.quietly(() => this.save());
    }
  }

  async quietly(run) {
    try {
      await run();
    } catch (error) {
      this.tail.replaceChildren(h("p", { class: "note error", role: "alert" }, icon("error"), h("span", {}, error.message)));
    }
  }

  /** Save what was written; what waits for a decision is not. */
  async save() {
    if (this.dirty && !this.conflict) await this.put({ approve: false });
  }

  /** One request after the other: the next one knows the revision that the last one made. */
  put(wish) {
    const run = async () => {
      const text = this.area.value.trim();
      if (this.fixed || !text || (wish.approve && this.row.state === "approved" && text === this.row.text)) return;
      const { row, merged, status } = await this.sent({ ...wish, text });
      this.row = row;
      this.conflict = status === 409 ? { theirs: row, merged } : null;
      if (!this.conflict && this.area.value.trim() === text) this.area.value = row.text;
      if (this.past.childElementCount) await this.history({ open: true });
      this.show();
      autosize(this.area);
    };
    this.last = (this.last ?? Promise.resolve()).catch(() => {}).then(run);
    return this.last;
  }

  async sent(wish) {
    const { language, field, revision } = this.row;
    try {
      return { ...(await send("PUT", "/api/titles", { id: this.episode.id, language, field, revision, ...wish })), status: 200 };
    } catch (error) {
      if (error.status !== 409) throw error;
      return { row: error.answer.theirs, merged: error.answer.merged, status: 409 };
    }
  }

  async history({ open = !this.past.childElementCount } = {}) {
    const { language, field } = this.row;
    const { revisions } = open ? await get("/api/titles/history", { id: this.episode.id, language, field }) : { revisions: [] };
    const ui = document.documentElement.lang;
    this.past.replaceChildren(...revisions.map((each, index) => h("article", { class: "revision" },
      h("p", { class: "match-head" }, h("strong", {}, h("bdi", {}, each.who.startsWith("machine") ? t("history.machine", { engine: each.who.split(":")[1] ?? "" }) : each.who)), h("span", {}, t(`kind.${each.kind}`)), h("span", { class: "muted" }, moment(each.at, ui))),
      h("p", { class: "text", dir: "auto" }, ...diffNodes(revisions[index + 1]?.text ?? "", each.text)),
      index && each.text !== this.row.text ? button(t("history.revert"), () => this.quietly(() => {
        this.area.value = each.text;
        return this.put({ approve: false, to: each.revision });
      }), { kind: "quiet small" }) : null)));
    this.show();
  }
}
