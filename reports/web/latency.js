// How long answers took, from when a request was due: all of them as a heat map, and
// three ranks as lines. Then the part of it that was the service's.

/** The range of durations that both charts show. */
function durations() {
  const s = night.series();
  let [least, most] = [night.least, night.most];
  for (const name of ['p50', 'p99', 'p999', 'service50', 'service99']) {
    for (const v of s[name]) if (v > 0) { least = Math.min(least, v); most = Math.max(most, v); }
  }
  if (night.everybody()) for (const v of [...night.view.base?.p50 ?? [], ...night.view.base?.p99 ?? []]) if (v > 0) { least = Math.min(least, v); most = Math.max(most, v); }
  return [least / 1.1, Math.max(most, least * 10) * 1.15];
}

/** A duration of a rank; where the request of that rank failed, it says so. */
function answered(seconds, bin) { return bin == null ? span(seconds) : rank(seconds, {offered: night.series().offered[bin]}); }

function latencyChart() {
  const s = () => night.series();
  return new Chart({
    title: 'Response time', height: 340, log: true, heat: true, unit: answered,
    ranks: () => [['p50', '--c-p50'], ['p99', '--c-p99'], ['p999', '--c-p999']].map(([name, colour]) => ({values: s()[name], colour})), extent: durations,
    note: () => night.everybody() ? 'of everybody, on a logarithmic scale; the stronger the blue, the more answers' : `lines of ${night.who()}, blue of everybody, on a logarithmic scale`,
    about: () => `p50 ${rank(s()?.all?.p50, s()?.all ?? {})}, p99 ${rank(s()?.all?.p99, s()?.all ?? {})}, p99.9 ${rank(s()?.all?.p999, s()?.all ?? {})} over the whole run.`,
    lines: () => [
      ...baseLine('base p50', '--c-p50', b => b.p50), ...baseLine('base p99', '--c-p99', b => b.p99),
      {name: 'p50', colour: '--c-p50', width: 1.75, values: () => s().p50},
      {name: 'p99', colour: '--c-p99', width: 1.75, values: () => s().p99},
      {name: 'p99.9', colour: '--c-p999', width: 1.5, dash: [6, 3], values: () => s().p999},
    ],
    table: {
      columns: ['from', 'p50', 'p99', 'p99.9'].map(name => ({name, right: true})),
      rows: () => coarse().map(([from, to]) => [moment(from * night.view.step), ...['p50', 'p99', 'p999'].map(name => span(greatest(s()[name], from, to)))]),
    },
  });
}

function whoseChart() {
  const s = () => night.series();
  return new Chart({
    title: 'Response, service and lag', height: 250, log: true, unit: answered,
    ranks: () => [['p99', '--c-p99'], ['service99', '--c-service']].map(([name, colour]) => ({values: s()[name], colour})),
    note: () => 'of ' + night.who() + ', on a logarithmic scale',
    about: () => `Response p99 ${rank(s()?.all?.p99, s()?.all ?? {})}, service p99 ${rank(s()?.all?.service99, s()?.all ?? {})}, greatest lag ${span(s()?.all?.lag)}.`,
    extent: () => {
      const [least, most] = durations(), lags = s().lag.filter(v => v > 0);
      return [Math.min(least, ...lags.length ? [lags.reduce((a, b) => Math.min(a, b))] : []) / 1.1, Math.max(most, lags.reduce((a, b) => Math.max(a, b), 0) * 1.15)];
    },
    lines: () => [
      {name: 'response p99', colour: '--c-p99', width: 3.5, values: () => s().p99},
      {name: 'service p99', colour: '--c-service', width: 1.5, values: () => s().service99},
      {name: 'service p50', colour: '--c-service', width: 1.25, dash: [5, 3], values: () => s().service50},
      {name: 'greatest lag', colour: '--c-lag', width: 1.25, values: () => s().lag},
    ],
    table: {
      columns: ['from', 'response p50', 'response p99', 'service p50', 'service p99', 'greatest lag', 'left late', 'had to wait'].map(name => ({name, right: true})),
      rows: () => coarse().map(([from, to]) => [moment(from * night.view.step),
        ...['p50', 'p99', 'service50', 'service99', 'lag'].map(name => span(greatest(s()[name], from, to))),
        ...['late', 'waited'].map(name => count(s()[name].slice(from, to).reduce((a, b) => a + (b ?? 0), 0)))]),
    },
  });
}
