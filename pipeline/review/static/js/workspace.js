// The list of episodes: runs are started from it, and it follows what happens.

import { send } from "./editor/api.js";

const rows = document.getElementById("rows");
const state = document.getElementById("run-state");
const waiting = new Map();
const LATER_MS = 400;

function rowOf(episode) {
  return rows.querySelector(`tr[data-episode="${CSS.escape(episode)}"]`);
}

async function renew(episode) {
  waiting.delete(episode);
  const row = rowOf(episode);
  if (!row) return;
  if (row.contains(document.activeElement) || row.querySelector("details[open]")) {
    soon(episode); // not under somebody's hands
    return;
  }
  await window.htmx.ajax("GET", `/row?id=${encodeURIComponent(episode)}`, { target: row, swap: "outerHTML" });
}

function soon(episode) {
  if (!waiting.has(episode)) waiting.set(episode, setTimeout(renew, LATER_MS, episode));
}

function showRun(run) {
  const place = rows.querySelector(`[data-run-of="${CSS.escape(run.episode)}"]`);
  if (!place) return;
  if (run.state === "done" || run.state === "failed") {
    soon(run.episode);
    state.textContent = `${run.title}: ${state.dataset[run.stage] ?? run.stage}: ${state.dataset[run.state]}`;
    return;
  }
  const bar = place.querySelector("progress") ?? document.createElement("progress");
  if (run.total) {
    bar.max = run.total;
    bar.value = run.done;
  } else {
    bar.removeAttribute("value");
  }
  const words = document.createElement("span");
  words.textContent = run.label || (state.dataset[run.stage] ?? run.stage);
  place.replaceChildren(bar, " ", words);
}

rows.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-run]");
  if (!button) return;
  const row = button.closest("tr");
  button.closest("details").open = false;
  try {
    await send("POST", "/api/run", { id: row.dataset.episode, stage: button.dataset.run });
  } catch (error) {
    state.textContent = error.message;
    row.querySelector("[data-run-of]").textContent = error.message;
  }
});

const events = new EventSource("/api/events");
events.addEventListener("run", (event) => showRun(JSON.parse(event.data)));
events.addEventListener("tally", (event) => soon(JSON.parse(event.data).episode));
