// The run that is shown. Its columns have a value for each bin of due time.

const COUNTS = ['offered', 'good', 'failed', 'attempts', 'held', 'late', 'waited'];
const TIMES = ['p50', 'p99', 'p999', 'service50', 'service99', 'lag'];

const night = {
  view: null,
  x: [],              // the middle of each bin, in seconds
  bounds: new Map(),  // of the buckets of the heat map: the upper end of each
  least: 1e-4, most: 1, // of the durations that are drawn
  perBin: new Map(),  // of each cause: its failures by bin
  version: 0,         // rises with every change

  /** How far it came: what has no end lasts until then. */
  end() { return this.view.at || this.span()[1]; },
  /** The seconds that the charts span. */
  span() { return [0, Math.max(this.view.lasts || 0, this.x.length * this.view.step, 1)]; },
  binAt(second) { return Math.min(this.x.length - 1, Math.max(0, Math.floor(second / this.view.step))); },
  /** The requests that the reader chose; everybody's if those are not known. */
  series() { return this.of(board.who.crowd, board.who.action) ?? this.view.series[0]; },
  of(crowd, action) { return this.view.series.find(s => s.crowd === crowd && s.action === action); },
  everybody() { return board.who.crowd === ''; },
  who() { return board.who.action || board.who.crowd || 'everybody'; },
};

/** Takes a whole view. */
function takeView(view) {
  view.series ??= [];
  view.heat ??= {first: 0, bounds: [], rows: []};
  view.heat.rows ??= [];
  for (const list of ['promises', 'phases', 'wanted', 'causes', 'bands', 'marks', 'recovery', 'sections', 'identity']) view[list] ??= [];
  night.view = view;
  night.bounds.clear();
  night.perBin.clear();
  for (const s of view.series) fillColumns(s);
  learnBuckets(view.heat);
  learnCauses(view.causes);
  layOut();
}

/** Takes the bins that changed, and what is now known of the whole. */
function takeMore(more) {
  const view = night.view, bins = more.bins ?? (more.series?.[0]?.offered ?? []).map((_, i) => i);
  for (const s of more.series ?? []) {
    let mine = night.of(s.crowd, s.action);
    if (!mine) view.series.push(mine = fillColumns({crowd: s.crowd, action: s.action}));
    mine.all = s.all ?? mine.all;
    for (const name of [...COUNTS, ...TIMES]) (s[name] ?? []).forEach((v, at) => { mine[name][bins[at]] = v; });
  }
  if (more.heat) {
    learnBuckets(more.heat);
    (more.heat.rows ?? []).forEach((row, at) => { view.heat.rows[bins[at]] = row; });
  }
  for (const c of more.causes ?? []) {
    const known = view.causes.find(k => k.cause === c.cause);
    if (known) Object.assign(known, {total: c.total, example: c.example ?? known.example});
    else view.causes.push(c);
  }
  view.causes.sort((a, b) => b.total - a.total);
  learnCauses(more.causes ?? []);
  for (const [name, value] of Object.entries(more)) {
    if (!['series', 'heat', 'causes', 'bins'].includes(name) && value != null && value !== '') view[name] = value;
  }
  layOut();
}

function fillColumns(s) {
  for (const name of [...COUNTS, ...TIMES]) s[name] ??= [];
  return s;
}

function learnBuckets(heat) {
  (heat.bounds ?? []).forEach((bound, at) => { if (bound != null) night.bounds.set((heat.first ?? 0) + at, bound); });
}

function learnCauses(causes) {
  for (const c of causes) {
    let mine = night.perBin.get(c.cause);
    if (!mine) night.perBin.set(c.cause, mine = []);
    for (let i = 0; i + 1 < (c.per_bin ?? []).length; i += 2) mine[c.per_bin[i]] = c.per_bin[i + 1];
  }
}

/** What follows from the data: the middle of each bin, and the range of durations. */
function layOut() {
  const view = night.view, step = view.step ||= 1;
  const bins = Math.max(view.wanted.length, ...view.series.map(s => s.offered.length), 0);
  night.x = Array.from({length: bins}, (_, i) => (i + 0.5) * step);
  for (const s of view.series) {
    for (const name of [...COUNTS, ...TIMES]) {
      const column = s[name];
      for (let i = 0; i < bins; i++) if (column[i] === undefined) column[i] = null;
    }
  }
  for (let i = 0; i < bins; i++) view.heat.rows[i] ??= [];
  let least = Infinity, most = 0;
  for (const row of view.heat.rows) {
    if (row.length === 0) continue;
    least = Math.min(least, (night.bounds.get(row[0]) ?? Infinity) / 2 ** 0.25);
    most = Math.max(most, night.bounds.get(row[row.length - 2]) ?? 0);
  }
  [night.least, night.most] = most > 0 ? [least, most] : [1e-3, 1];
  night.version++;
}

/** How many seconds of the run are in a bin; the last may be cut short. */
function lengthOf(bin) {
  const {step, lasts} = night.view;
  const rest = (lasts || Infinity) - bin * step;
  return rest > 0 && rest < step ? rest : step;
}

/**
 * Counts by bin as rates a second. While it is played, the newest bin is not shown:
 * not all that was due in it was answered yet.
 */
function rates(counts) {
  const {live, at, step} = night.view;
  const until = live ? Math.floor(at / step) - 1 : Infinity;
  return counts.map((n, bin) => n == null || bin >= until ? null : n / lengthOf(bin));
}

/** A bin is bad if anything failed in it, or if over one in a hundred was not good. */
function isBad(bin) {
  const s = night.series();
  return s != null && s.offered[bin] > 0 && (s.failed[bin] > 0 || s.offered[bin] - s.good[bin] > s.offered[bin] / 100);
}

/** What failed in a bin, the most frequent first: pairs of a cause and a count. */
function causesAt(bin) {
  return night.view.causes.map(c => [c, night.perBin.get(c.cause)?.[bin] ?? 0]).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
}

function phaseAt(second) { return night.view.phases.find(p => second >= p.begin && second < p.end); }

/** The bands that are in force in a stretch; one without an end goes on. */
function bandsAt(from, to) { return night.view.bands.filter(b => b.from < to && (b.clear ?? b.to ?? Infinity) > from); }
