// Search over the workspace, and replace what was chosen in the preview.

import { get, send } from "./editor/api.js";

const form = document.getElementById("search-form");
const replaceForm = document.getElementById("replace-form");
const apply = document.getElementById("replace-apply");
const state = document.getElementById("search-state");
const table = document.getElementById("results");
const body = table.tBodies[0];
const all = document.getElementById("all");
let found = [];

function query() {
  const data = new FormData(form);
  return {
    q: data.get("q"), where: data.get("where"), language: data.get("language"),
    case: data.has("case"), word: data.has("word"),
  };
}

function say(kind, count, more = "") {
  state.textContent = state.dataset[kind].replace("{n}", count) + more;
}

/** Text with its found places marked; offsets count code points. */
function marked(text, spans) {
  const points = Array.from(text);
  const parts = document.createElement("bdi");
  let at = 0;
  for (const [start, end] of spans) {
    const mark = document.createElement("mark");
    mark.textContent = points.slice(start, end).join("");
    parts.append(points.slice(at, start).join(""), mark);
    at = end;
  }
  parts.append(points.slice(at).join(""));
  return parts;
}

function cell(row, ...content) {
  const made = row.insertCell();
  made.append(...content);
  return made;
}

function link(episode, language, unit, path) {
  const made = document.createElement("a");
  made.href = `/episode?${new URLSearchParams({ id: episode, language })}#unit-${unit}`;
  made.append(`${path} · ${language}`);
  return made;
}

function show(items, make) {
  body.replaceChildren();
  items.forEach((item, place) => make(body.insertRow(), item, place));
  table.hidden = !items.length;
}

function choice(place) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  box.dataset.place = place;
  box.setAttribute("aria-label", String(place + 1));
  return box;
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    state.textContent = error.message;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    found = [];
    apply.disabled = true;
    const { hits } = await get("/api/search", query());
    show(hits, (row, hit) => {
      cell(row);
      cell(row, link(hit.id, hit.language, hit.unit, hit.path));
      cell(row, marked(hit.text, hit.spans));
      cell(row, document.createTextNode(hit.field === "text" ? hit.source : hit.translation));
    });
    say("found", hits.length);
  });
});

replaceForm.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!form.reportValidity()) return;
  attempt(async () => {
    const replacement = new FormData(replaceForm).get("replacement");
    const answer = await send("POST", "/api/replace/preview", { ...query(), replacement });
    found = answer.replacements;
    all.checked = true;
    show(found, (row, each, place) => {
      cell(row, choice(place));
      cell(row, link(each.episode, each.language, each.unit, each.path));
      cell(row, marked(each.before, each.spans));
      const after = document.createElement("bdi");
      after.textContent = each.after;
      cell(row, after);
    });
    apply.disabled = !found.length;
    say("would", found.length);
  });
});

all.addEventListener("change", () => {
  for (const box of body.querySelectorAll("input[data-place]")) box.checked = all.checked;
});

apply.addEventListener("click", () =>
  attempt(async () => {
    const boxes = [...body.querySelectorAll("input[data-place]:checked")];
    const replacements = boxes.map((box) => {
      const { unit, revision, before, after } = found[Number(box.dataset.place)];
      return { unit, revision, before, after };
    });
    apply.disabled = true;
    const { outcomes } = await send("POST", "/api/replace/apply", { replacements });
    const left = outcomes.filter((each) => !each.done);
    say("done", outcomes.length - left.length, left.length ? ` ${state.dataset.left.replace("{n}", left.length)}` : "");
    found = [];
    show([], () => {});
  }),
);
