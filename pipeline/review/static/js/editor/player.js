// The video (or the sound), its subtitle as a viewer will see it, and the cue that is being said.

import { h, icon } from "./dom.js";
import { t } from "./text.js";
import { clock } from "./times.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const MS = 1000;
const STYLE_LINES = 1080; // styles give their sizes for a picture with so many lines on its shorter side
const LEAST_PX = 11; // smaller letters than these can't be judged

/** Events: `cue` {cue}: another cue is being shown, or none (null); `time` {ms}. */
export class Player extends EventTarget {
  #stopAt = null;
  #shown = undefined;
  #cues = [];
  follow = true;

  constructor(model) {
    super();
    this.model = model;
    const { media, title } = model.data.episode;
    this.media = h(media.kind === "audio" ? "audio" : "video", { src: media.url, preload: "metadata", playsinline: true, tabindex: "-1", "aria-label": title });
    this.overlay = h("div", { class: "overlay", "aria-hidden": "true", lang: model.data.language.tag, dir: model.data.language.rtl ? "rtl" : "auto" });
    this.screen = h("div", { class: `screen ${media.kind}`, onclick: () => this.toggle() }, this.media, this.overlay);
    if (media.width && media.height) this.screen.style.aspectRatio = `${media.width} / ${media.height}`;
    this.element = h("section", { class: "player", "aria-label": t("player.label") }, this.screen, this.#controls());
    this.media.addEventListener("timeupdate", () => this.#tick());
    this.media.addEventListener("seeking", () => this.#tick());
    this.media.addEventListener("play", () => this.#playing());
    this.media.addEventListener("pause", () => this.#paused());
    this.media.addEventListener("error", () => this.overlay.replaceChildren(h("span", { class: "media-error" }, t("player.error"))));
    if (media.width && media.height) new ResizeObserver(() => this.#dress()).observe(this.screen);
    this.retime();
  }

  get ms() {
    return Math.round(this.media.currentTime * MS);
  }

  /** Take the cues as they are now. */
  retime() {
    this.#cues = this.model.cues;
    this.#shown = undefined;
    this.#tick();
  }

  /** Play from a time, and stop at another, if given. */
  play(fromMs, toMs = null) {
    this.media.currentTime = fromMs / MS;
    this.#stopAt = toMs;
    this.media.play().catch(() => {});
  }

  toggle() {
    this.#stopAt = null;
    if (this.media.paused) this.media.play().catch(() => {});
    else this.media.pause();
  }

  seek(ms) {
    this.media.currentTime = Math.max(0, ms) / MS;
  }

  skip(ms) {
    this.#stopAt = null;
    this.seek(this.ms + ms);
  }

  /** The next speed up or down. */
  pace(step) {
    const at = SPEEDS.indexOf(this.media.playbackRate);
    this.media.playbackRate = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? 2 : at) + step))];
    this.speed.value = String(this.media.playbackRate);
  }

  #controls() {
    this.playButton = h("button", { type: "button", class: "button quiet small", "aria-label": t("key.play"), onclick: () => this.toggle() }, icon("play"));
    this.position = h("span", { class: "num position" }, clock(0));
    this.speed = h("select", { "aria-label": t("player.speed"), onchange: () => { this.media.playbackRate = Number(this.speed.value); } }, ...SPEEDS.map((speed) => h("option", { value: String(speed), selected: speed === 1 }, `${speed}×`)));
    this.followBox = h("input", { type: "checkbox", checked: true, onchange: () => { this.follow = this.followBox.checked; } });
    return h("div", { class: "controls" }, this.playButton, this.position,
      h("label", { class: "check-field push" }, this.followBox, t("player.follow")), this.speed);
  }

  toggleFollow() {
    this.follow = !this.follow;
    this.followBox.checked = this.follow;
  }

  /** Give the subtitle the size, the place and the colours that it will have in the picture as large as it is here. */
  #dress() {
    const { style, episode: { media } } = this.model.data;
    const scale = Math.min(this.screen.clientWidth / media.width, this.screen.clientHeight / media.height);
    const unit = (Math.min(media.width, media.height) * scale) / STYLE_LINES;
    const letters = Math.max(LEAST_PX, style.letters * unit);
    const below = (this.screen.clientHeight - media.height * scale) / 2 + style.margin_v * unit;
    const values = { "--letters": `${letters}px`, "--row": `${(letters * style.size) / style.letters}px`, "--below": `${below}px`, "--ink": style.primary, "--edge": style.outline_colour, "--edge-width": `${Math.max(1, style.outline * unit)}px` };
    for (const [name, value] of Object.entries(values)) this.overlay.style.setProperty(name, value);
    this.overlay.classList.toggle("boxed", style.box);
    this.overlay.classList.toggle("bold", style.bold);
  }

  #playing() {
    this.playButton.replaceChildren(icon("pause"));
    const step = () => {
      if (this.media.paused) return;
      this.#tick();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #paused() {
    this.playButton.replaceChildren(icon("play"));
    this.#tick();
  }

  #tick() {
    const ms = this.ms;
    if (this.#stopAt !== null && ms >= this.#stopAt && !this.media.paused) {
      this.media.pause();
      this.#stopAt = null;
    }
    this.position.textContent = `${clock(ms)} / ${clock(this.model.data.episode.media.duration_ms, { short: true })}`;
    const cue = cueAt(this.#cues, ms);
    if (cue !== this.#shown) {
      this.#shown = cue;
      this.overlay.replaceChildren(...(cue?.lines ?? []).map((row) => h("span", {}, row)));
      this.dispatchEvent(new CustomEvent("cue", { detail: { cue, playing: !this.media.paused } }));
    }
    this.dispatchEvent(new CustomEvent("time", { detail: { ms } }));
  }
}

/** The cue that is on the screen at a time, or null; the cues are in order. */
export function cueAt(cues, ms) {
  let low = 0;
  let high = cues.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (cues[middle].start_ms > ms) high = middle - 1;
    else if (cues[middle].end_ms <= ms) low = middle + 1;
    else return cues[middle];
  }
  return null;
}

