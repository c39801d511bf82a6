// The words of the interface: one JSON table a language, English where one lacks.

let table = {};

/** Load the tables of a language. */
export async function loadTexts(language) {
  const [own, english] = await Promise.all([language, "en"].map((tag) => fetch(`/static/texts/${tag}.json`).then((answer) => answer.json())));
  table = { ...english, ...own };
}

/** The text of `key` with its {places} filled; the key itself if nobody wrote one. */
export function t(key, values = {}) {
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/** Whether there is a text of `key`. */
export function has(key) {
  return key in table;
}

/** What an engine is called in the interface. */
export function engineName(name) {
  return has(`engine.${name}`) ? t(`engine.${name}`) : name;
}
