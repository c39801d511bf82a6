// Line length and reading speed, counted as pipeline/subtitles/display.py counts them; tests/review/vectors.json holds both to it.

import { AMBIGUOUS, WIDE } from "./widths.js";

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const LETTER_OR_DIGIT = /^[\p{L}\p{N}]/u;
// Cues timed to be read in exactly their time may be over by the rounding to a millisecond.
const ROUNDING = 1.001;

/** The characters of a row: combining marks count nothing; with `halfWidth`, full-width ones 1 and others 0.5. */
export function width(row, halfWidth) {
  if (/^[\x00-\x7f]*$/.test(row)) return row.length * (halfWidth ? 0.5 : 1);
  let sum = 0;
  for (const { segment } of GRAPHEMES.segment(row)) sum += cell(segment, halfWidth);
  return sum;
}

/** The characters of all rows. */
export function count(text, halfWidth) {
  return text.split("\n").reduce((sum, row) => sum + width(row, halfWidth), 0);
}

/** Characters a second over all rows. */
export function readingSpeed(text, durationMs, halfWidth) {
  return (count(text, halfWidth) * 1000) / Math.max(durationMs, 1);
}

/** The rules that a cue by itself breaks, as {rule: severity}; `limits` is the contract's LANG. */
export function cueProblems(cue, limits) {
  const text = cue.lines.join("\n");
  const duration = cue.end_ms - cue.start_ms;
  const found = {};
  if (!text.trim()) found.empty = "error";
  if (readingSpeed(text, duration, limits.wide) > limits.max_cps * ROUNDING) found["reading-speed"] = "warning";
  if (cue.lines.some((row) => width(row, limits.wide) > limits.max_line)) found["line-length"] = "error";
  if (cue.lines.length > limits.max_lines) found["line-count"] = "error";
  if (!(cue.start_ms >= 0 && cue.start_ms < cue.end_ms)) found["no-time"] = "error";
  else if (duration < limits.min_ms) found["too-short"] = "warning";
  else if (duration > limits.max_ms) found["too-long"] = "warning";
  return found;
}

function cell(cluster, halfWidth) {
  const base = String.fromCodePoint(cluster.codePointAt(0));
  if (NO_WIDTH.test(base)) return 0;
  if (!halfWidth) return 1;
  const code = base.codePointAt(0);
  return within(code, WIDE) || (within(code, AMBIGUOUS) && !LETTER_OR_DIGIT.test(base)) ? 1 : 0.5;
}

function within(code, ranges) {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < ranges[middle * 2]) high = middle - 1;
    else if (code > ranges[middle * 2 + 1]) low = middle + 1;
    else return true;
  }
  return false;
}
