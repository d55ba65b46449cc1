/** Filters log lines as the user types; without it, the browser's own search still works. */
export const LOG_SCRIPT = `'use strict';
(() => {
  const reveal = () => {
    const field = document.getElementById('log-filter');
    if (field) field.hidden = false;
  };
  document.addEventListener('input', (event) => {
    if (event.target.id !== 'log-filter') return;
    const words = event.target.value.toLowerCase().split(/\\s+/).filter(Boolean);
    document.getElementById('log').open = true;
    for (const line of document.querySelectorAll('.log > li')) {
      const text = line.textContent.toLowerCase();
      line.hidden = !words.every((word) => text.includes(word));
    }
  });
  new MutationObserver(reveal).observe(document.body, { childList: true, subtree: true });
  reveal();
})();
`;
