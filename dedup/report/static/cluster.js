// A story: what it is, where it comes from, how it spread, who has it, and what holds it together.

function clusterView(at) {
  const story = data.index.stories[at];
  remembered.pairs = story.pairs;
  const width = drawingWidth();
  const times = timeline(story, width);
  const outlets = new Set(story.members.map(([place]) => article(place).outlet).filter(Boolean)).size;
  return [
    wayBack(),
    el(
      'header',
      { class: 'lede' },
      el(
        'p',
        { class: 'kicker' },
        `Story · ${plural(story.members.length, 'article')}${outlets > 1 ? ` in ${plural(outlets, 'outlet')}` : ''}`,
      ),
      el('h1', { class: 'title', tabindex: -1, dir: 'auto', lang: article(story.head).lang || null }, story.title),
      origin(story),
      story.notes.map((remark) => el('p', { class: 'meta' }, bdi(remark))),
    ),
    times && figure('How it spread', spreadRemark(story), times, `spread ${story.title}`),
    el('section', {}, el('h2', {}, 'Who has it'), membersTable(story)),
    versions(story),
    creditAudit(story),
    holding(story),
    mapOf(story, width),
    storyControls(story),
    el('p', { class: 'meta id' }, bdi(story.id)),
  ];
}

function drawingWidth() {
  return Math.max(320, byId('main').clientWidth || document.documentElement.clientWidth - 32);
}

function wayBack() {
  const name = place(remembered.list)?.view ?? 'stories';
  return el('p', { class: 'back' }, el('a', { href: remembered.list }, `← ${capital(name)}`));
}

/** The likely source with its reasons, or why there is none. */
function origin(story) {
  const reason = story.reason ? [' – ', bdi(`${story.reason}.`)] : '.';
  if (story.source < 0)
    return el(
      'p',
      { class: 'origin' },
      el('span', { class: 'meta' }, 'Likely source: '),
      bdi(capital(story.origin)),
      chance(story.chance),
      reason,
    );
  const one = article(story.source);
  return el(
    'p',
    { class: 'origin' },
    el('span', { class: 'meta' }, 'Likely source: '),
    outletName(one.outlet),
    one.date && `, ${when(one.date)}`,
    chance(story.chance),
    reason,
  );
}

function chance(probability) {
  return probability ? el('span', { class: 'meta' }, ` (${percent(probability)} likely)`) : null;
}

function spreadRemark(story) {
  const rows = spread(story);
  const dated = rows.filter((row) => row.first);
  const [start, last] = [dated[0].first, dated.at(-1).first];
  const first = dated.filter((row) => !isLater(row.first, start)).map((row) => row.name);
  const then = isLater(last, start)
    ? ` The last of ${plural(dated.length, 'outlet')}${dated.length < rows.length ? ' with a date' : ''} followed ${delay(start, last)}.`
    : '';
  const more = rows.length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${rows.length} outlets are drawn.` : '';
  const days = story.members.some(([at]) => moment(article(at).date)?.day)
    ? ' A line across a day: the time is not known.'
    : '';
  const head = article(story.head);
  const kept = [' “Kept” is the share of the words of ', bdi(head.outlet || head.id), ' that stand in the other text.'];
  return ['First seen at ', listed(first, 4), '.', then, kept, more, days];
}

const MOST_MEMBERS = 200;

/** The members by outlet, without later versions of an outlet's own text. */
function membersTable(story) {
  const order = new Map(spread(story).map((row, at) => [row.name, at]));
  const rank = ([at]) => (at === story.head ? -1 : (order.get(article(at).outlet) ?? order.size));
  const members = sorted(
    story.members.filter(([at, , , revised]) => revised < 0 || at === story.head),
    { key: rank },
  );
  const body = el(
    'tbody',
    {},
    members.slice(0, MOST_MEMBERS).map((member) => memberRow(story, member)),
  );
  const heads = ['Outlet', 'Article', 'Published', 'Kind of copy'].map((name) => el('th', { scope: 'col' }, name));
  const kept = el('th', { scope: 'col', class: 'number' }, 'Kept');
  const more = button(`Show all ${number(members.length)}`, () => {
    body.append(...members.slice(MOST_MEMBERS).map((member) => memberRow(story, member)));
    more.remove();
  });
  return [
    el(
      'table',
      { class: 'list members' },
      el('caption', { class: 'away' }, 'Articles of the story'),
      el('thead', {}, el('tr', {}, heads, kept)),
      body,
    ),
    members.length > MOST_MEMBERS && el('p', { class: 'tools' }, more),
  ];
}

function memberRow(story, [at, , rank, , credit]) {
  const one = article(at);
  const head = at === story.head;
  const beside = head ? -1 : pairBetween(story.head, at);
  const kept = head ? null : share(story.head, at);
  return el(
    'tr',
    {},
    el(
      'td',
      { 'data-label': 'Outlet' },
      outletName(one.outlet),
      at === story.source && [' ', el('span', { class: 'tag' }, 'likely source')],
    ),
    el('td', { class: 'story', 'data-label': 'Article' }, titleLink(one), creditLine(one, credit)),
    el('td', { class: 'date', 'data-label': 'Published' }, one.date ? when(one.date) : 'unknown'),
    el(
      'td',
      { 'data-label': 'Kind' },
      head ? el('span', { class: 'meta' }, 'reference text') : memberKind(story, at, rank, beside),
    ),
    el('td', { class: 'number', 'data-label': 'Kept' }, kept === null ? '' : percent(kept)),
  );
}

function titleLink(one) {
  const name = el('span', { dir: 'auto', lang: one.lang || null }, one.title);
  return isWeb(one.url) ? outward(one.url, name) : name;
}

function creditLine(one, audit) {
  const said = [...new Set([one.credit || (one.agency && `credited to ${one.agency}`), audit])].filter(Boolean);
  return (
    said.length > 0 &&
    el(
      'span',
      { class: 'meta' },
      said.map((words, at) => [at ? ' · ' : '', bdi(words)]),
    )
  );
}

/** What a member is to the reference text, as a way to the pair that shows it. */
function memberKind(story, at, rank, beside) {
  if (beside >= 0)
    return el(
      'a',
      { href: pairAddress(beside) },
      chip(data.index.grades[rank]?.[0] ?? pair(beside).grade, pair(beside).verdict),
    );
  const other = story.pairs.find((one) => [data.index.pairs.a[one], data.index.pairs.b[one]].includes(at));
  if (other === undefined) return el('span', { class: 'meta' }, 'tied through another article');
  return [el('span', { class: 'meta' }, 'tied through '), el('a', { href: pairAddress(other) }, pairOther(other, at))];
}

function pairOther(at, one) {
  const { pairs } = data.index;
  const other = article(pairs.a[at] === one ? pairs.b[at] : pairs.a[at]);
  return bdi(other.outlet || other.id);
}

/** Versions of one outlet's text over time, which are no copies. */
function versions(story) {
  const revised = story.members.filter(([, , , before]) => before >= 0);
  if (!revised.length) return null;
  return el(
    'section',
    { class: 'versions' },
    el('h2', {}, 'Versions of one outlet’s text'),
    el(
      'p',
      { class: 'lead' },
      'Corrections, updates and second addresses. They are no copies by others and are not counted as such.',
    ),
    el(
      'ul',
      { class: 'plainly' },
      revised.map(([at, , , before]) => {
        const [one, earlier] = [article(at), article(before)];
        const beside = pairBetween(at, before);
        return el(
          'li',
          {},
          outletName(one.outlet),
          ', ',
          one.date ? when(one.date) : 'undated',
          ': ',
          titleLink(one),
          el(
            'span',
            { class: 'meta' },
            ' follows ',
            bdi(earlier.title === one.title ? (earlier.date ? when(earlier.date) : earlier.id) : earlier.title),
            '. ',
          ),
          beside >= 0 && el('a', { href: pairAddress(beside) }, 'What changed'),
        );
      }),
    ),
  );
}

function creditAudit(story) {
  if (!story.credits) return null;
  return el(
    'section',
    {},
    el('h2', {}, 'Who gives credit'),
    el('p', {}, bdi(story.credits)),
    el('p', { class: 'meta' }, 'A reason to look at the page, not a verdict: a credit in a logo is not in the text.'),
  );
}

/** What to call two articles: their outlets, where these are two, else their titles or ids. */
function toldApart(one, other) {
  const ways = ['outlet', 'title', 'id'].map((name) => [article(one)[name], article(other)[name]]);
  return ways.find(([first, second]) => first && second && first !== second);
}

/** What holds a story together, and what it would fall into. */
function holding(story) {
  const [low, high] = story.weakest;
  const at = low === undefined ? -1 : pairBetween(low, high);
  const names = low === undefined ? [] : listed(toldApart(low, high));
  return el(
    'section',
    {},
    el('h2', {}, 'What holds it together'),
    low !== undefined &&
      el(
        'p',
        {},
        'The weakest link is between ',
        at >= 0 ? el('a', { href: pairAddress(at) }, names) : names,
        at >= 0 ? `: ${pair(at).verdict}` : '',
        `, with a strength of ${story.strength.toFixed(2)} of 1. `,
        'If something here looks wrong, look at this pair first.',
      ),
    el(
      'p',
      {},
      story.parts.length
        ? `If its parts had to be tied by a mean strength of ${story.splits_at.toFixed(2)} or more, it would fall into ` +
          `${plural(story.parts.length, 'part')}:`
        : story.decided.includes('same_story')
          ? 'Nothing would split it: your desk holds it together.'
          : 'Nothing would split it: all articles carry one text.',
    ),
    story.parts.length > 0 &&
      el(
        'ul',
        { class: 'plainly parts' },
        [...story.parts]
          .sort((x, y) => y.length - x.length)
          .slice(0, 12)
          .map((part) =>
            el(
              'li',
              {},
              el('b', {}, plural(part.length, 'article')),
              ' ',
              listed([...new Set(part.map((place) => article(place).outlet || article(place).id))], 6),
            ),
          ),
      ),
    story.parts.length > 12 && el('p', { class: 'meta' }, `and ${story.parts.length - 12} more.`),
  );
}
