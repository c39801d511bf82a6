// Which key does what. A person may change each; their choices stay in this browser.

const STORED = "zimu-keys";
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

// Each command: its group, and the keys that come with Zimu. Keys without Ctrl or Alt work outside text fields only.
const COMMANDS = {
  next: ["move", "Alt+ArrowDown", "ArrowDown", "J"],
  previous: ["move", "Alt+ArrowUp", "ArrowUp", "K"],
  "next-open": ["move", "Alt+N", "N"],
  "next-finding": ["move", "F8"],
  "previous-finding": ["move", "Shift+F8"],
  first: ["move", "Home"],
  last: ["move", "End"],
  edit: ["move", "Enter"],
  leave: ["move", "Escape"],
  filter: ["move", "Alt+/", "/"],
  play: ["media", "Alt+P", "Space"],
  "play-unit": ["media", "Alt+R", "R"],
  back: ["media", "Alt+ArrowLeft", "ArrowLeft"],
  forward: ["media", "Alt+ArrowRight", "ArrowRight"],
  slower: ["media", "Alt+,"],
  faster: ["media", "Alt+."],
  follow: ["media", "Alt+0"],
  "zoom-in": ["media", "Alt+="],
  "zoom-out": ["media", "Alt+-"],
  approve: ["decide", "Mod+Enter", "A"],
  reopen: ["decide", "Mod+Shift+Enter"],
  flag: ["decide", "Alt+G", "G"],
  comment: ["decide", "Alt+M", "C"],
  dismiss: ["decide", "Alt+I"],
  accept: ["decide", "Alt+A"],
  reject: ["decide", "Alt+X"],
  "approve-all": ["decide", "Alt+Shift+A"],
  save: ["edit", "Mod+S"],
  undo: ["edit", "Alt+Z", "Mod+Z"],
  redo: ["edit", "Alt+Shift+Z", "Mod+Shift+Z"],
  memory1: ["edit", "Alt+1"],
  memory2: ["edit", "Alt+2"],
  memory3: ["edit", "Alt+3"],
  retranslate: ["edit", "Alt+T", "T"],
  split: ["edit", "Alt+S", "S"],
  merge: ["edit", "Alt+W", "W"],
  cues: ["cues", "Alt+C"],
  "cue-split": ["cues", "Alt+Enter"],
  "cue-merge": ["cues", "Alt+Backspace"],
  "cue-start": ["cues", "Alt+["],
  "cue-end": ["cues", "Alt+]"],
  "cues-auto": ["cues", "Alt+Shift+C"],
  lines: ["tools", "Alt+L", "L"],
  replace: ["tools", "Alt+H"],
  term: ["tools", "Alt+B"],
  history: ["tools", "Alt+Y", "H"],
  export: ["tools", "Alt+Shift+E"],
  import: ["tools", "Alt+Shift+I"],
  titles: ["tools", "Alt+Shift+D"],
  publish: ["tools", "Alt+Shift+P"],
  help: ["tools", "F1", "?"],
};

/** Commands by group, in order: [[group, [name…]]…]. */
export function groups() {
  const found = new Map();
  for (const [name, [group]] of Object.entries(COMMANDS)) found.set(group, [...(found.get(group) ?? []), name]);
  return [...found];
}

export class Keys {
  #own = readOwn();
  #commands = new Map();

  /** What `run` does when the command's key is pressed. */
  on(name, run) {
    if (!(name in COMMANDS)) throw new Error(`no command ${name}`);
    this.#commands.set(name, run);
  }

  /** Do a command as its key would. */
  run(name) {
    return this.#commands.get(name)?.();
  }

  /** The keys of a command. */
  of(name) {
    return this.#own[name] ?? COMMANDS[name].slice(1);
  }

  /** A command's first key as people write it. */
  label(name) {
    const [first] = this.of(name);
    return first ? shown(first) : "";
  }

  /** Give a command this key alone; it is taken from any other command. Null: the keys that come with Zimu. */
  change(name, combo) {
    if (combo === null) delete this.#own[name];
    else {
      for (const other of Object.keys(COMMANDS)) {
        if (other !== name && this.of(other).includes(combo)) this.#own[other] = this.of(other).filter((key) => key !== combo);
      }
      this.#own[name] = [combo];
    }
    localStorage.setItem(STORED, JSON.stringify(this.#own));
  }

  reset() {
    this.#own = {};
    localStorage.removeItem(STORED);
  }

  /** Listen on the document. */
  listen() {
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    if (composing(event) || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const combo = comboOf(event);
    if (!combo) return;
    const typing = isField(event.target);
    if (typing && !worksWhileTyping(combo)) return;
    // Enter and Space do what the button or link under the focus says.
    if ((combo === "Enter" || combo === "Space") && event.target.closest("button, a, summary, [role=tab], video, audio")) return;
    const name = Object.keys(COMMANDS).find((command) => this.of(command).includes(combo));
    const run = name && this.#commands.get(name);
    if (run && run(event) !== false) event.preventDefault();
  }
}

/** Whether an input method (Chinese, Japanese, Korean) is putting a word together: its keys are its own. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** `Mod+Shift+Enter`, `Alt+K`, `?` …; empty while only Shift, Ctrl or Alt is held. Mod is Ctrl, on a Mac also Cmd. */
export function comboOf(event) {
  const key = keyName(event);
  if (!key) return "";
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && (key.length > 1 || /[A-Z0-9]/.test(key) || event.altKey || event.ctrlKey || event.metaKey)) parts.push("Shift");
  return [...parts, key].join("+");
}

/** A key combination as people write it. */
export function shown(combo) {
  const names = { Mod: MAC ? "⌘" : "Ctrl", ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Backspace: "⌫" };
  return combo.split(/\+(?=.)/).map((part) => names[part] ?? part).join(" ");
}

function keyName(event) {
  if (["Control", "Shift", "Alt", "Meta", "AltGraph", "Process", "Dead", "Unidentified", "CapsLock", "Tab"].includes(event.key)) {
    if (event.key !== "Dead" || !event.altKey) return "";
  }
  if (event.code === "Space") return "Space";
  // With Alt a Mac types other characters: there the place of the key counts.
  const letter = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code);
  if (letter && (event.altKey || event.ctrlKey || event.metaKey)) return letter[1];
  const marks = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Slash: "/", Equal: "=", Minus: "-" };
  if (event.altKey && marks[event.code]) return marks[event.code];
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

function worksWhileTyping(combo) {
  if (combo === "Mod+Z" || combo === "Mod+Shift+Z") return false; // the field's own undo
  return /^(Mod|Alt)\+/.test(combo) || /(^|\+)(F\d+|Escape)$/.test(combo);
}

function isField(target) {
  return target.matches?.("textarea, select, [contenteditable]") || target.matches?.("input:not([type=checkbox], [type=radio], [type=button])");
}

function readOwn() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}
