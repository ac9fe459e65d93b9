// The lists of stories and of pairs: searched, filtered, sorted, a page at a time, and saved as tables.

const PAGE = 50;

/** A list view: filters above, a table below that follows them. */
function listView(view, query) {
  const kind = LISTS[view];
  const filters = filtersOf(query);
  const results = el('div', { class: 'results' });
  const renew = (changes) => {
    Object.assign(filters, { page: '' }, changes);
    note(listAddress(view, filters));
    results.replaceChildren(...pageOf(kind, filters, renew));
  };
  remembered.list = listAddress(view, filters);
  results.append(...pageOf(kind, filters, renew));
  return [
    el('h1', { class: 'title', tabindex: -1 }, kind.title),
    el('p', { class: 'lead' }, kind.remark()),
    filterBar(kind, filters, renew),
    results,
  ];
}

function filterBar(kind, filters, renew) {
  const { articles, outlets, grades } = data.index;
  const used = new Set(articles.outlet);
  const names = outlets.name.filter((name, at) => name && used.has(at));
  const there = kind.grades();
  const agencies = [...new Set(articles.agency)].filter(Boolean).sort();
  const search = el('input', {
    type: 'search',
    value: filters.q,
    id: 'search',
    placeholder: 'Words in a title',
    input: later((event) => renew({ q: event.target.value.trim() })),
  });
  const pick = (label, name, options) =>
    options.length > 0 &&
    field(
      label,
      choice([['', 'all'], ...options], filters[name], (value) => renew({ [name]: value })),
    );
  const date = (label, name) =>
    field(
      label,
      el('input', { type: 'date', value: filters[name], change: (event) => renew({ [name]: event.target.value }) }),
    );
  const bar = el(
    'form',
    { class: 'filters', role: 'search', submit: (event) => event.preventDefault() },
    field('Search', search),
    pick(
      'Outlet',
      'outlet',
      names.map((name) => [name, name]),
    ),
    pick(
      'Kind of copy',
      'grade',
      grades.filter((_, at) => there.has(at)),
    ),
    pick(
      'Agency',
      'agency',
      agencies.map((name) => [name, name]),
    ),
    kind.where &&
      pick('Where', 'where', [
        ['inside', 'within a story'],
        ['outside', 'outside of stories'],
      ]),
    pick('Decided', 'decided', [
      ['yes', 'yes'],
      ['no', 'not yet'],
    ]),
    date('From', 'from'),
    date('To', 'to'),
    button('Clear', () => {
      renew(Object.fromEntries(FILTERS.map((name) => [name, ''])));
      bar.replaceWith(filterBar(kind, filters, renew));
      byId('search').focus();
    }),
  );
  return bar;
}

/** The function, called when no call has come for a moment. */
function later(task) {
  let waiting = 0;
  return (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => task(event), 150);
  };
}

/** The result of the filters: how many, a page of the table, the way to the other pages. */
function pageOf(kind, filters, renew) {
  const items = kind.chosen(filters);
  remembered.pairs = kind === LISTS.pairs ? items : [];
  const pages = Math.max(1, Math.ceil(items.length / PAGE));
  const page = Math.min(Math.max(1, Number(filters.page) || 1), pages);
  const first = (page - 1) * PAGE;
  const shown = items.slice(first, first + PAGE);
  const count =
    items.length === kind.all()
      ? plural(items.length, ...kind.noun)
      : `${number(items.length)} of ${plural(kind.all(), ...kind.noun)}`;
  say(count);
  return [
    el(
      'p',
      { class: 'tools' },
      el('span', { class: 'count' }, count),
      items.length > 0 &&
        button('Save as CSV', () => save(kind.file, 'text/csv', csv([kind.columns, ...items.flatMap(kind.rows)]))),
    ),
    items.length
      ? sortedTable(kind, shown, filters, renew)
      : el(
          'p',
          { class: 'empty' },
          `Nothing fits. ${plural(data.index.total - data.index.articles.id.length, 'article')} that share nothing ` +
            'with another are listed in articles.csv only.',
        ),
    pages > 1 &&
      pager(page, pages, (next) => {
        renew({ page: next > 1 ? String(next) : '' });
        byId('view').scrollIntoView();
      }),
  ].filter(Boolean);
}

function sortedTable(kind, items, filters, renew) {
  const head = kind.heads.map(([label, order, className]) => {
    const now = order !== null && filters.sort === order;
    const falling = order !== null && kind.orders[order].falling;
    return el(
      'th',
      { scope: 'col', class: className ?? null, 'aria-sort': now ? (falling ? 'descending' : 'ascending') : null },
      order === null ? label : button(label, () => renew({ sort: order }), { class: 'sort' }),
    );
  });
  return el(
    'table',
    { class: `list ${kind.name}` },
    el('caption', { class: 'away' }, kind.title),
    el('thead', {}, el('tr', {}, head)),
    el('tbody', {}, items.map(kind.row)),
  );
}

function pager(page, pages, go) {
  return el(
    'nav',
    { class: 'pager', 'aria-label': 'Pages of the list' },
    button('Previous', () => go(page - 1), { disabled: page === 1 }),
    el('span', {}, `Page ${number(page)} of ${number(pages)}`),
    button('Next', () => go(page + 1), { disabled: page === pages }),
  );
}

function chip(grade, words) {
  return el('span', { class: `chip ${grade}` }, words ?? data.index.grades[gradeAt(grade)][1]);
}

/** The kinds of copy in a story, strongest first. */
function chips(story) {
  const ranks = [...new Set(story.pairs.map((at) => data.index.pairs.grade[at]))].sort((x, y) => x - y);
  return ranks.map((rank) => [chip(...data.index.grades[rank]), ' ']);
}

function outletName(name) {
  return bdi(name || 'unknown outlet', { class: 'outlet' });
}

/** The likely source of a story in a few words. */
function sourceWords(story) {
  if (story.source < 0) return [bdi(capital(story.origin))];
  return [
    outletName(article(story.source).outlet),
    story.chance ? el('span', { class: 'meta' }, ` ${percent(story.chance)} likely`) : null,
  ];
}

function storyRow(story) {
  const names = [...new Set(story.members.map(([at]) => article(at).outlet))].filter(Boolean);
  const lang = article(story.head).lang;
  return el(
    'tr',
    {},
    el('td', { class: 'number', 'data-label': 'Articles' }, number(story.members.length)),
    el(
      'td',
      { class: 'story' },
      el('a', { href: storyAddress(story), dir: 'auto', lang: lang || null }, story.title),
      el('span', { class: 'meta' }, chips(story), storyDecided(story) && el('span', { class: 'tag' }, 'decided')),
    ),
    el('td', { 'data-label': 'Outlets' }, names.length ? listed(names, 4) : 'unknown'),
    el('td', { class: 'date', 'data-label': 'First seen' }, day(data.index.articles.date[firstSeen(story)])),
    el('td', { 'data-label': 'Likely source' }, sourceWords(story)),
    el('td', { class: 'number', 'data-label': 'Weakest link' }, story.strength.toFixed(2)),
  );
}

function pairRow(at) {
  const one = pair(at);
  const side = (place) => {
    const { outlet, title, lang } = article(place);
    return el(
      'td',
      { class: 'side' },
      outletName(outlet),
      el('span', { class: 'headline', dir: 'auto', lang: lang || null }, title),
    );
  };
  const decided = decisionWord(at);
  return el(
    'tr',
    {},
    el(
      'td',
      { class: 'grade' },
      el('a', { href: pairAddress(at) }, chip(one.grade, one.verdict)),
      decided && el('span', { class: 'tag' }, decided),
    ),
    el('td', { class: 'number', 'data-label': 'Sure' }, percent(one.confidence)),
    side(one.a),
    side(one.b),
    el(
      'td',
      { class: 'date', 'data-label': 'Published' },
      [...new Set([one.a, one.b].map((place) => day(article(place).date) || 'unknown'))].map((date) =>
        el('span', {}, date),
      ),
    ),
    el(
      'td',
      { class: 'number', 'data-label': 'Shared words' },
      number(one.words),
      one.words > 0 && el('span', { class: 'meta' }, `${percent(one.partA)} of A, ${percent(one.partB)} of B`),
    ),
  );
}

/** The rows of a story in the table that is saved: one an article. */
function storyRows(story) {
  const { articles, grades, stories } = data.index;
  return story.members.map(([at, group, rank, revised, credit]) => [
    story.id,
    story.title,
    articles.id[at],
    at === story.source ? 'source' : 'member',
    grades[rank]?.[0] ?? '',
    articles.id[group] ?? '',
    article(at).outlet,
    articles.date[at],
    articles.title[at],
    articles.url[at],
    articles.agency[at],
    stories[story.at].source < 0 ? story.origin : articles.id[story.source],
    story.reason,
    story.chance,
    share(story.head, at) ?? '',
    articles.id[revised] ?? '',
    credit,
    story.strength,
    DECIDED[decisionOnStory(story)?.decision] ?? '',
    decisionOnStory(story)?.note ?? '',
  ]);
}

function pairRows(at) {
  const one = pair(at);
  const [a, b] = [article(one.a), article(one.b)];
  const { stories, articles } = data.index;
  return [
    [
      a.id,
      b.id,
      one.grade,
      one.confidence,
      one.verdict,
      one.jaccard,
      one.partA,
      one.partB,
      one.words,
      one.run,
      one.quotes,
      one.source < 0 ? one.origin : articles.id[one.source],
      one.chance,
      one.relation,
      stories[one.story]?.id ?? '',
      a.outlet,
      b.outlet,
      a.date,
      b.date,
      a.title,
      b.title,
      decisionWord(at),
      decisionOn(one.a, one.b)?.note ?? '',
    ],
  ];
}

const LISTS = {
  stories: {
    name: 'stories',
    title: 'Stories',
    noun: ['story', 'stories'],
    remark: () =>
      'Articles that carry one text, whole, edited or retold. Every article in a story is tied to it by a checked pair.',
    chosen: chosenStories,
    all: () => data.index.stories.length,
    grades: () => new Set(data.index.stories.flatMap((story) => story.pairs.map((at) => data.index.pairs.grade[at]))),
    orders: STORY_ORDERS,
    heads: [
      ['Articles', '', 'number'],
      ['Story', 'title'],
      ['Outlets', 'outlets'],
      ['First seen', 'newest'],
      ['Likely source', 'source'],
      ['Weakest link', 'weakest', 'number'],
    ],
    row: storyRow,
    rows: storyRows,
    file: 'stories.csv',
    columns: [
      ...'cluster_id story article_id role grade_to_source copy_group outlet published title url agency'.split(' '),
      ...'likely_source source_reason source_probability source_kept revision_of credit_audit weakest_link'.split(' '),
      ...'decision note'.split(' '),
    ],
  },
  pairs: {
    name: 'pairs',
    title: 'Pairs',
    noun: ['pair', 'pairs'],
    remark: () => {
      const { left, pairs } = data.index;
      const more = ` This page holds the first ${number(pairs.a.length)}; ${number(left)} more are in pairs.csv.`;
      const what =
        'Two articles each, the strongest first. Pairs outside of stories share a passage, or only an event.';
      return what + (left ? more : '');
    },
    chosen: chosenPairs,
    all: () => data.index.pairs.a.length,
    grades: () => new Set(data.index.pairs.grade),
    orders: PAIR_ORDERS,
    where: true,
    heads: [
      ['Kind of copy', ''],
      ['Sure', 'least', 'number'],
      ['A', null],
      ['B', null],
      ['Published', 'newest'],
      ['Shared words', 'words', 'number'],
    ],
    row: pairRow,
    rows: pairRows,
    file: 'pairs-selected.csv',
    columns: [
      ...'a b grade confidence verdict jaccard containment_a containment_b shared_words longest_run'.split(' '),
      ...'shared_quotes likely_source source_probability relation cluster_id a_outlet b_outlet a_date b_date'.split(
        ' ',
      ),
      ...'a_title b_title decision note'.split(' '),
    ],
  },
};
