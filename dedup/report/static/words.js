// Figures, dates and delays as an editor reads them.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function number(value) {
  return value.toLocaleString('en-US');
}

function plural(count, one, many) {
  return `${number(count)} ${count === 1 ? one : (many ?? `${one}s`)}`;
}

/** A share in per cent that never rounds up to everything or down to nothing. */
function percent(share) {
  if (share > 0.99 && share < 1) return 'over 99%';
  if (share > 0 && share < 0.01) return 'under 1%';
  return `${Math.round(share * 100)}%`;
}

function sure(confidence) {
  const steps = [
    [0.95, 'almost certain'],
    [0.8, 'very likely'],
    [0.6, 'likely'],
    [0.4, 'possible'],
  ];
  return (steps.find(([bar]) => confidence >= bar) ?? [0, 'doubtful'])[1];
}

function capital(words) {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** "a", "a and b", "a, b and c", "a, b, c and 4 more", as nodes: each name runs in its own direction. */
function listed(names, most) {
  const shown = names.slice(0, most).map((name) => bdi(name));
  const rest = names.length - shown.length;
  if (rest) shown.push(`${number(rest)} more`);
  return shown.flatMap((name, at) => [at && (at === shown.length - 1 ? ' and ' : ', '), name].filter(Boolean));
}

const STAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?/;

/** A date as `{time, day}`: milliseconds since 1970, and whether only the day is known; null for none. */
function moment(published) {
  const found = STAMP.exec(published);
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const zone = found[7] && found[7] !== 'Z' ? found[7].replace(':', '') : '+0000';
  const shift = (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * HOUR + Number(zone.slice(3, 5)) * MINUTE);
  return { time: Date.UTC(year, month - 1, day, hour, minute, second) - shift, day: found[4] === undefined };
}

/** A date for readers, with the zone it was given in; as it stands when it is none. */
function when(published) {
  const found = STAMP.exec(published);
  if (!found) return published || 'date unknown';
  const day = `${Number(found[3])} ${MONTHS[Number(found[2]) - 1]} ${found[1]}`;
  if (found[4] === undefined) return day;
  const zone = { undefined: '', Z: ' UTC', '+00:00': ' UTC' }[found[7]] ?? ` ${found[7]}`;
  return `${day}, ${found[4]}:${found[5]}${zone}`;
}

/** The day of a date for lists, without its time. */
function day(published) {
  const found = STAMP.exec(published);
  return found ? `${Number(found[3])} ${MONTHS[Number(found[2]) - 1]} ${found[1]}` : '';
}

/** How long after the first moment the second one is, in words; in days where no more is known. */
function delay(first, then) {
  const gap = then.time - first.time;
  if (first.day || then.day) {
    const days = Math.floor(then.time / DAY) - Math.floor(first.time / DAY);
    return days ? `${plural(days, 'day')} later` : 'same day';
  }
  if (gap < MINUTE) return 'at the same time';
  if (gap < HOUR) return `${plural(Math.round(gap / MINUTE), 'minute')} later`;
  if (gap < 48 * HOUR) {
    const [hours, minutes] = [Math.floor(gap / HOUR), Math.round((gap % HOUR) / MINUTE)];
    return `${hours} h${minutes ? ` ${minutes} min` : ''} later`;
  }
  return `${plural(Math.round(gap / DAY), 'day')} later`;
}
