// Where the reader is. The address says it all, so that every view can be linked, mailed and come back to.

const VIEWS = ['overview', 'stories', 'pairs', 'outlets', 'events', 'decisions', 'run'];

/** The view that an address names: `{view, at, query}`; null for an address of nothing. */
function place(hash) {
  const [name, query] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const found = { query: new URLSearchParams(query ?? ''), at: -1, hash };
  if (name === '') return { ...found, view: 'overview' };
  if (name === 'skipped') return { ...found, view: 'run' };
  if (VIEWS.includes(name)) return { ...found, view: name };
  if (name.startsWith('cluster-')) return { ...found, view: 'cluster', at: storyNamed(plain(name.slice(8))) };
  if (name.startsWith('pair-')) return { ...found, view: 'pair', at: pairNamed(name.slice(5)) };
  return null;
}

function plain(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function storyNamed(id) {
  return data.index.stories.findIndex((story) => story.id === id);
}

/** The pair of an address `A|B`, encoded as one, in whatever order. */
function pairNamed(name) {
  const { articles, pairs } = data.index;
  const wanted = plain(name);
  return pairs.a.findIndex((a, pair) => {
    const [low, high] = [articles.id[a], articles.id[pairs.b[pair]]];
    return wanted === `${low}|${high}` || wanted === `${high}|${low}`;
  });
}

function storyAddress(story) {
  return `#cluster-${encodeURIComponent(story.id)}`;
}

function pairAddress(at) {
  const { articles, pairs } = data.index;
  return `#pair-${encodeURIComponent(`${articles.id[pairs.a[at]]}|${articles.id[pairs.b[at]]}`)}`;
}

/** A list's address with what is not at its default. */
function listAddress(view, filters) {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  return `#${view}${String(query) ? `?${query}` : ''}`;
}

/** Writes an address without leaving the view. */
function note(address) {
  history.replaceState(history.state, '', address);
  remembered.list = address;
  shownAt = location.hash;
}

/** The list that was looked at last, for the way back, and the pairs of it, for the way on. */
const remembered = { list: '#stories', pairs: [] };
