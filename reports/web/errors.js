// Why requests failed: stacked over the night, and with an example each.

const SHADES = 6; // causes that have a colour of their own

// The columns of the chart, made once for every version of the data.
const stack = {version: -1, groups: []};

/** The causes that are drawn: name, colour, own rates, and those with all below them. */
function stacked() {
  if (stack.version === night.version) return stack.groups;
  const all = night.view.causes, few = all.slice(0, SHADES), rest = all.slice(SHADES);
  const groups = few.map((c, i) => ({name: short(c.cause), colour: `--c-${i + 1}`, own: failures([c])}));
  if (rest.length > 0) groups.push({name: counted(rest.length, 'other cause'), colour: '--c-7', own: failures(rest)});
  groups.forEach((g, i) => { g.top = i === 0 ? g.own : g.own.map((n, bin) => n + groups[i - 1].top[bin]); });
  Object.assign(stack, {version: night.version, groups});
  return groups;
}

/** The failures a second of some causes, by bin. */
function failures(causes) {
  const sum = new Array(night.x.length).fill(0);
  for (const c of causes) night.perBin.get(c.cause)?.forEach((n, bin) => { sum[bin] += n / lengthOf(bin); });
  return sum;
}

function errorChart() {
  return new Chart({
    title: 'Failures a second', height: 200, stacked: true, unit: perSecond, least: 0.5, note: () => 'of everybody, by cause, one on top of the other',
    about: () => `${count(night.view.series[0]?.all?.failed)} requests failed, of ${counted(night.view.causes.length, 'cause')}.`,
    // The highest is drawn first, so that each covers what is not its own.
    lines: () => stacked().map(g => ({name: g.name, colour: g.colour, fill: 1, width: 0, values: () => g.top, own: () => g.own})).reverse(),
    table: {
      columns: [{name: 'from', right: true}, {name: 'failed', right: true}, {name: 'causes', wide: true}],
      rows: () => night.x.map((_, bin) => bin).filter(bin => causesAt(bin).length > 0).slice(0, 600).map(bin => [
        moment(bin * night.view.step), count(causesAt(bin).reduce((sum, [, n]) => sum + n, 0)), causesAt(bin).map(([c, n]) => `${count(n)} ${c.cause}`).join('; ')]),
    },
  });
}

function short(text) { return text.length > 34 ? text.slice(0, 33) + '…' : text; }

function causeTable() {
  const failed = night.view.series[0]?.all?.failed;
  return table('Causes of failure', [{name: 'Cause', wide: true}, {name: 'Requests', right: true}, {name: 'Share', right: true}, {name: 'An example', wide: true}],
    night.view.causes.map(c => [c.cause, count(c.total), share(c.total, failed), exampleInWords(c.example)]), true);
}

function exampleInWords(e) {
  if (!e) return NONE;
  const who = [e.crowd, e.action].filter(Boolean).join(' ');
  return [`${who || 'a request'} at ${moment(e.at)}`, e.status ? `status ${e.status}` : 'no answer', e.says, e.trace && `trace ${e.trace}`].filter(Boolean).join(', ');
}
