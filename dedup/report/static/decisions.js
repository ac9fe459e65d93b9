// What the desk decided: kept in the browser, or in the report's folder where `dedup review` serves the page.

const COLUMNS = ['decision', 'a', 'b', 'a_text', 'b_text', 'source', 'note', 'decided_at'];
const FORGETFUL = 'This browser keeps nothing for this page: save decisions.csv before you close it.';
const DECIDED = { not_a_copy: 'not a copy', same_story: 'same story', right_source: 'right source', note: 'note' };
const desk = { rows: new Map(), token: '', tag: '', saving: false, dirty: false, state: '' };

/** The name of what a row decides about: two articles, or the story that one stands for. */
function subject(a, b) {
  return `${a}\n${b}`;
}

function shelf() {
  return `dedup decisions ${data.index.key}`;
}

/** Fetches what was decided before: from the folder, or from the browser, or else what the scan was given. */
async function recall() {
  const token = new URLSearchParams(location.search).get('token');
  desk.token = token && location.protocol.startsWith('http') ? token : '';
  if (desk.token) await recallFolder();
  else recallBrowser();
  counted();
}

async function recallFolder() {
  try {
    const answer = await fetch(`decisions.csv?token=${encodeURIComponent(desk.token)}`, { cache: 'no-store' });
    if (answer.ok) take(parsed(await answer.text()));
    else if (answer.status !== 404) throw new Error(`${answer.status} ${answer.statusText}`);
    desk.tag = answer.headers.get('ETag') ?? '';
    desk.state = 'Decisions are saved to the folder.';
  } catch (error) {
    desk.state = `The decisions in the folder could not be read: ${error.message}.`;
  }
}

function recallBrowser() {
  let kept = null;
  try {
    kept = localStorage.getItem(shelf());
    desk.state = 'Kept in this browser only. Save decisions.csv to keep them for good.';
  } catch {
    desk.state = FORGETFUL;
  }
  take(kept === null ? [COLUMNS, ...data.index.decisions] : parsed(kept));
}

/** Takes the rows of a decisions.csv in; returns how many there were. Texts are known again under other ids. */
function take(rows) {
  const [names, ...rest] = rows;
  if (!names) return 0;
  const place = Object.fromEntries(names.map((name, at) => [name, at]));
  if (COLUMNS.some((name) => place[name] === undefined)) {
    throw new Error(`not a decisions.csv: its columns should be ${COLUMNS.join(', ')}`);
  }
  for (const values of rest) {
    const row = Object.fromEntries(COLUMNS.map((name) => [name, uncelled(values[place[name]] ?? '')]));
    if (Object.hasOwn(DECIDED, row.decision)) takeOne(known(row));
  }
  return rest.length;
}

/** Takes one row in; of two on the same subject the later holds, and a note beside a decision becomes the decision's. */
function takeOne(row) {
  const before = desk.rows.get(subject(row.a, row.b));
  const [older, newer] = before?.decided_at > row.decided_at ? [row, before] : [before, row];
  const notes = [older, newer].filter((one) => one?.decision === 'note');
  if (!older || notes.length !== 1) return keep(newer);
  const decision = older === notes[0] ? newer : older;
  const words = [older.note, newer.note].filter(Boolean);
  return keep({ ...decision, note: [...new Set(words)].join('; '), decided_at: newer.decided_at });
}

/** A row by the ids that its texts have in this report. */
function known(row) {
  const { articles } = data.index;
  const keys = byKey();
  const id = (name, key) => articles.id[keys.get(key)] ?? name;
  const holds = (name, key) => !key || articles.key[ids().get(name)] === key;
  const found = { ...row };
  if (!holds(row.a, row.a_text)) found.a = id(row.a, row.a_text);
  if (row.decision === 'right_source') {
    if (!holds(row.source, row.b_text)) found.source = id(row.source, row.b_text);
  } else if (row.b && !holds(row.b, row.b_text)) found.b = id(row.b, row.b_text);
  if (found.b && found.b < found.a) {
    [found.a, found.b, found.a_text, found.b_text] = [found.b, found.a, found.b_text, found.a_text];
  }
  return found;
}

const lookups = {};

function ids() {
  return (lookups.ids ??= new Map(data.index.articles.id.map((id, at) => [id, at])));
}

function byKey() {
  return (lookups.keys ??= new Map(data.index.articles.key.map((key, at) => [key, at])));
}

function keep(row) {
  const name = subject(row.a, row.b);
  if (row.decision === 'note' && !row.note) desk.rows.delete(name);
  else desk.rows.set(name, row);
}

/** The decisions as a file. */
function decisionsFile() {
  const rows = [...desk.rows.values()].sort((x, y) => (x.a + x.b < y.a + y.b ? -1 : 1));
  return csv([COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))]);
}

/** Writes a change down where it is kept. */
async function remember() {
  counted();
  try {
    if (!desk.token) localStorage.setItem(shelf(), decisionsFile());
  } catch {
    desk.state = FORGETFUL;
  }
  if (desk.token) await send();
  tellState();
}

/** Sends all decisions to the folder, one sending at a time. */
async function send() {
  desk.dirty = true;
  if (desk.saving) return;
  desk.saving = true;
  while (desk.dirty) {
    desk.dirty = false;
    try {
      await sendOnce();
      desk.state = 'Saved to the folder.';
    } catch (error) {
      desk.state = `Not saved to the folder: ${error.message} Save decisions.csv instead.`;
    }
  }
  desk.saving = false;
}

/** Sends all decisions; where somebody else has saved others meanwhile, those are taken in first. */
async function sendOnce(again = true) {
  const answer = await fetch(`decisions?token=${encodeURIComponent(desk.token)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv; charset=utf-8', ...(desk.tag ? { 'If-Match': desk.tag } : {}) },
    body: decisionsFile(),
  });
  if (answer.status === 412 && again) {
    const ours = [...desk.rows.values()];
    await recallFolder();
    for (const row of ours) {
      const theirs = desk.rows.get(subject(row.a, row.b));
      if (!theirs || theirs.decided_at <= row.decided_at) keep(row);
    }
    await sendOnce(false);
    return;
  }
  if (!answer.ok) throw new Error((await answer.text()).trim().slice(0, 200) || `the server answers ${answer.status}.`);
  desk.tag = answer.headers.get('ETag') ?? '';
}

function counted() {
  const label = byId('decided');
  if (label) label.textContent = desk.rows.size ? number(desk.rows.size) : '';
}

function tellState() {
  for (const node of document.querySelectorAll('.kept')) node.textContent = desk.state;
  say(desk.state);
}

/** A decision about two articles; an empty one is taken back. */
function decide(one, other, changes) {
  const { articles } = data.index;
  const [a, b] = articles.id[one] < articles.id[other] ? [one, other] : [other, one];
  const before = decisionOn(a, b) ?? { decision: 'note', note: '' };
  keep({
    ...before,
    ...changes,
    a: articles.id[a],
    b: articles.id[b],
    a_text: articles.key[a],
    b_text: articles.key[b],
    source: '',
    decided_at: now(),
  });
  return remember();
}

/** A decision about a story: which article is its source, or a note. */
function decideStory(story, source, words) {
  const { articles } = data.index;
  keep({
    decision: source < 0 ? 'note' : 'right_source',
    a: articles.id[story.head],
    b: '',
    a_text: articles.key[story.head],
    b_text: source < 0 ? '' : articles.key[source],
    source: source < 0 ? '' : articles.id[source],
    note: words,
    decided_at: now(),
  });
  return remember();
}

function now() {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

function decisionOn(one, other) {
  const { articles } = data.index;
  const [a, b] = [articles.id[one], articles.id[other]];
  return desk.rows.get(subject(a, b)) ?? desk.rows.get(subject(b, a));
}

function decisionOnStory(story) {
  return desk.rows.get(subject(data.index.articles.id[story.head], ''));
}

/** What was decided about a pair, in a word, for lists; empty for nothing. */
function decisionWord(at) {
  const { pairs } = data.index;
  return DECIDED[decisionOn(pairs.a[at], pairs.b[at])?.decision] ?? decidedWords(pairs.decided[at]);
}

/** Decisions that a run has applied, in words. */
function decidedWords(kinds) {
  return kinds
    .split('+')
    .filter(Boolean)
    .map((kind) => DECIDED[kind] ?? kind)
    .join(', ');
}
