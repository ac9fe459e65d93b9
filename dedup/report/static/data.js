// The data of the page. The index is opened at the start; texts and evidence lie in blocks, opened when looked at.

const BLOCKS_KEPT = 24;
const data = { index: null, blocks: new Map(), pairOf: new Map(), storyOf: [] };

async function opened(name) {
  const letters = byId(`data-${name}`)?.textContent;
  if (!letters) throw new Error(`the block ${name} of this page is missing; the file may have been cut short`);
  const bytes = Uint8Array.from(atob(letters.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

/** A block, from those opened last where it is among them. */
function block(name) {
  const known = data.blocks.get(name) ?? opened(name);
  data.blocks.delete(name);
  data.blocks.set(name, known);
  if (data.blocks.size > BLOCKS_KEPT) data.blocks.delete(data.blocks.keys().next().value);
  return known;
}

async function load() {
  data.index = await opened('index');
  const { pairs, stories, articles } = data.index;
  pairs.a.forEach((a, pair) => data.pairOf.set(`${a},${pairs.b[pair]}`, pair));
  data.storyOf = new Int32Array(articles.id.length).fill(-1);
  stories.forEach((story, at) => {
    story.at = at;
    story.pairs = [];
    for (const member of story.members) data.storyOf[member[0]] = at;
  });
  pairs.story.forEach((story, pair) => {
    if (story >= 0) stories[story].pairs.push(pair);
  });
}

/** What is known of an article without its text. */
function article(at) {
  const { articles, outlets } = data.index;
  return {
    at,
    id: articles.id[at],
    title: articles.title[at],
    outlet: outlets.name[articles.outlet[at]],
    outletAt: articles.outlet[at],
    date: articles.date[at],
    agency: articles.agency[at],
    credit: articles.credit[at],
    url: articles.url[at],
    lang: articles.lang[at],
    key: articles.key[at],
    words: articles.words[at],
  };
}

/** The body of an article with its furniture and its quotations, or null where the page has no room for it. */
async function text(at) {
  const { shown, per_block } = data.index.texts;
  if (at >= shown) return null;
  const [body, furniture, quotations] = (await block(`texts-${Math.floor(at / per_block)}`))[at % per_block];
  const unit = units(body);
  const kinds = furniture.filter((_, place) => place % 3 === 2);
  const ends = furniture.filter((_, place) => place % 3 !== 2).map(unit);
  return {
    body,
    unit,
    furniture: kinds.map((kind, place) => ({ start: ends[2 * place], end: ends[2 * place + 1], kind })),
    quotations: pairwise(quotations.map(unit)),
  };
}

function pairwise(ends) {
  return ends.flatMap((start, place) => (place % 2 ? [] : [{ start, end: ends[place + 1] }]));
}

/** From places in characters, as the data has them, to places in a string, where rare characters take two. */
function units(body) {
  if (!/[\ud800-\udbff]/.test(body)) return (place) => place;
  const starts = [];
  for (let at = 0; at < body.length; at += body.codePointAt(at) > 0xffff ? 2 : 1) starts.push(at);
  starts.push(body.length);
  return (place) => starts[Math.min(place, starts.length - 1)];
}

/** What a list needs of a pair. */
function pair(at) {
  const { pairs, grades, relations } = data.index;
  const [grade, verdict] = grades[pairs.grade[at]];
  return {
    at,
    a: pairs.a[at],
    b: pairs.b[at],
    story: pairs.story[at],
    grade,
    verdict:
      { revision: `revision by the same outlet: ${verdict}`, reuse: `${verdict}, within one outlet` }[
        relations[pairs.relation[at]]
      ] ?? verdict,
    rank: pairs.grade[at],
    relation: relations[pairs.relation[at]] ?? '',
    confidence: pairs.confidence[at],
    source: [pairs.a[at], pairs.b[at]][pairs.source[at]] ?? -1,
    origin: ['', '', 'common source unseen', 'cannot tell'][pairs.source[at]],
    chance: pairs.chance[at],
    similarity: pairs.similarity[at],
    partA: pairs.part_a[at],
    partB: pairs.part_b[at],
    jaccard: pairs.jaccard[at],
    words: pairs.words[at],
    run: pairs.run[at],
    quotes: pairs.quotes[at],
  };
}

/** The number of the pair of two articles, in whatever order, or -1. */
function pairBetween(one, other) {
  return data.pairOf.get(`${one},${other}`) ?? data.pairOf.get(`${other},${one}`) ?? -1;
}

/** What is told of a pair when it is looked at: why its source is likely, its measures in words, its passages. */
async function evidence(at) {
  const { per_block } = data.index;
  const [reason, measures, flat] = (await block(`pairs-${Math.floor(at / per_block)}`))[at % per_block];
  const passages = [];
  for (let place = 0; place < flat.length; place += 6) {
    const [aStart, aEnd, bStart, bEnd, words, quote] = flat.slice(place, place + 6);
    passages.push({ a: [aStart, aEnd], b: [bStart, bEnd], words, quote: quote === 1 });
  }
  return { reason, measures, passages };
}

/** The share of one article's words that stand in passages shared with the other one; null where none was measured. */
function share(of, beside) {
  if (of === beside) return 1;
  const at = pairBetween(of, beside);
  if (at < 0) return null;
  const { pairs } = data.index;
  if (data.index.grades[pairs.grade[at]][0] === 'exact') return 1;
  return pairs.a[at] === of ? pairs.part_a[at] : pairs.part_b[at];
}
