// Times: integer milliseconds inside, `m:ss.mmm` on the page.

/** `1:02.345`, or with hours `1:01:02.345`. */
export function clock(ms, { short = false } = {}) {
  const whole = Math.max(0, Math.round(ms));
  const [h, m, s, rest] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, Math.floor(whole / 1000) % 60, whole % 1000];
  const pad = (n, size = 2) => String(n).padStart(size, "0");
  const minutes = h ? `${h}:${pad(m)}` : String(m);
  return `${minutes}:${pad(s)}${short ? "" : `.${pad(rest, 3)}`}`;
}

/** The milliseconds of `1:02.345`, `62.345`, `01:01:02,345`; null where it is no time. */
export function parseClock(text) {
  const match = /^\s*(?:(?:(\d+):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?\s*$/.exec(text);
  if (!match) return null;
  const [, h = "0", m = "0", s, rest = ""] = match;
  if (match[2] !== undefined && Number(s) > 59) return null;
  return ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(rest.padEnd(3, "0"));
}

/** `today 14:05`, or the date before it. */
export function moment(iso, language) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const today = date.toDateString() === new Date().toDateString();
  const options = today ? { hour: "2-digit", minute: "2-digit", second: "2-digit" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language, options).format(date);
}
