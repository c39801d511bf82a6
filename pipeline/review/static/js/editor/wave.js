// The sound as a wave, where there is a voice, the cues upon it with edges to drag. Drawn by wavesurfer.js from the server's peaks.

import Regions from "/static/vendor/wavesurfer/regions.esm.js";
import WaveSurfer from "/static/vendor/wavesurfer/wavesurfer.esm.js";
import { get } from "./api.js";
import { h } from "./dom.js";
import { t } from "./text.js";
import { clock } from "./times.js";

// The first time, the server listens to the whole episode.
const DECODING_MS = 600_000;
const HEIGHT = 72;
const ZOOMS = [20, 40, 80, 160, 320];
const MS = 1000;
const STEPS_S = [0.5, 1, 2, 5, 10, 30, 60];
const TICK_PX = 80;

/** Events: `moved` {unit, index, start_ms, end_ms}: a person dragged an edge; `pick` {unit, cue}. */
export class Wave extends EventTarget {
  #zoom = 2;
  #regions = null;
  #surfer = null;
  #drawn = new Map();
  #cues = [];
  #frame = 0;
  #inks = inks();
  #held = null; // the region that is being dragged: it is the person's until it is let go
  #peaks = new Float32Array();
  #seconds = 0; // what the wave shows: the whole media, where the picture goes on after the sound, too
  #peaksPerSecond = 1;

  constructor(model, player) {
    super();
    Object.assign(this, { model, player });
    this.box = h("div", { class: "wave-box" });
    this.ruler = h("canvas", { class: "wave-ruler", "aria-hidden": "true" });
    this.element = h("section", { class: "wave", "aria-label": t("wave.label") }, this.ruler, this.box);
  }

  /** Fetch the peaks and draw. */
  async load() {
    const { episode } = this.model.data;
    const { peaks, voice, per_second: perSecond } = await get(episode.peaks_url, {}, DECODING_MS);
    this.model.data.voice = voice ?? this.model.data.voice;
    this.#peaks = unzipped(peaks);
    this.#peaksPerSecond = perSecond;
    this.#regions = Regions.create();
    this.#surfer = WaveSurfer.create({
      container: this.box, height: HEIGHT, media: this.player.media, ...this.#sound(),
      minPxPerSec: ZOOMS[this.#zoom], autoScroll: true, autoCenter: false, hideScrollbar: false, normalize: true, cursorWidth: 2,
      cspNonce: document.querySelector('meta[name="csp-nonce"]')?.content, plugins: [this.#regions], ...colours(),
    });
    this.#surfer.getWrapper().parentElement.tabIndex = 0; // it scrolls, so the keyboard must reach it
    for (const name of ["scroll", "redraw", "zoom"]) this.#surfer.on(name, () => this.#soon());
    this.#surfer.on("ready", () => this.refresh());
    this.#regions.on("region-update", (region) => { this.#held = region; });
    this.#regions.on("region-updated", (region) => this.#dragged(region));
    this.#regions.on("region-clicked", (region, event) => this.#picked(region, event));
    document.addEventListener("zimu:theme", () => this.#recolour());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#recolour());
    addEventListener("resize", () => this.#soon());
    this.player.media.addEventListener("durationchange", () => this.#stretch());
    this.#stretch();
    this.refresh();
  }

  /** The peaks, silent to the media's end: wavesurfer places all by shares of the media's length, once that is known. */
  #sound() {
    const { duration } = this.player.media;
    const own = this.#peaks.length / this.#peaksPerSecond;
    this.#seconds = Number.isFinite(duration) && duration > 0 ? duration : own;
    const filled = new Float32Array(Math.max(1, Math.round(this.#seconds * this.#peaksPerSecond)));
    filled.set(this.#peaks.subarray(0, filled.length));
    return { peaks: [filled], duration: this.#seconds };
  }

  /** The media is longer, or shorter, than was known. */
  #stretch() {
    const { duration, currentSrc, src } = this.player.media;
    if (!Number.isFinite(duration) || Math.abs(duration - this.#seconds) < 1e-3) return;
    for (const region of this.#drawn.values()) region.remove();
    this.#drawn.clear();
    this.#held = null;
    const { peaks, duration: seconds } = this.#sound();
    this.#surfer.load(currentSrc || src, peaks, seconds).catch(() => {}); // another load came between: that one draws
  }

  zoom(step) {
    this.#zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.#zoom + step));
    this.#surfer?.zoom(ZOOMS[this.#zoom]);
    this.reveal(this.player.ms);
  }

  /** Scroll so that a time is in sight. */
  reveal(ms) {
    if (!this.#surfer) return;
    const seconds = ms / MS;
    const span = this.#surfer.getWidth() / ZOOMS[this.#zoom];
    const left = this.#surfer.getScroll() / ZOOMS[this.#zoom];
    if (seconds < left || seconds > left + span * 0.85) this.#surfer.setScrollTime(Math.max(0, seconds - span * 0.15));
  }

  /** Draw the cues as they are now. */
  refresh() {
    this.#cues = this.model.cues;
    this.#soon();
  }

  #soon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      if (!this.#surfer?.getDuration()) return;
      this.#placeAll();
      this.#draw();
    });
  }

  /** The regions of the cues in sight and a screen beside; a long episode has too many to keep them all. */
  #placeAll() {
    const perSecond = this.#perSecond();
    const span = this.box.clientWidth / perSecond;
    const from = (this.#surfer.getScroll() / perSecond - span) * MS;
    const to = from + 3 * span * MS;
    const wanted = new Map(this.#cues.filter((cue) => cue.end_ms > from && cue.start_ms < to).map((cue) => [`${cue.unit}.${cue.index}`, cue]));
    for (const [id, region] of this.#drawn) {
      if (wanted.has(id) || region === this.#held) continue;
      region.remove();
      this.#drawn.delete(id);
    }
    for (const [id, cue] of wanted) this.#place(id, cue);
  }

  #place(id, cue) {
    const active = cue.unit === this.model.active;
    const color = active ? "var(--cue-active)" : "var(--cue)";
    const known = this.#drawn.get(id);
    if (known && known === this.#held) return;
    const options = { start: cue.start_ms / MS, end: cue.end_ms / MS, color, resize: active, drag: false };
    const text = cue.lines.join(" ");
    if (!known) {
      const region = this.#regions.addRegion({ id, ...options, content: label(text) });
      this.#drawn.set(id, region);
      region.text = text;
      return;
    }
    if (Math.abs(known.start - options.start) > 1e-4 || Math.abs(known.end - options.end) > 1e-4 || known.color !== color || known.resize !== active) known.setOptions(options);
    if (known.text !== text) {
      known.text = text;
      known.setContent(label(text));
    }
  }

  #dragged(region) {
    this.#held = null;
    const [unit, index] = region.id.split(".").map(Number);
    this.dispatchEvent(new CustomEvent("moved", { detail: { unit, index, start_ms: Math.round(region.start * MS), end_ms: Math.round(region.end * MS) } }));
  }

  #picked(region, event) {
    event.stopPropagation();
    const [unit, index] = region.id.split(".").map(Number);
    this.dispatchEvent(new CustomEvent("pick", { detail: { unit, index } }));
  }

  #recolour() {
    this.#inks = inks();
    this.#surfer.setOptions(colours());
    this.refresh();
  }

  /** The strip over the wave: seconds, and where there is a voice. */
  #draw() {
    if (!this.#surfer) return;
    const [scale, wide, high] = [devicePixelRatio || 1, this.box.clientWidth, 22];
    Object.assign(this.ruler, { width: wide * scale, height: high * scale });
    const pen = this.ruler.getContext("2d");
    pen.scale(scale, scale);
    const perSecond = this.#perSecond();
    const from = this.#surfer.getScroll() / perSecond;
    const to = from + wide / perSecond;
    pen.fillStyle = this.#inks.voice;
    for (const [start, end] of this.model.data.voice) {
      if (end / MS < from || start / MS > to) continue;
      pen.fillRect((start / MS - from) * perSecond, high - 5, ((end - start) / MS) * perSecond, 4);
    }
    ticks(pen, from, to, perSecond, this.#inks.muted);
  }

  #perSecond() {
    return Math.max(ZOOMS[this.#zoom], this.box.clientWidth / (this.#seconds || 1));
  }
}

function ticks(pen, from, to, perSecond, colour) {
  const step = STEPS_S.find((seconds) => seconds * perSecond >= TICK_PX) ?? STEPS_S.at(-1);
  pen.fillStyle = colour;
  pen.font = "11px system-ui, sans-serif";
  for (let at = Math.floor(from / step) * step; at <= to; at += step) {
    const x = (at - from) * perSecond;
    pen.fillRect(x, 0, 1, 6);
    pen.fillText(clock(at * MS, { short: step >= 1 }).replace(/00$/, step >= 1 ? "00" : "0"), x + 4, 11);
  }
}

function label(text) {
  return h("div", { dir: "auto" }, text);
}

/** Louder of each minimum and maximum, with its sign, between -1 and 1. */
function unzipped(pairs) {
  const found = new Float32Array(pairs.length / 2);
  for (let i = 0; i < found.length; i++) {
    const [low, high] = [pairs[2 * i], pairs[2 * i + 1]];
    found[i] = (Math.abs(low) > Math.abs(high) ? low : high) / 128;
  }
  return found;
}

function inks() {
  return { voice: colour("--voice"), muted: colour("--muted") };
}

function colours() {
  return { waveColor: colour("--wave"), progressColor: colour("--wave-played"), cursorColor: colour("--cursor") };
}

/** What a colour of the style sheet is in the theme of now: a canvas does not know variables. */
function colour(name) {
  const probe = document.body.appendChild(h("i", { hidden: true }));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
