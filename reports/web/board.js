// What all charts share: the cursor, the part of the night that is shown, and whose
// requests they draw. A chart is built when it is about to be seen.

const board = {charts: [], range: null, at: null, busy: false, who: {crowd: '', action: ''}};

/** Shows the seconds from min to max in every chart; without them, the whole night. */
function zoom(min, max) {
  const [from, to] = night.span();
  const whole = min == null || (min <= from && max >= to);
  board.range = whole ? null : [Math.max(from, min), Math.min(to, max)];
  document.getElementById('whole').hidden = whole;
  for (const c of board.charts) c.plot?.setScale('x', shown());
}

/** The range of seconds that is shown. */
function shown() {
  const [min, max] = board.range ?? night.span();
  return {min, max};
}

/** Puts every chart's cursor on a bin; null takes it away. The chart that moved it is not moved. */
function pointAt(bin, by) {
  if (board.busy) return;
  board.busy = true;
  board.at = bin;
  for (const c of board.charts) {
    if (!c.plot) continue;
    if (c !== by) c.plot.setCursor(bin == null ? {left: -10, top: -10} : {left: c.plot.valToPos(night.x[bin], 'x'), top: 1});
    c.read(bin);
  }
  board.busy = false;
}

/** Switches every chart to the requests of a crowd, or of one of its actions. */
function choose(crowd, action) {
  board.who = {crowd, action};
  refresh();
  for (const listener of board.chosen ?? []) listener();
}

/** Gives every chart that is built the newest data. */
function refresh() {
  for (const c of board.charts) c.plot && c.renew();
  const bin = board.at;
  board.at = null;
  pointAt(bin != null && bin < night.x.length ? bin : null);
}

theme.listeners.push(() => board.charts.forEach(c => c.plot && c.rebuild()));

const aboutToBeSeen = new IntersectionObserver(entries => {
  for (const e of entries) {
    const c = board.charts.find(c => c.box === e.target);
    if (c && e.isIntersecting) c.near = true;
    if (c?.near) c.build();
  }
}, {rootMargin: '400px 0px'});

const resized = new ResizeObserver(entries => {
  for (const e of entries) {
    const c = board.charts.find(c => c.box === e.target);
    const width = Math.floor(e.contentRect.width);
    if (c?.plot && width > 0 && width !== c.plot.width) c.plot.setSize({width, height: c.height()});
  }
});

addEventListener('beforeprint', () => board.charts.forEach(c => c.build()));

/** The keys of a chart that has the focus. */
function chartKey(event) {
  const last = night.x.length - 1;
  const at = board.at ?? night.binAt(shown().min);
  const by = event.shiftKey ? 10 : 1;
  const moves = {ArrowLeft: at - by, ArrowRight: board.at == null ? at : at + by, Home: night.binAt(shown().min), End: night.binAt(shown().max)};
  if (event.key in moves) {
    pointAt(Math.min(last, Math.max(0, moves[event.key])));
    say(event.currentTarget.chart.inWords());
  } else if (event.key === 'Enter' && board.at != null) openSecond(board.at, event.currentTarget);
  else if (event.key === '+' || event.key === '-') {
    const {min, max} = shown(), middle = night.x[at], half = (max - min) * (event.key === '+' ? 0.25 : 1);
    zoom(middle - half, middle + half);
  } else return;
  event.preventDefault();
}

/** Tells those who do not see what changed. */
function say(text) { document.getElementById('said').textContent = text; }
