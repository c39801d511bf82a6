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

function joined(steps) {
  const out = [];
  for (const [kind, text] of steps) {
    if (out.length && out.at(-1)[0] === kind) out.at(-1)[1] += text;
    else out.push([kind, text]);
  }
  return out;
}
