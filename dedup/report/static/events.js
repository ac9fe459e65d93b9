// Events: stories and single articles that report one happening without sharing text.

function eventsView(query) {
  const { events } = data.index;
  const pages = Math.ceil(events.length / PAGE);
  const page = Math.min(Math.max(1, Number(query.get('page')) || 1), pages);
  const ties = tiesOfEvents();
  const shown = events.slice((page - 1) * PAGE, page * PAGE);
  return [
    el('h1', { class: 'title', tabindex: -1 }, 'Events'),
    el(
      'p',
      { class: 'lead' },
      `${plural(events.length, 'event')} told by more than one story. What these stories share is explained by the ` +
        'facts, not by copying; each may have copies of its own.',
    ),
    el(
      'ol',
      { class: 'events' },
      shown.map(([id, members]) => eventItem(id, members, ties.get(id) ?? [])),
    ),
    pages > 1 && pager(page, pages, (next) => (location.hash = listAddress('events', { page: String(next) }))),
  ];
}

/** The pairs that tie each event together, by its id. */
function tiesOfEvents() {
  const { events, pairs } = data.index;
  const eventOf = new Map(events.flatMap(([id, members]) => members.map((at) => [at, id])));
  const rank = gradeAt('same_event');
  const ties = new Map();
  pairs.grade.forEach((grade, at) => {
    const id = grade === rank ? eventOf.get(pairs.a[at]) : undefined;
    if (id === undefined || id !== eventOf.get(pairs.b[at])) return;
    if (!ties.has(id)) ties.set(id, []);
    ties.get(id).push(at);
  });
  return ties;
}

/** The stories of an event, and the articles that are in none, in the order of time: `{story, at, date}`. */
function tellings(members) {
  const seen = new Map();
  for (const at of members) {
    const story = data.storyOf[at];
    const key = story < 0 ? `article ${at}` : `story ${story}`;
    const date = data.index.articles.date[at] || '~';
    const known = seen.get(key);
    if (!known || date < known.date)
      seen.set(key, { story, at: known?.at ?? at, date: known && known.date < date ? known.date : date });
  }
  return [...seen.values()].sort((x, y) => (x.date < y.date ? -1 : 1));
}

function eventItem(id, members, links) {
  const told = tellings(members);
  const title = told[0].story < 0 ? article(told[0].at).title : data.index.stories[told[0].story].title;
  return el(
    'li',
    { id: `event-${id}` },
    el('h2', { dir: 'auto' }, title),
    el('p', { class: 'meta' }, `${plural(members.length, 'article')} in ${plural(told.length, 'story', 'stories')}`),
    el(
      'ul',
      { class: 'plainly' },
      told.map(({ story, at }) => (story < 0 ? singleTelling(at) : storyTelling(data.index.stories[story]))),
    ),
    links.length > 0 &&
      el(
        'details',
        {},
        el('summary', {}, `What ties them: ${plural(links.length, 'pair')}`),
        el(
          'ul',
          { class: 'plainly' },
          links.map((pairAt) => el('li', {}, el('a', { href: pairAddress(pairAt) }, bdi(pairTitle(pairAt))))),
        ),
      ),
  );
}

function singleTelling(at) {
  const one = article(at);
  return el(
    'li',
    {},
    outletName(one.outlet),
    one.date && el('span', { class: 'meta' }, ` ${day(one.date)}`),
    ' ',
    titleLink(one),
  );
}

function storyTelling(story) {
  return el(
    'li',
    {},
    el('a', { href: storyAddress(story), dir: 'auto' }, story.title),
    el(
      'span',
      { class: 'meta' },
      ` ${plural(story.members.length, 'article')}: `,
      listed([...new Set(story.members.map(([at]) => article(at).outlet || 'unknown outlet'))], 5),
    ),
  );
}
