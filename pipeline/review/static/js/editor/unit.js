// One unit in the list: its sentence, its translation, the cues that it becomes, and what the checks say.

import { button, h, icon, marked } from "./dom.js";
import { findingWords } from "./findings.js";
import { cueProblems, readingSpeed, width } from "./measure.js";
import { has, t } from "./text.js";
import { clock } from "./times.js";

const STATUS_ICONS = { approved: "check", stale: "clock", flagged: "flag", check: "warning", comments: "comment", proposal: "spark" };

/** Parts of a row that change on their own: {row, head, source, target, cues, notes, work}. */
export function makeRow(unit, context) {
  const parts = Object.fromEntries(["head", "source", "target", "cues", "notes", "work"].map((name) => [name, h("div", { class: `unit-${name}` })]));
  const row = h("article", { class: "unit", tabindex: "-1", dataset: { id: unit.id } },
    parts.head, h("div", { class: "unit-texts" }, parts.source, h("div", { class: "unit-right" }, parts.target, parts.cues, parts.notes)), parts.work);
  const made = { row, ...parts };
  fillRow(made, unit, context);
  return made;
}

/** Show the unit as it is now. The editing field and what belongs to it are the editor's, and stay. */
export function fillRow(parts, unit, context) {
  const { active, language, source } = context;
  parts.row.className = ["unit", unit.status, active && "active", unit.flagged && "flagged", unit.stale && "stale"].filter(Boolean).join(" ");
  parts.row.tabIndex = active ? 0 : -1;
  parts.row.setAttribute("aria-label", rowLabel(unit));
  parts.row.toggleAttribute("aria-current", active);
  fill(parts.head, JSON.stringify(headFacts(unit, context)), () => head(unit, context));
  fill(parts.source, JSON.stringify([unit.source, unit.terms, unit.first, unit.last, linesOf(unit, context.lines)]), () => sourceLines(unit, context, source));
  if (!active) {
    parts.target.replaceChildren(targetText(unit, language));
    parts.work.replaceChildren();
  }
  if (!active || !context.editingCues) fill(parts.cues, JSON.stringify(unit.cues), () => cueList(unit, context));
  parts.notes.replaceChildren(...notes(unit, context));
}

const filled = new WeakMap();

/** Put elements into a place, unless those that the same facts made are still there. */
function fill(place, facts, make) {
  const before = filled.get(place);
  if (before?.facts === facts && before.first === place.firstChild) return;
  place.replaceChildren(...make());
  filled.set(place, { facts, first: place.firstChild });
}

/** All that the head of a row shows. */
function headFacts(unit, { saves, presence }) {
  const { first, last, start_ms, end_ms, status, stale, check, confidence, flagged, proposal, comments, cues_fixed } = unit;
  return [first, last, start_ms, end_ms, status, stale, check, confidence, flagged, Boolean(proposal), comments, cues_fixed, saves.map((save) => save.state), presence];
}

function linesOf(unit, lines) {
  return Array.from({ length: unit.last - unit.first + 1 }, (_, at) => lines.get(unit.first + at));
}

function rowLabel(unit) {
  const state = [t(`status.${unit.status}`), unit.stale && t("mark.stale"), unit.flagged && t("mark.flagged")].filter(Boolean).join(", ");
  return t("unit.label", { n: lineRange(unit), state });
}

/** `12` or `12–14`: the lines of a unit, counted from 1. */
export function lineRange(unit) {
  return unit.first === unit.last ? `${unit.first + 1}` : `${unit.first + 1}–${unit.last + 1}`;
}

function head(unit, { saves, presence, play }) {
  const time = h("button", { type: "button", class: "time", tabindex: "-1", title: t("unit.play"), onclick: () => play(unit.start_ms, unit.end_ms) },
    icon("play"), h("span", { class: "num" }, clock(unit.start_ms, { short: true })));
  return [h("span", { class: "num line-no" }, lineRange(unit)), time, badge(unit.status, t(`status.${unit.status}`)), ...marks(unit), ...saveMarks(saves), ...presence.map((who) => h("span", { class: "who" }, h("bdi", {}, who)))];
}

function badge(kind, words) {
  return h("span", { class: `badge ${kind}` }, STATUS_ICONS[kind] ? icon(STATUS_ICONS[kind]) : null, words);
}

function marks(unit) {
  return [
    unit.stale && badge("stale", t("mark.stale")),
    unit.check && badge("check", t("mark.check", { percent: Math.round((unit.confidence ?? 0) * 100) })),
    unit.flagged && badge("flagged", t("mark.flagged")),
    unit.proposal && badge("proposal", t("mark.proposal")),
    unit.comments > 0 && badge("comments", String(unit.comments)),
    unit.cues_fixed && badge("pin", t("mark.cues")),
  ].filter(Boolean);
}

function saveMarks(saves) {
  if (!saves.length) return [];
  const state = saves.find((save) => save.state === "conflict" || save.state === "refused")?.state ?? "waiting";
  return [h("span", { class: `badge ${state === "waiting" ? "saving" : "error"}` }, t(`save.unit.${state}`))];
}

function sourceLines(unit, { lines, playLine }, source) {
  const spans = lineSpans(unit, lines);
  const body = h("p", { class: "text", lang: source.tag, dir: source.rtl ? "rtl" : "auto" });
  for (const { line, text, from } of spans) {
    const terms = unit.terms.filter((term) => term.source[0] >= from && term.source[1] <= from + Array.from(text).length)
      .map((term) => ({ from: term.source[0] - from, to: term.source[1] - from, term }));
    const content = marked(text, terms, (words, span) => termMark(words, span.term));
    if (line && line.status !== "ok") body.append(h("span", { class: `line ${line.status}`, title: lineTitle(line), onclick: () => playLine(line) }, ...content));
    else body.append(...content);
  }
  return [body];
}

function lineTitle(line) {
  return t(`line.${line.status}`, { n: line.index + 1, percent: Math.round((line.confidence ?? 0) * 100) });
}

function termMark(words, term) {
  return h("span", { class: `term${term.forbidden ? " forbidden" : ""}`, title: `${term.term} → ${term.translation}` }, words);
}

/** Where each transcript line lies in the sentence, so that each can be marked and played. */
function lineSpans(unit, lines) {
  const found = [];
  let at = 0;
  for (let index = unit.first; index <= unit.last; index++) {
    const line = lines.get(index);
    const place = line ? unit.source.indexOf(line.text, at) : -1;
    if (place < 0) return [{ line: null, text: unit.source, from: 0 }];
    if (place > at) found.push({ line: null, text: unit.source.slice(at, place), from: points(unit.source, at) });
    found.push({ line, text: line.text, from: points(unit.source, place) });
    at = place + line.text.length;
  }
  if (at < unit.source.length) found.push({ line: null, text: unit.source.slice(at), from: points(unit.source, at) });
  return found;
}

function points(text, end) {
  return Array.from(text.slice(0, end)).length;
}

function targetText(unit, language) {
  const spans = unit.terms.filter((term) => term.target).map((term) => ({ from: term.target[0], to: term.target[1], term }));
  const content = unit.text ? marked(unit.text, spans, (words, span) => termMark(words, span.term)) : [t("unit.no_text")];
  return h("p", { class: unit.text ? "text" : "text none", lang: language.tag, dir: language.rtl ? "rtl" : "auto" }, ...content);
}

/** The cues as a viewer gets them: time, rows, speed and length; a click plays one. */
export function cueList(unit, { language, play }) {
  return unit.cues.map((cue, index) => {
    const meters = h("span", { class: "meters num" }, ...cueMeters(cue, language));
    return h("button", { type: "button", class: "cue", tabindex: "-1", dataset: { index, start: cue.start_ms, end: cue.end_ms }, title: t("cue.play"), onclick: () => play(cue.start_ms, cue.end_ms) },
      h("span", { class: "cue-time num" }, clock(cue.start_ms)),
      h("span", { class: "cue-rows", lang: language.tag, dir: language.rtl ? "rtl" : "auto" }, ...cue.lines.map((row) => h("span", {}, row))),
      meters);
  });
}

/** Longest row and reading speed of a cue, each marked where it breaks a rule. */
export function cueMeters(cue, limits) {
  const problems = cueProblems(cue, limits);
  const longest = Math.max(0, ...cue.lines.map((row) => width(row, limits.wide)));
  const speed = readingSpeed(cue.lines.join("\n"), cue.end_ms - cue.start_ms, limits.wide);
  const tooLong = problems["line-length"] ?? problems["line-count"];
  return [
    h("span", { class: `meter ${tooLong ?? ""}`, title: t("cue.length", { limit: limits.max_line }) }, `${trim(longest)}/${trim(limits.max_line)}`),
    h("span", { class: `meter ${problems["reading-speed"] ?? ""}`, title: t("cue.speed", { limit: limits.max_cps }) }, t("cue.cps", { n: speed.toFixed(1) })),
    h("span", { class: `meter ${problems["too-short"] ?? problems["too-long"] ?? problems["no-time"] ?? ""}`, title: t("cue.duration") }, t("cue.seconds", { n: ((cue.end_ms - cue.start_ms) / 1000).toFixed(1) })),
  ];
}

function trim(number) {
  return Number.isInteger(number) ? String(number) : number.toFixed(1);
}

function notes(unit, context) {
  return [
    ...(unit.flagged && unit.flag_reason ? [h("p", { class: "note flag" }, icon("flag"), h("span", {}, unit.flag_reason))] : []),
    ...Object.entries(unit.stale ? unit.stale_because : {}).map(([what, { before, after }]) => staleNote(what, before, after)),
    ...(unit.cues_stale ? [h("p", { class: "note warning" }, icon("clock"), h("span", {}, t("unit.cues_stale")))] : []),
    ...findingList(unit, context),
  ];
}

function staleNote(what, before, after) {
  const name = has(`stale.${what}`) ? t(`stale.${what}`) : what;
  const shownBoth = what === "transcript" || before.length + after.length < 80;
  return h("p", { class: "note warning" }, icon("clock"), h("span", {}, t("unit.stale", { what: name }), shownBoth ? [" ", h("del", {}, before), " ", h("ins", {}, after)] : null));
}

/** Findings of the text and of its cues, once each; dismissed ones struck out while the unit is in work. */
export function findingList(unit, { active, dismiss, undismiss, keys }) {
  const seen = new Set();
  const all = [...unit.findings, ...unit.cues.flatMap((cue) => cue.findings)].filter((finding) => {
    const key = `${finding.rule}|${finding.value}`;
    return !seen.has(key) && seen.add(key) && (active || !finding.dismissed);
  });
  let first = true;
  return all.map((finding) => {
    const { name, message, remedy } = findingWords(finding);
    const isFirst = first && !finding.dismissed;
    if (isFirst) first = false;
    return h("div", { class: `note ${finding.severity}${finding.dismissed ? " dismissed" : ""}` }, icon(finding.severity),
      h("span", { class: "note-words" }, h("strong", {}, name), " ", h("span", { dir: "auto" }, message), remedy && active ? h("span", { class: "muted" }, " ", remedy) : null,
        finding.dismissed ? h("span", { class: "muted" }, " ", t("finding.dismissed_by", finding.dismissed)) : null),
      active ? findingButton(finding, isFirst, { dismiss, undismiss, keys }) : null);
  });
}

function findingButton(finding, isFirst, { dismiss, undismiss, keys }) {
  if (finding.dismissed) return button(t("finding.undismiss"), () => undismiss(finding), { kind: "quiet small" });
  return button(t("finding.dismiss"), () => dismiss(finding), { kind: "quiet small", key: isFirst ? keys.label("dismiss") : "" });
}
