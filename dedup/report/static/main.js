// The beginning: opens the index, then shows what the address names, now and whenever it changes.

const STATIC = ['overview', 'run'];
const scrolls = new Map();
let shownAt = null;
let walked = false;

function trouble(sentence) {
  const node = byId('trouble');
  node.textContent = sentence;
  node.hidden = !sentence;
}

/** What a view shows, as nodes. */
function contents({ view, at, query }) {
  switch (view) {
    case 'stories':
    case 'pairs':
      return listView(view, query);
    case 'cluster':
      return at >= 0 ? clusterView(at) : missing('story');
    case 'pair':
      return at >= 0 ? pairView(at) : missing('pair');
    case 'outlets':
      return outletsView();
    case 'events':
      return eventsView(query);
    default:
      return decisionsView();
  }
}

function missing(what) {
  return [
    el('h1', { class: 'title', tabindex: -1 }, `No such ${what}`),
    el('p', { class: 'lead' }, `This report holds no ${what} of that address. It may be of another run.`),
    el('p', {}, el('a', { href: '#overview' }, 'To the overview')),
  ];
}

/** Shows the view that the address names. */
async function show() {
  const { hash } = location;
  const there = place(location.hash) ?? (shownAt === null ? place('') : null);
  if (!there) return;
  trouble('');
  pairKeys.next = pairKeys.previous = null;
  const fixed = STATIC.includes(there.view);
  const nodes = fixed ? [] : (await contents(there)).flat().filter(Boolean);
  if (hash !== location.hash) return;
  byId('view').replaceChildren(...nodes);
  byId('view').hidden = fixed;
  byId('view').className = there.view;
  for (const name of STATIC) byId(name).hidden = there.view !== name;
  mark(there.view);
  const title = (fixed ? byId(there.view) : byId('view')).querySelector('h1');
  document.title = there.view === 'overview' ? title.textContent : `${title.textContent} – dedup`;
}

/** Marks where the reader is in the navigation. */
function mark(view) {
  const name = { cluster: 'stories', pair: 'pairs' }[view] ?? view;
  for (const way of byId('nav').querySelectorAll('a')) {
    if (way.hash.slice(1) === name) way.setAttribute('aria-current', 'page');
    else way.removeAttribute('aria-current');
  }
}

/** After a step to another address: up to its beginning, or down to where the reader left it. */
async function step() {
  if (!place(location.hash)) return;
  scrolls.set(shownAt, scrollY);
  await shown();
  const back = walked ? 0 : (scrolls.get(location.hash) ?? 0);
  walked = false;
  scrollTo(0, back);
  const title = (
    byId('view').hidden ? [...document.querySelectorAll('main > div')].find((part) => !part.hidden) : byId('view')
  )?.querySelector('h1');
  title?.focus({ preventScroll: true });
}

async function shown() {
  try {
    await show();
  } catch (error) {
    trouble(`This part of the report cannot be shown: ${error.message}.`);
  }
  shownAt = location.hash;
  document.documentElement.dataset.shown = shownAt;
}

function keyed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select')) return;
  const task = { n: pairKeys.next, p: pairKeys.previous, '/': byId('search') && (() => byId('search').focus()) }[
    event.key
  ];
  if (!task) return;
  event.preventDefault();
  task();
}

async function start() {
  if (!globalThis.DecompressionStream)
    throw new Error('this browser is too old to open the data of the page; one of 2023 or later will do');
  await load();
  await recall();
  history.scrollRestoration = 'manual';
  byId('nav').hidden = false;
  for (const node of document.querySelectorAll('[data-script]')) node.hidden = false;
  addEventListener('hashchange', step);
  addEventListener('keydown', keyed);
  addEventListener('click', (event) => {
    walked ||= Boolean(event.target.closest?.('a[href^="#"]'));
  });
  let width = innerWidth;
  addEventListener(
    'resize',
    later(() => {
      if (innerWidth !== width && ['cluster', 'outlets'].includes(place(location.hash)?.view)) shown();
      width = innerWidth;
    }),
  );
  await shown();
  scrollTo(0, 0);
  document.documentElement.dataset.ready = 'yes';
}

start().catch((error) => trouble(`The report cannot be opened: ${error.message}.`));
