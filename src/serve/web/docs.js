/* The page at /docs: the OpenAPI document, to read. */
let api = null;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/* What a "$ref" points to. */
function resolved(schema) {
  let at = schema;
  for (let hops = 0; at && at.$ref && hops < 16; hops++)
    at = at.$ref.slice(2).split('/').reduce((node, key) => node && node[key.replace(/~1/g, '/').replace(/~0/g, '~')], api);
  return at || {};
}

const shown = value => typeof value === 'string' ? value : JSON.stringify(value);

/* A type in a few words. */
function typeOf(raw) {
  const schema = resolved(raw);
  if (schema.oneOf) {
    const [first, second] = schema.oneOf;
    const many = schema.oneOf.length === 2 && second.type === 'array' && resolved(second.items) === resolved(first);
    return many ? typeOf(first) + ', or a list of them' : schema.oneOf.map(typeOf).join(', or ');
  }
  if (schema.enum) return 'one of ' + schema.enum.map(shown).join(', ');
  if ('const' in schema) return shown(schema.const);
  if (schema.type === 'array') return 'list of ' + typeOf(schema.items || {});
  const types = [].concat(schema.type || 'anything').map(type => type === 'null' ? 'null' : schema.format && type === 'string' ? schema.format : type);
  return (schema.title && schema.type === 'object' ? schema.title.charAt(0).toLowerCase() + schema.title.slice(1) : types.join(' or '));
}

/* What the type does not say. */
function limitsOf(raw) {
  const schema = resolved(raw), parts = [];
  const machine = schema.format === 'int64' || Math.abs(schema.minimum) > 9e18; // what an integer can be at all
  if (!machine && schema.minimum != null) parts.push('at least ' + schema.minimum);
  if (schema.maximum != null && Math.abs(schema.maximum) < 9e18) parts.push('at most ' + schema.maximum);
  if (schema.maxItems != null) parts.push('at most ' + schema.maxItems + ' of them');
  if (schema.pattern) parts.push('matches ' + schema.pattern);
  if (schema.not && schema.not.enum) parts.push('not ' + schema.not.enum.map(text => JSON.stringify(text)).join(', '));
  return parts.join(', ');
}

function table(head, rows, kind) {
  return el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': head.join(', ')}, el('table', {class: kind},
    el('thead', {}, el('tr', {}, head.map(text => el('th', {scope: 'col'}, text)))),
    el('tbody', {}, rows.map(([first, ...others]) => el('tr', {}, el('th', {scope: 'row'}, first), others.map(cell => el('td', {}, cell)))))));
}

/* The objects that a schema is made of, each as a table. */
function objects(raw, seen) {
  const schema = resolved(raw);
  if (seen.has(schema)) return [];
  seen.add(schema);
  const nested = (schema.oneOf || []).concat(schema.type === 'array' && schema.items ? [schema.items] : []);
  const parts = nested.flatMap(each => objects(each, seen));
  const properties = Object.entries(schema.properties || {});
  if (!properties.length) return parts;
  const rows = properties.map(([name, property]) => [
    el('span', {}, el('code', {}, name), (schema.required || []).includes(name) ? null : el('span', {class: 'soft'}, ' optional')),
    typeOf(property), [limitsOf(property), resolved(property).description].filter(Boolean).join('. ')]);
  return [el('h4', {class: 'note'}, schema.title || 'Object'), table(['name', 'type', 'more'], rows), ...parts];
}

function example(media) {
  if (media && media.example != null) return media.example;
  const schema = resolved(media && media.schema);
  return schema.examples ? schema.examples[0] : null;
}

function contents(content, title) {
  const parts = [], seen = new Set();
  for (const [type, media] of Object.entries(content || {})) {
    const sample = example(media), text = sample == null ? null : typeof sample === 'string' ? sample : JSON.stringify(sample, null, 2);
    const description = resolved(media.schema).description;
    parts.push(el('h3', {}, title + ' ', el('code', {}, type)));
    if (description && resolved(media.schema).type === 'string') parts.push(el('p', {class: 'note'}, description));
    else if (media.schema) parts.push(el('p', {class: 'note'}, capitalized(typeOf(media.schema))), ...objects(media.schema, seen));
    if (text) parts.push(el('p', {class: 'note'}, 'Example'), el('pre', {tabindex: 0}, el('code', {}, text)));
  }
  return parts;
}

const capitalized = text => text.charAt(0).toUpperCase() + text.slice(1);

/* With the first value that a parameter may have. */
function filled(path, operation) {
  return (operation.parameters || []).filter(each => each.in === 'path').reduce((text, each) => {
    const value = each.schema.enum ? encodeURIComponent(each.schema.enum[0]) : each.name.toUpperCase();
    return text.replace('{' + each.name + '}', value);
  }, path);
}

function shellLine(method, path, operation) {
  const json = operation.requestBody && operation.requestBody.content['application/json'];
  const sample = example(json), text = curl(method.toUpperCase(), filled(path, operation), json ? JSON.stringify(sample == null ? {} : sample) : null);
  return [el('h3', {}, 'From a shell ', el('span', {class: 'copy'}, copyButton(() => text))), el('pre', {tabindex: 0}, el('code', {}, text))];
}

function parameters(operation) {
  if (!operation.parameters) return [];
  const rows = operation.parameters.map(each => [
    el('span', {}, el('code', {}, each.name), el('span', {class: 'soft'}, ' ' + each.in + (each.required ? '' : ', optional'))),
    typeOf(each.schema), each.description || '']);
  return [el('h3', {}, 'Parameters'), table(['name', 'type', 'more'], rows)];
}

function responses(operation) {
  const rows = Object.entries(operation.responses).map(([status, response]) =>
    [status, response.description, Object.keys(response.content || {}).join(', ')]);
  return [el('h3', {}, 'Answers'), table(['status', 'when', 'as'], rows, 'statuses'), ...contents(operation.responses['200'] && operation.responses['200'].content, 'Answer')];
}

function section(method, path, operation, open) {
  return el('details', {class: 'op', id: operation.operationId, open},
    el('summary', {}, el('span', {class: 'method ' + method}, method.toUpperCase()), el('span', {class: 'path'}, path), el('span', {class: 'soft'}, operation.summary)),
    el('div', {class: 'body'},
      el('p', {class: 'note'}, operation.description || 'Open to anyone who can reach the server.'),
      parameters(operation), shellLine(method, path, operation),
      operation.requestBody ? contents(operation.requestBody.content, 'Body') : [],
      responses(operation)));
}

function openTarget() {
  const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === 'DETAILS') {
    target.open = true;
    target.scrollIntoView();
  }
}

withToken(async () => {
  api = await ask('/openapi.json');
  byId('about').textContent = api.info.description;
  const index = byId('index'), groups = byId('groups');
  index.replaceChildren();
  groups.replaceChildren();
  for (const tag of api.tags) {
    const operations = Object.entries(api.paths).flatMap(([path, item]) =>
      METHODS.filter(method => item[method] && item[method].tags.includes(tag.name)).map(method => [method, path, item[method]]));
    if (!operations.length) continue;
    index.append(el('h2', {}, tag.description), el('ul', {}, operations.map(([method, path, operation]) =>
      el('li', {}, el('a', {href: '#' + operation.operationId}, method.toUpperCase() + ' ' + path)))));
    groups.append(el('section', {class: 'group'}, el('h2', {}, tag.description),
      operations.map(([method, path, operation], i) => section(method, path, operation, tag.name === 'predict' && i === 0))));
  }
  setTimeout(openTarget);
});
addEventListener('hashchange', openTarget);
