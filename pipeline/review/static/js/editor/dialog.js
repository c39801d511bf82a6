// A window over the page: opened with the keyboard, closed with Escape, the focus goes back to where it was.

import { button, h } from "./dom.js";
import { t } from "./text.js";

/**
 * Open a dialog with a title. `fill(close)` gives {body, foot, submit}: elements, buttons, and what Enter or Ctrl+Enter does.
 * Resolves when it is closed.
 */
export function dialog(title, fill) {
  const before = document.activeElement;
  const id = "dialog-title";
  return new Promise((done) => {
    const box = h("dialog", { "aria-labelledby": id, oncancel: (event) => {
      event.preventDefault();
      close();
    }, onclose: () => close() });
    // At once, not with the browser's `close` event: that comes later, and would take the focus from where the next key has put it.
    const close = () => {
      if (!box.isConnected) return;
      box.close();
      box.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      done();
    };
    const { body, foot = [], submit = null } = fill(close, box);
    const form = h("form", { method: "dialog", onsubmit: (event) => {
      event.preventDefault();
      submit?.();
    } }, ...body);
    box.append(h("div", { class: "dialog-head" }, h("h2", { id }, title), button(t("dialog.close"), close, { kind: "quiet small", key: "Esc" })), form, foot.length ? h("div", { class: "dialog-foot" }, ...foot) : "");
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && submit) {
        event.preventDefault();
        submit();
      }
    });
    document.body.append(box);
    box.showModal();
    (box.querySelector("[autofocus]") ?? box.querySelector("input, textarea, select") ?? form).focus();
  });
}

/** Ask for a line of text; null if it is not given. */
export async function prompt(title, label, { value = "", list = [], required = false } = {}) {
  let answer = null;
  await dialog(title, (close) => {
    const input = h("input", { value, required, autofocus: true, dir: "auto", autocomplete: "off" });
    const submit = () => {
      if (required && !input.value.trim()) return;
      answer = input.value.trim();
      close();
    };
    const ready = list.map((words) => button(words, () => {
      input.value = words;
      submit();
    }, { kind: "small" }));
    return { body: [h("label", { class: "field" }, label, input), h("div", { class: "row-gap" }, ...ready)], foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), button(t("dialog.ok"), submit, { kind: "primary" })], submit };
  });
  return answer;
}

/** Whether the person agrees. */
export async function confirm(title, words, label = t("dialog.ok")) {
  let agreed = false;
  await dialog(title, (close) => {
    const submit = () => {
      agreed = true;
      close();
    };
    const yes = button(label, submit, { kind: "primary", autofocus: true });
    return { body: [h("p", {}, words)], foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), yes], submit };
  });
  return agreed;
}

/** A short word at the edge of the page, read out too. */
export function toast(words, kind = "") {
  let place = document.querySelector(".toasts");
  if (!place) {
    place = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(place);
  }
  const note = h("p", { class: `toast ${kind}` }, words);
  place.append(note);
  setTimeout(() => note.remove(), kind === "error" ? 9000 : 4000);
}
