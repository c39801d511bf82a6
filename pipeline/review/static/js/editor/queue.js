// Saves on their way to the server. Each lies in localStorage from the first keystroke until the server has answered, so a lost
// connection, a reload or a restarted server loses none. Saves of one unit go one after the other.
//
// A save: {key, unit, op, method, path, body, revision, save_id, state, tries, at}
// state   held      still being typed; goes after a pause, or when something else is done with the unit
//         ready     to be sent
//         conflict  somebody else changed the unit: `theirs`, `yours`, `base`, `merged` say what; a person decides
//         refused   the server says no: `error`

import { Refused, send, Unreachable } from "./api.js";

const PREFIX = "zimu-save";
const HOLD_MS = 4000;
const MOST_TRIES = 5;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

/** Saves of an episode's page. Fires `change` when any of them does, `saved` {unit, answer}, `signedout`. */
export class Queue extends EventTarget {
  #prefix;
  #saves = [];
  #busy = new Set();
  #timer = 0;
  #holds = new Map();
  #number = 0;
  #failures = 0;
  online = true;
  renewCsrf = async () => {};

  constructor(episode, language) {
    super();
    this.#prefix = `${PREFIX}:${episode}:${language}:`;
    this.#adopt();
    addEventListener("online", () => this.wake());
    addEventListener("pagehide", () => this.flush());
    addEventListener("storage", (event) => event.key === null || event.key?.startsWith(this.#prefix) ? this.#forgetSent() : undefined);
  }

  /** The saves of a unit that the server has not taken yet, oldest first. */
  of(unit) {
    return this.#saves.filter((save) => save.unit === unit);
  }

  get all() {
    return this.#saves;
  }

  /** Keep the text that is being typed; it goes when the typing stops. */
  type(unit, text, revision, cues) {
    const last = this.of(unit).at(-1);
    const body = cues === undefined ? { text } : { text, cues };
    if (last?.op === "text" && last.state === "held") {
      last.body = body;
      this.#store(last);
    } else this.#add({ unit, op: "text", method: "PUT", path: `/api/units/${unit}/text`, body, revision, state: "held" });
    clearTimeout(this.#holds.get(unit));
    this.#holds.set(unit, setTimeout(() => this.flush(unit), HOLD_MS));
    this.#changed();
  }

  /** Give up what is being typed in a unit and was not sent. */
  untype(unit) {
    for (const save of this.of(unit)) if (save.state === "held") this.#remove(save);
    this.#changed();
  }

  /** Send a change of a unit, after all that is queued for it. */
  put(unit, op, body, revision, { method = "POST", path = `/api/units/${unit}/${op}` } = {}) {
    this.flush(unit);
    this.#add({ unit, op, method, path, body, revision, state: "ready" });
    this.wake();
  }

  /** Send now what is being typed: in one unit, or in all. */
  flush(unit) {
    for (const save of this.#saves) {
      if (save.state === "held" && (unit === undefined || save.unit === unit)) {
        save.state = "ready";
        this.#store(save);
      }
    }
    this.wake();
  }

  /** When all saves of the unit (or all) are through; false if one waits for a person or the connection. */
  async settled(unit) {
    this.flush(unit);
    for (;;) {
      const left = unit === undefined ? this.#saves : this.of(unit);
      if (!left.length) return true;
      if (!this.online || left.some((save) => save.state === "conflict" || save.state === "refused")) return false;
      await new Promise((done) => this.addEventListener("change", done, { once: true }));
    }
  }

  /** A person's answer to a conflict: this text it is, on top of theirs; null takes theirs. */
  resolve(unit, text) {
    const saves = this.of(unit);
    const stuck = saves.find((save) => save.state === "conflict");
    if (!stuck) return;
    const theirs = stuck.theirs;
    for (const save of saves) this.#remove(save);
    if (text !== null && text !== theirs.text) {
      // The cues that were made by hand for one's own text stay with it.
      const cues = text === stuck.yours ? saves.findLast((save) => save.body.cues)?.body.cues : undefined;
      const body = cues ? { text, cues } : { text };
      this.#add({ unit, op: "text", method: "PUT", path: `/api/units/${unit}/text`, body, revision: theirs.revision, state: "ready" });
    }
    this.wake();
  }

  /** Forget a save that the server refused. */
  dismiss(save) {
    this.#remove(save);
    this.wake();
  }

  /** Try now. */
  wake() {
    clearTimeout(this.#timer);
    this.#changed();
    for (const unit of new Set(this.#saves.map((save) => save.unit))) this.#run(unit);
  }

  async #run(unit) {
    if (this.#busy.has(unit)) return;
    this.#busy.add(unit);
    try {
      for (let next = this.#next(unit); next; next = this.#next(unit)) if (!(await this.#send(next))) break;
    } finally {
      this.#busy.delete(unit);
      this.#changed();
    }
  }

  #next(unit) {
    const first = this.of(unit)[0];
    return first?.state === "ready" ? first : undefined;
  }

  async #send(save) {
    if (localStorage.getItem(save.key) === null) {
      this.#remove(save); // another window of this browser has sent it
      return true;
    }
    save.tries += 1;
    this.#store(save);
    try {
      const answer = await send(save.method, save.path, { ...save.body, revision: save.revision, save_id: save.save_id });
      this.#done(save, answer);
      return true;
    } catch (error) {
      return this.#failed(save, error);
    }
  }

  #done(save, answer) {
    this.#failures = 0;
    this.online = true;
    this.#remove(save);
    const unit = answer.unit;
    // Only if nobody came between may what follows build on the answer; else the server shall say that there is a conflict.
    const mine = !unit || unit.revision <= save.revision + 1;
    for (const later of this.of(save.unit)) {
      if (unit && mine && later.revision === save.revision) {
        later.revision = unit.revision;
        this.#store(later);
      }
    }
    this.dispatchEvent(new CustomEvent("saved", { detail: { save, unit, answer } }));
  }

  async #failed(save, error) {
    if (error instanceof Unreachable) return this.#away();
    if (!(error instanceof Refused)) throw error;
    this.online = true;
    if (error.status === 401) this.dispatchEvent(new CustomEvent("signedout"));
    else if (error.status === 403 && !save.renewed) {
      save.renewed = true;
      await this.renewCsrf();
      return true;
    } else if (error.status === 409 && error.answer.text_changed === false && save.tries < MOST_TRIES) {
      // Only a flag, a status or cues changed: nobody's words are overwritten by sending it again on top of that.
      Object.assign(save, { revision: error.answer.theirs.revision, save_id: uuid() });
      this.#store(save);
      return true;
    } else if (error.status === 409 && error.answer.theirs) this.#conflict(save, error.answer);
    else {
      Object.assign(save, { state: "refused", error: error.message });
      this.#store(save);
    }
    return false;
  }

  #conflict(save, { theirs, yours, base, merged, error }) {
    // A change without a text of its own (approve, flag …) is not repeated over what nobody here has seen.
    if (save.op !== "text") Object.assign(save, { state: "refused", error });
    else Object.assign(save, { state: "conflict", theirs, yours: yours ?? save.body.text, base, merged });
    this.#store(save);
    this.dispatchEvent(new CustomEvent("conflict", { detail: { save, theirs } }));
  }

  #away() {
    this.online = false;
    this.#timer = setTimeout(() => this.wake(), RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]);
    return false;
  }

  #add(fields) {
    const at = Date.now();
    const key = `${this.#prefix}${at}-${String(this.#number++).padStart(6, "0")}-${uuid().slice(0, 8)}`;
    const save = { key, save_id: uuid(), tries: 0, at, ...fields };
    this.#saves.push(save);
    this.#store(save);
  }

  #store(save) {
    try {
      localStorage.setItem(save.key, JSON.stringify(save));
    } catch {
      this.dispatchEvent(new CustomEvent("full"));
    }
  }

  #remove(save) {
    this.#saves = this.#saves.filter((other) => other !== save);
    localStorage.removeItem(save.key);
  }

  /** Saves that an earlier page, or another window, left. */
  #adopt() {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(this.#prefix)).sort()) {
      try {
        const save = JSON.parse(localStorage.getItem(key));
        if (save.state === "held") save.state = "ready";
        this.#saves.push({ ...save, key, renewed: false });
      } catch {
        localStorage.removeItem(key);
      }
    }
  }

  #forgetSent() {
    this.#saves = this.#saves.filter((save) => this.#busy.has(save.unit) || localStorage.getItem(save.key) !== null);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}

/** A random UUID, also where the page came without encryption and `crypto.randomUUID` is not there. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
