// What happened, drawn around the lines: phases, faults, spikes and interventions as
// bars in lanes above the plot, and where they begin as hairlines through it.

const LANE = 19; // pixels

const BANDS = {
  fault: {colour: '--c-fault', word: 'fault', hatched: true},
  spike: {colour: '--c-spike', word: 'spike'},
  intervention: {colour: '--c-help', word: 'load lowered on purpose'},
};

/** The bands in as few lanes as they need; none overlaps another in its lane. */
function lanes() {
  const all = [];
  for (const b of [...night.view.bands].sort((a, b) => a.from - b.from)) {
    const to = b.back ?? b.clear ?? b.to ?? Math.max(b.from, night.end());
    const at = all.findIndex(lane => lane.end <= b.from);
    if (at < 0) all.push({end: to, bands: [b]});
    else { all[at].end = to; all[at].bands.push(b); }
  }
  return all.slice(0, 6).map(lane => lane.bands);
}

function laneSpace() { return (night.view.phases.length ? LANE : 0) + lanes().length * LANE + (endings().length ? LANE : 0) + 8; }

/** The marks that are no part of a band. */
function endings() { return night.view.marks.filter(m => ['aborted', 'stop-condition', 'changed'].includes(m.kind)); }

/** A pencil in pixels of the page over the plot of u, clipped to its width. */
function onPlot(u, draw) {
  const {ctx, bbox} = u, ratio = uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
  ctx.clip();
  ctx.scale(ratio, ratio);
  const box = {left: bbox.left / ratio, top: bbox.top / ratio, width: bbox.width / ratio, height: bbox.height / ratio};
  draw(ctx, box, second => box.left + u.valToPos(second, 'x'));
  ctx.restore();
}

/** Under the lines: the heat, every second phase tinted, and stretches under a fault. */
function drawUnder(u, spec) {
  onPlot(u, (ctx, box, x) => {
    if (!spec.heat) {
      ctx.fillStyle = colour('--raised');
      night.view.phases.forEach((p, i) => { if (i % 2) ctx.fillRect(x(p.begin), box.top, x(p.end) - x(p.begin), box.height); });
      for (const b of night.view.bands) {
        ctx.fillStyle = faded(BANDS[b.kind]?.colour ?? '--c-fault', 0.09);
        ctx.fillRect(x(b.from), box.top, x(b.to ?? Math.max(b.from, night.end())) - x(b.from), box.height);
      }
    }
  });
  if (spec.heat) drawHeat(u);
}

/** Over the lines: the lanes, and hairlines where something begins and ends. */
function drawOver(u, spec) {
  onPlot(u, (ctx, box, x) => {
    ctx.lineWidth = 1;
    for (const p of night.view.phases.slice(1)) hairline(ctx, x(p.begin), box, faded('--faint', 0.55), [1, 3]);
    for (const b of night.view.bands) {
      const stroke = faded(BANDS[b.kind]?.colour ?? '--c-fault', 0.8);
      hairline(ctx, x(b.from), box, stroke, [3, 3]);
      if (b.to != null) hairline(ctx, x(b.to), box, stroke, [3, 3]);
    }
    for (const m of endings()) hairline(ctx, x(m.at), box, colour('--bad'), []);
    if (spec.lanes) drawLanes(ctx, x);
    if (spec.bad) drawBad(ctx, box, x);
  });
  if (spec.ranks) drawUnanswered(u, spec.ranks());
}

function hairline(ctx, x, box, stroke, dash) {
  ctx.strokeStyle = stroke;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, box.top);
  ctx.lineTo(Math.round(x) + 0.5, box.top + box.height);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** The bad bins as marks along the foot of the plot. */
function drawBad(ctx, box, x) {
  ctx.fillStyle = colour('--c-failed');
  const half = night.view.step / 2;
  night.x.forEach((middle, bin) => {
    if (!isBad(bin)) return;
    const left = x(middle - half);
    ctx.fillRect(left, box.top + box.height - 5, Math.max(1.5, x(middle + half) - left - 0.5), 5);
  });
}

const BEYOND = 20; // pixels above the plot, for ranks whose request failed

/** Where the request of a rank failed, its line goes on above all durations. */
function drawUnanswered(u, ranks) {
  const half = night.view.step / 2, offered = night.series().offered;
  let any = null;
  onPlot(u, (ctx, box, x) => ranks.forEach((rank, i) => {
    ctx.fillStyle = colour(rank.colour);
    rank.values.forEach((v, bin) => {
      if (v != null || !(offered[bin] > 0)) return;
      any = box;
      const left = x(night.x[bin] - half);
      ctx.fillRect(left, box.top - BEYOND + 4 + i * 4, Math.max(1.5, x(night.x[bin] + half) - left + 0.25), 2.5);
    });
  }));
  if (!any) return;
  const {ctx} = u, ratio = uPlot.pxRatio;
  ctx.save();
  ctx.scale(ratio, ratio);
  ctx.fillStyle = colour('--line');
  ctx.fillRect(any.left, any.top - 2, any.width, 1);
  ctx.font = '12px ' + colour('--sans');
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colour('--bad');
  ctx.fillText('failed', any.left - 8, any.top - BEYOND + 9);
  ctx.restore();
}

function drawLanes(ctx, x) {
  ctx.font = '12px ' + colour('--sans');
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  let top = 0;
  if (night.view.phases.length) {
    night.view.phases.forEach((p, i) => {
      const left = x(p.begin), right = x(p.end);
      ctx.fillStyle = i % 2 ? colour('--line') : colour('--raised');
      ctx.fillRect(left, top, right - left, LANE - 3);
      words(ctx, p.name, left, right, top, colour('--ink'));
    });
    top += LANE;
  }
  for (const lane of lanes()) {
    lane.forEach((b, i) => drawBand(ctx, b, x, top, lane[i + 1] ? x(lane[i + 1].from) : Infinity));
    top += LANE;
  }
  for (const m of endings()) words(ctx, (m.kind === 'changed' ? 'target changed' : 'ended early'), x(m.at), x(m.at) + 120, top, colour('--bad'));
}

/** A band: light until it was seen, full while it was, an outline until all was back. */
function drawBand(ctx, b, x, top, next) {
  const kind = BANDS[b.kind] ?? BANDS.fault, height = LANE - 3;
  const left = x(b.from), to = b.to ?? Math.max(b.from, night.end()), right = x(to), over = x(b.back ?? b.clear ?? to);
  ctx.fillStyle = faded(kind.colour, 0.22);
  ctx.fillRect(left, top, right - left, height);
  if (kind.hatched) hatch(ctx, left, top, right - left, height, faded(kind.colour, 0.35));
  ctx.fillStyle = colour(kind.colour);
  ctx.fillRect(left, top, 2.5, height);
  if (over > right + 1) {
    ctx.strokeStyle = colour(kind.colour);
    ctx.setLineDash([2, 2]);
    ctx.strokeRect(right + 0.5, top + 0.5, over - right - 1, height - 1);
    ctx.setLineDash([]);
  }
  if (b.seen != null) dot(ctx, x(b.seen), top + height / 2, kind.colour, true);
  if (b.clear != null) dot(ctx, x(b.clear), top + height / 2, kind.colour, false);
  const text = b.name || kind.word, width = ctx.measureText(text).width + 14;
  const from = Math.max(left, b.seen != null && x(b.seen) - left < 12 ? x(b.seen) + 2 : left + 3);
  const until = b.clear != null && x(b.clear) > from ? x(b.clear) - 5 : Math.max(right, over);
  if (until - from < width && next - Math.max(right, over) > width) words(ctx, text, Math.max(right, over) + 2, next, top, colour('--soft'));
  else words(ctx, text, from, until, top, colour('--ink'));
}

function dot(ctx, x, y, stroke, full) {
  ctx.beginPath();
  ctx.arc(x, y, 3.5, 0, 7);
  ctx.fillStyle = colour(full ? stroke : '--paper');
  ctx.strokeStyle = colour(stroke);
  ctx.fill();
  ctx.stroke();
}

function hatch(ctx, left, top, width, height, stroke) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = stroke;
  ctx.beginPath();
  const from = Math.max(left, 0) - height;
  for (let at = from; at < Math.min(left + width, 6000); at += 6) {
    ctx.moveTo(at, top + height);
    ctx.lineTo(at + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Writes text between left and right: cut short if need be, and nothing where nothing fits. */
function words(ctx, text, left, right, top, fill) {
  const from = Math.max(left, 0) + 6, room = right - from - 4;
  let n = text.length;
  const cut = () => n < text.length ? text.slice(0, n) + '…' : text;
  while (n > 0 && ctx.measureText(cut()).width > room) n--;
  if (n < Math.min(3, text.length)) return;
  ctx.fillStyle = fill;
  ctx.fillText(cut(), from, top + (LANE - 3) / 2 + 0.5);
}
