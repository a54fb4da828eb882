// One bin's details: what was asked of the service in it, and why requests failed.

const secondBox = () => document.getElementById('second');
let secondFrom = null; // the chart that had the focus before

function openSecond(bin, from) {
  const box = secondBox();
  secondFrom = from ?? secondFrom;
  box.replaceChildren(...secondInside(bin));
  box.dataset.bin = bin;
  if (!box.open) box.show();
  box.focus({preventScroll: true});
  if (board.at !== bin) pointAt(bin);
}

/** The bin whose details are open; null if none are. */
function openedSecond() { return secondBox().open ? Number(secondBox().dataset.bin) : null; }

function closeSecond() {
  const box = secondBox();
  if (!box.open) return false;
  box.close();
  secondFrom?.focus({preventScroll: true});
  return true;
}

function secondInside(bin) {
  const v = night.view, s = night.series(), from = bin * v.step, to = from + v.step;
  const bands = bandsAt(from, to), at = clock(v.began, from), causes = causesAt(bin);
  const facts = [
    ['phase', phaseAt(from)?.name], ['in force', bands.map(b => `${BANDS[b.kind]?.word ?? b.kind} ${b.name ?? ''}`.trim()).join(', ')],
    ['planned', night.everybody() && v.wanted[bin] != null ? perSecond(v.wanted[bin]) + '/s' : ''],
    ['sent', counted(s.offered[bin] ?? 0, 'request')], ['good', `${count(s.good[bin])} (${share(s.good[bin], s.offered[bin])})`],
    ['failed', count(s.failed[bin])], ['kept back', s.held[bin] ? count(s.held[bin]) : ''],
    ['tries', s.attempts[bin] > s.offered[bin] ? count(s.attempts[bin]) : ''],
    ['response', `p50 ${rank(s.p50[bin], {offered: s.offered[bin]})}, p99 ${rank(s.p99[bin], {offered: s.offered[bin]})}, p99.9 ${rank(s.p999[bin], {offered: s.offered[bin]})}`],
    ['service', `p99 ${rank(s.service99[bin], {offered: s.offered[bin]})}`],
    ['greatest lag', span(s.lag[bin]) + [[s.late[bin], 'left late'], [s.waited[bin], 'had to wait']].filter(([n]) => n > 0).map(([n, what]) => `; ${count(n)} ${what}`).join('')],
  ].filter(([, value]) => value);
  return [
    el('header', null,
      el('h2', {id: 'second-title'}, `${moment(from)} to ${moment(to)}`, at && el('small', 'soft', `  ${at} UTC`)),
      stepTo(bin, -1), stepTo(bin, 1),
      el('button', {type: 'button', 'aria-label': 'Close', onclick: closeSecond}, '✕')),
    el('p', 'soft', 'of ' + night.who()),
    factList(facts),
    ...marksIn(from, to),
    el('h3', null, causes.length ? 'Why requests failed' : 'No request failed in it.'),
    causes.length > 0 && !night.everybody() && el('p', 'soft', 'Causes are counted of everybody.'),
    ...causes.map(([c, n]) => causeInside(c, n)),
  ].filter(Boolean);
}

/** To the bad bin before or after. */
function stepTo(bin, by) {
  let at = bin + by;
  while (at >= 0 && at < night.x.length && !isBad(at)) at += by;
  const none = at < 0 || at >= night.x.length;
  return el('button', {type: 'button', disabled: none, 'aria-label': by < 0 ? 'The bad second before' : 'The next bad second', onclick: () => openSecond(at)}, by < 0 ? '‹' : '›');
}

function marksIn(from, to) {
  const marks = night.view.marks.filter(m => m.at >= from && m.at < to);
  return marks.length ? [el('h3', null, 'What happened'), factList(marks.map(m => [m.kind.replaceAll('-', ' '), [m.fault, m.text].filter(Boolean).join(': ')]))] : [];
}

function causeInside(c, n) {
  const e = c.example;
  return el('div', 'cause', el('p', null, el('span', null, c.cause), el('span', null, count(n))),
    e && factList([
      ['its first', `at ${moment(e.at)}, ${[e.crowd, e.action].filter(Boolean).join(' ')}`],
      ['status', e.status || 'no answer'], ['it says', e.says], ['trace', e.trace],
    ].filter(([, value]) => value)));
}
