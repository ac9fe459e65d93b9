// A pair: what the two are to each other, both texts with what they share, what is only in one, and every measure.

const HUES = 6;

async function pairView(at) {
  const one = pair(at);
  const [told, a, b] = await Promise.all([evidence(at), text(one.a), text(one.b)]);
  const [left, right] = [article(one.a), article(one.b)];
  const spans = a && b ? layered(told.passages, a, b) : null;
  return [
    pairBack(one),
    el(
      'header',
      { class: 'lede' },
      el('p', { class: 'kicker' }, chip(one.grade, 'Pair')),
      el('h1', { class: 'title', tabindex: -1 }, capital(one.verdict)),
      el('p', { class: 'origin' }, verdictLine(one, told)),
    ),
    el(
      'div',
      { class: 'heads' },
      pairHead('A', left, one.source === one.a),
      el('span', { class: 'between' }),
      pairHead('B', right, one.source === one.b),
    ),
    spans
      ? texts(one, told, spans, left, right)
      : el(
          'p',
          { class: 'notice' },
          'This page has no room for these texts: it holds those of the largest stories. ' +
            '“dedup compare” shows any two articles.',
        ),
    pairControls(at),
    el(
      'section',
      {},
      el('h2', {}, 'The measures'),
      el(
        'ul',
        { class: 'measures' },
        told.measures.map((sentence) => el('li', {}, sentence)),
      ),
    ),
    spans && inverse(one, spans, left, right),
    spans && discounted(spans),
  ];
}

/** The way back to the story or the list, and on to the pairs before and after this one in it. */
function pairBack(one) {
  const story = data.index.stories[one.story];
  const known = remembered.pairs.includes(one.at) ? remembered.pairs : (story?.pairs ?? []);
  const now = known.indexOf(one.at);
  const step = (at, label) => (known[at] === undefined ? null : el('a', { href: pairAddress(known[at]) }, label));
  return el(
    'div',
    { class: 'back' },
    story
      ? el('a', { href: storyAddress(story) }, '← ', bdi(story.title))
      : el('a', { href: remembered.list }, `← ${capital(place(remembered.list)?.view ?? 'pairs')}`),
    known.length > 1 &&
      el(
        'nav',
        { class: 'through', 'aria-label': 'Pairs of this list' },
        step(now - 1, 'Previous pair'),
        el('span', {}, `${number(now + 1)} of ${number(known.length)}`),
        step(now + 1, 'Next pair'),
      ),
  );
}

/** How sure it is, and where the text comes from. */
function verdictLine(one, told) {
  const about = one.grade === 'same_event' ? 'that both report one event' : 'that text is shared';
  const certain = `${capital(sure(one.confidence))}: ${percent(one.confidence)} sure ${about}. `;
  if (one.grade === 'same_event') return [certain];
  const source = one.source < 0 ? [bdi(capital(one.origin))] : [outletName(article(one.source).outlet)];
  return [
    certain,
    el('span', { class: 'meta' }, 'Likely source: '),
    source,
    chance(one.chance),
    told.reason ? [' – ', bdi(`${told.reason}.`)] : '.',
  ];
}

function pairHead(letter, one, source) {
  return el(
    'div',
    { class: 'head' },
    el('b', { class: 'letter' }, letter),
    el('p', { class: 'headline' }, titleLink(one)),
    el(
      'p',
      { class: 'meta' },
      outletName(one.outlet),
      `, ${when(one.date)}`,
      source && [' ', el('span', { class: 'tag' }, 'likely source')],
      el('br'),
      creditLine(one, ''),
      (one.credit || one.agency) && ' · ',
      `${plural(one.words, 'word')} · `,
      el('span', { class: 'id' }, bdi(one.id)),
    ),
  );
}

/** What is marked in both texts, as spans in their strings. */
function layered(passages, a, b) {
  const sides = { a: { ...a, passages: [], changed: [] }, b: { ...b, passages: [], changed: [] } };
  passages.forEach((passage, at) => {
    const [inA, inB] = [passage.a.map(a.unit), passage.b.map(b.unit)];
    const differ = changed(a.body, inA, b.body, inB);
    sides.a.passages.push({ start: inA[0], end: inA[1], at });
    sides.b.passages.push({ start: inB[0], end: inB[1], at });
    sides.a.changed.push(...differ.a);
    sides.b.changed.push(...differ.b);
  });
  for (const side of [sides.a, sides.b]) side.own = outside(side.body.length, [...side.passages, ...side.furniture]);
  return sides;
}

/** Both texts, and the controls over them. */
function texts(one, told, sides, left, right) {
  const together = el('input', { type: 'checkbox', checked: true });
  const [paneA, paneB] = [pane('A', sides.a, left, role(one, one.a)), pane('B', sides.b, right, role(one, one.b))];
  const gutter = draw('svg', { class: 'gutter', 'aria-hidden': 'true', preserveAspectRatio: 'none' });
  const board = el('div', { class: 'board' }, paneA, gutter, paneB);
  const ties = tie(paneA, paneB, gutter, () => together.checked);
  const count = told.passages.length;
  const where = el('span', { class: 'count' });
  let now = -1;
  const go = (passage) => {
    if (!count) return;
    now = (passage + count) % count;
    where.textContent = `Passage ${now + 1} of ${count}`;
    const { words, quote } = told.passages[now];
    say(`Passage ${now + 1} of ${count}: ${plural(words, 'shared word')}${quote ? ', a quotation' : ''}.`);
    ties.align(now);
    for (const mark of board.querySelectorAll('.now')) mark.classList.remove('now');
    for (const mark of board.querySelectorAll(`[data-passage="${now}"]`)) mark.classList.add('now');
  };
  where.textContent = count ? `${plural(count, 'shared passage')}` : 'No shared passage';
  board.addEventListener('click', (event) => {
    const passage = event.target.closest('[data-passage]');
    if (passage && !String(getSelection())) go(Number(passage.dataset.passage));
  });
  pairKeys.next = () => go(now + 1);
  pairKeys.previous = () => go(now < 0 ? count - 1 : now - 1);
  const showAs = (mode) => {
    board.dataset.mode = mode;
    for (const one of modes) one.setAttribute('aria-pressed', String(one.dataset.mode === mode));
  };
  const modes = [
    ['shared', 'What they share'],
    ['own', 'What each has alone'],
  ].map(([mode, label]) => button(label, () => showAs(mode), { 'data-mode': mode }));
  showAs(count ? 'shared' : 'own');
  const bar = el(
    'div',
    { class: 'tools reading', role: 'group', 'aria-label': 'How the texts are shown' },
    el('span', { class: 'switch' }, modes),
    count > 0 &&
      el(
        'span',
        { class: 'steps' },
        button('‹', pairKeys.previous, { 'aria-label': 'Previous passage', title: 'Previous passage (p)' }),
        where,
        button('›', pairKeys.next, { 'aria-label': 'Next passage', title: 'Next passage (n)' }),
      ),
    count === 0 && where,
    el('label', { class: 'check' }, together, ' Scroll together'),
  );
  return el('section', { class: 'texts' }, bar, board, textsKey(one, sides));
}

const pairKeys = { next: null, previous: null };

function textsKey(one, sides) {
  const marks = [
    ['p0', 'shared passage, one colour and number each'],
    ['changed', 'words that differ'],
    ...(one.source < 0
      ? [['own alone', 'only in this one']]
      : [
          ['own dropped', 'only in the likely source'],
          ['own added', 'only in the other'],
        ]),
    [sides.a.quotations.length + sides.b.quotations.length ? 'quote' : '', 'quotation'],
    [sides.a.furniture.length + sides.b.furniture.length ? 'furniture' : '', 'page furniture, discounted'],
  ];
  return el(
    'p',
    { class: 'key meta' },
    marks
      .filter(([name]) => name)
      .map(([name, words]) => [el('span', { class: `sample ${name}` }, 'abc'), ` ${words}`, '  ']),
  );
}

/** What the words are that stand in one article of a pair only. */
function role(one, at) {
  return one.source < 0 ? 'alone' : one.source === at ? 'dropped' : 'added';
}

/** One text, marked. */
function pane(letter, side, one, part) {
  const label = `Text ${letter}, ${one.outlet || one.id}`;
  const { passages, changed: differing, quotations, furniture, own } = side;
  const begun = new Set();
  const marked = pieces(side.body.length, { passages, changed: differing, quotations, furniture, own }).map((piece) => {
    const words = side.body.slice(piece.start, piece.end);
    const names = [
      piece.passages && `passage p${piece.passages.at % HUES}`,
      piece.passages && piece.changed && 'changed',
      piece.quotations && 'quote',
      piece.furniture && 'furniture',
      piece.own && 'own',
    ].filter(Boolean);
    if (!names.length) return words;
    const passage = piece.passages?.at;
    const first = piece.passages && !begun.has(passage) && begun.add(passage);
    return el(
      piece.passages ? 'mark' : 'span',
      {
        class: names.join(' '),
        'data-passage': passage ?? null,
        title: piece.furniture ? `discounted: ${piece.furniture.kind}` : null,
      },
      first &&
        el(
          'button',
          { type: 'button', class: 'flag', 'aria-label': `Passage ${passage + 1}: bring both sides together` },
          passage + 1,
        ),
      words,
    );
  });
  return el(
    'div',
    { class: 'pane', tabindex: 0, role: 'region', 'aria-label': label, 'data-letter': letter, 'data-role': part },
    el('div', { class: 'text', dir: 'auto', lang: one.lang || null }, marked),
  );
}

/** The inverse view in figures: what one kept, dropped and added. */
function inverse(one, sides, left, right) {
  const alone = [sides.a, sides.b].map((side) =>
    side.own.reduce((sum, { start, end }) => sum + countWords(side.body, start, end), 0),
  );
  const differ = Math.max(
    ...[sides.a, sides.b].map((side) =>
      side.changed.reduce((sum, { start, end }) => sum + countWords(side.body, start, end), 0),
    ),
  );
  const name = (whose, letter) => bdi(whose.outlet || `text ${letter}`);
  const sentence =
    one.source === one.b
      ? [right, left, 'B', 'A', one.partB, alone[1], alone[0]]
      : [left, right, 'A', 'B', one.partA, alone[0], alone[1]];
  const [source, taker, from, to, kept, dropped, added] = sentence;
  const words =
    one.source < 0
      ? [
          `${capital(plural(alone[0], 'word'))} ${alone[0] === 1 ? 'stands' : 'stand'} only in A (`,
          name(left, 'A'),
          `), ${plural(alone[1], 'word')} only in B (`,
          name(right, 'B'),
          ')',
        ]
      : [
          name(taker, to),
          ` kept ${percent(kept)} of the words of `,
          name(source, from),
          `, dropped ${plural(dropped, 'word')} and added ${number(added)} of its own`,
        ];
  return el(
    'section',
    { class: 'inverse' },
    el('h2', {}, one.source < 0 ? 'What each has alone' : 'What was dropped and added'),
    el(
      'p',
      {},
      words,
      differ ? `; within the passages ${plural(differ, 'word')} ${differ === 1 ? 'differs' : 'differ'}.` : '.',
    ),
    el(
      'div',
      { class: 'columns' },
      aloneList(`Only in A${how(one, one.a)}`, sides.a),
      aloneList(`Only in B${how(one, one.b)}`, sides.b),
    ),
  );
}

const MOST_ALONE = 12;

function how(one, at) {
  return { alone: '', dropped: ': dropped', added: ': added' }[role(one, at)];
}

/** The stretches of a text that the other one has nothing of. */
function aloneList(title, side) {
  const parts = aloneIn(side.body, side.own).map(({ start, end }) => side.body.slice(start, end).trim());
  return el(
    'div',
    {},
    el('h3', {}, title),
    parts.length
      ? el(
          'ul',
          { class: 'alone' },
          parts
            .slice(0, MOST_ALONE)
            .map((part) => el('li', { dir: 'auto' }, part.length > 320 ? `${part.slice(0, 320)}…` : part)),
        )
      : el('p', { class: 'meta' }, 'No sentence.'),
    parts.length > MOST_ALONE &&
      el(
        'p',
        { class: 'meta' },
        `and ${plural(parts.length - MOST_ALONE, 'more stretch', 'more stretches')}, marked in the text above.`,
      ),
  );
}

/** The furniture of both texts, named as discounted. */
function discounted(sides) {
  const found = [
    ['A', sides.a],
    ['B', sides.b],
  ].flatMap(([letter, side]) =>
    side.furniture.map((piece) => [letter, piece.kind, side.body.slice(piece.start, piece.end)]),
  );
  if (!found.length) return null;
  return el(
    'section',
    {},
    el('h2', {}, 'Discounted as page furniture'),
    el('p', { class: 'lead' }, 'Grey in the texts above. None of it counts as shared text, in no measure.'),
    el(
      'ul',
      { class: 'discounted' },
      found
        .slice(0, 60)
        .map(([letter, kind, words]) =>
          el(
            'li',
            {},
            el('b', {}, letter),
            ` ${kind}, ${plural(countWords(words, 0, words.length), 'word')}: `,
            bdi(cut(words.replace(/\s+/g, ' ').trim(), 110)),
          ),
        ),
    ),
    found.length > 60 && el('p', { class: 'meta' }, `and ${found.length - 60} more.`),
  );
}
