// One chart over the night: lines, what is drawn under them, a reading of the values
// at the cursor, and the numbers in a table.
//
// A spec is {title, note, about, height, log, unit, lines, stacked, lanes, under, table}.
// A line is {name, colour, values(), unit, dash, width, fill, step, own()}.

class Chart {
  constructor(spec) {
    this.spec = spec;
    this.box = el('div', {class: 'plot', tabindex: 0, role: 'img', onkeydown: chartKey});
    this.box.chart = this;
    this.reading = el('p', {class: 'reading', 'aria-hidden': 'true'});
    this.box.style.height = this.height() + 'px';
    this.figure = el('figure', 'chart',
      el('figcaption', null, el('h3', null, spec.title, this.note = el('small')), this.reading),
      this.box, spec.below, spec.table && behind(spec.title, spec.table.columns, spec.table.rows));
    this.legend();
    this.describe();
    board.charts.push(this);
    aboutToBeSeen.observe(this.box);
    resized.observe(this.box);
  }

  height() { return this.spec.height + (this.spec.lanes ? laneSpace() : 0); }

  /** What somebody who cannot see the chart is told of it. */
  describe() {
    this.note.textContent = this.spec.note();
    this.box.setAttribute('aria-label', `${this.spec.title}. ${this.spec.about()} Arrow keys read it, Enter opens a second.`);
  }

  /** The legend, which holds the values while there is a cursor. */
  legend() {
    this.at = el('span', 'at');
    this.values = [];
    this.reading.replaceChildren(this.at, ...this.lines().map(line => {
      const swatch = el('span', 'swatch' + (line.dash ? ' dashed' : '') + (line.width === 1 ? ' thin' : '') + (this.spec.stacked ? ' filled' : ''));
      swatch.style.color = swatch.style.borderColor = colour(line.colour);
      const value = el('b');
      this.values.push(value);
      return el('span', 'item', swatch, line.name, value);
    }));
    this.heads = this.lines();
  }

  lines() { return typeof this.spec.lines === 'function' ? this.spec.lines() : this.spec.lines; }

  data() { return [night.x, ...this.heads.map(line => line.values())]; }

  build() {
    if (this.plot || night.x.length === 0 || this.box.clientWidth === 0) return;
    aboutToBeSeen.unobserve(this.box);
    this.legend();
    this.box.style.height = this.height() + 'px';
    this.plot = new uPlot(this.options(), this.data(), this.box);
    this.plot.over.addEventListener('click', event => {
      const from = this.plot.over.getBoundingClientRect().left;
      openSecond(night.binAt(this.plot.posToVal(event.clientX - from, 'x')), this.box);
    });
    this.plot.over.addEventListener('mouseleave', () => pointAt(openedSecond()));
    this.plot.setScale('x', shown());
    if (board.at != null) requestAnimationFrame(() => pointAt(board.at));
  }

  rebuild() {
    this.plot?.destroy();
    this.plot = null;
    this.build();
  }

  /** Draws what has changed; a chart with other lines than before is built anew. */
  renew() {
    const now = this.lines();
    if (now.length !== this.heads.length || now.some((l, i) => l.name !== this.heads[i].name) || (this.spec.lanes && this.height() !== this.plot.height)) {
      this.rebuild();
    } else {
      this.heads = now;
      this.plot.batch(() => {
        this.plot.setData(this.data(), false);
        this.plot.setScale('x', shown());
      });
    }
    this.describe();
  }

  /** Writes the values of a bin into the legend. */
  read(bin) {
    this.at.textContent = bin == null ? '' : moment(bin * night.view.step);
    this.heads.forEach((line, i) => {
      const from = line.own ? line.own() : line.values();
      this.values[i].textContent = bin == null ? '' : (line.unit ?? this.spec.unit)(from[bin], bin);
    });
  }

  /** The reading as a sentence. */
  inWords() {
    if (board.at == null) return '';
    return `${this.at.textContent}: ` + this.heads.map((line, i) => `${line.name} ${this.values[i].textContent}`).join(', ');
  }

  options() {
    const spec = this.spec;
    const write = (u, splits) => splits.map(v => v == null ? '' : spec.unit(v));
    const axis = {stroke: colour('--soft'), font: '12px ' + colour('--sans'), ticks: {show: false}, grid: {stroke: colour('--line'), width: 1}};
    return {
      width: Math.floor(this.box.clientWidth), height: this.height(), legend: {show: false},
      padding: [spec.lanes ? laneSpace() : spec.ranks ? BEYOND : 8, 18, 0, 0],
      scales: {x: {time: false, range: (u, min, max) => [min, max]}, y: spec.log ? logScale(spec) : {range: (u, min, max) => [0, Math.max(max ?? 0, spec.least ?? 1) * 1.06]}},
      axes: [
        {...axis, grid: {show: false}, size: 26, gap: 6, space: 64, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200],
          values: (u, splits) => splits.map(moment)},
        {...axis, size: 62, gap: 8, values: write, ...(spec.log ? {splits: logSplits, filter: (u, splits) => splits} : {space: 34})},
      ],
      series: [{}, ...this.heads.map(line => this.series(line))],
      cursor: {
        y: false, points: {show: !spec.stacked, size: 7, fill: colour('--paper'), width: 2},
        drag: {x: true, y: false, setScale: false, dist: 4},
        bind: {dblclick: () => () => { closeSecond(); zoom(); }},
      },
      hooks: {
        drawClear: [u => drawUnder(u, spec)],
        draw: [u => drawOver(u, spec)],
        setCursor: [u => { if (u.cursor.left >= 0 && u.cursor.idx != null) pointAt(u.cursor.idx, this); }],
        setSelect: [u => {
          if (u.select.width < 4) return;
          const from = u.posToVal(u.select.left, 'x'), to = u.posToVal(u.select.left + u.select.width, 'x');
          u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
          zoom(from, to);
        }],
      },
    };
  }

  series(line) {
    return {
      label: line.name, stroke: colour(line.colour), width: line.width ?? 1.75, dash: line.dash, spanGaps: false,
      fill: line.fill ? (this.spec.stacked ? colour(line.colour) : faded(line.colour, line.fill)) : undefined,
      paths: this.spec.stacked ? uPlot.paths.bars({size: [1, Infinity], gap: 0}) : undefined,
      points: {show: !this.spec.stacked, size: 4, filter: alone, fill: colour(line.colour)},
    };
  }
}

/** The points that have no neighbour, and so are on no line. */
function alone(u, series, show) {
  const values = u.data[series], [from, to] = u.series[0].idxs, found = [];
  for (let i = from; i <= to; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
  }
  return found.length > 0 || show ? found : null;
}

/** A logarithmic scale over what the spec says is there. */
function logScale(spec) {
  return {distr: 3, range: () => spec.extent()};
}

/** 1, 2 and 5 of every power of ten where there is room for them, or the powers alone. */
function logSplits(u, axis, min, max) {
  const wide = Math.log10(max / min), steps = wide > 2.2 ? [1] : wide > 1.2 ? [1, 3] : [1, 2, 5], found = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const s of steps) {
      const v = Number((s * 10 ** power).toPrecision(3));
      if (v >= min * 0.999 && v <= max * 1.001) found.push(v);
    }
  }
  return found;
}
