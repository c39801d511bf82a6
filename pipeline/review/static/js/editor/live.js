// What happens elsewhere, told by the server as it happens; and where this person is, told to the others.

import { get, send, withQuery } from "./api.js";
import { uuid } from "./queue.js";

const TOGETHER_MS = 60;
const PRESENCE_MS = 15_000;
const SIT_MS = 300;

export class Live extends EventTarget {
  #client = uuid();
  #wanted = new Set();
  #timer = 0;
  #sitTimer = 0;

  constructor(model, queue) {
    super();
    Object.assign(this, { model, queue });
    const { episode, language } = model.data;
    this.address = { id: episode.id, language: language.tag };
  }

  open() {
    this.source = new EventSource(withQuery("/api/events", { ...this.address, client: this.#client }));
    let before = false;
    this.source.addEventListener("open", () => {
      this.queue.wake();
      if (before) this.model.reload().catch(() => {}); // what happened while the line was down
      before = true;
    });
    this.#on("unit", (told) => this.#unit(told));
    this.#on("cues", ({ language, units }) => language === this.address.language && this.model.setCues(units));
    this.#on("hello", ({ present }) => {
      this.#present(present);
      this.#awaitedCues();
    });
    this.#on("presence", (present) => this.#present(present));
    this.#on("reload", () => this.model.reload().catch(() => {}));
    this.#on("run", (told) => this.dispatchEvent(new CustomEvent("run", { detail: told })));
    this.#on("task", (told) => this.dispatchEvent(new CustomEvent("task", { detail: told })));
    setInterval(() => this.sit(), PRESENCE_MS);
    this.sit();
  }

  /** Tell the others at which unit this person is. */
  sit() {
    clearTimeout(this.#sitTimer);
    this.#sitTimer = setTimeout(() => send("POST", "/api/presence", { ...this.address, unit: this.model.active, client: this.#client }).catch(() => {}), SIT_MS);
  }

  #on(name, take) {
    this.source.addEventListener(name, (event) => take(JSON.parse(event.data)));
  }

  /** Cues that the server laid out before this page could hear of it. */
  async #awaitedCues() {
    if (![...this.model.units.values()].some((unit) => unit.awaited)) return;
    const { units } = await get("/api/cues", this.address).catch(() => ({ units: [] }));
    this.model.setCues(units);
  }

  #present(present) {
    const others = [...present];
    const own = others.findIndex(({ who, unit }) => who === this.model.data.me && unit === this.model.active);
    if (own >= 0) others.splice(own, 1);
    const before = this.model.presence;
    this.model.presence = others.filter(({ language }) => !language || language === this.address.language);
    this.dispatchEvent(new CustomEvent("presence", { detail: { present } }));
    this.model.touched([...new Set([...before, ...this.model.presence].map(({ unit }) => unit))].filter((id) => this.model.units.has(id)));
  }

  #unit({ id, revision, language, kind }) {
    if (language !== this.address.language) return;
    const known = this.model.units.get(id);
    if (known && known.revision >= revision && kind !== "remark") return;
    if (!known || kind === "split" || kind === "merge") {
      this.#later(() => this.model.reload().catch(() => {}));
      return;
    }
    this.#wanted.add(id);
    this.#later(() => this.#fetch());
  }

  #later(run) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, TOGETHER_MS);
  }

  async #fetch() {
    const ids = [...this.#wanted];
    this.#wanted.clear();
    try {
      const { units } = await get("/api/units", { ids: ids.join(",") });
      this.model.update(units);
      this.dispatchEvent(new CustomEvent("theirs", { detail: { ids } }));
    } catch {
      for (const id of ids) this.#wanted.add(id);
    }
  }
}
