// What leaves the page: tables that are safe to open in a spreadsheet, and drawings as files.

const FORMULA = /^'*\s*[=+\-@＝＋－＠]/;
const CELL_LIMIT = 32000;

/** A value as it is written to a CSV file: one line, fractions with four digits, and never a formula. */
function cell(value) {
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : value.toFixed(4).replace(/^-0\.0000$/, '0.0000');
  const line = String(value ?? '')
    .replace(/[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+/g, ' ')
    .replace(/[\x00-\x08\x0e-\x1b\x7f]+/g, '');
  const cut = line.length > CELL_LIMIT ? `${line.slice(0, CELL_LIMIT)}…` : line;
  return FORMULA.test(cut) ? `'${cut}` : cut;
}

function quoted(value) {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Rows as a CSV file, with the mark by which spreadsheets know UTF-8. */
function csv(rows) {
  return `\ufeff${rows.map((row) => `${row.map((value) => quoted(cell(value))).join(',')}\r\n`).join('')}`;
}

/** The rows of a CSV file. */
function parsed(file) {
  const rows = [];
  let row = [];
  let value = '';
  let inside = false;
  const close = (line) => {
    row.push(value);
    value = '';
    if (line) {
      rows.push(row);
      row = [];
    }
  };
  const letters = file.replace(/^\ufeff/, '').replace(/\r\n/g, '\n');
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at];
    if (letter === '"' && inside && letters[at + 1] === '"') value += letters[(at += 1)];
    else if (letter === '"') inside = !inside;
    else if (inside || (letter !== ',' && letter !== '\n')) value += letter;
    else close(letter === '\n');
  }
  if (value || row.length) close(true);
  return rows;
}

/** The text of a cell that `cell` may have made harmless. */
function uncelled(value) {
  return value.startsWith("'") && FORMULA.test(value) ? value.slice(1) : value;
}

function save(name, kind, content) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: kind }));
  const way = el('a', { href: address, download: name });
  document.body.append(way);
  way.click();
  way.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  say(`Saved ${name}.`);
}

/** A name for a file, of letters and digits only. */
function fileName(words, ending) {
  const name = words
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${name || 'dedup'}.${ending}`;
}

const DRAWN = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'opacity'];
const LETTERED = ['font-family', 'font-size', 'font-weight', 'font-style', 'text-anchor', 'letter-spacing'];

/** A drawing that stands alone: its colours and letters in itself, on the paper of the page. */
function standalone(figure) {
  const copy = figure.cloneNode(true);
  const there = copy.querySelectorAll('*');
  figure.querySelectorAll('*').forEach((node, at) => {
    const style = getComputedStyle(node);
    for (const name of [...DRAWN, ...(node.localName === 'text' || node.localName === 'tspan' ? LETTERED : [])]) {
      there[at].setAttribute(name, style.getPropertyValue(name));
    }
    there[at].removeAttribute('class');
    there[at].removeAttribute('tabindex');
  });
  copy.querySelectorAll('a').forEach((way) => way.replaceWith(...way.childNodes));
  const { x, y, width, height } = figure.viewBox.baseVal;
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  copy.removeAttribute('class');
  copy.prepend(draw('rect', { x, y, width, height, fill: getComputedStyle(document.body).backgroundColor }));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** A drawing as a picture, two dots to a point. */
async function pictured(figure) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(figure))}`;
  await image.decode();
  const canvas = el('canvas', { width: 2 * figure.viewBox.baseVal.width, height: 2 * figure.viewBox.baseVal.height });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/png'));
}

/** A drawing with its title, a sentence on how to read it, and the way to take it along. */
function figure(title, remark, drawing, name) {
  return el(
    'figure',
    { class: 'drawing' },
    title && el('h2', {}, title),
    remark && el('p', { class: 'lead' }, remark),
    el('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': title }, drawing),
    el(
      'p',
      { class: 'tools' },
      button('Save as SVG', () => save(fileName(name, 'svg'), 'image/svg+xml', standalone(drawing))),
      button('Save as PNG', async () => save(fileName(name, 'png'), 'image/png', await pictured(drawing))),
    ),
  );
}
