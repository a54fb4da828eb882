// The verdict in one sentence, and the run at a glance.

const VERDICTS = {pass: ['✓', 'Pass'], fail: ['✕', 'Fail'], unclear: ['?', 'Unclear']};

function head() {
  const v = night.view, all = v.series[0]?.all;
  const c = v.comparison?.first && !v.live ? v.comparison : null;
  const [mark, word, kind] = v.live ? ['▶', 'Live', 'now'] : c ? CHANGES[c.word] ?? CHANGES['cannot be told'] : [...VERDICTS[v.verdict] ?? VERDICTS.unclear, tone(v.verdict)];
  const [first, rest] = v.live ? [nowInWords(v)] : inTwo(c?.why || v.why || 'Nobody has judged this run.');
  return [
    v.asks && el('p', 'asks', v.asks),
    el('h1', null,
      el('span', 'word ' + kind, el('span', {'aria-hidden': 'true'}, mark), word),
      el('span', null, first)),
    rest && el('p', 'why', rest),
    c && el('p', 'told', 'This run by itself: ', pillOf(tone(v.verdict), ...VERDICTS[v.verdict] ?? VERDICTS.unclear), ' ', v.why),
    v.live && el('progress', {max: v.lasts, value: v.at, 'aria-label': 'How far it came'}),
    warnings(v),
    all && glance(v, all),
  ];
}

/** A long sentence as what must be read first, and the rest. */
function inTwo(text) {
  const at = text.indexOf('; ');
  if (text.length < 90 || at < 0) return [text];
  return [text.slice(0, at) + '.', text[at + 2].toUpperCase() + text.slice(at + 3)];
}

/** What goes on in this second. */
function nowInWords(v) {
  const now = v.now;
  if (!now) return 'It is about to begin.';
  const faults = now.faults?.length ? `, under ${now.faults.join(' and ')}` : '';
  return `In ${now.phase || v.name}${faults}, ${count(now.wanted)} requests a second are wanted, ${count(now.in_flight)} are in flight${now.held ? '; load is lowered on purpose' : ''}.`;
}

function warnings(v) {
  const said = [];
  if (v.aborted && !v.why?.includes(v.aborted)) said.push('It was ended early: ' + v.aborted);
  if (v.during_freeze) said.push('It was played in a freeze window: ' + v.during_freeze);
  return said.length > 0 && el('ul', 'warnings', said.map(text => el('li', null, text)));
}

function glance(v, all) {
  const facts = [
    ['Requests', count(all.offered)],
    ['Good', share(all.good, all.offered)],
    ['Failed', count(all.failed)],
    ['p99, everybody', rank(all.p99, all)],
    ['Played', moment(v.live ? v.at : v.at || v.lasts), v.live || (v.at && v.at < v.lasts - 1) ? `of ${moment(v.lasts)}` : ''],
    ['Scale', v.scale || NONE, 'of the real night'],
  ];
  return el('dl', 'glance', facts.map(([name, value, more]) => el('div', null, el('dt', null, name), el('dd', null, value, more && el('small', null, ' ' + more)))));
}

/** A quantile; where the request of that rank failed, it says so. */
function rank(seconds, of) {
  if (seconds != null) return span(seconds);
  return of.offered > 0 ? 'failed' : NONE;
}
