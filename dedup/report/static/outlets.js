// The outlets: who shares text with whom, and where it went.

const MOST_FLOWS = 30;
const MOST_OUTLETS = 16;

const OUTLET_HEADS = [
  ['Outlet', 'name'],
  ['Articles', 'articles'],
  ['Share text', 'sharing'],
  ['Took', 'took'],
  ['Were taken from', 'given'],
  ['Copies elsewhere', 'copied'],
];

function outletsView() {
  const { outlets, flows } = data.index;
  const width = drawingWidth();
  const between = shared();
  const table = el('div', {});
  const fill = (order) => table.replaceChildren(outletTable(order, fill));
  fill('sharing');
  return [
    el('h1', { class: 'title', tabindex: -1 }, 'Outlets'),
    el(
      'p',
      { class: 'lead' },
      'An article “took” text where its likely source is another outlet’s article; that one was “taken from”. ' +
        'Where nothing tells who had a text first, the two only share it.',
    ),
    flows.length > 0 &&
      figure(
        'Where text went',
        'From the outlet of the likely source, at the left, to the outlets that carry its text. A band is as wide as ' +
          'the number of articles.' +
          (flows.length > MOST_FLOWS ? ` The ${MOST_FLOWS} largest of ${number(flows.length)} flows are drawn.` : ''),
        flowDrawing(flows.slice(0, MOST_FLOWS), width),
        'where text went',
      ),
    between.cells.size > 0 &&
      figure(
        'Who shares text with whom',
        `Pairs of articles that share text, between the ${between.names.length} outlets that share most; ` +
          'versions of an outlet’s own text are not counted.',
        sharedDrawing(between, width),
        'who shares text with whom',
      ),
    el(
      'section',
      {},
      el('h2', {}, 'All outlets that share text'),
      el(
        'p',
        { class: 'tools' },
        button('Save outlets as CSV', () =>
          save(
            'outlets.csv',
            'text/csv',
            csv([
              OUTLET_HEADS.map(([, name]) => name),
              ...outlets.name.map((name, at) => [
                name,
                outlets.articles[at],
                outlets.sharing[at],
                outlets.took[at],
                outlets.given[at],
                outlets.copied[at],
              ]),
            ]),
          ),
        ),
        flows.length > 0 &&
          button('Save flows as CSV', () =>
            save(
              'flows.csv',
              'text/csv',
              csv([
                ['from', 'to', 'articles', 'shared_words'],
                ...flows.map(([from, to, count, words]) => [outlets.name[from], outlets.name[to], count, words]),
              ]),
            ),
          ),
      ),
      outlets.sharing.some(Boolean) ? table : el('p', { class: 'empty' }, 'No outlet shares text with another.'),
    ),
  ];
}

function outletTable(order, resort) {
  const { outlets } = data.index;
  const used = outlets.name
    .map((_, at) => at)
    .filter((at) => outlets.sharing[at] || outlets.took[at] || outlets.given[at]);
  const rows = sorted(used, {
    key: (at) => (order === 'name' ? outlets.name[at].toLowerCase() : outlets[order][at]),
    falling: order !== 'name',
  });
  return el(
    'table',
    { class: 'list outlets-table' },
    el('caption', { class: 'away' }, 'Outlets'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        OUTLET_HEADS.map(([label, name]) =>
          el(
            'th',
            {
              scope: 'col',
              class: name === 'name' ? null : 'number',
              'aria-sort': order === name ? (name === 'name' ? 'ascending' : 'descending') : null,
            },
            button(label, () => resort(name), { class: 'sort' }),
          ),
        ),
      ),
    ),
    el(
      'tbody',
      {},
      rows.map((at) =>
        el(
          'tr',
          {},
          el(
            'td',
            {},
            el(
              'a',
              { href: listAddress('stories', { outlet: outlets.name[at] }) },
              bdi(outlets.name[at] || 'unknown outlet'),
            ),
          ),
          OUTLET_HEADS.slice(1).map(([label, name]) =>
            el('td', { class: 'number', 'data-label': label }, number(outlets[name][at])),
          ),
        ),
      ),
    ),
  );
}

/** Pairs that share text, counted between the outlets that share most. */
function shared() {
  const { pairs, articles, outlets, relations } = data.index;
  const cells = new Map();
  const totals = new Map();
  pairs.a.forEach((a, at) => {
    const [one, other] = [articles.outlet[a], articles.outlet[pairs.b[at]]];
    if (one === other || relations[pairs.relation[at]] === undefined || !outlets.name[one] || !outlets.name[other])
      return;
    for (const [x, y] of [
      [one, other],
      [other, one],
    ]) {
      cells.set(`${x},${y}`, (cells.get(`${x},${y}`) ?? 0) + 1);
      totals.set(x, (totals.get(x) ?? 0) + 1);
    }
  });
  const names = [...totals.keys()].sort((x, y) => totals.get(y) - totals.get(x) || x - y).slice(0, MOST_OUTLETS);
  return { cells, names };
}

function sharedDrawing({ cells, names }, width) {
  const { outlets } = data.index;
  const left = Math.min(210, width * 0.32);
  const side = Math.max(24, Math.min(44, (width - left) / names.length));
  const most = Math.max(...names.flatMap((x) => names.map((y) => cells.get(`${x},${y}`) ?? 0)));
  return draw(
    'svg',
    {
      viewBox: `0 0 ${left + side * names.length} ${24 + side * names.length}`,
      width: left + side * names.length,
      height: 24 + side * names.length,
      class: 'matrix',
      role: 'img',
      'aria-label': 'Pairs that share text, by the two outlets',
    },
    names.map((x, row) => [
      draw(
        'text',
        { class: 'name', x: 0, y: 24 + side * row + side / 2 + 4 },
        `${row + 1}  ${cut(outlets.name[x], Math.floor(left / 8) - 3)}`,
      ),
      draw('text', { class: 'label', x: left + side * row + side / 2, y: 15, 'text-anchor': 'middle' }, row + 1),
      names.map((y, column) => {
        const count = cells.get(`${x},${y}`) ?? 0;
        const at = { x: left + side * column, y: 24 + side * row };
        return [
          draw(
            'rect',
            {
              class: x === y ? 'self' : 'heat',
              ...at,
              width: side - 1,
              height: side - 1,
              'fill-opacity': x === y ? null : (count && 0.14 + 0.6 * Math.sqrt(count / most)).toFixed(3),
            },
            draw('title', {}, `${outlets.name[x]} and ${outlets.name[y]}: ${plural(count, 'pair')}`),
          ),
          count > 0 &&
            draw(
              'text',
              { class: 'figure', x: at.x + side / 2, y: at.y + side / 2 + 4, 'text-anchor': 'middle' },
              number(count),
            ),
        ];
      }),
    ]),
  );
}

/** Bands from the outlets that were taken from to those that took. */
function flowDrawing(flows, width) {
  const narrow = width < 560;
  const label = narrow ? 104 : Math.min(240, width * 0.26);
  const sides = [0, 1].map((side) => stacked(flows, side));
  const height = Math.max(...sides.map((ends) => ends.height)) + 10;
  const [x1, x2] = [label + 8, width - label - 8];
  const used = sides.map(() => new Map());
  const bands = flows.map((flow) => {
    const [from, to] = [0, 1].map((side) => {
      const end = sides[side].ends.get(flow[side]);
      const start = end.y + (used[side].get(flow[side]) ?? 0);
      used[side].set(flow[side], (used[side].get(flow[side]) ?? 0) + flow[2] * end.scale);
      return [start, start + flow[2] * end.scale];
    });
    const bend = (x2 - x1) * 0.45;
    const there = `M${x1 + 8} ${from[0]}C${x1 + bend} ${from[0]} ${x2 - bend} ${to[0]} ${x2 - 8} ${to[0]}`;
    const back = `V${to[1]}C${x2 - bend} ${to[1]} ${x1 + bend} ${from[1]} ${x1 + 8} ${from[1]}Z`;
    const { name } = data.index.outlets;
    return draw(
      'path',
      { class: 'band', d: there + back },
      draw(
        'title',
        {},
        `${name[flow[0]]} → ${name[flow[1]]}: ${plural(flow[2], 'article')}, ${plural(flow[3], 'shared word')}`,
      ),
    );
  });
  return draw(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      class: 'flow',
      role: 'img',
      'aria-label': flows
        .slice(0, 8)
        .map(
          ([from, to, count]) =>
            `${data.index.outlets.name[from]} to ${data.index.outlets.name[to]}: ${plural(count, 'article')}`,
        )
        .join('; '),
    },
    bands,
    sides.map((ends, side) =>
      [...ends.ends].map(([at, end]) => [
        draw('rect', { class: 'stem', x: side ? x2 - 8 : x1, y: end.y, width: 8, height: end.size }),
        draw(
          'text',
          {
            class: 'name',
            x: side ? x2 + 8 : x1 - 8,
            y: end.y + end.size / 2 + 4,
            'text-anchor': side ? 'start' : 'end',
          },
          cut(data.index.outlets.name[at], Math.floor((label - 28) / 7.2)),
          draw('tspan', { class: 'label', dx: 6 }, number(end.count)),
        ),
      ]),
    ),
  );
}

/** One side of the flows: the outlets below one another, as tall as their articles. */
function stacked(flows, side) {
  const counts = new Map();
  for (const flow of flows) counts.set(flow[side], (counts.get(flow[side]) ?? 0) + flow[2]);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const scale = Math.min(16, Math.max(3, 320 / total));
  const ends = new Map();
  let y = 6;
  for (const [at, count] of [...counts].sort(([x, many], [z, more]) => more - many || x - z)) {
    const size = count * scale;
    ends.set(at, { y, size, scale, count });
    y += Math.max(size, 14) + 10;
  }
  return { ends, height: y };
}
