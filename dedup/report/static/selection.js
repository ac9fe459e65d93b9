// Which stories and pairs fit what a reader looks for, and in which order.

const FILTERS = ['q', 'outlet', 'grade', 'agency', 'from', 'to', 'where', 'decided', 'sort', 'page'];

function filtersOf(query) {
  return Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
}

/** A question whether an article fits the filters that speak of articles; null where none does. */
function articleFilter(filters) {
  const { articles, outlets } = data.index;
  const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean);
  const outlet = filters.outlet ? outlets.name.indexOf(filters.outlet) : -2;
  const [from, to] = [filters.from, filters.to];
  if (!words.length && outlet === -2 && !filters.agency && !from && !to) return null;
  return (at) => {
    if (outlet !== -2 && articles.outlet[at] !== outlet) return false;
    if (filters.agency && articles.agency[at] !== filters.agency) return false;
    const date = articles.date[at].slice(0, 10);
    if ((from && date < from) || (to && (!date || date > to))) return false;
    if (!words.length) return true;
    const name = `${articles.title[at]} ${articles.id[at]}`.toLowerCase();
    return words.every((word) => name.includes(word));
  };
}

function gradeAt(name) {
  return data.index.grades.findIndex(([grade]) => grade === name);
}

/** The numbers of the stories that fit, sorted. */
function chosenStories(filters) {
  const { stories, pairs } = data.index;
  const fits = articleFilter(filters);
  const grade = filters.grade ? gradeAt(filters.grade) : -1;
  const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean);
  const titled = (story) => words.length && words.every((word) => story.title.toLowerCase().includes(word));
  const plainFit = articleFilter({ ...filters, q: '' });
  const chosen = stories.filter((story) => {
    if (grade >= 0 && !story.pairs.some((at) => pairs.grade[at] === grade)) return false;
    if (filters.decided && Boolean(storyDecided(story)) !== (filters.decided === 'yes')) return false;
    if (!fits) return true;
    if (story.members.some(([at]) => fits(at))) return true;
    return titled(story) && (!plainFit || story.members.some(([at]) => plainFit(at)));
  });
  return sorted(chosen, STORY_ORDERS[filters.sort] ?? STORY_ORDERS['']);
}

function storyDecided(story) {
  return decisionOnStory(story) || story.pairs.some(decisionWord);
}

/** The numbers of the pairs that fit, sorted. */
function chosenPairs(filters) {
  const { pairs } = data.index;
  const fits = articleFilter(filters);
  const grade = filters.grade ? gradeAt(filters.grade) : -1;
  const chosen = [];
  pairs.a.forEach((a, at) => {
    if (grade >= 0 && pairs.grade[at] !== grade) return;
    if (filters.where && pairs.story[at] >= 0 !== (filters.where === 'inside')) return;
    if (filters.decided && Boolean(decisionWord(at)) !== (filters.decided === 'yes')) return;
    if (fits && !fits(a) && !fits(pairs.b[at])) return;
    chosen.push(at);
  });
  return sorted(chosen, PAIR_ORDERS[filters.sort] ?? PAIR_ORDERS['']);
}

/** Items by what `order` makes of them, the way round that it says; items that it makes equal stay as they are. */
function sorted(items, order) {
  const keyed = items.map((item) => [order.key(item), item]);
  const way = order.falling ? -1 : 1;
  keyed.sort(([x], [y]) => (x < y ? -way : x > y ? way : 0));
  return keyed.map(([, item]) => item);
}

/** When an article was published, for sorting: the undated ones before all others. */
const publishedAt = (at) => moment(data.index.articles.date[at])?.time ?? -Infinity;
/** The first dated article of a story, or -1. */
const firstSeen = (story) =>
  sorted(story.members.map(([at]) => at).filter((at) => publishedAt(at) > -Infinity), { key: publishedAt })[0] ?? -1;
const outletsOf = (story) => new Set(story.members.map(([at]) => data.index.articles.outlet[at])).size;

const STORY_ORDERS = {
  '': { label: 'Articles', key: (story) => story.members.length, falling: true },
  title: { label: 'Story', key: (story) => story.title.toLowerCase() },
  outlets: { label: 'Outlets', key: outletsOf, falling: true },
  newest: { label: 'First seen', key: (story) => publishedAt(firstSeen(story)), falling: true },
  source: { label: 'Likely source', key: (story) => story.chance, falling: true },
  weakest: { label: 'Weakest link', key: (story) => story.strength },
};

const PAIR_ORDERS = {
  '': { label: 'Kind of copy', key: (at) => data.index.pairs.grade[at] - data.index.pairs.confidence[at] / 2 },
  least: { label: 'Sure', key: (at) => data.index.pairs.confidence[at] },
  words: { label: 'Shared words', key: (at) => data.index.pairs.words[at], falling: true },
  newest: { label: 'Published', key: latest, falling: true },
};

function latest(at) {
  const { pairs } = data.index;
  return Math.max(publishedAt(pairs.a[at]), publishedAt(pairs.b[at]));
}
