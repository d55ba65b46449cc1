/**
 * The script that makes pages live: it follows the server's events and reloads the parts that show what changed. It builds no HTML and
 * keeps no state beyond what it has loaded. Without it, pages must be reloaded manually.
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
  // Copy buttons need scripts and the clipboard, so they are hidden until both are available.
  const reveal = (root) => {
    if (navigator.clipboard) for (const button of root.querySelectorAll('[data-copy]')) button.hidden = false;
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest && event.target.closest('[data-copy]');
    if (!button) return;
    navigator.clipboard.writeText(button.dataset.copy).then(() => button.classList.add('copied'), () => undefined);
    setTimeout(() => button.classList.remove('copied'), 2000);
  });
  reveal(document);

  const announce = document.getElementById('announce');
  const status = document.getElementById('live');
  const parts = () => [...document.querySelectorAll('[data-live]')];
  if (!parts().length || !window.EventSource) return;

  const MIN_GAP_MS = 1000;
  const refreshing = new Map();
  let source;
  // Replacing a button between press and release would lose the click.
  let pressed = false;
  document.addEventListener('pointerdown', () => {
    pressed = true;
  }, true);
  for (const end of ['pointerup', 'pointercancel', 'dragend'])
    document.addEventListener(end, () => setTimeout(() => {
      pressed = false;
    }), true);

  const isAffected = (part, change) =>
    part.dataset.live.split(' ').some((word) => {
      if (word.startsWith('drill:')) return change.drill === undefined || word === 'drill:' + change.drill;
      if (word.startsWith('run:')) return word === 'run:' + change.runId;
      if (word.startsWith('end:')) return change.kind === 'ended' && word === 'end:' + change.runId;
      return word === change.kind;
    });

  const load = async (id) => {
    const url = new URL(location.href);
    url.hash = '';
    url.searchParams.delete('said');
    url.searchParams.set('part', id);
    const response = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'error', cache: 'no-store' });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(id);
    const old = document.getElementById(id);
    if (fresh && old) replace(old, fresh);
  };

  const replace = (old, fresh) => {
    const active = old.contains(document.activeElement) ? document.activeElement : undefined;
    if (pressed || (active && (active.tagName === 'INPUT' || active.tagName === 'SELECT'))) return refresh(old.id);
    const key = active && (active.id || active.getAttribute('href'));
    const folds = new Map([...old.querySelectorAll('details[id]')].map((one) => [one.id, one.open]));
    for (const field of old.querySelectorAll('select[id], input[id]')) {
      const again = [...fresh.querySelectorAll('select[id], input[id]')].find((one) => one.id === field.id);
      if (again) again.value = field.value;
    }
    old.replaceWith(fresh);
    reveal(fresh);
    for (const one of fresh.querySelectorAll('details[id]')) if (folds.has(one.id)) one.open = folds.get(one.id);
    if (key) {
      const again = [...fresh.querySelectorAll('[id], a[href]')].find((one) => one.id === key || one.getAttribute('href') === key);
      if (again) again.focus({ preventScroll: true });
    }
    const announcement = fresh.dataset.announce;
    if (announcement && announcement !== old.dataset.announce) announce.textContent = announcement;
    if (fresh.dataset.title) document.title = fresh.dataset.title;
    const icon = document.querySelector('link[rel="icon"]');
    if (fresh.dataset.icon && icon.getAttribute('href') !== fresh.dataset.icon) icon.href = fresh.dataset.icon;
  };

  const refresh = (id) => {
    if (refreshing.has(id)) {
      refreshing.get(id).again = true;
      return;
    }
    const state = { again: false };
    refreshing.set(id, state);
    load(id)
      .catch(() => undefined)
      .then(() => new Promise((done) => setTimeout(done, MIN_GAP_MS)))
      .then(() => {
        refreshing.delete(id);
        if (state.again) refresh(id);
      });
  };

  const showStatus = (text) => {
    status.hidden = false;
    status.textContent = text;
  };

  let minuteTimer;
  const open = () => {
    if (source || document.hidden) return;
    minuteTimer = setInterval(() => {
      for (const part of parts()) if (part.hasAttribute('data-each-minute')) refresh(part.id);
    }, 60_000);
    source = new EventSource('/live');
    source.addEventListener('hello', () => {
      showStatus('live');
      for (const part of parts()) refresh(part.id);
    });
    source.addEventListener('change', (event) => {
      const change = JSON.parse(event.data);
      for (const part of parts()) if (isAffected(part, change)) refresh(part.id);
    });
    source.addEventListener('error', () => {
      showStatus(source && source.readyState === EventSource.CLOSED ? 'disconnected: reload the page' : 'reconnecting');
    });
  };
  const close = () => {
    if (source) source.close();
    source = undefined;
    clearInterval(minuteTimer);
  };

  // Browsers limit the number of connections per server, so hidden pages close theirs.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', open);
  open();
})();
`;
