// Talking to the server: JSON both ways, and errors that say whether the message can have arrived.

/** The server answered, and refused. `status`, and `answer` with what, where and remedy. */
export class Refused extends Error {
  constructor(status, answer) {
    super([answer.error, answer.remedy].filter(Boolean).join(" ") || `HTTP ${status}`);
    this.status = status;
    this.answer = answer;
  }
}

/** Nobody answered: the message may be sent again. */
export class Unreachable extends Error {}

let csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
// A proxy without a server behind it, and a server that is being restarted, answer so.
const AWAY = new Set([500, 502, 503, 504]);
const PATIENCE_MS = 20_000;

/** Take the check of writes that the server gave with the episode. */
export function useCsrf(value) {
  if (value) csrf = value;
}

/** The JSON of a GET; `patience`: how many milliseconds to wait for it. */
export function get(path, query = {}, patience = PATIENCE_MS) {
  return request("GET", withQuery(path, query), undefined, patience);
}

/** The JSON that a write answers; `patience`: how many milliseconds to wait for it. */
export function send(method, path, body, patience = PATIENCE_MS) {
  return request(method, path, body, patience);
}

/** `path` with a query. */
export function withQuery(path, query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

async function request(method, path, body, patience = PATIENCE_MS) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, { "X-Zimu": "1", "X-CSRF-Token": csrf });
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const signal = AbortSignal.timeout(patience);
    answer = await fetch(path, { method, headers, signal, body: form || body === undefined ? body : JSON.stringify(body) });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  if (AWAY.has(answer.status)) throw new Unreachable(`HTTP ${answer.status}`);
  return parsed(answer);
}

async function parsed(answer) {
  let content;
  try {
    content = answer.status === 204 ? {} : await answer.json();
  } catch {
    content = {};
  }
  if (!answer.ok) throw new Refused(answer.status, content);
  return content;
}
