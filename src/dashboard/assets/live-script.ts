/**
 * The script that makes pages live: it follows the server's events and reloads the parts that show what changed. It never builds HTML, contains no texts, and
 * keeps no state except what it has loaded; without it, pages must be reloaded manually.
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
  // Copying takes a script; its buttons are hidden until there is one.
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
  const lamp = document.getElementById('live');
  const parts = () => [...document.querySelectorAll('[data-live]')];
  if (!parts().length || !window.EventSource) return;

  const MIN_GAP_MS = 1000;
  const waiting = new Map();
  let source;
  // A button that is replaced between press and release is never clicked.
  let pressed = false;
  document.addEventListener('pointerdown', () => {
    pressed = true;
  }, true);
  for (const end of ['pointerup', 'pointercancel', 'dragend'])
    document.addEventListener(end, () => setTimeout(() => {
      pressed = false;
    }), true);

  const shows = (part, change) =>
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
    const answer = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'error', cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(id);
    const old = document.getElementById(id);
    if (fresh && old) replace(old, fresh);
  };

  const replace = (old, fresh) => {
    const active = old.contains(document.activeElement) ? document.activeElement : undefined;
    if (pressed || (active && (active.tagName === 'INPUT' || active.tagName === 'SELECT'))) return want(old.id);
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
    const said = fresh.dataset.announce;
    if (said && said !== old.dataset.announce) announce.textContent = said;
    if (fresh.dataset.title) document.title = fresh.dataset.title;
    const icon = document.querySelector('link[rel="icon"]');
    if (fresh.dataset.icon && icon.getAttribute('href') !== fresh.dataset.icon) icon.href = fresh.dataset.icon;
  };

  const want = (id) => {
    if (waiting.has(id)) {
      waiting.get(id).again = true;
      return;
    }
    const state = { again: false };
    waiting.set(id, state);
    load(id)
      .catch(() => undefined)
      .then(() => new Promise((done) => setTimeout(done, MIN_GAP_MS)))
      .then(() => {
        waiting.delete(id);
        if (state.again) want(id);
      });
  };

  const show = (text) => {
    lamp.hidden = false;
    lamp.textContent = text;
  };

  let minutes;
  const open = () => {
    if (source || document.hidden) return;
    minutes = setInterval(() => {
      for (const part of parts()) if (part.hasAttribute('data-each-minute')) want(part.id);
    }, 60_000);
    source = new EventSource('/live');
    source.addEventListener('hello', () => {
      show('live');
      for (const part of parts()) want(part.id);
    });
    source.addEventListener('change', (event) => {
      const change = JSON.parse(event.data);
      for (const part of parts()) if (shows(part, change)) want(part.id);
    });
    source.addEventListener('error', () => {
      show(source && source.readyState === EventSource.CLOSED ? 'not live: reload the page' : 'not live: reconnecting');
    });
  };
  const close = () => {
    if (source) source.close();
    source = undefined;
    clearInterval(minutes);
  };

  // A browser keeps few connections to one server: pages that nobody looks at hold none.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', open);
  open();
})();
`;
