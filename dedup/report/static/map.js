// The map of a story: its articles as a graph, or as a matrix, where lines and cells are pairs by their kind of copy.

const MOST_NODES = 24;
const MOST_CELLS = 60;
const LETTER = { exact: 'I', near_duplicate: 'L', excerpt: 'P', rewrite: 'R', same_event: 'E' };

/** The members of a story for the map: its head, then copies of one text side by side, each in the order of time. */
function mapped(story) {
  const { articles } = data.index;
  const rank = ([at, group]) => [
    at === story.head ? 0 : 1,
    group === story.members[0][1] ? 0 : 1,
    group,
    articles.date[at] || '~',
    at,
  ];
  return story.members
    .map((member) => [rank(member), member[0]])
    .sort(([x], [y]) => x.map((part, at) => (part < y[at] ? -1 : part > y[at] ? 1 : 0)).find(Boolean) ?? 0)
    .map(([, at]) => at);
}

/** Graph or matrix, with the way from one to the other where both can be drawn. */
function mapOf(story, width) {
  const size = story.members.length;
  if (size < 3) return null;
  const place = el('div', {});
  const put = (kind) => {
    const remark =
      kind === 'graph'
        ? 'Every line is a checked pair; the thicker, the stronger it ties the two into one story. Where there is no ' +
          'line the two were not found to share text by themselves.'
        : 'Every cell is a checked pair, by its kind of copy. An empty cell: the two were not found to share text by ' +
          `themselves.${size > MOST_CELLS ? ` The first ${MOST_CELLS} of ${number(size)} articles are shown.` : ''}`;
    const other = kind === 'graph' ? 'matrix' : 'graph';
    place.replaceChildren(
      figure(
        'Map of the story',
        remark,
        kind === 'graph' ? graph(story, Math.min(width, 760)) : matrix(story, width),
        `${kind} ${story.title}`,
      ),
      mapKey(story),
      ...(size <= MOST_NODES
        ? [
            el(
              'p',
              { class: 'tools' },
              button(`Show as a ${other}`, () => put(other)),
            ),
          ]
        : []),
    );
  };
  put(size <= MOST_NODES ? 'graph' : 'matrix');
  return place;
}

function mapKey(story) {
  const ranks = [...new Set(story.pairs.map((at) => data.index.pairs.grade[at]))].sort((x, y) => x - y);
  return el(
    'ul',
    { class: 'legend key' },
    ranks.map((rank) => {
      const [grade, verdict] = data.index.grades[rank];
      return el(
        'li',
        {},
        draw(
          'svg',
          { viewBox: '0 0 30 12', width: 30, height: 12, 'aria-hidden': 'true' },
          draw('line', { class: `edge ${grade}`, x1: 0, x2: 30, y1: 6, y2: 6, 'stroke-width': 3 }),
        ),
        ` ${LETTER[grade]} · ${verdict}`,
      );
    }),
  );
}

function pairTitle(at) {
  const { pairs } = data.index;
  const name = (place) => article(place).outlet || article(place).id;
  return `${name(pairs.a[at])} and ${name(pairs.b[at])}: ${pair(at).verdict}, ${percent(pairs.confidence[at])}`;
}

function graph(story, width) {
  const nodes = mapped(story);
  const narrow = width < 520;
  const radius = [width / 2 - (narrow ? 96 : 190), Math.max(90, Math.min(190, 30 * nodes.length))];
  const spot = new Map(nodes.map((at, place) => [at, place ? around(radius, place - 1, nodes.length - 1) : [0, 0]]));
  const heights = [...spot.values()].map(([, y]) => y);
  const [top, bottom] = [Math.min(...heights) - 40, Math.max(...heights) + 50];
  const edges = [...story.pairs].sort((x, y) => data.index.pairs.similarity[x] - data.index.pairs.similarity[y]);
  return draw(
    'svg',
    {
      viewBox: `${-width / 2} ${top} ${width} ${bottom - top}`,
      width,
      height: bottom - top,
      class: 'graph',
      role: 'group',
      'aria-label': `Map of ${plural(nodes.length, 'article')} and ${plural(edges.length, 'pair')}`,
    },
    edges.map((at) => graphEdge(at, spot)),
    nodes.map((at) => graphNode(at, at === story.head, spot.get(at), narrow, clearest([...spot.values()].slice(1)))),
  );
}

/** The side of the middle, as a step from it, on which the fewest lines leave: where its name can be read. */
function clearest(places) {
  const ways = [
    [0, -1],
    [0, 1],
    [1, 0],
    [-1, 0],
  ];
  const nearest = ([x, y]) => Math.max(...places.map(([px, py]) => (x * px + y * py) / Math.hypot(px, py)));
  return ways.reduce((best, way) => (nearest(way) < nearest(best) - 0.01 ? way : best));
}

/** The place of the n-th of some nodes around the middle, from the left on. */
function around([across, down], place, count) {
  const angle = Math.PI + (2 * Math.PI * (place + (count > 2 ? 0.5 : 0))) / count;
  return [across * Math.cos(angle), down * Math.sin(angle)];
}

function graphEdge(at, spot) {
  const one = pair(at);
  const [[x1, y1], [x2, y2]] = [spot.get(one.a), spot.get(one.b)];
  const width = (1.2 + 3.6 * one.similarity).toFixed(2);
  return draw(
    'a',
    { href: pairAddress(at), 'aria-label': pairTitle(at) },
    draw('line', { class: `edge ${one.grade}`, x1, y1, x2, y2, 'stroke-width': width }),
    draw('line', { class: 'touch', x1, y1, x2, y2 }),
    draw('title', {}, pairTitle(at)),
  );
}

function graphNode(at, head, [x, y], narrow, clear) {
  const one = article(at);
  const [right, down] = head ? clear : [Math.abs(x) < 40 ? 0 : Math.sign(x), Math.abs(x) < 40 ? Math.sign(y) : 0];
  const anchor = right ? (right < 0 ? 'end' : 'start') : 'middle';
  const above = narrow ? -14 : -29;
  const [dx, dy] = right ? [14 * right, narrow ? 4 : -2] : [0, down < 0 ? above : 24];
  return [
    draw('circle', { class: head ? 'node head' : 'node', cx: x, cy: y, r: head ? 9 : 7 }, draw('title', {}, one.title)),
    draw(
      'text',
      { class: head ? 'name head halo' : 'name halo', x: x + dx, y: y + dy, 'text-anchor': anchor },
      cut(one.outlet || one.id, narrow ? 13 : 26),
    ),
    !narrow && draw('text', { class: 'label halo', x: x + dx, y: y + dy + 15, 'text-anchor': anchor }, day(one.date)),
  ];
}

function matrix(story, width) {
  const nodes = mapped(story).slice(0, MOST_CELLS);
  const name = (at) => article(at).outlet || article(at).id;
  const left = Math.min(250, width * 0.34, 40 + 7.4 * Math.max(...nodes.map((at) => name(at).length)));
  const side = Math.max(15, Math.min(30, (width - left) / nodes.length));
  const [across, down] = [left + side * nodes.length, 24 + side * nodes.length];
  const cells = nodes.flatMap((one, row) =>
    nodes.map((other, column) => {
      if (row === column)
        return draw('rect', {
          class: 'self',
          x: left + side * column,
          y: 24 + side * row,
          width: side - 1,
          height: side - 1,
        });
      const at = pairBetween(one, other);
      if (at < 0) return null;
      const [x, y] = [left + side * column, 24 + side * row];
      return draw(
        'a',
        { href: pairAddress(at), 'aria-label': pairTitle(at), tabindex: row < column ? null : -1 },
        draw(
          'rect',
          { class: `cell ${pair(at).grade}`, x, y, width: side - 1, height: side - 1 },
          draw('title', {}, pairTitle(at)),
        ),
        side >= 15 &&
          draw(
            'text',
            { class: 'letter', x: x + (side - 1) / 2, y: y + side / 2 + 3.5, 'text-anchor': 'middle' },
            LETTER[pair(at).grade],
          ),
      );
    }),
  );
  return draw(
    'svg',
    {
      viewBox: `0 0 ${Math.max(across, left + 1)} ${down}`,
      class: 'matrix',
      role: 'group',
      'aria-label': `Matrix of ${plural(nodes.length, 'article')}`,
      width: across,
      height: down,
    },
    nodes.map((at, row) => [
      draw(
        'text',
        { class: at === story.head ? 'name head' : 'name', x: 0, y: 24 + side * row + side / 2 + 4 },
        `${row + 1}  ${cut(name(at), Math.floor(left / 7.4) - 4)}`,
      ),
      draw('text', { class: 'label', x: left + side * row + side / 2, y: 15, 'text-anchor': 'middle' }, row + 1),
    ]),
    cells,
  );
}
