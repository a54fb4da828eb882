// Making elements. Text enters the page here only, as text and never as markup.

/** An element with a class, attributes that are not null, and children. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  const given = typeof attributes === 'string' ? {class: attributes} : attributes ?? {};
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value != null && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.flat(Infinity).filter(child => child != null && child !== '' && child !== false).map(child => child instanceof Node ? child : String(child)));
  return made;
}

/** Facts are pairs of a name and what is known of it. */
function factList(facts) {
  return el('dl', 'facts', facts.map(([name, value]) => [el('dt', null, name), el('dd', null, value)]));
}

/**
 * A table. Columns are {name, right, wide}; rows are arrays of texts or elements.
 * On a phone it scrolls by itself, so that the page does not, or its rows become
 * cards.
 */
function table(caption, columns, rows, cards) {
  const align = i => columns[i].right ? 'right' : columns[i].wide ? 'wide' : null;
  const made = el('table', cards ? 'cards' : null,
    el('caption', 'unseen', caption),
    el('thead', null, el('tr', null, columns.map((c, i) => el('th', {scope: 'col', class: align(i)}, c.name)))),
    el('tbody', null, rows.map(cells => el('tr', null, cells.map((cell, i) =>
      i === 0 ? el('th', {scope: 'row', class: align(i)}, cell) : el('td', {class: align(i), 'data-name': cards ? columns[i].name : null}, cell))))));
  return el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption}, made);
}

/**
 * What is behind a chart: a table that is made when it is first opened. rows is a
 * function that returns them.
 */
function behind(caption, columns, rows) {
  const box = el('details', 'behind', el('summary', null, 'The numbers'));
  box.addEventListener('toggle', () => {
    if (!box.open) return;
    box.querySelector('.scroll')?.remove();
    box.append(table(caption, columns, rows()));
  });
  return box;
}

/** The mark and the word of a verdict: what colour says is said without it too. */
function pill(verdict) {
  const known = {pass: ['✓', 'kept'], fail: ['✕', 'broken'], unclear: ['?', 'unclear'], good: ['✓', 'good'], bad: ['✕', 'bad'], waived: ['!', 'waived']};
  const [mark, word] = known[verdict] ?? ['·', verdict || 'none'];
  return el('span', 'pill ' + tone(verdict), el('span', {'aria-hidden': 'true'}, mark), ' ', word);
}

/** The class of a verdict: good, bad or doubt. */
function tone(verdict) {
  if (verdict === 'pass' || verdict === 'good' || verdict === 'kept') return 'good';
  if (verdict === 'fail' || verdict === 'bad' || verdict === 'broken') return 'bad';
  return 'doubt';
}
