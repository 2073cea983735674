'use strict';
/* Shared by both pages. Whatever comes from the server is put in as text, never as HTML. */

/* el('p', {class: 'note', onclick: f}, 'text', node, …) */
function el(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter(child => child != null));
  return node;
}

const byId = id => document.getElementById(id);

let token = '';
try { token = sessionStorage.getItem('tend-token') || ''; } catch { /* storage is switched off: asked for again on each page */ }

function headers(more) {
  return token ? {Authorization: 'Bearer ' + token, ...more} : {...more};
}

/* The answer as a document; an error that a person can read otherwise. */
async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, {cache: 'no-store', ...options, headers: headers(options && options.headers)});
  } catch {
    throw {title: 'The server does not answer.'};
  }
  let body = null;
  try { body = await response.json(); } catch { /* told by the status */ }
  if (response.ok && body) return body;
  throw {status: response.status, title: 'The server answered ' + response.status + '.', ...body};
}

/* Runs what needs a token; asks for one when the server does. */
async function withToken(work) {
  const gate = byId('gate'), main = byId('content'), problem = byId('problem');
  try {
    await work();
    gate.hidden = true;
    main.hidden = false;
    problem.hidden = true;
  } catch (error) {
    if (error instanceof Error) throw error;
    main.hidden = true;
    gate.hidden = error.status !== 401 && error.status !== 403;
    problem.hidden = error.status === 401 && !token;
    problem.textContent = error.title;
    gate.querySelector('form').onsubmit = event => {
      event.preventDefault();
      token = byId('token').value.trim();
      try { sessionStorage.setItem('tend-token', token); } catch { /* as above */ }
      withToken(work);
    };
  }
  for (const link of document.querySelectorAll('[data-raw]')) link.hidden = token !== '' || !gate.hidden; // a link cannot bring a token along
}

/* For a POSIX shell. */
const quoted = text => "'" + text.replace(/'/g, "'\\''") + "'";

function curl(method, path, body, type) {
  const implied = method === 'GET' || (method === 'POST' && body != null);
  const parts = ['curl ' + (implied ? '' : '-X ' + method + ' ') + quoted(location.origin + path)];
  if (token) parts.push('-H "Authorization: Bearer $TOKEN"');
  if (body != null) parts.push('-H ' + quoted('Content-Type: ' + (type || 'application/json')), '--data-binary ' + quoted(body));
  return parts.join(' \\\n  ');
}

function copyButton(text) {
  const button = el('button', {type: 'button', 'aria-label': 'Copy the shell line', onclick: async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select and copy';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  }}, 'Copy');
  return button;
}
