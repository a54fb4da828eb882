// The heat map: how many answers took how long, second by second. It is drawn from
// the histograms, a column of pixels at a time, and kept until something changes.

const heat = {key: '', canvas: null};

/** Draws the heat under the plot of u. */
function drawHeat(u) {
  const {left, top, width, height} = u.bbox;
  const {min, max} = u.scales.x;
  const key = [width, height, min, max, u.scales.y.min, u.scales.y.max, night.version, isDark()].join();
  if (key !== heat.key) {
    heat.canvas = paintHeat(u, Math.round(width), Math.round(height), min, max);
    heat.key = key;
  }
  u.ctx.drawImage(heat.canvas, left, top);
}

function paintHeat(u, width, height, min, max) {
  const canvas = el('canvas', {width, height}), ctx = canvas.getContext('2d');
  const step = night.view.step, rows = night.view.heat.rows;
  const edges = bucketEdges(u);
  const columns = heatColumns(rows, step, width, min, max);
  let most = 0;
  for (const c of columns) for (const n of c.counts.values()) most = Math.max(most, n);
  const shades = heatShades();
  for (const {from, to, counts} of columns) {
    for (const [bucket, n] of counts) {
      const edge = edges.get(bucket);
      if (!edge) continue;
      ctx.fillStyle = shades[Math.round(Math.log1p(n) / Math.log1p(most) * (shades.length - 1))];
      ctx.fillRect(from, edge[0], to - from, edge[1]);
    }
  }
  return canvas;
}

/** Where each bucket begins on the canvas, and how high it is. */
function bucketEdges(u) {
  const edges = new Map();
  for (const [bucket, bound] of night.bounds) {
    const below = night.bounds.get(bucket - 1) ?? bound / 2 ** 0.25;
    const top = Math.round(u.valToPos(bound, 'y', true) - u.bbox.top);
    edges.set(bucket, [top, Math.max(1, Math.round(u.valToPos(below, 'y', true) - u.bbox.top) - top)]);
  }
  return edges;
}

/** The bins as columns of whole pixels; bins that share a pixel are added up. */
function heatColumns(rows, step, width, min, max) {
  const columns = [], perPixel = width / (max - min);
  const first = Math.max(0, Math.floor(min / step)), last = Math.min(rows.length - 1, Math.ceil(max / step));
  let now = null;
  for (let bin = first; bin <= last; bin++) {
    const from = Math.round((bin * step - min) * perPixel);
    const to = Math.max(from + 1, Math.round(((bin + 1) * step - min) * perPixel));
    if (!now || from >= now.to) columns.push(now = {from, to, counts: new Map()});
    else now.to = Math.max(now.to, to);
    const row = rows[bin];
    for (let i = 0; i + 1 < row.length; i += 2) now.counts.set(row[i], (now.counts.get(row[i]) ?? 0) + row[i + 1]);
  }
  return columns;
}

/** Shades from few to many. */
function heatShades() {
  const low = channels(colour('--c-heat-low')), high = channels(colour('--c-heat-high'));
  return Array.from({length: 32}, (_, i) => 'rgb(' + low.map((c, k) => Math.round(c + (high[k] - c) * i / 31)).join(' ') + ')');
}
