// The night as one chart: what was planned, what was sent, what came back good.

function timelineChart() {
  const s = () => night.series();
  return new Chart({
    title: 'Requests a second', height: 270, lanes: true, bad: true, unit: perSecond, least: 1,
    note: () => 'of ' + night.who(),
    about: () => `${count(s()?.all?.offered)} requests of ${night.who()} over ${moment(night.span()[1])}; ${share(s()?.all?.good, s()?.all?.offered)} were good. ${happened()}`,
    lines: () => [
      ...(night.everybody() ? [{name: 'planned', colour: '--c-plan', dash: [5, 4], width: 1.5, values: () => padded(night.view.wanted)}] : []),
      ...baseLine('base good', '--c-good', b => rates(b.good)),
      {name: 'sent', colour: '--c-offered', width: 1.25, values: () => rates(s().offered)},
      {name: 'good', colour: '--c-good', fill: 0.16, width: 2, values: () => rates(s().good)},
      {name: 'failed', colour: '--c-failed', width: 1.75, values: () => rates(s().failed)},
      ...(s().all?.held ? [{name: 'kept back', colour: '--c-held', dash: [2, 3], values: () => rates(s().held)}] : []),
    ],
    below: el('div', null),
    table: {
      columns: ['from', 'phase', 'planned/s', 'sent/s', 'good/s', 'failed/s', 'tries/s', 'kept back/s', 'in force'].map((name, i) => ({name, right: i !== 1 && i !== 8})),
      rows: () => coarse().map(([from, to]) => [
        moment(from * night.view.step), phaseAt(from * night.view.step)?.name ?? '',
        night.everybody() ? perSecond(mean(night.view.wanted, from, to)) : NONE,
        ...['offered', 'good', 'failed', 'attempts', 'held'].map(name => perSecond(mean(rates(s()[name]), from, to))),
        bandsAt(from * night.view.step, to * night.view.step).map(b => b.name || b.kind).join(', '),
      ]),
    },
  });
}

function perSecond(n) { return n == null ? NONE : n >= 100 ? count(n) : digits(n); }

/** Phases, faults and spikes in a sentence, for those who do not see the lanes. */
function happened() {
  const v = night.view;
  const bands = v.bands.map(b => `${BANDS[b.kind]?.word ?? b.kind} ${b.name ?? ''} from ${moment(b.from)}${b.to == null ? '' : ' to ' + moment(b.to)}`);
  return [v.phases.length ? `Phases: ${v.phases.slice(0, 20).map(p => `${p.name} from ${moment(p.begin)}`).join(', ')}.` : '', bands.length ? bands.slice(0, 20).join('; ') + '.' : ''].join(' ');
}

/** What the bars above the chart mean, and what happened as a table. */
function timelineBelow() {
  const v = night.view, kinds = new Set(v.bands.map(b => b.kind));
  const block = kind => { const b = el('span', 'block'); b.style.background = colour(BANDS[kind].colour); return b; };
  const explained = [];
  for (const kind of Object.keys(BANDS)) if (kinds.has(kind)) explained.push(el('li', 'item', block(kind), BANDS[kind].word));
  if (v.bands.some(b => b.seen != null)) explained.push(el('li', 'item', '● seen to bite'));
  if (v.bands.some(b => b.clear != null)) explained.push(el('li', 'item', '○ seen to be over'));
  if (v.bands.some(b => b.back != null)) explained.push(el('li', 'item', '┄ until goodput was back'));
  if (night.x.some((_, bin) => isBad(bin))) explained.push(el('li', 'item', badBlock(), 'a bad second: click it for its causes'));
  return [
    explained.length > 0 && el('ul', 'steps', explained),
    v.marks.length > 0 && el('details', null, el('summary', null, `What happened, in ${counted(v.marks.length, 'line')}`),
      table('What happened', [{name: 'At', right: true}, {name: 'What'}, {name: 'Words', wide: true}],
        v.marks.map(m => [moment(m.at), [m.kind.replaceAll('-', ' '), m.fault].filter(Boolean).join(' '), m.text ?? '']))),
  ];
}

function badBlock() { const b = el('span', 'block'); b.style.background = colour('--c-failed'); return b; }

/** At most 120 stretches of bins, so that a table stays readable. */
function coarse() {
  const bins = night.x.length, wide = Math.max(1, Math.ceil(bins / 120)), found = [];
  for (let from = 0; from < bins; from += wide) found.push([from, Math.min(bins, from + wide)]);
  return found;
}

function mean(values, from, to) {
  const known = values.slice(from, to).filter(v => v != null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

/** The greatest of a stretch. */
function greatest(values, from, to) {
  const known = values.slice(from, to).filter(v => v != null);
  return known.length ? Math.max(...known) : null;
}

/** A column as long as all others. */
function padded(values) { return night.x.map((_, bin) => values[bin] ?? null); }
