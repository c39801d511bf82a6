// Word by word, what changed between two texts.

const WORDS = new Intl.Segmenter("und", { granularity: "word" });
// More words than this are compared as a whole: the table would grow with the square.
const MOST_WORDS = 1500;

/** The words of a text, blanks and marks among them. */
export function words(text) {
  return Array.from(WORDS.segment(text), ({ segment }) => segment);
}

/** [["same" | "del" | "ins", text]…]: what to take away from `before` and put in to get `after`. */
export function diff(before, after) {
  const [a, b] = [words(before), words(after)];
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) return before === after ? [["same", before]] : [["del", before], ["ins", after]];
  const lengths = longest(a, b);
  const steps = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      steps.push(["same", a[i++]]);
      j++;
    } else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) steps.push(["del", a[i++]]);
    else steps.push(["ins", b[j++]]);
  }
  return joined(steps);
}

function longest(a, b) {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      rows[i][j] = a[i] === b[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
    }
  }
  return rows;
}

/** Steps put together: of each change what goes, then what comes. */
function joined(steps) {
  const parts = [];
  for (const [kind, text] of steps) {
    if (parts.at(-1)?.same === undefined && parts.length && kind !== "same") parts.at(-1)[kind] += text;
    else if (kind === "same" && parts.at(-1)?.same !== undefined) parts.at(-1).same += text;
    else parts.push(kind === "same" ? { same: text } : { del: "", ins: "", [kind]: text });
  }
  return legible(parts).flatMap((part) => part.same !== undefined ? [["same", part.same]] : ["del", "ins"].filter((kind) => part[kind]).map((kind) => [kind, part[kind]]));
}

/**
 * Changes with next to nothing between them are one: "a single" became "one unified", not "a" "one" and "single" "unified".
 * What is the same goes into the changes around it where it is no longer than either (the rule of diff-match-patch).
 */
function legible(parts) {
  const found = [...parts];
  for (let at = 1; at < found.length - 1; at++) {
    const [before, { same }, after] = found.slice(at - 1, at + 2);
    if (same === undefined || same.length > Math.max(before.del.length, before.ins.length) || same.length > Math.max(after.del.length, after.ins.length)) continue;
    found.splice(at - 1, 3, { del: before.del + same + after.del, ins: before.ins + same + after.ins });
    at = Math.max(0, at - 3);
  }
  return found;
}
