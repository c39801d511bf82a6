// What the checks found, in the words of the interface: by the rule's name and its values, not by the pipeline's English.

import { has, t } from "./text.js";

const NUMBER = /\d+(?:\.\d+)?/g;
// Rules that say one of two things.
const KINDS = { "no-answer": (finding) => (finding.value.startsWith("no engine") ? ".refused" : "") };

/**
 * A finding as people read it: {name, message, remedy}. A text has {value} and {limit} as they are, or the numbers in them:
 * {v1}, {v2}, {l1}, {l2}. Where a rule has no text, as that of a newer Zimu, the pipeline's own words stand.
 */
export function findingWords(finding) {
  const { rule, value, limit } = finding;
  const values = { value, limit: limit.replaceAll(" or ", " / "), ...numbers("v", value), ...numbers("l", limit) };
  const say = `say.${rule}${KINDS[rule]?.(finding) ?? ""}`;
  return {
    name: has(`rule.${rule}`) ? t(`rule.${rule}`) : rule,
    message: has(say) ? t(say, values) : finding.message,
    remedy: has(`fix.${rule}`) ? t(`fix.${rule}`) : finding.remedy,
  };
}

function numbers(letter, text) {
  return Object.fromEntries((text.match(NUMBER) ?? []).map((number, place) => [`${letter}${place + 1}`, number]));
}
