// The windows: re-translate, split, merge, lines of the transcript, search and replace, terms, keys, export and import.

import { get, send, withQuery } from "./api.js";
import { confirm, dialog, prompt, toast } from "./dialog.js";
import { button, h } from "./dom.js";
import { diffNodes } from "./editor.js";
import { comboOf, groups, shown as keyShown } from "./keys.js";
import { openFindings } from "./model.js";
import { engineName, has, t } from "./text.js";
import { clock, parseClock } from "./times.js";
import { lineRange } from "./unit.js";

const FORMATS = ["srt", "vtt", "ass", "ttml", "sbv", "tmx", "xliff", "xlsx", "csv"];

/** Ask an engine for another text, with a wish. */
export async function retranslate(unit, engines) {
  let wish = null;
  await dialog(t("key.retranslate"), (close) => {
    const engine = h("select", {}, ...engines.map((name) => h("option", { value: name }, engineName(name))));
    const hint = h("input", { dir: "auto", autofocus: true, autocomplete: "off", placeholder: t("retranslate.hint_example") });
    const shorter = h("input", { type: "checkbox" });
    const submit = () => {
      wish = { engine: engine.value, hint: hint.value.trim(), shorter: shorter.checked };
      close();
    };
    return {
      body: [h("p", { class: "muted", dir: "auto" }, unit.source), h("label", { class: "field" }, t("retranslate.hint"), hint), h("label", { class: "field" }, t("retranslate.engine"), engine), h("label", { class: "check-field" }, shorter, t("retranslate.shorter"))],
      foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("key.retranslate"), submit, { kind: "primary" })],
      submit,
    };
  });
  return wish;
}

/** Divide a unit after one of its lines: {after, texts, everywhere}, or null. */
export async function split(unit, lines) {
  let wish = null;
  const inside = Array.from({ length: unit.last - unit.first }, (_, at) => unit.first + at);
  await dialog(t("key.split"), (close) => {
    const areas = [h("textarea", { rows: "2", dir: "auto", "aria-label": t("split.first") }), h("textarea", { rows: "2", dir: "auto", "aria-label": t("split.second") })];
    const everywhere = h("input", { type: "checkbox", checked: true });
    let after = inside[Math.floor(inside.length / 2)];
    const cut = () => [areas[0].value, areas[1].value] = halves(unit, lines, after);
    const choices = inside.map((index) => h("label", { class: "check-field split-line" }, h("input", { type: "radio", name: "after", value: String(index), checked: index === after, autofocus: index === after, onchange: () => {
      after = index;
      cut();
    } }), h("span", {}, `${lines.get(index)?.text ?? ""} `, h("strong", { "aria-hidden": "true" }, "┃"), ` ${lines.get(index + 1)?.text ?? ""}`)));
    cut();
    const submit = () => {
      wish = { after, texts: areas.map((area) => area.value.trim()), everywhere: everywhere.checked };
      close();
    };
    return { body: [h("fieldset", { class: "stack" }, h("legend", {}, t("split.where")), ...choices), ...areas, h("label", { class: "check-field" }, everywhere, t("split.everywhere"))],
      foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("key.split"), submit, { kind: "primary" })], submit };
  });
  return wish;
}

/** The text in two parts: cut at the word nearest to the share of the source. */
function halves(unit, lines, after) {
  const part = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => lines.get(from + at)?.text.length ?? 0).reduce((sum, n) => sum + n, 0);
  const share = part(unit.first, after) / Math.max(1, part(unit.first, unit.last));
  const words = Array.from(new Intl.Segmenter("und", { granularity: "word" }).segment(unit.text), ({ segment }) => segment);
  let [at, length] = [0, 0];
  while (at < words.length && length + words[at].length / 2 < unit.text.length * share) length += words[at++].length;
  while (at < words.length && /^[\s\p{P}]+$/u.test(words[at])) at += 1;
  return [words.slice(0, at).join("").trim(), words.slice(at).join("").trim()];
}

/** Make one of a unit and the next: {text, everywhere}, or null. */
export async function merge(unit, next, joiner) {
  let wish = null;
  await dialog(t("key.merge"), (close) => {
    const area = h("textarea", { rows: "3", dir: "auto", autofocus: true, "aria-label": t("merge.text") });
    area.value = [unit.text, next.text].filter(Boolean).join(joiner);
    const everywhere = h("input", { type: "checkbox", checked: true });
    const submit = () => {
      wish = { text: area.value.trim(), everywhere: everywhere.checked };
      close();
    };
    return { body: [h("p", { class: "muted", dir: "auto" }, unit.source), h("p", { class: "muted", dir: "auto" }, next.source), area, h("label", { class: "check-field" }, everywhere, t("split.everywhere"))],
      foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("key.merge"), submit, { kind: "primary" })], submit };
  });
  return wish;
}

/** Correct the transcript under a unit: texts and times of its lines, a line more, a line less. */
export function editLines(unit, model) {
  const { episode } = model.data;
  return dialog(t("key.lines"), (close) => {
    const lines = model.linesAt(unit);
    const write = async (run) => {
      try {
        await run();
        close();
        toast(t("lines.saved"));
        await model.reload();
      } catch (error) {
        toast(error.message, "error");
      }
    };
    const change = (body) => send("PUT", withQuery("/api/lines", { id: episode.id }), body);
    const rows = lines.map((line) => lineRow(line, { episode, write, change, can: model.data.can_edit_lines !== false, before: model.lines.get(line.index - 1), after: model.lines.get(line.index + 1) }));
    const submit = () => write(async () => {
      for (const row of rows) await row.save();
    });
    return { body: [h("p", { class: "muted" }, t("lines.words")), ...rows.map((row) => row.element)], foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("lines.save"), submit, { kind: "primary" })], submit };
  });
}

function lineRow(line, { episode, write, change, can, before, after }) {
  const n = line.index + 1;
  const text = h("input", { value: line.text, dir: "auto", "aria-label": t("lines.text", { n }), disabled: !can });
  const time = (name) => h("input", { class: "num", size: "9", value: line[name] === null ? "" : clock(line[name]), "aria-label": t(`lines.${name}`, { n }) });
  const [start, end] = [time("start_ms"), time("end_ms")];
  const save = async () => {
    const fixed = text.value.trim();
    if (can && fixed && fixed !== line.text) await change({ index: line.index, old: line.text, new: fixed });
    const [from, to] = [parseClock(start.value), parseClock(end.value)];
    if (from !== null && to !== null && (from !== line.start_ms || to !== line.end_ms)) await send("PUT", withQuery("/api/pins", { id: episode.id }), { index: line.index, start_ms: from, end_ms: to, revision: line.pin?.revision ?? 0 });
  };
  const insert = (name, index) => async () => {
    const fresh = await prompt(t(name), t(name), { required: true });
    if (fresh) await write(() => change({ index, old: "", new: fresh, insert: true }));
  };
  const move = (upper, lower) => () => write(() => change({ index: upper.index, old: upper.text, new: lower.text, swap: true }));
  const remove = () => write(() => change({ index: line.index, old: line.text, new: "" }));
  const unpin = () => write(() => send("DELETE", withQuery(`/api/pins/${line.pin.id}`, { id: episode.id, revision: line.pin.revision })));
  const tool = (name, run, kind = "") => button(t(name), run, { kind: `quiet small${kind}`, disabled: !run, "aria-label": t("lines.of", { do: t(name), n }) });
  const element = h("div", { class: "line-row" }, h("span", { class: "num muted" }, String(n)), text, start, end,
    h("span", { class: `badge ${line.status}` }, t(`line.${line.status}`, { n, percent: Math.round(line.confidence * 100) })),
    line.pin ? button(t("lines.unpin"), unpin, { kind: "quiet small" }) : null,
    can ? h("span", { class: "line-tools" }, tool("lines.up", before && move(before, line)), tool("lines.down", after && move(line, after)),
      tool("lines.insert", insert("lines.insert", line.index)), tool("lines.append", insert("lines.append", line.index + 1)), tool("lines.remove", remove, " danger")) : null);
  return { element, save };
}

/** Search and replace in the episode, or the whole workspace, with each change shown before it is made. */
export function replace(model) {
  return dialog(t("key.replace"), (close) => {
    const { episode, language } = model.data;
    const needle = h("input", { autofocus: true, dir: "auto", autocomplete: "off", oninput: () => later() });
    const other = h("input", { dir: "auto", autocomplete: "off", oninput: () => later() });
    const box = (label) => [h("input", { type: "checkbox", onchange: () => look() }), t(label)];
    const [inCase, whole, all] = [box("replace.case"), box("replace.word"), box("replace.workspace")];
    const found = h("div", { class: "found stack", "aria-live": "polite" });
    let timer = 0;
    let chosen = null; // null: what is asked for has not been shown yet
    const later = () => {
      clearTimeout(timer);
      chosen = null;
      timer = setTimeout(look, 250);
    };
    const look = async () => {
      clearTimeout(timer);
      if (!needle.value) return found.replaceChildren();
      const body = { q: needle.value, where: "text", replacement: other.value, language: language.tag, id: all[0].checked ? "" : episode.id, case: inCase[0].checked, word: whole[0].checked };
      try {
        const { replacements } = await send("POST", "/api/replace/preview", body);
        chosen = replacements.map((each) => ({ each, box: h("input", { type: "checkbox", checked: true }) }));
        return found.replaceChildren(h("p", { class: "muted" }, t("replace.found", { n: replacements.length })), ...chosen.map(({ each, box: tick }) => foundRow(each, tick)));
      } catch (error) {
        return found.replaceChildren(h("p", { class: "note error" }, error.message));
      }
    };
    const apply = async () => {
      if (!chosen) return look(); // nothing is changed unseen
      const replacements = chosen.filter(({ box: tick }) => tick.checked).map(({ each: { unit, revision, before, after } }) => ({ unit, revision, before, after }));
      if (!replacements.length) return undefined;
      try {
        const { units, outcomes } = await send("POST", "/api/replace/apply", { replacements });
        model.update(units.filter((unit) => model.units.has(unit.id)));
        const left = outcomes.filter(({ done }) => !done).length;
        toast(t(left ? "replace.some" : "replace.done", { n: outcomes.length - left, left }), left ? "error" : "");
        return close();
      } catch (error) {
        return toast(error.message, "error");
      }
    };
    const boxes = h("div", { class: "row-gap" }, ...[inCase, whole, all].map(([input, words]) => h("label", { class: "check-field" }, input, words)));
    return { body: [h("label", { class: "field" }, t("replace.needle"), needle), h("label", { class: "field" }, t("replace.with"), other), boxes, found],
      foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("replace.apply"), apply, { kind: "primary", key: "Ctrl Enter" })], submit: () => (document.activeElement === needle || document.activeElement === other ? apply() : look()) };
  });
}

function foundRow(each, tick) {
  return h("label", { class: "found-row" }, tick, h("span", {}, each.path ? h("span", { class: "muted" }, h("bdi", {}, each.path), ` · ${lineRange(each)}`) : null, each.source ? h("span", { class: "muted", dir: "auto" }, each.source) : null, h("span", { dir: "auto" }, ...diffNodes(each.before, each.after))),
    each.by_hand ? h("span", { class: "badge machine" }, t("term.by_hand")) : null, each.approved ? h("span", { class: "badge approved" }, t("status.approved")) : null);
}

/** Add a term to the glossary, and use it where its words occur. */
export function addTerm(model, guess) {
  return dialog(t("key.term"), (close) => {
    const { episode, language } = model.data;
    const term = h("input", { value: guess.term, autofocus: !guess.term, dir: "auto", autocomplete: "off", oninput: () => later() });
    const translation = h("input", { value: guess.translation, autofocus: Boolean(guess.term), dir: "auto", autocomplete: "off", oninput: () => later() });
    const aliases = h("input", { dir: "auto", autocomplete: "off", placeholder: t("term.aliases_example"), oninput: () => later() });
    const scopes = ["workspace", "episode"].map((name) => h("label", { class: "check-field" }, h("input", { type: "radio", name: "scope", value: name, checked: name === "workspace", onchange: () => later() }), t(`term.scope.${name}`)));
    const scope = () => scopes.map((label) => label.firstChild).find((input) => input.checked).value;
    const found = h("div", { class: "found stack", "aria-live": "polite" });
    let timer = 0;
    let chosen = null; // null: what is asked for has not been shown yet
    const body = () => ({ scope: scope(), id: episode.id, language: language.tag, term: term.value.trim(), translation: translation.value.trim(), aliases: aliases.value.split(/[,，、;；]/).map((words) => words.trim()).filter(Boolean) });
    const later = () => {
      clearTimeout(timer);
      chosen = null;
      timer = setTimeout(look, 300);
    };
    const look = async () => {
      clearTimeout(timer);
      if (!term.value.trim() || !translation.value.trim()) return found.replaceChildren();
      try {
        const { uses } = await send("POST", "/api/terms/preview", body());
        chosen = uses.map((use) => ({ use, box: h("input", { type: "checkbox", checked: Boolean(use.after), disabled: !use.after }) }));
        return found.replaceChildren(h("p", { class: "muted" }, t("term.uses", { n: uses.length })), ...chosen.map(({ use, box }) => foundRow({ ...use, after: use.after ?? use.before, by_hand: !use.after }, box)));
      } catch (error) {
        return found.replaceChildren(h("p", { class: "note error" }, error.message));
      }
    };
    const apply = async () => {
      if (!term.value.trim() || !translation.value.trim()) return undefined;
      if (!chosen) return look();
      try {
        const picked = chosen.filter(({ box }) => box.checked).map(({ use: { unit, revision } }) => ({ unit, revision }));
        const { units = [], outcomes = [] } = await send("POST", "/api/terms", { ...body(), apply: picked });
        model.update(units.filter((unit) => model.units.has(unit.id)));
        const left = outcomes.filter(({ done }) => !done).length;
        toast([t("term.added", { term: term.value.trim() }), left ? t("replace.some", { n: outcomes.length - left, left }) : ""].join(" "), left ? "error" : "");
        close();
        return await model.reload();
      } catch (error) {
        return toast(error.message, "error");
      }
    };
    if (guess.term && guess.translation) look();
    return { body: [h("label", { class: "field" }, t("term.term"), term), h("label", { class: "field" }, t("term.translation"), translation), h("label", { class: "field" }, t("term.aliases"), aliases), h("fieldset", { class: "row-gap" }, h("legend", {}, t("term.scope")), ...scopes), found],
      foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("term.add"), apply, { kind: "primary", key: "Ctrl Enter" })], submit: apply };
  });
}

/** All keys, each to be changed. */
export function help(keys) {
  return dialog(t("key.help"), (close, box) => {
    box.classList.add("broad");
    const body = h("div", { class: "keys" });
    const draw = () => body.replaceChildren(...groups().map(([group, names]) => h("section", {}, h("h3", {}, t(`keys.${group}`)), h("dl", {}, ...names.flatMap((name) => keyRow(keys, name, draw))))));
    draw();
    return { body: [h("p", { class: "muted" }, t("keys.words")), body], foot: [button(t("keys.reset"), () => {
      keys.reset();
      draw();
    }, { kind: "quiet" })] };
  });
}

function keyRow(keys, name, draw) {
  const change = h("button", { type: "button", class: "button quiet small" }, h("span", { class: "visually-hidden" }, t("keys.change", { name: t(`key.${name}`) })), ...keys.of(name).map((combo) => h("kbd", {}, keyShown(combo))), keys.of(name).length ? null : "—");
  const listen = (event) => {
    event.preventDefault();
    event.stopPropagation();
    const combo = comboOf(event);
    if (!combo) return;
    change.removeEventListener("keydown", listen, true);
    if (combo !== "Escape") keys.change(name, combo);
    draw();
    document.querySelector(`[data-key-name="${name}"]`)?.focus();
  };
  change.dataset.keyName = name;
  change.addEventListener("click", () => {
    change.replaceChildren(t("keys.press"));
    change.addEventListener("keydown", listen, true);
  });
  return [h("dt", {}, t(`key.${name}`)), h("dd", {}, change)];
}

/** Choose a format to download. */
export function exportFile(model) {
  return dialog(t("key.export"), (close) => {
    const { episode, language } = model.data;
    const counts = model.counts();
    const links = FORMATS.map((format, index) => h("a", { class: "button", autofocus: index === 0, href: withQuery("/api/export", { id: episode.id, language: language.tag, format }), download: true, onclick: () => setTimeout(close, 50) }, format.toUpperCase()));
    return { body: [counts.open ? h("p", { class: "note warning" }, t("export.open", { n: counts.open })) : h("p", { class: "note ok" }, t("export.all_approved")), h("div", { class: "row-gap" }, ...links), h("p", { class: "muted" }, t("export.words"))] };
  });
}

/** Take in a corrected file, after a look at what it would change. */
export function importFile(model) {
  return dialog(t("key.import"), (close) => {
    const { episode, language } = model.data;
    const found = h("div", { class: "found stack", "aria-live": "polite" });
    let token = null;
    let conflicts = [];
    const show = ({ changes }) => {
      conflicts = changes.filter((change) => change.conflict && change.can_apply).map((change) => ({ change, box: h("input", { type: "checkbox" }) }));
      const boxes = new Map(conflicts.map(({ change, box }) => [change, box]));
      found.replaceChildren(h("p", { class: "muted" }, t("import.changes", { n: changes.filter((change) => change.applies).length })), ...changes.map((change) => importRow(change, boxes.get(change))));
    };
    const file = h("input", { type: "file", autofocus: true, accept: ".srt,.vtt,.ass,.ttml,.sbv,.xlsx,.csv,.xliff,.xlf,.tmx", onchange: async () => {
      const form = new FormData();
      form.append("file", file.files[0]);
      token = null;
      try {
        const answer = await send("POST", withQuery("/api/import", { id: episode.id, language: language.tag }), form);
        token = answer.token;
        show(answer);
      } catch (error) {
        found.replaceChildren(h("p", { class: "note error" }, error.message));
      }
    } });
    const submit = async () => {
      if (!token) return;
      const take = conflicts.filter(({ box }) => box.checked).map(({ change }) => String(change.unit));
      try {
        const { done, left } = await send("POST", "/api/import/apply", { token, take });
        close();
        toast(t("import.done", { n: done.length, left: left.length }), left.length ? "error" : "");
        await model.reload();
      } catch (error) {
        toast(error.message, "error");
      }
    };
    return { body: [h("label", { class: "field" }, t("import.file"), file), found], foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("import.apply"), submit, { kind: "primary" })], submit };
  });
}

function importRow(change, box) {
  const where = [change.where, change.lines && t("import.lines", { n: change.lines })].filter(Boolean).join(" · ");
  const fate = box ? h("label", { class: "check-field" }, box, t("import.take")) : h("span", { class: `badge ${change.applies ? "ok" : "machine"}` }, t(change.applies ? "import.changes_it" : "import.stays"));
  return h("div", { class: "found-row" }, h("span", {}, h("span", { class: "muted" }, where), h("span", { dir: "auto" }, ...diffNodes(change.before ?? "", change.after ?? "")), change.reason ? h("span", { class: "muted" }, change.reason) : null), fate);
}

/** Approve all that nothing is known against; the person sees how many first. */
export async function approveAll(model) {
  const ready = model.visible.map((id) => model.shown(id)).filter((unit) => unit.text && unit.status !== "approved" && !unit.stale && !unit.flagged && !unit.awaited && !openFindings(unit).length);
  if (!ready.length) return toast(t("approve_all.none"));
  if (!(await confirm(t("key.approve-all"), t("approve_all.words", { n: ready.length }), t("approve_all.do")))) return undefined;
  try {
    const { outcomes } = await send("POST", "/api/approve", { units: ready.map(({ id, revision }) => ({ id, revision })) });
    const left = outcomes.filter(({ done }) => !done);
    const { units } = await get("/api/units", { ids: outcomes.map(({ id }) => id).join(",") });
    model.update(units);
    return toast(t(left.length ? "approve_all.some" : "approve_all.done", { n: outcomes.length - left.length, left: left.length, why: [...new Set(left.map(({ why }) => (has(`why.${why}`) ? t(`why.${why}`) : why)))].join(", ") }));
  } catch (error) {
    return toast(error.message, "error");
  }
}
