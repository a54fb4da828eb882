// What is told in words and tables: recovery, the witness, the generator, what ran.

/** A part of the text report by its title. */
function part(title) { return night.view.sections.find(s => s.title === title); }

/** Facts, table and legend of a part of the text report. */
function partInside(s, caption) {
  if (!s) return [];
  return [
    s.note && el('p', 'small', s.note),
    s.facts?.length > 0 && factList(s.facts),
    s.table?.rows?.length > 0 && groupedTable(s, caption ?? s.title),
    s.table?.more > 0 && el('p', 'small', `${count(s.table.more)} more rows are in the record.`),
    s.legend && el('p', 'legend-text', s.legend),
  ];
}

/** A table in which rows of the same first cell stand under it. */
function groupedTable(s, caption) {
  const {columns, rows, grouped} = s.table;
  if (!grouped) return table(caption, columns.map(c => ({name: c.name, right: c.right, wide: !c.right && columns.length < 4})), rows);
  const cells = columns.slice(1);
  const made = table(caption, cells.map(c => ({name: c.name, right: c.right})), rows.map(r => r.slice(1)));
  let last = null;
  [...made.querySelectorAll('tbody tr')].forEach((tr, i) => {
    if (rows[i][0] === last) return;
    last = rows[i][0];
    if (last) tr.before(el('tr', 'group', el('th', {colspan: cells.length, scope: 'rowgroup'}, last)));
  });
  return made;
}

function recoveries() {
  const v = night.view;
  return [
    el('p', 'lead', 'What became of the service after each spike and fault.'),
    ...v.recovery.map(r => el('article', 'recovery',
      el('h3', null, outcome(r.verdict), [r.kind, r.name].filter(Boolean).join(' '), el('small', 'soft', r.when)),
      el('p', 'lead', r.why),
      numbers(r.numbers ?? []))),
    v.judged && el('details', null, el('summary', null, 'How this is judged'), el('p', 'small', v.judged)),
  ];
}

/** The numbers that are known, each with what it is; the others by name, folded away. */
function numbers(all) {
  const known = all.filter(n => n.text !== NONE), unknown = all.filter(n => n.text === NONE);
  return [
    known.length > 0 && el('dl', 'numbers', known.map(n => el('div', null, el('dt', null, n.name), el('dd', null, el('b', null, n.text), n.explained)))),
    unknown.length > 0 && el('details', null, el('summary', null, known.length ? `${count(unknown.length)} more could not be told` : 'None of its numbers could be told'),
      factList(unknown.map(n => [n.name, n.explained]))),
  ];
}

/** The outcome of a recovery as a mark and a word. */
function outcome(word) {
  const good = ['recovered'], doubt = ['inconclusive', 'not-triggered', 'aborted', 'unclear', ''];
  const [mark, kind] = good.includes(word) ? ['✓', 'good'] : doubt.includes(word) ? ['?', 'doubt'] : ['✕', 'bad'];
  return el('span', 'pill ' + kind, el('span', {'aria-hidden': 'true'}, mark), ' ', word || 'unclear');
}

function witness() {
  const w = night.view.witness;
  if (w.absent) return [el('p', 'lead', 'Nobody watched: ' + w.absent)];
  const f = w.fresh ?? {};
  const told = w.lied > 0 ? [pillOf('bad', '✕', `${counted(w.lied, 'lie')}`), ' Acknowledged posts vanished, or came twice.']
    : w.posts > 0 ? [pillOf('good', '✓', 'no lie'), ' Every post that was acknowledged and looked for was there, once.'] : [pillOf('doubt', '?', 'nothing seen'), ' No post was acknowledged.'];
  const phases = (w.phases ?? []).map((p, i) => [night.view.phases[i]?.name ?? '', count(p.count), span(p.p50), span(p.p99), span(p.max)]);
  return [
    el('p', 'lead', 'A small client posts, and reads as a follower does, to check that the service tells the truth.'),
    el('p', 'told', told),
    factList([
      ['posts', `${count(w.posts)} acknowledged, ${count(w.seen)} of them seen by a follower` + (w.failed ? `; ${count(w.failed)} posts and reads were refused` : '')],
      ['fresh after', f.count ? `p50 ${span(f.p50)}, p99 ${span(f.p99)}, at most ${span(f.max)}` : NONE],
    ]),
    w.lies?.length > 0 && el('ul', 'lies', w.lies.map(text => el('li', null, text))),
    phases.length > 1 && table('Freshness by phase', ['Phase', 'Posts seen', 'p50', 'p99', 'Greatest'].map((name, i) => ({name, right: i > 0})), phases),
  ];
}

function pillOf(kind, mark, word) { return el('span', 'pill ' + kind, el('span', {'aria-hidden': 'true'}, mark), ' ', word); }

function generator() {
  const g = night.view.generator, all = night.view.series[0]?.all ?? {};
  const lag = g.lag ?? {};
  return [
    el('p', 'lead', 'What sent the load. If it did not keep up, nothing here says anything about the service.'),
    g.notes?.length > 0 && el('ul', 'warnings', g.notes.map(text => el('li', null, text))),
    factList([
      ['left late', `${count(g.late)} requests (${share(g.late, all.offered)}), over 10ms: the generator did not keep up`],
      ['had to wait', `${count(g.waited)} requests (${share(g.waited, all.offered)}), over 10ms: every place in flight was taken`],
      ['lag', lag.count ? `p50 ${span(lag.p50)}, p99 ${span(lag.p99)}, greatest ${span(lag.max)}` : NONE],
      ['in flight', `at most ${count(g.in_flight_peak)} at once`],
      ['CPU', `${span(g.cpu)}, ${percent(g.cpu_share)} of what there was` + (g.starved ? `; too little of it for ${span(g.starved)}` : '') + (g.steal_share ? `; the host took ${percent(g.steal_share)} away` : '')],
      ['garbage', `${counted(g.gc_count ?? 0, 'collection')}, still for ${span(g.gc_total)}, at most ${span(g.gc_max)} at once`],
      ['memory', g.memory_peak ? `at most ${count(g.memory_peak / 1e6)} MB` : NONE],
    ]),
  ];
}

function percent(part) { return part == null ? NONE : digits(part * 100) + '%'; }

function identity() {
  const v = night.view;
  const facts = [
    ['scenario', [v.name, v.source].filter(Boolean).join('; ')], ['target', v.target], ...v.identity, ['from', v.host],
    ['began', v.began?.replace('T', ' ').replace('Z', ' UTC')], ['ended', v.ended?.replace('T', ' ').replace('Z', ' UTC')], ['run', v.id],
    ['freeze', v.during_freeze ? 'in a freeze window: ' + v.during_freeze : v.live ? '' : 'not in a freeze window'],
  ].filter(([, value]) => value);
  return [factList(facts)];
}

function repeat() {
  const v = night.view;
  const code = el('code', null, v.command);
  const button = el('button', {type: 'button', id: 'copy'}, 'Copy');
  button.addEventListener('click', async () => {
    const done = await copied(v.command, code);
    button.textContent = done ? 'Copied' : 'Selected';
    say(done ? 'The command was copied.' : 'The command is selected.');
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  return [
    el('p', 'lead', 'The same requests are sent at the same moments, by the same seed.'),
    el('div', 'command', code, button),
    factList([['seed', v.seed], ['hash of the schedule', v.schedule ? el('code', null, v.schedule) : 'not in the record, so a repetition cannot be compared'], ['gameday', v.gameday]].filter(([, value]) => value)),
  ];
}

/** Puts text on the clipboard; where that is not allowed, it is selected. */
async function copied(text, shownIn) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(shownIn);
    return document.execCommand('copy');
  }
}
