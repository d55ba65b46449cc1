/**
 * The script that saves page loads: it changes the color scheme in place, filters lists while typing, and remembers which groups are collapsed. Without it,
 * the same forms work by loading a page.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const current = document.querySelector('.top nav [aria-current]');
  const pages = current && current.closest('nav');
  if (pages && pages.scrollWidth > pages.clientWidth) pages.scrollLeft = current.offsetLeft - pages.offsetLeft - 24;

  const schemes = document.querySelector('.schemes');
  if (schemes) schemes.addEventListener('submit', (event) => {
    const { value } = event.submitter;
    event.preventDefault();
    if (value === 'auto') delete document.documentElement.dataset.scheme;
    else document.documentElement.dataset.scheme = value;
    for (const one of schemes.querySelectorAll('button')) one.setAttribute('aria-pressed', String(one === event.submitter));
    const body = new URLSearchParams({ scheme: value });
    fetch(schemes.action, { method: 'POST', body, redirect: 'manual' }).catch(() => undefined);
  });

  // Collapsed groups stay collapsed in this tab, even when a part of the page is replaced.
  const closedKey = 'closed:' + location.pathname;
  let closed = new Set();
  try {
    closed = new Set(JSON.parse(sessionStorage.getItem(closedKey)));
  } catch { /* without storage, every page load expands them */ }
  const closeGroups = (root) => {
    for (const group of root.querySelectorAll('details.group[id]')) if (closed.has(group.id)) group.open = false;
  };
  document.addEventListener('click', (event) => {
    const summary = event.target.closest && event.target.closest('details.group[id] > summary');
    if (!summary) return;
    const { id, open } = summary.parentElement; // the state before this click
    if (open) closed.add(id);
    else closed.delete(id);
    try {
      sessionStorage.setItem(closedKey, JSON.stringify([...closed]));
    } catch { /* see above */ }
  });
  closeGroups(document);

  const filter = document.querySelector('.live-filter');
  if (filter) {
    let timer;
    let loading;
    const addressOf = () => {
      const url = new URL(filter.action);
      for (const [name, value] of new FormData(filter)) if (value !== '') url.searchParams.set(name, value);
      return url;
    };
    const update = async () => {
      const url = addressOf();
      history.replaceState(null, '', url);
      const id = filter.dataset.part;
      const part = new URL(url);
      part.searchParams.set('part', id);
      if (loading) loading.abort();
      loading = new AbortController();
      const response = await fetch(part, { headers: { accept: 'text/html' }, redirect: 'error', cache: 'no-store', signal: loading.signal });
      if (!response.ok) return;
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(id);
      if (!fresh) return;
      closeGroups(fresh);
      document.getElementById(id).replaceWith(fresh);
    };
    filter.addEventListener('input', (event) => {
      if (event.target.type !== 'search') return;
      clearTimeout(timer);
      timer = setTimeout(() => update().catch(() => undefined), 120);
    });
    filter.addEventListener('change', (event) => {
      if (event.target.tagName === 'SELECT') update().catch(() => undefined);
    });
  }
})();
`;
