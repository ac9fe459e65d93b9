// How a story spread: when each outlet had it, how long after the first, and how much of the text it kept.

const MOST_ROWS = 40;
const STEPS = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 365 * DAY];

/** The outlets of a story in the order in which they had it: `{name, articles, first, kept}`; undated ones last. */
function spread(story) {
  const rows = new Map();
  for (const [at, , rank] of story.members) {
    const one = article(at);
    const key = one.outlet || one.id;
    if (!rows.has(key)) rows.set(key, { name: one.outlet || 'unknown outlet', articles: [], first: null, kept: null });
    const row = rows.get(key);
    const seen = moment(one.date);
    row.articles.push({ at, rank, seen });
    if (seen && (!row.first || seen.time < row.first.time)) row.first = seen;
    const part = share(story.head, at);
    if (part !== null) row.kept = Math.max(row.kept ?? 0, part);
  }
  return [...rows.values()].sort(
    (x, y) => (x.first?.time ?? Infinity) - (y.first?.time ?? Infinity) || (x.name < y.name ? -1 : 1),
  );
}

/** The drawing, or null where no date is known. */
function timeline(story, width) {
  const rows = spread(story).slice(0, MOST_ROWS);
  const times = rows.flatMap((row) => row.articles.map(({ seen }) => seen?.time)).filter((time) => time !== undefined);
  if (!times.length) return null;
  const narrow = width < 560;
  const [left, right] = narrow ? [0, 64] : [Math.min(230, width * 0.26), 172];
  const tall = narrow ? 52 : 34;
  const ends = rows
    .flatMap((row) => row.articles.map(({ seen }) => seen && seen.time + (seen.day ? DAY : 0)))
    .filter(Boolean);
  const [first, last] = [Math.min(...times), Math.max(...ends)];
  const across = (time) => left + 12 + ((width - left - right - 24) * (time - first)) / Math.max(1, last - first);
  const height = 34 + tall * rows.length;
  const source = rows.find((row) => row.articles.some(({ at }) => at === story.head));
  return draw(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, class: 'timeline', role: 'img', 'aria-label': spoken(rows) },
    axis(first, last, across, height, narrow),
    draw('text', { class: 'label', x: width, y: 14, 'text-anchor': 'end' }, narrow ? 'kept' : 'share of the text kept'),
    rows.map((row, at) =>
      timelineRow(row, {
        y: 34 + tall * at + (narrow ? 34 : tall / 2),
        width,
        bottom: 34 + tall * (at + 1),
        left,
        right,
        across,
        narrow,
        start: rows[0].first,
        source,
        head: story.head,
      }),
    ),
  );
}

function axis(first, last, across, height, narrow) {
  const step =
    STEPS.find((size) => (last - first) / size <= (narrow ? 3 : 6)) ?? Math.ceil((last - first) / 6 / DAY) * DAY;
  const ticks = [];
  for (let time = Math.ceil(first / step) * step; time <= last; time += step) ticks.push(time);
  if (!ticks.length) ticks.push(first);
  const name = (time) => {
    const iso = new Date(time).toISOString();
    const [clock, short] = [iso.slice(11, 16), day(iso).replace(/ \d{4}$/, '')];
    if (step < DAY && last > first) return clock === '00:00' ? `${clock} ${short}` : clock;
    return last - first < 300 * DAY && ticks.length > 1 ? short : day(iso);
  };
  return ticks.map((time) => [
    draw('line', { class: 'tick', x1: across(time), x2: across(time), y1: 24, y2: height }),
    draw(
      'text',
      { class: 'label', x: across(time), y: 14, 'text-anchor': across(time) - across(first) < 30 ? 'start' : 'middle' },
      name(time),
    ),
  ]);
}

function timelineRow(row, { y, bottom, width, left, right, across, narrow, start, source, head }) {
  const bar = { x: width - right + 24, width: right - (narrow ? 62 : 88) };
  const dots = row.articles
    .filter(({ seen }) => seen)
    .map(({ at, rank, seen }) => ({
      at,
      rank,
      x: across(seen.time + (seen.day ? DAY / 2 : 0)),
      day: seen.day && [across(seen.time), across(seen.time + DAY)],
    }));
  const end = Math.max(left + 12, ...dots.map((dot) => (dot.day ? dot.day[1] : dot.x)));
  const words = row.first ? (row.first === start ? 'first seen' : delay(start, row.first)) : 'date unknown';
  const room = width - right - end > 6.4 * words.length + 12;
  const begin = Math.min(...dots.map((dot) => (dot.day ? dot.day[0] : dot.x)), width);
  return [
    draw('line', { class: 'hair', x1: 0, x2: width, y1: bottom, y2: bottom }),
    draw(
      'text',
      { class: row === source ? 'name head' : 'name', x: 0, y: narrow ? y - 14 : y + 4 },
      cut(row.name, narrow ? 40 : Math.floor(left / 7.4)),
    ),
    dots.length > 1 && draw('line', { class: 'span', x1: begin, x2: end, y1: y, y2: y }),
    dots.map((dot) => dot.day && draw('line', { class: 'day', x1: dot.day[0], x2: dot.day[1], y1: y, y2: y })),
    dots.map(({ at, rank, x }) =>
      draw(
        'circle',
        { class: at === head ? 'dot head' : `dot ${gradeName(rank)}`, cx: x, cy: y, r: 5.5 },
        draw('title', {}, `${article(at).title}, ${when(article(at).date)}`),
      ),
    ),
    draw(
      'text',
      { class: 'label', x: room ? end + 12 : begin - 12, y: y + 4, 'text-anchor': room ? 'start' : 'end' },
      words,
    ),
    row.kept !== null && [
      bar.width > 10 && draw('rect', { class: 'ground', x: bar.x, y: y - 4, width: bar.width, height: 8 }),
      bar.width > 10 &&
        draw('rect', { class: 'full', x: bar.x, y: y - 4, width: Math.max(1, bar.width * row.kept), height: 8 }),
    ],
    draw(
      'text',
      { class: 'figure', x: width, y: y + 4, 'text-anchor': 'end' },
      row === source ? 'reference' : row.kept === null ? '–' : percent(row.kept),
    ),
  ];
}

function gradeName(rank) {
  return data.index.grades[rank]?.[0] ?? 'tied';
}

function cut(words, most) {
  return words.length > most ? `${words.slice(0, Math.max(1, most - 1))}…` : words;
}

/** The drawing in words. */
function spoken(rows) {
  const start = rows[0].first;
  return rows
    .map(({ name, first, kept }) => {
      const seen = first ? (first === start ? 'first seen' : delay(start, first)) : 'date unknown';
      return `${name}: ${seen}${kept === null ? '' : `, ${percent(kept)} of the text kept`}`;
    })
    .join('; ');
}

/** Whether a moment is later than another for certain; of a day without a time that is so from the next day on. */
function isLater(then, first) {
  return first.day || then.day ? Math.floor(then.time / DAY) > Math.floor(first.time / DAY) : then.time > first.time;
}
