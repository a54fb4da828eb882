// Each crowd and each of its actions, and the chooser that switches all charts.

/** The chooser in the bar. */
function chooser() {
  const list = el('select', {id: 'who', onchange: () => {
    const s = night.view.series[Number(list.value)];
    if (s) choose(s.crowd, s.action);
  }});
  board.chosen = [() => { fillChooser(list); renewParts(); }];
  return el('label', null, el('span', null, 'Charts of'), list);
}

function fillChooser(list) {
  const options = night.view.series.map((s, i) => el('option', {value: i}, s.action ? `${s.crowd}: ${s.action}` : s.crowd || 'everybody'));
  if (list.options.length !== options.length || options.some((o, i) => o.textContent !== list.options[i].textContent)) list.replaceChildren(...options);
  list.value = String(Math.max(0, night.view.series.indexOf(night.series())));
}

function crowds() {
  const columns = ['Who', 'Requests', 'Good', 'Failed', 'Tries each', 'p50', 'p99', 'p99.9', 'Service p99', 'Greatest lag'];
  const made = table('Crowds and their actions', columns.map((name, i) => ({name, right: i > 0})), night.view.series.map(s => {
    const a = s.all ?? {};
    const name = el('button', {type: 'button', class: 'link', 'aria-pressed': String(s === night.series()), onclick: () => choose(s.crowd, s.action)}, s.action || s.crowd || 'everybody');
    return [name, count(a.offered), share(a.good, a.offered), count(a.failed), a.offered ? digits(a.attempts / a.offered) : NONE,
      rank(a.p50, a), rank(a.p99, a), rank(a.p999, a), rank(a.service99, a), span(a.lag)];
  }));
  made.querySelectorAll('tbody tr').forEach((tr, i) => {
    const s = night.view.series[i];
    tr.classList.toggle('chosen', s === night.series());
    if (s.action) tr.firstChild.classList.add('nested');
  });
  return [el('p', 'lead', 'Choose one, and every chart shows its requests.'), made];
}
