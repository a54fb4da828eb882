// How numbers, spans and moments are written: three digits, a unit, nothing more.

const NONE = '–';

/** A span of seconds to three digits: 94µs, 1.53ms, 2.4s, 3m12s. */
function span(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return NONE;
  const size = Math.abs(seconds);
  if (size === 0) return '0s';
  if (size < 0.9995e-3) return digits(seconds * 1e6) + 'µs';
  if (size < 0.9995) return digits(seconds * 1e3) + 'ms';
  if (size < 60) return digits(seconds) + 's';
  return moment(seconds);
}

/** A number to three digits, or to the last whole one if it has more. */
function digits(value) {
  if (value == null || !Number.isFinite(value)) return NONE;
  if (Math.abs(value) >= 99.95) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** A whole number with its thousands apart. */
function count(value) {
  return value == null ? NONE : Math.round(value).toLocaleString('en-US');
}

/** A part of all in percent, and never as 100% or 0% what is not. */
function share(part, all) {
  if (!all) return NONE;
  if (part === all) return '100%';
  if (part === 0) return '0%';
  const text = (part / all * 100).toFixed(2);
  if (text === '100.00') return '>99.99%';
  if (text === '0.00') return '<0.01%';
  return text + '%';
}

/** A moment of the night as minutes and seconds: 2:07, 1:02:07. */
function moment(seconds) {
  const whole = Math.floor(Math.abs(seconds) + 1e-9);
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = whole % 60;
  const two = n => String(n).padStart(2, '0');
  return (seconds < 0 ? '−' : '') + (h ? h + ':' + two(m) : m) + ':' + two(s);
}

/** The moment on the clock, in UTC: 23:31:07. Empty without a beginning. */
function clock(began, seconds) {
  const at = new Date(Date.parse(began) + seconds * 1000);
  return Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1971 ? '' : at.toISOString().slice(11, 19);
}

/** How many of something there are: 1 request, 2 requests. */
function counted(n, what) {
  return n === 1 ? '1 ' + what : count(n) + ' ' + what + 's';
}
