// Where decisions are made: the controls of a pair and of a story, and the list of all that was decided.

/** The controls of a pair. */
function pairControls(at) {
  const { pairs } = data.index;
  const [a, b] = [pairs.a[at], pairs.b[at]];
  const chosen = () => decisionOn(a, b)?.decision;
  const options = [
    ['not_a_copy', 'Not a copy'],
    ['same_story', 'Same story'],
  ].map(([decision, label]) =>
    button(
      label,
      async () => {
        await decide(a, b, { decision: chosen() === decision ? 'note' : decision });
        press();
      },
      { 'data-decision': decision },
    ),
  );
  const press = () => {
    for (const option of options) option.setAttribute('aria-pressed', String(option.dataset.decision === chosen()));
  };
  press();
  const before = [decidedWords(pairs.decided[at]), pairs.note[at]].filter(Boolean).join('; ');
  const earlier = before && `Decided before this scan: ${before}.`;
  return controls(
    'Is this right?',
    [earlier && el('p', { class: 'meta' }, earlier), el('p', { class: 'options' }, options)],
    decisionOn(a, b)?.note ?? '',
    (words) => decide(a, b, { note: words }),
  );
}

/** The controls of a story. */
function storyControls(story) {
  const source = () => ids().get(decisionOnStory(story)?.source) ?? -1;
  const words = () => decisionOnStory(story)?.note ?? '';
  const members = story.members.map(([at]) => [
    String(at),
    `${article(at).outlet || 'unknown outlet'}: ${article(at).title}`,
  ]);
  const select = choice([['-1', 'as the report says'], ...members], String(source()), (at) =>
    decideStory(story, Number(at), words()),
  );
  return controls('Is this right?', [field('The right source is', select)], words(), (said) =>
    decideStory(story, source(), said),
  );
}

function controls(title, parts, words, noted) {
  const input = el('textarea', { rows: 2, change: (event) => noted(event.target.value.trim()) });
  input.value = words;
  return el(
    'section',
    { class: 'panel deciding' },
    el('h2', {}, title),
    parts,
    field('Note', input),
    el('p', { class: 'meta kept' }, desk.state),
  );
}

/** The list of all decisions, and the ways in and out. */
function decisionsView() {
  const rows = [...desk.rows.values()].sort((x, y) => (x.decided_at < y.decided_at ? 1 : -1));
  const input = el('input', { type: 'file', accept: '.csv,text/csv', class: 'away', id: 'loading', change: loadFile });
  return [
    el('h1', { class: 'title', tabindex: -1 }, 'Decisions'),
    el(
      'p',
      { class: 'lead' },
      'What you decide in a story or a pair is listed here. Save it as decisions.csv and give it back with ',
      el('code', {}, 'dedup scan … --decisions decisions.csv'),
      ': the next report applies it, also where a text has moved to another id.',
    ),
    el('p', { class: 'meta kept' }, desk.state),
    el(
      'p',
      { class: 'tools' },
      button('Save decisions.csv', () => save('decisions.csv', 'text/csv', decisionsFile()), { class: 'main' }),
      input,
      el('label', { class: 'button', for: 'loading' }, 'Load a decisions.csv'),
    ),
    rows.length ? decisionsTable(rows) : el('p', { class: 'empty' }, 'Nothing has been decided yet.'),
  ];
}

async function loadFile(event) {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const count = take(parsed(await file.text()));
    await remember();
    await show();
    say(`${plural(count, 'decision')} loaded.`);
  } catch (error) {
    trouble(`${file.name} cannot be loaded: ${error.message}.`);
  }
}

function decisionsTable(rows) {
  return el(
    'table',
    { class: 'plain decisions' },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ['Decision', 'About', 'Note', 'When', ''].map((name) =>
          el('th', { scope: 'col' }, name || el('span', { class: 'away' }, 'Remove')),
        ),
      ),
    ),
    el('tbody', {}, rows.map(decisionRow)),
  );
}

function decisionRow(row) {
  const [a, b, source] = [row.a, row.b, row.source].map((id) => ids().get(id) ?? -1);
  const story = a >= 0 && !row.b ? data.index.stories[data.storyOf[a]] : null;
  const at = a >= 0 && b >= 0 ? pairBetween(a, b) : -1;
  const name = (place, id) =>
    place >= 0 ? `${article(place).outlet || 'unknown outlet'}: ${article(place).title}` : id;
  const about = row.b ? `${name(a, row.a)} · ${name(b, row.b)}` : (story?.title ?? name(a, row.a));
  const address = story ? storyAddress(story) : at >= 0 ? pairAddress(at) : '';
  const said = row.decision === 'right_source' ? `right source is ${name(source, row.source)}` : DECIDED[row.decision];
  return el(
    'tr',
    {},
    el('td', { 'data-label': 'Decision' }, bdi(said)),
    el(
      'td',
      { 'data-label': 'About' },
      address ? el('a', { href: address }, bdi(about)) : bdi(about),
      !address && el('span', { class: 'meta' }, ' (not a pair of this report)'),
    ),
    el('td', { 'data-label': 'Note' }, bdi(row.note)),
    el('td', { 'data-label': 'When', class: 'date' }, when(row.decided_at)),
    el(
      'td',
      {},
      button(
        'Remove',
        async () => {
          desk.rows.delete(subject(row.a, row.b));
          await remember();
          await show();
        },
        { 'aria-label': `Remove the decision about ${about}` },
      ),
    ),
  );
}
