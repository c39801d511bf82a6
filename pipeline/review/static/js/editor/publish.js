// Publishing: what is on the platforms by language, what would be done there, and a person's word to do it.

import { get, send } from "./api.js";
import { dialog, toast } from "./dialog.js";
import { button, h, icon } from "./dom.js";
import { t } from "./text.js";

// Platforms are asked while the person waits.
const LOOK_MS = 120_000;
const BADGES = { live: ["ok", "check"], draft: ["", "clock"], processing: ["", "clock"], sending: ["warning", "warning"], failed: ["error", "error"], refused: ["error", "error"], gone: ["warning", "warning"], none: ["new", null] };
const KINDS = { insert: "ok", update: "edited", activate: "ok", delete: "error", texts: "edited", hold: "error", leave: "warning", skip: "" };
// Of several platforms, the state that a person should know of first.
const WORST = ["failed", "refused", "gone", "sending", "none", "processing", "draft", "live"];

/** What was published of an episode, by the receipts. */
export function published(episode) {
  return get("/api/publish", { id: episode.id });
}

/** A language's state over all platforms, as a small sign with words for screen readers; null where it was never published. */
export function sign(platforms, language) {
  const rows = platforms.flatMap(({ languages }) => languages.filter((row) => row.language === language));
  if (!rows.some(({ state }) => state !== "none")) return null;
  const changed = rows.some((row) => row.changed);
  const state = WORST.find((each) => rows.some((row) => row.state === each));
  const words = changed ? t("publish.changed") : t(`publish.state.${state}`);
  const [kind, shape] = changed ? ["warning", "warning"] : BADGES[state];
  return h("span", { class: `published ${kind}`, title: words }, shape ? icon(shape) : null, h("span", { class: "visually-hidden" }, `, ${words}`));
}

/** The window. `begun` is called when something is being sent. */
export function publish(model, begun) {
  const { episode } = model.data;
  let token = "";
  return dialog(t("key.publish"), (close, box) => {
    box.classList.add("broad");
    const place = h("div", { class: "stack publish", "aria-live": "polite" }, h("p", { class: "muted" }, t("publish.loading")));
    const go = button(t("publish.look"), () => submit(), { kind: "primary", autofocus: true, disabled: true });
    const mode = h("select", { onchange: () => back() }, ...["", "draft", "live"].map((name) => h("option", { value: name }, t(`publish.mode.${name || "settings"}`))));
    // Asked where something waits for a decision: what somebody changed there.
    const overwrite = h("input", { type: "checkbox", onchange: () => look() });
    const back = () => {
      token = "";
      go.firstChild.textContent = t("publish.look");
    };
    const fail = (error) => {
      back();
      place.replaceChildren(h("p", { class: "note error", role: "alert" }, icon("error"), h("span", {}, error.message)));
    };
    const busy = async (words, run) => {
      go.disabled = true;
      place.replaceChildren(h("p", { class: "muted" }, words));
      try {
        await run();
      } catch (error) {
        fail(error);
      }
      go.disabled = false;
      if (box.isConnected) go.focus();
    };
    const look = () => busy(t("publish.looking"), async () => {
      const answer = await send("POST", "/api/publish/plan", { id: episode.id, live: { draft: false, live: true }[mode.value] ?? null, overwrite: overwrite.checked }, LOOK_MS);
      place.replaceChildren(...planned(answer), ...(overwrite.checked || held(answer) ? [h("label", { class: "check-field" }, overwrite, t("publish.overwrite"))] : []));
      token = answer.token;
      if (token) go.firstChild.textContent = t("publish.do", { n: answer.changes });
    });
    const apply = () => busy(t("publish.sending"), async () => {
      await send("POST", "/api/publish/apply", { token });
      close();
      toast(t("publish.begun"));
      begun();
    });
    const submit = () => go.disabled || (token ? apply() : look());
    published(episode).then(({ allowed, platforms }) => {
      place.replaceChildren(...(platforms.length ? platforms.map(platformState) : [nowhere()]));
      if (!allowed) place.append(h("p", { class: "note warning" }, icon("warning"), h("span", {}, t("publish.forbidden"))));
      go.disabled = !allowed || !platforms.length;
      if (!go.disabled) go.focus();
    }).catch(fail);
    return { body: [h("label", { class: "field publish-mode" }, t("publish.mode"), mode), place], foot: [button(t("dialog.cancel"), close, { kind: "quiet" }), go], submit };
  });
}

function nowhere() {
  return h("div", { class: "stack" }, h("p", {}, t("publish.nowhere")), h("pre", {}, '[publish.videos]\nyoutube = "dQw4w9WgXcQ"\nvimeo = "123456789"'));
}

/** What the receipts say of a platform: a row a language. */
function platformState({ title, video, languages, error }) {
  const rows = languages.map((row) => h("tr", {}, language(row),
    h("td", {}, badge(row.state), row.changed ? h("span", { class: "badge warning" }, icon("warning"), t("publish.changed")) : null),
    h("td", { class: "muted num" }, row.at.slice(0, 16).replace("T", " ")), h("td", { class: "muted" }, h("bdi", {}, row.who))));
  return h("section", { class: "stack" }, heading(title, video), error ? h("p", { class: "note error" }, error) : null,
    table([t("publish.language"), t("publish.there"), t("publish.when"), t("publish.who")], rows, title));
}

/** What would be done, and what it takes. */
function planned({ videos, quotas, errors }) {
  const counted = quotas.length > 0; // where no platform counts, there is no column for it
  const parts = videos.map((each) => h("section", { class: "stack" }, heading(each.title, each.video, each.video_title, each.account),
    each.looked ? table([t("publish.language"), t("publish.todo"), ...(counted ? [t("publish.cost")] : []), t("publish.why")], each.actions.map((action) => actionRow(action, counted)), each.title) : h("p", { class: "note warning" }, t("publish.not_looked"))));
  const wrong = errors.map(({ error, remedy }) => h("p", { class: "note error", role: "alert" }, icon("error"), h("span", {}, error, " ", h("span", { class: "muted" }, remedy))));
  const nothing = !errors.length && !videos.some(({ actions }) => actions.some(({ changes }) => changes)) ? [h("p", { class: "note ok" }, icon("check"), h("span", {}, t("publish.nothing")))] : [];
  return [...wrong, ...parts, ...nothing, ...quotas.map(({ title, left, limit }) => h("p", { class: "muted" }, t("publish.quota", { title, left: left.toLocaleString(), limit: limit.toLocaleString() })))];
}

/** Whether something waits for a word that it may be replaced. */
function held({ videos }) {
  return videos.some(({ actions }) => actions.some(({ overwritable }) => overwritable));
}

function actionRow(action, counted) {
  const { kind, waits, live, cost } = action;
  const draft = action.changes && kind !== "texts" && live === false;
  return h("tr", {}, language(action),
    h("td", {}, h("span", { class: `badge ${waits ? "warning" : KINDS[kind]}` }, t(waits ? "publish.kind.wait" : `publish.kind.${kind}`)), draft ? h("span", { class: "badge" }, t("publish.state.draft")) : null),
    counted ? h("td", { class: "number" }, cost ? cost.toLocaleString() : "") : null, h("td", {}, why(action)));
}

/** Why, in the interface's language. */
function why({ reasons }) {
  return reasons.map(({ code, values }) => t(`publish.why.${code}`, values)).join(" ");
}

function language({ language: tag, own_name: name }) {
  return h("th", { scope: "row" }, h("bdi", {}, name), " ", h("span", { class: "muted" }, name === tag ? "" : tag));
}

function badge(state) {
  const [kind, shape] = BADGES[state];
  return h("span", { class: `badge ${kind}` }, shape ? icon(shape) : null, t(`publish.state.${state}`));
}

function heading(title, video, name = "", account = "") {
  return h("h3", {}, title, " ", h("span", { class: "muted" }, h("bdi", {}, [name, account, video].filter(Boolean).join(" · "))));
}

function table(heads, rows, caption) {
  return h("table", { class: "list" }, h("caption", { class: "visually-hidden" }, caption), h("thead", {}, h("tr", {}, ...heads.map((words) => h("th", { scope: "col" }, words)))), h("tbody", {}, ...rows));
}
