// The promises: limit, what became of it, where and why; the broken first.

const MANY = 8;

function promises() {
  const all = night.view.promises;
  const of = verdict => all.filter(p => p.verdict === verdict);
  const broken = of('fail'), unclear = of('unclear'), kept = of('pass'), open = all.filter(p => !p.verdict);
  const told = night.view.live ? `${counted(all.length, 'promise')}; they are judged when it is over.`
    : `${count(broken.length)} broken, ${count(unclear.length)} unclear, ${count(kept.length)} kept.` + (night.view.more ? ` ${count(night.view.more)} more are in the record.` : '');
  if (night.view.live) return [el('p', 'lead', told), el('details', null, el('summary', null, 'All of them'), promiseTable('Promises', open))];
  const first = [...broken, ...unclear, ...open], folded = first.length > 0 ? kept : kept.slice(MANY);
  if (first.length === 0) first.push(...kept.slice(0, MANY));
  return [
    el('p', 'lead', told),
    first.length > 0 && promiseTable('Promises', first.slice(0, 200)),
    folded.length > 0 && el('details', null, el('summary', null, `${count(folded.length)} ${first[0]?.verdict === 'pass' ? 'more ' : ''}kept`), promiseTable('Promises that were kept', folded)),
  ];
}

function promiseTable(caption, all) {
  const judged = all.some(p => p.verdict), reasons = all.some(p => p.why);
  const columns = [...(judged ? [{name: 'Verdict'}] : []), {name: 'Promise'}, {name: 'Phase'}, {name: 'Limit', right: true},
    ...(judged ? [{name: 'Got', right: true}] : []), ...(reasons ? [{name: 'Why', wide: true}] : [])];
  return table(caption, columns, all.map(p => [
    ...(judged ? [pill(p.verdict)] : []), p.promise, p.phase || 'the whole run', p.limit,
    ...(judged ? [p.got || NONE] : []), ...(reasons ? [p.why || ''] : []),
  ]), true);
}
