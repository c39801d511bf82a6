// What every page does: switch theme and language, and send the checks of a write with each htmx request.

const YEAR_S = 31_536_000;
const THEMES = ["auto", "light", "dark"];

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function nextTheme(button) {
  const root = document.documentElement;
  const next = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
  root.dataset.theme = next;
  button.textContent = button.dataset.labels.split("|")[THEMES.indexOf(next)];
  remember("zimu-theme", next);
  document.dispatchEvent(new CustomEvent("zimu:theme"));
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-theme-switch]");
  if (theme) nextTheme(theme);
  const language = event.target.closest("[data-ui-switch]");
  if (language) {
    remember("zimu-ui", language.dataset.uiSwitch);
    location.reload();
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Zimu"] = "1";
  event.detail.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf"]').content;
});

/** Times as the clock here shows them; the server tells them in UTC. */
function localTimes(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  }
}

document.addEventListener("htmx:load", (event) => localTimes(event.detail.elt));
localTimes(document);
