// What is marked in a text: passages, words that differ in them, quotations, furniture. Plain values in and out.

// Han, kana and Thai are written without spaces: a character, with its marks, stands for a word there.
const TOKEN = new RegExp(
  '[^\\s\\u0e00-\\u0e7f\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]+' +
    '|[\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]' +
    '|[\\u0e00-\\u0e7f][\\u0e31\\u0e34-\\u0e3a\\u0e47-\\u0e4e]*',
  'gu',
);
// Beyond this many edits a passage is shown without its differences: nobody could read them.
const MOST_EDITS = 600;

/** The words of a stretch of a text as `{start, end, key}`; a key leaves case and punctuation out. */
function tokens(body, start, end) {
  return Array.from(body.slice(start, end).matchAll(TOKEN), (found) => ({
    start: start + found.index,
    end: start + found.index + found[0].length,
    key: found[0].toLowerCase().replace(/[\p{P}\p{S}\p{C}]/gu, '') || found[0],
  }));
}

function countWords(body, start, end) {
  return tokens(body, start, end).filter((token) => /[\p{L}\p{N}]/u.test(token.key)).length;
}

/** Which words of two lists have no partner in the other, in order: two arrays of places (Myers' greedy algorithm). */
function differences(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const [n, m] = [a.length - head - tail, b.length - head - tail];
  const trail = edits(n, m, (i, j) => a[head + i] === b[head + j]);
  return trail && { a: trail.a.map((i) => i + head), b: trail.b.map((j) => j + head) };
}

/** The shortest way from one list of n to another of m as the places left out of each; null beyond MOST_EDITS. */
function edits(n, m, same) {
  const reach = new Map([[1, 0]]);
  const before = [];
  for (let d = 0; d <= Math.min(n + m, MOST_EDITS); d += 1) {
    before.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < n && x - k < m && same(x, x - k)) x += 1;
      reach.set(k, x);
      if (x >= n && x - k >= m) return traced(before, n, m);
    }
  }
  return null;
}

function traced(before, n, m) {
  const left = { a: [], b: [] };
  let [x, y] = [n, m];
  for (let d = before.length - 1; d > 0; d -= 1) {
    const reach = before[d];
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    x = reach.get(from) ?? 0;
    y = x - from;
    if (down) left.b.push(y);
    else left.a.push(x);
  }
  return { a: left.a.reverse(), b: left.b.reverse() };
}

/** The words of both sides of a passage that differ, as stretches of each text. */
function changed(bodyA, [aStart, aEnd], bodyB, [bStart, bEnd]) {
  const [a, b] = [tokens(bodyA, aStart, aEnd), tokens(bodyB, bStart, bEnd)];
  const found = differences(
    a.map((token) => token.key),
    b.map((token) => token.key),
  );
  return found ? { a: joined(a, found.a), b: joined(b, found.b) } : { a: [], b: [] };
}

/** Words at these places as stretches; neighbours make one. */
function joined(words, places) {
  const spans = [];
  places.forEach((place, at) => {
    if (at && places[at - 1] === place - 1) spans.at(-1).end = words[place].end;
    else spans.push({ start: words[place].start, end: words[place].end });
  });
  return spans;
}

/** A text cut where any of its layers begins or ends: `{start, end, ...the names of the layers that hold it}`. */
function pieces(length, layers) {
  const ends = new Map();
  const event = (place, layer, span, opens) => {
    const at = Math.max(0, Math.min(length, place));
    if (!ends.has(at)) ends.set(at, []);
    ends.get(at).push([layer, span, opens]);
  };
  for (const [layer, spans] of Object.entries(layers)) {
    for (const span of spans) {
      if (span.end <= span.start) continue;
      event(span.start, layer, span, true);
      event(span.end, layer, span, false);
    }
  }
  const cuts = [...new Set([0, ...ends.keys(), length])].sort((x, y) => x - y);
  const open = Object.fromEntries(Object.keys(layers).map((layer) => [layer, new Set()]));
  const found = [];
  cuts.forEach((start, at) => {
    for (const [layer, span, opens] of ends.get(start) ?? []) open[layer][opens ? 'add' : 'delete'](span);
    if (at + 1 === cuts.length) return;
    const holding = Object.entries(open).map(([layer, spans]) => [layer, spans.values().next().value ?? null]);
    found.push({ start, end: cuts[at + 1], ...Object.fromEntries(holding) });
  });
  return found;
}

/** The parts of a text that no span holds. */
function outside(length, spans) {
  const found = [];
  let at = 0;
  for (const { start, end } of [...spans].sort((x, y) => x.start - y.start)) {
    if (start > at) found.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  if (at < length) found.push({ start: at, end: length });
  return found;
}

const SENTENCE = /[^\n]*?(?:[.!?…]["”’»)\]]*(?=\s|$)|[。！？][」』”]*|(?=\n)|$)/gu;

/** The sentences of a text that stand in none of the spans, or hardly; neighbours in a paragraph make one stretch. */
function aloneIn(body, own) {
  const found = [];
  let at = 0;
  for (const [words] of body.matchAll(SENTENCE)) {
    const start = body.indexOf(words, at);
    const end = start + words.length;
    if (end <= start) continue;
    at = end;
    const all = countWords(body, start, end);
    const alone = own
      .filter((span) => span.end > start && span.start < end)
      .reduce((sum, span) => sum + countWords(body, Math.max(start, span.start), Math.min(end, span.end)), 0);
    if (all < 3 || alone < 0.7 * all) continue;
    const last = found.at(-1);
    if (last && !/\n|\S/.test(body.slice(last.end, start))) last.end = end;
    else found.push({ start, end });
  }
  return found;
}
