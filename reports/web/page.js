// The page: its sections in order, what moves between them, and how it begins.

// A section shows what make returns, as long as there is something to show.
const SECTIONS = [
  {id: 'compared', title: 'Compared with', has: v => v.comparison != null, make: compared},
  {id: 'promises', title: 'Promises', has: v => v.promises.length > 0, make: promises},
  {id: 'night', title: 'The night', has: () => night.x.length > 0, charts: [timelineChart], below: timelineBelow},
  {id: 'latency', title: 'Response times', has: answeredAny, charts: [latencyChart], make: latencyLead},
  {id: 'whose', title: 'Was it us or them?', has: answeredAny, make: whoseLead, charts: [whoseChart], below: () => tucked('Was it us or them?', 'Each crowd in each phase')},
  {id: 'crowds', title: 'Crowds', has: v => v.series.length > 1, make: crowds, below: () => tucked('Load and answers', 'Each crowd in each phase')},
  {id: 'errors', title: 'Failures', has: () => night.x.length > 0, make: errorLead, charts: [errorChart], chartsIf: v => v.causes.length > 0, below: v => v.causes.length > 0 && causeTable()},
  {id: 'recovery', title: 'Recovery', has: v => v.recovery.length > 0, make: recoveries},
  {id: 'witness', title: 'Freshness and truth', has: v => v.witness != null, make: witness},
  {id: 'generator', title: 'Generator', has: v => v.generator != null, make: generator},
  {id: 'identity', title: 'What was played', has: () => true, make: identity},
  {id: 'repeat', title: 'Repeat it', has: v => v.command, make: repeat},
];

function answeredAny(v) { return v.series[0]?.offered.some(n => n > 0) ?? false; }

const parts = []; // boxes that are filled anew when something changes: {box, make}

function latencyLead() { return [el('p', 'lead', 'From when a request was due until its answer was read. Above the scale: the request of that rank failed.')]; }

function whoseLead() {
  const facts = part('Was it us or them?')?.facts;
  return [
    el('p', 'lead', 'Service: what the service took. Lag: what was spent here, or in waiting for a place in flight, before a request left.'),
    facts?.length > 0 && factList(facts),
  ];
}

function errorLead() {
  const all = night.view.series[0]?.all;
  return [el('p', 'lead', all?.failed ? `${count(all.failed)} of ${count(all.offered)} requests failed, of ${counted(night.view.causes.length, 'cause')}.` : 'No request failed.')];
}

/** A table of the text report, folded away. */
function tucked(title, summary) {
  const s = part(title);
  return s?.table?.rows?.length > 0 && el('details', null, el('summary', null, summary), partInside({...s, facts: []}));
}

/** A box that make fills now and whenever something changes. */
function kept(make) {
  const box = el('div');
  parts.push({box, make});
  return box;
}

function renewParts() {
  for (const {box, make} of parts) {
    const now = el('div', null, make(night.view) || []);
    if (now.isEqualNode(box)) continue;
    const open = [...box.querySelectorAll('details')].map(d => d.open);
    const focused = [...box.querySelectorAll('button')].indexOf(document.activeElement);
    box.replaceChildren(...now.childNodes);
    box.querySelectorAll('details').forEach((d, i) => { if (open[i]) d.open = true; });
    if (focused >= 0) box.querySelectorAll('button')[focused]?.focus({preventScroll: true});
  }
  for (const s of SECTIONS) {
    s.box.hidden = !s.has(night.view);
    s.figures.forEach(f => { f.hidden = s.chartsIf ? !s.chartsIf(night.view) : false; });
    s.link.hidden = s.box.hidden;
  }
}

/** Lays the page out, once. */
function showPage() {
  const page = document.getElementById('page');
  if (page.querySelector('section')) return renewPage();
  const top = el('section', {class: 'verdict', id: 'verdict', 'aria-label': 'The verdict'}, kept(head));
  const links = [el('a', {href: '#verdict'}, 'Verdict')];
  for (const s of SECTIONS) {
    s.figures = (s.charts ?? []).map(make => make().figure);
    s.box = el('section', {id: s.id, 'aria-labelledby': s.id + '-title'}, el('h2', {id: s.id + '-title'}, s.title),
      s.make && kept(s.make), s.figures, s.below && kept(s.below));
    s.link = el('a', {href: '#' + s.id}, s.title);
    links.push(s.link);
  }
  page.replaceChildren(top, ...SECTIONS.map(s => s.box), el('p', 'small keys', 'Keys: 1 to 9 go to a section; on a chart, arrows move the cursor, Enter opens a second, + and − zoom, Escape shows the whole night. Drag across a chart to zoom all of them.'));
  document.getElementById('contents').replaceChildren(...links);
  followContents(links);
  renewPage();
}

/** The verdict that the page begins with, in a word. */
function wordFirst(v) { return v.comparison?.first ? CHANGES[v.comparison.word]?.[1] ?? 'Cannot be told' : VERDICTS[v.verdict]?.[1] ?? 'Unclear'; }

function renewPage() {
  document.title = `${night.view.live ? 'Live' : wordFirst(night.view)}: ${night.view.name || 'a run'} – Gameday`;
  document.getElementById('brand-name').textContent = night.view.name ?? '';
  fillChooser(document.getElementById('who'));
  renewParts();
  refresh();
  for (const c of board.charts) if (c.near) c.build();
}

/** Marks the section that is being read in the contents. */
function followContents(links) {
  const mark = id => links.forEach(a => a.getAttribute('href') === '#' + id ? a.setAttribute('aria-current', 'true') : a.removeAttribute('aria-current'));
  const seen = new IntersectionObserver(entries => { for (const e of entries) if (e.isIntersecting) mark(e.target.id); }, {rootMargin: '-15% 0px -75% 0px'});
  document.querySelectorAll('main > section').forEach(s => seen.observe(s));
}

/** The keys of the whole page. */
function pageKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, select, textarea')) return;
  if (event.key === 'Escape') return closeSecond() || zoom();
  if (!/^[1-9]$/.test(event.key)) return;
  const there = [...document.querySelectorAll('main > section:not([hidden])')][Number(event.key) - 1];
  if (!there) return;
  there.scrollIntoView();
  there.tabIndex = -1;
  there.focus({preventScroll: true});
}

function begin() {
  const whole = el('button', {type: 'button', id: 'whole', hidden: true, onclick: () => zoom()}, 'Whole night');
  document.getElementById('tools').append(whole, chooser(), themeButton());
  addEventListener('keydown', pageKey);
  const data = document.getElementById('data')?.textContent.trim();
  if (!data || data === 'null') return listen();
  takeView(JSON.parse(data));
  showPage();
}

begin();
