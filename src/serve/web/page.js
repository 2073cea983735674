/* The page at /: what is served, and a form to try it. */
let card = null;
let fields = []; // {input, control, wrong}

const percent = share => (100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1) + ' %';
const number = value => value == null ? '–' : Number(Number(value).toPrecision(4)).toLocaleString('en', {maximumSignificantDigits: 4});
const signed = (value, plus) => (value < 0 ? '−' : plus) + Math.abs(value).toFixed(3);
const count = value => Number(value).toLocaleString('en');
const words = name => name.split('_').map(word => /^(roc|pr|auc|mae|mape|rmse|mse|mcc|r2|f1)$/.test(word) ? word.toUpperCase() : word).join(' ');
const either = list => list.length > 6 ? list.slice(0, 5).join(', ') + ' … of ' + list.length : list.slice(0, -1).join(', ') + ' or ' + list[list.length - 1];
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);

/* ---- what is served ---- */

function tile(title, value, ...notes) {
  return el('div', {class: 'tile'}, el('dt', {}, title), el('dd', {}, value), notes.filter(Boolean).map(note => el('dd', {}, note)));
}

function tiles() {
  const metric = card.verdict && card.verdict.metric, score = metric && card.metrics && card.metrics.test && card.metrics.test[metric];
  const list = [];
  if (score)
    list.push(tile(capital(words(metric)) + ' on the test rows', number(score.value),
      score.low != null && number(score.low) + ' to ' + number(score.high) + ' with 95 % confidence'));
  if (card.rows)
    list.push(tile('Trained on', count(card.rows.train) + ' rows', card.rows.test && 'tested on ' + count(card.rows.test) + ' others'));
  const when = card.created || card.loaded;
  list.push(tile(card.created ? 'Registered' : 'Loaded', when.slice(0, 10), when.slice(11, 16) + ' UTC', card.learner && card.learner.title));
  const routes = card.routes.map(route => route.route + ' ' + percent(route.share) + ' (version ' + route.version + ')').join(', ');
  const version = typeof card.version === 'number' ? 'version ' + card.version : 'a bundle file';
  list.push(tile('Answered by', version, card.routes.length > 1 ? routes : 'sha256 ' + card.digest.slice(0, 12) + '…',
    card.shadows.length > 0 && 'shadowed by version ' + card.shadows.map(shadow => shadow.version).join(', ')));
  return list;
}

function showCard() {
  document.title = card.name + ' · tend serve';
  byId('title').textContent = card.question || 'Predict ' + card.target;
  byId('what').replaceChildren(
    el('strong', {}, card.name), el('span', {class: 'chip ' + (card.ready ? 'good' : 'bad')}, card.ready ? 'ready' : 'not ready'),
    el('span', {}, 'predicts ' + card.target + (card.classes ? ': ' + either(card.classes) : '')));
  byId('unready').hidden = card.ready;
  byId('unready').textContent = card.problem || '';
  byId('tiles').replaceChildren(...tiles());
  byId('verdict').textContent = (card.verdict && card.verdict.sentence) || '';
  byId('footer').textContent = card.name + ', version ' + card.version + ', sha256 ' + card.digest;
}

/* ---- the form ---- */

const MISSING = '\u0000missing'; // no level is this: a model's texts hold no NUL

function choices(input) {
  if (input.values) return input.values.map(String);
  if (input.type === 'boolean') return ['true', 'false'];
  return input.levels && input.levels.length ? input.levels : null;
}

function select(input, example) {
  const list = choices(input), chosen = example == null ? MISSING : String(example);
  const all = example != null && !list.includes(chosen) ? [chosen, ...list] : list;
  const control = el('select', {}, all.map(level => el('option', {value: level, selected: level === chosen}, level === '' ? '(empty)' : level)));
  if (!input.required) control.append(el('option', {value: MISSING, selected: chosen === MISSING}, '(missing)'));
  return control;
}

function typed(input, example) {
  const binding = input.severity !== 'warning', [low, high] = input.range || [];
  const kinds = {integer: 'number', number: 'number', date: 'date', timestamp: 'datetime-local'};
  const properties = {type: kinds[input.type] || 'text', required: input.required, autocomplete: 'off'};
  if (properties.type === 'number') properties.step = input.type === 'integer' ? 1 : 'any';
  if (properties.type === 'datetime-local') properties.step = 1;
  if (binding && properties.type !== 'datetime-local') Object.assign(properties, {min: low, max: high});
  let value = example == null ? '' : String(example);
  if (input.type === 'timestamp') value = value.replace(/(\.\d+)?Z$/, '');
  properties.value = value;
  return el('input', properties);
}

function hint(input) {
  const [low, high] = input.range || [];
  const parts = [];
  if (low != null && high != null) parts.push(low + ' to ' + high);
  else if (low != null) parts.push('from ' + low);
  else if (high != null) parts.push('up to ' + high);
  if (input.type === 'timestamp') parts.push('UTC');
  return parts.join(', ');
}

function field(input, i) {
  const control = choices(input) ? select(input, card.example[input.name]) : typed(input, card.example[input.name]);
  const wrong = el('p', {class: 'wrong', id: 'wrong-' + i, hidden: true}), more = hint(input);
  control.id = 'field-' + i;
  control.setAttribute('aria-describedby', wrong.id);
  fields.push({input, control, wrong});
  return el('div', {class: 'field'}, el('label', {for: control.id}, input.name, more ? el('span', {class: 'soft'}, ' ' + more) : null), control, wrong);
}

function valueOf({input, control}) {
  const text = control.value;
  if (text === MISSING || (text === '' && control.tagName === 'INPUT')) return null;
  if (input.type === 'integer' || input.type === 'number') return Number(text);
  if (input.type === 'boolean') return text === 'true';
  if (input.type === 'timestamp') return (text.length === 16 ? text + ':00' : text) + 'Z';
  return text;
}

/* A map keeps the columns' own names: an object would take "__proto__" for something else. */
function rowText() {
  return '{' + fields.map(one => JSON.stringify(one.input.name) + ': ' + JSON.stringify(valueOf(one))).join(', ') + '}';
}

function predictPath() {
  return card.links.predict + (card.explains ? '?explain=true' : '');
}

function showCurl() {
  byId('curl').textContent = curl('POST', predictPath(), rowText());
}

/* ---- faults ---- */

function clearFaults() {
  for (const {control, wrong} of fields) {
    control.removeAttribute('aria-invalid');
    wrong.hidden = true;
  }
}

function blame(one, text) {
  one.control.setAttribute('aria-invalid', 'true');
  one.wrong.textContent = text;
  one.wrong.hidden = false;
}

const unescape = pointer => pointer.slice(1).replace(/~1/g, '/').replace(/~0/g, '~');

function showProblem(error) {
  const elsewhere = [];
  let first = null;
  for (const fault of error.errors || []) {
    const one = fields.find(each => each.input.name === unescape(fault.pointer));
    const text = 'Expected ' + fault.expected + (fault.found == null ? '' : ', found ' + fault.found) + (fault.hint ? '; ' + fault.hint : '');
    if (one) blame(one, text);
    else elsewhere.push(fault.pointer + ': ' + text);
    first = first || one;
  }
  byId('answered').textContent = '';
  byId('result').replaceChildren(el('div', {class: 'alert', role: 'alert'}, capital(error.title || 'It did not work.'),
    elsewhere.length ? el('ul', {}, elsewhere.map(text => el('li', {}, text))) : null));
  if (first) first.control.focus();
}

/* ---- the answer ---- */

function probabilityBar(answer) {
  const fill = el('i'), mark = el('b', {title: 'the threshold'});
  fill.style.width = 100 * answer.probability + '%';
  mark.style.left = 100 * card.threshold + '%';
  return [
    el('div', {class: 'bar', role: 'img', 'aria-label': 'Probability of ' + card.positive + ' ' + percent(answer.probability) + ', threshold ' + percent(card.threshold)}, fill, mark),
    el('div', {class: 'ends'}, el('span', {}, '0 %'), el('span', {}, card.positive + ' from ' + percent(card.threshold)), el('span', {}, '100 %'))];
}

function classTable(answer) {
  const rows = Object.entries(answer.probabilities).sort((a, b) => b[1] - a[1]);
  return el('table', {class: 'probabilities'}, el('caption', {}, 'Probability of each class'),
    el('tbody', {}, rows.map(([name, p]) => el('tr', {}, el('th', {scope: 'row'}, name), el('td', {class: 'n'}, percent(p))))));
}

function explanation(answer) {
  const all = Object.entries(answer.explanation.values).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const most = all.length > 14 ? 12 : all.length, shown = all.slice(0, most), rest = all.slice(most);
  if (rest.length) shown.push([rest.length + ' further', rest.reduce((sum, each) => sum + each[1], 0), true]);
  const largest = Math.max(...shown.map(each => Math.abs(each[1])), 1e-12);
  const what = card.task === 'regression' ? null : card.task === 'binary' ? card.positive : answer.prediction;
  const row = ([name, value, many]) => {
    const bar = el('i', {class: value < 0 ? 'down' : 'up'}), one = !many && fields.find(each => each.input.name === name);
    const given = one ? valueOf(one) : undefined;
    bar.style.width = 50 * Math.abs(value) / largest + '%';
    return el('tr', {}, el('th', {scope: 'row'}, name, one ? el('span', {class: 'soft'}, given === null ? '(missing)' : String(given)) : null),
      el('td', {}, el('div', {class: 'signed'}, bar)), el('td', {class: 'n'}, signed(value, '+')));
  };
  return [el('h3', {}, 'Why'), el('table', {class: 'why'},
    el('caption', {}, el('span', {class: 'key up'}), what == null ? 'raises it' : 'towards ' + what, el('span', {class: 'key down'}), what == null ? 'lowers it' : 'away from ' + what),
    el('tbody', {}, shown.map(row))),
  el('p', {class: 'note'}, 'From the average, ' + signed(answer.explanation.base, '') + ', these add up to ' + signed(answer.explanation.margin, '') +
    (what == null ? '.' : ', the score that the probability is made from.'))];
}

function showAnswer(answer, seconds) {
  const parts = [];
  if (card.task === 'regression') {
    parts.push(el('p', {class: 'big'}, answer.prediction == null ? 'none: the numbers are too large' : answer.prediction.toLocaleString('en', {maximumSignificantDigits: 6})), el('p', {class: 'soft'}, card.target));
  } else {
    parts.push(el('p', {class: 'big'}, answer.prediction));
    if (card.task === 'binary')
      parts.push(el('p', {class: 'soft'}, 'probability of ' + card.positive + ': ' + percent(answer.probability)), probabilityBar(answer));
    else
      parts.push(classTable(answer));
  }
  if (answer.warnings)
    parts.unshift(el('div', {class: 'alert warn'}, 'Unusual values:', el('ul', {}, answer.warnings.map(each =>
      el('li', {}, unescape(each.pointer) + ': ' + each.found + ', expected ' + each.expected)))));
  if (answer.explanation && answer.explanation.margin != null) parts.push(...explanation(answer));
  parts.push(el('p', {class: 'note'}, 'Version ' + answer.version + ', id ', el('code', {}, answer.id)));
  byId('result').replaceChildren(...parts.flat());
  byId('answered').textContent = Math.max(1, Math.round(1000 * seconds)) + ' ms, there and back';
  byId('result').parentElement.scrollIntoView({block: 'nearest'});
}

async function predict() {
  const button = byId('predict');
  clearFaults();
  const unreadable = fields.filter(one => one.control.validity.badInput);
  if (unreadable.length) {
    unreadable.forEach(one => blame(one, 'This cannot be read'));
    unreadable[0].control.focus();
    return;
  }
  button.disabled = true;
  try {
    const began = performance.now();
    const answer = await ask(predictPath(), {method: 'POST', headers: {'Content-Type': 'application/json'}, body: rowText()});
    showAnswer(answer, (performance.now() - began) / 1000);
  } catch (error) {
    if (error instanceof Error) throw error;
    showProblem(error);
  } finally {
    button.disabled = false;
  }
}

/* ---- begin ---- */

function showForm() {
  fields = [];
  byId('fields').replaceChildren(...card.inputs.map(field));
  byId('answered').textContent = '';
  byId('result').replaceChildren(el('p', {class: 'soft'}, 'Fill in the form and press Predict: the prediction appears here, with what it rests on.'));
  showCurl();
}

function chosenModel(list, fallback) {
  let name = '';
  try { name = decodeURIComponent(location.hash.slice(1)); } catch { /* a faulty escape names nothing */ }
  return list.find(model => model.name === name) || list.find(model => model.name === fallback) || list[0];
}

async function showModel(model) {
  byId('able').hidden = !model.digest;
  if (model.digest) {
    card = await ask(model.links.self);
    showCard();
    showForm();
    return;
  }
  byId('title').textContent = model.name;
  byId('what').replaceChildren(el('span', {class: 'chip bad'}, 'not ready'));
  byId('unready').hidden = false;
  byId('unready').textContent = model.problem;
}

withToken(async () => {
  const {models, default: fallback} = await ask('/models');
  const now = chosenModel(models, fallback), chooser = byId('model');
  byId('chooser').hidden = models.length < 2;
  chooser.replaceChildren(...models.map(model => el('option', {value: model.name, selected: model === now}, model.name)));
  chooser.onchange = () => {
    const model = models.find(each => each.name === chooser.value);
    history.replaceState(null, '', '#' + encodeURIComponent(model.name));
    withToken(() => showModel(model));
  };
  await showModel(now);
});
byId('copy').append(copyButton(() => byId('curl').textContent));
byId('form').addEventListener('submit', event => { event.preventDefault(); predict(); });
byId('form').addEventListener('input', showCurl);
byId('form').addEventListener('reset', () => setTimeout(() => { clearFaults(); showForm(); }));
