// Two texts side by side that scroll together: bands tie each passage to where it stands on the other side.

const READING = 0.28; // where in a pane, from above, the reader's eye is
const GUTTER = 56;

/** A place on one side to the place beside it on the other, by the ends of passages that keep their order. */
function beside(ends, place) {
  let low = 0;
  while (low + 2 < ends.length && ends[low + 1][0] <= place) low += 1;
  const [[x1, y1], [x2, y2]] = [ends[low], ends[low + 1]];
  return x2 > x1 ? y1 + ((y2 - y1) * (place - x1)) / (x2 - x1) : y1;
}

/** The longest part of passages that stand in one order on both sides, by how much of the page they take. */
function inOrder(boxes) {
  const best = boxes.map(({ a }) => a[1] - a[0]);
  const before = boxes.map(() => -1);
  boxes.forEach((box, at) => {
    for (let low = Math.max(0, at - 200); low < at; low += 1) {
      const fits = boxes[low].b[1] <= box.b[0] + 2 && boxes[low].a[1] <= box.a[0] + 2;
      const size = best[low] + box.a[1] - box.a[0];
      if (fits && size > best[at]) [best[at], before[at]] = [size, low];
    }
  });
  const chain = [];
  for (let at = best.indexOf(Math.max(...best)); at >= 0; at = before[at]) chain.unshift(boxes[at]);
  return chain;
}

/** Makes two panes scroll together; `tied()` says whether they should. Gives the way to bring a passage up. */
function tie(paneA, paneB, gutter, tied) {
  let boxes = [];
  let ends = [];
  let driver = paneA;

  const measure = () => {
    boxes = boxesOf(paneA, paneB);
    const chain = boxes.length ? inOrder(boxes) : [];
    ends = [
      [0, 0],
      ...chain.flatMap(({ a, b }) => [
        [a[0], b[0]],
        [a[1], b[1]],
      ]),
      [paneA.scrollHeight, paneB.scrollHeight],
    ];
    paint();
  };
  const paint = () => paintBands(gutter, boxes, paneA, paneB);
  const follow = (pane) => {
    if (pane === driver && tied()) {
      const [other, table] = pane === paneA ? [paneB, ends] : [paneA, ends.map(([x, y]) => [y, x])];
      const eye = READING * pane.clientHeight * Math.min(1, pane.scrollTop / (READING * pane.clientHeight || 1));
      other.scrollTop = Math.max(0, beside(table, pane.scrollTop + eye) - eye);
    }
    paint();
  };
  for (const pane of [paneA, paneB]) {
    pane.addEventListener('scroll', () => requestAnimationFrame(() => follow(pane)), { passive: true });
    for (const sign of ['wheel', 'pointerdown', 'touchstart', 'keydown', 'focusin']) {
      pane.addEventListener(sign, () => (driver = pane), { passive: true });
    }
  }
  const watch = new ResizeObserver(measure);
  watch.observe(paneA);
  watch.observe(gutter);
  return {
    measure,
    /** Brings a passage to the reader's eye on both sides. */
    align(passage) {
      const box = boxes.find(({ at }) => at === passage);
      if (!box) return;
      driver = null;
      paneA.scrollTop = box.a[0] - READING * paneA.clientHeight;
      paneB.scrollTop = box.b[0] - READING * paneB.clientHeight;
    },
  };
}

/** Where each passage stands in both panes, from the top of their texts: `{at, a: [top, bottom], b: [...]}`. */
function boxesOf(paneA, paneB) {
  const sides = [paneA, paneB].map((pane) => {
    const top = pane.getBoundingClientRect().top - pane.scrollTop;
    const found = new Map();
    for (const mark of pane.querySelectorAll('[data-passage]')) {
      const box = mark.getBoundingClientRect();
      const known = found.get(mark.dataset.passage) ?? [Infinity, -Infinity];
      found.set(mark.dataset.passage, [Math.min(known[0], box.top - top), Math.max(known[1], box.bottom - top)]);
    }
    return found;
  });
  return [...sides[0]].flatMap(([at, a]) => (sides[1].has(at) ? [{ at: Number(at), a, b: sides[1].get(at) }] : []));
}

function paintBands(gutter, boxes, paneA, paneB) {
  const height = paneA.clientHeight;
  if (!gutter.clientWidth || !height) return;
  gutter.setAttribute('viewBox', `0 0 ${GUTTER} ${height}`);
  const seen = boxes.map((box) => ({
    at: box.at,
    a: box.a.map((y) => y - paneA.scrollTop),
    b: box.b.map((y) => y - paneB.scrollTop),
  }));
  const near = ([top, bottom]) => bottom > 0 && top < height;
  gutter.replaceChildren(
    ...seen
      .filter(({ a, b }) => near(a) || near(b))
      .map(({ at, a, b }) => {
        const half = GUTTER / 2;
        const there = `M0 ${a[0]}C${half} ${a[0]} ${half} ${b[0]} ${GUTTER} ${b[0]}`;
        const back = `V${b[1]}C${half} ${b[1]} ${half} ${a[1]} 0 ${a[1]}Z`;
        return draw('path', { class: `band p${at % HUES}`, d: there + back });
      }),
  );
}
