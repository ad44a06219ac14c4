const POINTS = 1000;
const RATE_TICKS = 120;
const RECENT = 12;
const MINE = 8;
const POLL_MS = 300;
const CROWD = 100;
// A browser opens six connections to a server, and one is the event stream.
const AT_ONCE = 4;

const PATHS = { fair: '/v1/stocks/locks/fair', distributed: '/v1/stocks/locks/distributed' };
const MODES = { fair: 'in line', distributed: 'without order' };

const byId = (id) => document.getElementById(id);
const plain = (number) => number.toLocaleString('en');
const rounded = (number) => (number >= 100 ? plain(Math.round(number)) : number.toFixed(1));
const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
const words = (status) => status.toLowerCase().replaceAll(/[_-]/g, ' ');
const good = (status) => status === 'FULFILLED';

function text(id, value) {
  const element = byId(id);
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

// What stays as it is stays the same element: a selection or the focus in it survives.
function fit(parent, count, tag) {
  while (parent.children.length > count) {
    parent.lastElementChild.remove();
  }
  while (parent.children.length < count) {
    parent.append(document.createElement(tag));
  }
  return [...parent.children];
}

function rows(id, all) {
  fit(byId(id), all.length, 'tr').forEach((row, i) => {
    fit(row, all[i].length, 'td').forEach((data, j) => {
      const { text: value, kind } = all[i][j].text === undefined ? { text: all[i][j], kind: '' } : all[i][j];
      if (data.textContent !== value) {
        data.textContent = value;
      }
      data.className = kind;
    });
  });
}

// ---- What the system looks like

const fairness = new Map(); // commit -> order
let recent = [];
let rateTicks = [];
let charts;

// The page's own colours are computed by the browser; the canvas gets their present values.
function resolved(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function palette() {
  return Object.fromEntries(
    ['good', 'bad', 'odd', 'faint', 'rule'].map((name) => [name, resolved(`--${name}`)]),
  );
}

const RATE_LINES = [
  ['fair', 'FULFILLED', 'fair, fulfilled', 'good', []],
  ['fair', 'OUT_OF_STOCK', 'fair, out of stock', 'bad', []],
  ['distributed', 'FULFILLED', 'unordered, fulfilled', 'good', [5, 4]],
  ['distributed', 'OUT_OF_STOCK', 'unordered, out of stock', 'bad', [5, 4]],
];

function axis(colours, title) {
  return { title: { display: true, text: title, color: colours.faint }, ticks: { color: colours.faint }, grid: { color: colours.rule } };
}

function makeCharts() {
  const colours = palette();
  const options = (x, y) => ({
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    plugins: { legend: { labels: { color: colours.faint, usePointStyle: true } }, tooltip: { enabled: false } },
    scales: { x: { type: 'linear', ...axis(colours, x) }, y: { type: 'linear', beginAtZero: y === 'per second', ...axis(colours, y) } },
  });
  const dots = (label, name, pointStyle) => ({ label, data: [], backgroundColor: colours[name], borderColor: colours[name], pointRadius: 2.5, pointStyle });
  return {
    fairness: new Chart(byId('fairness-plot'), {
      type: 'scatter',
      data: { datasets: [dots('fulfilled', 'good', 'circle'), dots('refused', 'bad', 'crossRot'), dots('overtaken', 'odd', 'triangle')] },
      options: options('commit', 'ticket'),
    }),
    rates: new Chart(byId('rates-plot'), {
      type: 'line',
      data: {
        datasets: RATE_LINES.map(([, , label, name, borderDash]) => ({ label, data: [], borderColor: colours[name], borderDash, borderWidth: 2, pointRadius: 0, pointStyle: 'line' })),
      },
      options: options('seconds ago', 'per second'),
    }),
  };
}

function remakeCharts() {
  Object.values(charts ?? {}).forEach((chart) => chart.destroy());
  charts = makeCharts();
  draw();
}

function draw() {
  const [fulfilled, refused, overtaken] = charts.fairness.data.datasets;
  fulfilled.data = [];
  refused.data = [];
  overtaken.data = [];
  const orders = [...fairness.values()].sort((one, other) => one.commit - other.commit);
  orders.forEach((order) => {
    const set = order.overtaken ? overtaken : good(order.status) ? fulfilled : refused;
    set.data.push({ x: order.commit, y: order.ticket });
  });
  charts.fairness.update('none');
  const late = orders.filter((order) => order.overtaken).length;
  if (orders.length > 0) {
    text(
      'fairness',
      `The last ${plain(orders.length)} fair orders, ticket against commit: ` +
        (late === 0 ? 'nobody was overtaken.' : `${late} recorded as overtaken.`),
    );
  }
  const now = performance.now();
  charts.rates.data.datasets.forEach((line, i) => {
    const [mode, status] = RATE_LINES[i];
    line.data = rateTicks.map((tick) => ({ x: (tick.at - now) / 1000, y: tick.rates[mode]?.[status] ?? 0 }));
  });
  charts.rates.update('none');
}

const sum = (rates) => Object.values(rates ?? {}).reduce((all, rate) => all + rate, 0);
const mean = (workers, field) => {
  const values = workers.map((worker) => worker.report[field]).filter((value) => value > 0);
  return values.length === 0 ? undefined : values.reduce((all, value) => all + value, 0) / values.length;
};

function show(view) {
  byId('trouble').hidden = !view.trouble;
  text('trouble', view.trouble ?? '');
  byId('crowd').hidden = !view.crowd;
  text('connection', `live, by API ${view.instance}`);

  const line = view.line;
  text('waiting', line ? plain(line.waiting) : '–');
  text('head', line?.head ? plain(line.head) : '–');
  text('pace', line ? rounded(line.perSecond) : '–');
  text('wait', line?.waitMs === undefined ? '–' : duration(line.waiting === 0 ? 0 : line.waitMs));
  text('fair-rate', rounded(sum(view.perSecond.fair)));
  text('distributed-rate', rounded(sum(view.perSecond.distributed)));
  const runLength = mean(view.workers, 'runLength');
  text('run-length', runLength === undefined ? '–' : rounded(runLength));
  const wakeup = mean(view.workers, 'wakeupMs');
  text('wakeup', wakeup === undefined ? '–' : `${wakeup.toFixed(1)} ms`);

  rows(
    'stocks',
    view.stocks.map((stock) => [
      String(stock.productId),
      plain(stock.quantity),
      stock.cached === undefined ? '–' : { text: plain(stock.cached), kind: stock.cached === stock.quantity ? '' : 'odd' },
      plain(stock.waiting),
      stock.holder ?? '',
    ]),
  );
  rows(
    'workers',
    view.workers.map(({ id, holds, report }) => [
      id,
      holds.join(', '),
      plain(report.fairKept),
      plain(report.distributedKept),
      rounded(report.decidedPerSecond),
      rounded(report.runLength),
      report.wakeupMs.toFixed(1),
      report.holdMs.toFixed(1),
    ]),
  );
  products(view.stocks.map((stock) => String(stock.productId)));

  view.orders.forEach((order) => {
    if (order.mode === 'fair' && order.ticket !== undefined && ['FULFILLED', 'OUT_OF_STOCK'].includes(order.status)) {
      fairness.set(order.commit, order);
    }
  });
  [...fairness.keys()].slice(0, Math.max(0, fairness.size - POINTS)).forEach((commit) => fairness.delete(commit));
  recent = [...new Map([...recent, ...view.orders].map((order) => [order.commit, order])).values()]
    .sort((one, other) => other.commit - one.commit)
    .slice(0, RECENT);
  rows(
    'recent',
    recent.map((order) => [
      plain(order.commit),
      MODES[order.mode],
      order.ticket === undefined ? '' : plain(order.ticket),
      order.lines.map((piece) => `${piece.quantity} × ${piece.productId}`).join(', '),
      { text: words(order.status) + (order.overtaken ? ', overtaken' : ''), kind: good(order.status) ? 'good' : 'bad' },
    ]),
  );

  rateTicks = [...rateTicks, { at: performance.now(), rates: view.perSecond }].slice(-RATE_TICKS);
  draw();
}

function products(ids) {
  const select = byId('product');
  if (ids.join() !== [...select.options].map((option) => option.value).join()) {
    const chosen = select.value;
    select.replaceChildren(...ids.map((id) => new Option(id, id, false, id === chosen)));
  }
}

function watch() {
  const events = new EventSource('/v1/live');
  events.addEventListener('view', (event) => show(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    text('connection', 'the connection is broken, trying again');
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(watch, 2000);
    }
  });
}

// ---- What one does oneself

async function order(mode, productId, quantity) {
  const response = await fetch(PATHS[mode], {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({ orders: [{ productId, quantity }] }),
  });
  return response.json();
}

/** The status of a decided order, or the type of the problem that it is answered with; undefined as long as it waits. */
function outcome(answer) {
  if (answer.type !== undefined) {
    return answer.type.slice(answer.type.lastIndexOf('/') + 1);
  }
  return answer.status === 'WAITING' ? undefined : answer.status;
}

async function look(orderId) {
  const response = await fetch(`/v1/orders/${orderId}`);
  return response.json();
}

const mine = [];

function list(one) {
  one.item = document.createElement('li');
  const what = document.createElement('span');
  one.state = document.createElement('strong');
  what.append(`${one.quantity} × ${one.productId}, ${MODES[one.mode]}: `, one.state);
  one.leave = document.createElement('button');
  one.leave.type = 'button';
  one.leave.textContent = 'Leave the line';
  one.leave.hidden = true;
  one.leave.addEventListener('click', () => fetch(`/v1/orders/${one.orderId}`, { method: 'DELETE' }));
  one.item.append(what, one.leave);
  byId('mine').prepend(one.item);
  mine.unshift(one);
  mine.splice(MINE).forEach((old) => old.item.remove());
}

function tell(one, state, kind) {
  if (one.state.textContent !== state) {
    one.state.textContent = state;
    one.state.className = kind;
  }
}

function take(one, answer) {
  one.orderId ??= answer.orderId;
  one.outcome = outcome(answer);
  if (one.outcome) {
    tell(one, words(one.outcome), good(one.outcome) ? 'good' : 'bad');
  } else {
    tell(one, answer.place === undefined ? 'waiting' : `place ${plain(answer.place)}`, '');
  }
  one.leave.hidden = Boolean(one.outcome) || one.mode !== 'fair';
}

async function buy(mode, productId, quantity) {
  const one = { mode, productId, quantity };
  list(one);
  tell(one, 'ordering', '');
  try {
    take(one, await order(mode, productId, quantity));
    while (!one.outcome && mine.includes(one)) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      take(one, await look(one.orderId));
    }
  } catch (failure) {
    tell(one, `no answer: ${failure.message}`, 'bad');
  }
}

async function atOnce(all, task) {
  const left = [...all];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left.length > 0) {
        await task(left.shift());
      }
    }),
  );
}

async function crowd(mode, productId, quantity) {
  const start = performance.now();
  text('crowd-result', `${CROWD} buyers are coming.`);
  const outcomes = {};
  const waiting = [];
  const note = (answer) => {
    const end = outcome(answer);
    if (end) {
      outcomes[words(end)] = (outcomes[words(end)] ?? 0) + 1;
    } else {
      waiting.push(answer.orderId);
    }
  };
  try {
    await atOnce(Array(CROWD).fill(productId), async (id) => note(await order(mode, id, quantity)));
    while (waiting.length > 0) {
      await atOnce(waiting.splice(0), async (orderId) => note(await look(orderId)));
    }
    const parts = Object.entries(outcomes).map(([status, count]) => `${count} ${status}`);
    text('crowd-result', `${CROWD} buyers ${MODES[mode]}, ${duration(performance.now() - start)}: ${parts.join(', ')}.`);
  } catch (failure) {
    text('crowd-result', `The crowd got no answer: ${failure.message}`);
  }
}

byId('shop').addEventListener('submit', async (event) => {
  event.preventDefault();
  const what = event.submitter.value;
  const productId = Number(byId('product').value);
  const quantity = Number(byId('pieces').value);
  if (what.startsWith('crowd-')) {
    event.submitter.disabled = true;
    await crowd(what.slice('crowd-'.length), productId, quantity);
    event.submitter.disabled = false;
  } else {
    await buy(what, productId, quantity);
  }
});

byId('restock').addEventListener('submit', async (event) => {
  event.preventDefault();
  const productId = Number(byId('restock-product').value);
  const response = await fetch(`/v1/stocks/${productId}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${byId('token').value}` },
    body: JSON.stringify({ quantity: Number(byId('restock-pieces').value) }),
  });
  const answer = await response.json();
  text('restock-result', response.ok ? `Product ${productId} has ${plain(answer.quantity)} pieces.` : `${answer.title}: ${answer.detail ?? ''}`);
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', remakeCharts);
remakeCharts();
watch();
