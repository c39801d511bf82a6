// The episode as the page knows it: what the server told, with the saves on their way laid over it.

import { get } from "./api.js";

export const FILTERS = {
  all: () => true,
  open: (unit) => unit.status !== "approved" || unit.stale,
  check: (unit) => unit.check,
  findings: (unit) => openFindings(unit).length > 0,
  flagged: (unit) => unit.flagged,
  stale: (unit) => unit.stale || unit.cues_stale,
  proposals: (unit) => Boolean(unit.proposal),
  comments: (unit) => unit.comments > 0,
  untranslated: (unit) => !unit.text,
};

export const ORDERS = {
  time: (a, b) => a.first - b.first,
  check: (a, b) => Number(b.check) - Number(a.check) || confidence(a) - confidence(b) || a.first - b.first,
  findings: (a, b) => weight(b) - weight(a) || a.first - b.first,
};

/** A unit's findings and its cues' that nobody dismissed. */
export function openFindings(unit) {
  return [...unit.findings, ...unit.cues.flatMap((cue) => cue.findings)].filter((finding) => !finding.dismissed);
}

function confidence(unit) {
  return unit.confidence ?? 1;
}

function weight(unit) {
  return openFindings(unit).reduce((sum, finding) => sum + (finding.severity === "error" ? 100 : 1), 0);
}

/** What the queued saves make of a unit, shown before the server has answered. */
const OVERLAYS = {
  text: (unit, { body }) => ({ ...unit, text: body.text, status: "edited", stale: false, proposal: unit.proposal, terms: unit.terms.map((term) => ({ ...term, target: null })) }),
  approve: (unit) => ({ ...unit, status: "approved", stale: false }),
  reopen: (unit) => ({ ...unit, status: "edited" }),
  flag: (unit, { body }) => ({ ...unit, flagged: true, flag_reason: body.reason }),
  unflag: (unit) => ({ ...unit, flagged: false, flag_reason: "" }),
  cues: (unit, { body }) => ({ ...unit, status: "edited", cues_fixed: body.cues.length > 0, cues: body.cues.length ? body.cues.map(plainCue) : unit.cues }),
  reject: (unit) => ({ ...unit, proposal: null }),
};

function plainCue(cue) {
  return { ...cue, findings: [] };
}

/** The unit with a list of cues: while the server still lays them out (null), those that are known. */
function withCues(unit, before) {
  return unit.cues ? unit : { ...unit, cues: before?.cues ?? [], awaited: true };
}

/** Events: `units` {ids}: these look different now; `list`: which units there are, or their order; `active` {from, to}. */
export class Model extends EventTarget {
  filter = "all";
  order = "time";
  needle = "";
  active = null;
  presence = [];
  preview = null; // what the checks say about a text that is being typed: {id, text, findings, cues}

  constructor(data, queue) {
    super();
    this.queue = queue;
    this.take(data);
  }

  /** Everything anew, as the server tells it. */
  take(data) {
    this.data = data;
    this.units = new Map(data.units.map((unit) => [unit.id, withCues(unit, this.units?.get(unit.id))]));
    this.lines = new Map(data.lines.map((line) => [line.index, line]));
    this.relist();
  }

  async reload() {
    const data = await get("/api/episode", { id: this.data.episode.id, language: this.data.language.tag });
    const place = Math.max(0, this.visible.indexOf(this.active)); // now: whoever works here may have gone on meanwhile
    this.take(data);
    // The sentence in work may be another one now, or gone: whoever worked on it goes on at its place.
    const moved = this.active !== null && !this.units.has(this.active);
    if (moved) this.activate(this.visible[Math.min(place, this.visible.length - 1)] ?? null);
    this.dispatchEvent(new CustomEvent("reloaded", { detail: { moved } }));
  }

  /** The unit as it will be once the queue is through. */
  shown(id) {
    let unit = this.units.get(id);
    if (!unit) return undefined;
    for (const save of this.queue.of(id)) {
      if (save.state !== "refused" && save.state !== "conflict") unit = OVERLAYS[save.op]?.(unit, save) ?? unit;
    }
    const { preview } = this;
    return preview?.id === id && preview.text === unit.text ? { ...unit, findings: preview.findings, cues: preview.cues } : unit;
  }

  /** All units, in the order of their lines. */
  get ordered() {
    return [...this.units.values()].sort(ORDERS.time);
  }

  /** Take in units as the server tells them, unless a newer state is known. */
  update(units) {
    const fresh = units.filter((unit) => (this.units.get(unit.id)?.revision ?? -1) <= unit.revision);
    for (const unit of fresh) this.units.set(unit.id, withCues(unit, this.units.get(unit.id)));
    if (fresh.some((unit) => !this.visible.includes(unit.id))) this.relist();
    this.touched(fresh.map((unit) => unit.id));
  }

  /** Cues that the server laid out after it had answered. */
  setCues(units) {
    const known = units.filter(({ id, cues }) => cues && this.units.has(id));
    for (const { id, cues } of known) this.units.set(id, { ...this.units.get(id), cues, awaited: false });
    this.touched(known.map(({ id }) => id));
  }

  /** Units split or merged: some come, some go. */
  regroup({ units, gone = [] }) {
    for (const id of gone) this.units.delete(id);
    for (const unit of units) this.units.set(unit.id, withCues(unit));
    this.relist();
    this.touched(units.map((unit) => unit.id));
    if (!this.units.has(this.active)) this.activate(units[0]?.id ?? null);
  }

  touched(ids) {
    this.dispatchEvent(new CustomEvent("units", { detail: { ids } }));
  }

  /** Which units the list shows, by filter, search and order. A unit in work stays in the list. */
  relist() {
    const needle = this.needle.trim().toLocaleLowerCase();
    const wanted = (unit) => unit.id === this.active || (FILTERS[this.filter](unit) && (!needle || `${unit.text}\n${unit.source}\n${unit.first + 1}`.toLocaleLowerCase().includes(needle)));
    this.visible = [...this.units.keys()].map((id) => this.shown(id)).filter(wanted).sort(ORDERS[this.order]).map((unit) => unit.id);
    this.dispatchEvent(new CustomEvent("list"));
  }

  activate(id) {
    if (id === this.active || (id !== null && !this.units.has(id))) return;
    const from = this.active;
    this.active = id;
    if (id !== null && !this.visible.includes(id)) this.relist();
    this.dispatchEvent(new CustomEvent("active", { detail: { from, to: id } }));
  }

  /** The unit `steps` further in the list; of those that `wanted` holds for, if given. Null: there is none. */
  neighbour(steps, wanted = null) {
    const here = this.visible.indexOf(this.active);
    for (let at = here + steps; at >= 0 && at < this.visible.length; at += Math.sign(steps)) {
      if (!wanted || wanted(this.shown(this.visible[at]))) return this.visible[at];
    }
    return null;
  }

  /** The unit after (or before) this one in the episode, whatever the list shows. */
  adjacent(id, steps) {
    const ordered = this.ordered;
    return ordered[ordered.findIndex((unit) => unit.id === id) + steps];
  }

  /** The lines of a unit, and those beside it that no unit has, as they are not spoken: else nobody could correct them. */
  linesAt(unit) {
    const [before, after] = [this.adjacent(unit.id, -1), this.adjacent(unit.id, 1)];
    const [from, past] = [before ? before.last + 1 : 0, after ? after.first : this.lines.size];
    return [...this.lines.values()].filter(({ index }) => index >= from && index < past);
  }

  /** All cues with their unit, in the order of their times. */
  get cues() {
    return this.ordered.flatMap((stored) => this.shown(stored.id).cues.map((cue, index) => ({ unit: stored.id, index, ...cue })));
  }

  counts() {
    const found = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, 0]));
    found.approved = 0;
    for (const id of this.units.keys()) {
      const unit = this.shown(id);
      for (const [name, holds] of Object.entries(FILTERS)) if (holds(unit)) found[name] += 1;
      if (!FILTERS.open(unit)) found.approved += 1;
    }
    return found;
  }
}
