/** The script that saves page loads: it changes the colour scheme in place. Without it, the same forms work by loading a page. */
export const PAGE_SCRIPT = `'use strict';
(() => {
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
})();
`;
