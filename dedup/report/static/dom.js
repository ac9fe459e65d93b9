// Elements. Whatever comes from an article reaches the page as the text of a node, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes and children; a function among the attributes is a listener, null is left out. */
function el(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for a drawing. */
function draw(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

/** Text of an article: isolated from the direction of what stands around it. */
function bdi(text, attributes) {
  return el('bdi', attributes, text);
}

/** Whether an address may become a link: a plain web address and nothing else. */
function isWeb(address) {
  if (!/^https?:\/\//i.test(address)) return false;
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

function outward(address, ...children) {
  return el('a', { href: address, rel: 'noopener noreferrer nofollow', target: '_blank' }, ...children);
}

function button(label, pressed, attributes) {
  return el('button', { type: 'button', click: pressed, ...attributes }, label);
}

/** Says something to those who listen to the page instead of looking at it. */
function say(sentence) {
  byId('said').textContent = sentence;
}

/** An input with its label. */
function field(label, input) {
  return el('label', { class: 'field' }, el('span', {}, label), input);
}

function choice(options, chosen, changed, attributes) {
  return el(
    'select',
    { change: (event) => changed(event.target.value), ...attributes },
    options.map(([value, label]) => el('option', { value, selected: value === chosen }, label)),
  );
}
