// What became of the service since another run, the base: a row for each measure,
// with its change drawn against the smallest change that matters.

const CHANGES = {
  'worse': ['✕', 'Worse', 'bad'], 'cannot be told': ['?', 'Cannot be told', 'doubt'],
  'better': ['✓', 'Better', 'good'], 'same': ['✓', 'Same', 'good'],
};
const REACH = 5; // a bar shows so many times what matters, to either side

function compared() {
  const c = night.view.comparison;
  if (!c) return [];
  const rows = c.rows ?? [];
  const open = rows.filter(r => r.main || r.needed || r.verdict === 'worse' || r.verdict === 'better');
  const rest = rows.filter(r => !open.includes(r)), untold = rest.filter(r => r.verdict !== 'same'), same = rest.filter(r => r.verdict === 'same');
  const of = verdict => rows.filter(r => r.verdict === verdict).length;
  return [
    !c.first && el('p', 'told', changePill(c.word), ' ', c.why),
    rows.length > 0 && el('p', 'lead', `Of ${counted(rows.length, 'comparison')}, ${count(of('worse'))} got worse, ${count(of('cannot be told'))} cannot be told, ${count(of('better'))} got better, ${count(of('same'))} are the same.`
      + (c.more ? ` ${counted(c.more, 'more comparison')} of them can be had with --format json.` : '')),
    factList([['base', c.base], ['head', c.head], ['matters', c.matters], ...(c.differs ?? []).map(d => ['apart', d]), ...(c.notes ?? []).map(n => ['not the same', n])]),
    open.length > 0 && changeTable('What changed', open),
    open.some(r => r.by != null) && barLegend(),
    untold.length > 0 && el('details', null, el('summary', null, `${count(untold.length)} more cannot be told, and are not needed`), changeTable('What cannot be told and is not needed', untold)),
    same.length > 0 && el('details', null, el('summary', null, `${count(same.length)} more are the same`), changeTable('What is the same', same)),
  ];
}

function changeTable(caption, rows) {
  const why = r => r.likely && r.verdict !== 'cannot be told' ? '' : r.why; // the rest is in the figures
  const reasons = rows.some(why);
  const columns = [{name: 'Verdict'}, {name: 'Whose'}, {name: 'Measure'}, {name: 'Base', right: true}, {name: 'Head', right: true}, {name: 'Change', right: true}, {name: 'Likely'},
    ...(reasons ? [{name: 'Why'}] : [])];
  return table(caption, columns, rows.map(r => [
    changePill(r.verdict), el('span', 'whose', r.of), r.measure, r.base, r.head, r.change,
    r.by == null ? NONE : el('span', 'likely', bar(r), el('span', null, r.likely)), ...(reasons ? [why(r)] : []),
  ]), true);
}

function changePill(word) {
  const [mark, , kind] = CHANGES[word] ?? CHANGES['cannot be told'];
  return pillOf(kind, mark, word);
}

/** What is drawn in a bar, in words. */
function barLegend() {
  return el('ul', 'steps', el('li', 'item', bar({by: 1.8, low: 0.6, high: 3}), 'the change, and where it lies in 19 of 20 cases; to the right is worse'),
    el('li', 'item', el('span', 'block tolerance'), 'within it, a difference does not matter'));
}

/** A change between its bounds, around zero, over the band that does not matter. */
function bar(r) {
  const wide = 150, high = 18, middle = wide / 2, unit = middle / (REACH + 0.5);
  const x = v => middle + Math.max(-REACH, Math.min(REACH, v)) * unit;
  const kind = r.by > 0 ? 'up' : 'down', low = x(r.low), top = x(r.high);
  return drawn('svg', {class: 'interval', viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, 'aria-hidden': 'true', focusable: 'false'},
    drawn('rect', {class: 'band', x: x(-1), y: 0, width: x(1) - x(-1), height: high}),
    drawn('line', {class: 'zero', x1: middle, x2: middle, y1: 0, y2: high}),
    drawn('line', {class: kind, x1: low, x2: Math.max(top, low + 1), y1: high / 2, y2: high / 2}),
    r.low < -REACH ? beyond(-1) : end(low), r.high > REACH ? beyond(1) : end(top),
    drawn('circle', {class: kind, cx: x(r.by), cy: high / 2, r: 3.5}));

  function end(at) { return drawn('line', {class: kind, x1: at, x2: at, y1: high / 2 - 4, y2: high / 2 + 4}); }
  function beyond(way) {
    const tip = way < 0 ? 1 : wide - 1, back = tip - way * 6, mid = high / 2;
    return drawn('path', {class: kind + ' tip', d: `M${x(way * REACH)} ${mid}L${back} ${mid}M${back} ${mid - 4}L${tip} ${mid}L${back} ${mid + 4}Z`});
  }
}

/** An element of a drawing. */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A column of the base, behind that of everybody; nothing behind what others asked for. */
function baseLine(name, colour, values) {
  return night.view.base && night.everybody() ? [{name, colour, width: 1, dash: [2, 2], values: () => padded(values(night.view.base))}] : [];
}
