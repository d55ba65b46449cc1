/**
 * Shows details of the run under the pointer in a drill's chart, or of the one selected by arrow keys; a click or Enter opens it. Without the script, the
 * chart is a static image, and a table has its numbers.
 */
export const CHART_SCRIPT = `'use strict';
(() => {
  let at = -1;
  const plotOf = (event) => event.target.closest && event.target.closest('.plot');
  const read = (plot) => {
    const look = [...plot.querySelectorAll('.look')].find((one) => one.offsetWidth > 0);
    return { look, xs: look ? look.dataset.xs.split(' ').map(Number) : [], points: JSON.parse(plot.dataset.points) };
  };
  const nearest = (plot, clientX) => {
    const { look, xs } = read(plot);
    if (!look) return -1;
    const box = look.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * 100;
    let best = -1;
    xs.forEach((one, index) => {
      if (best < 0 || Math.abs(one - x) <= Math.abs(xs[best] - x)) best = index;
    });
    return best;
  };
  const show = (plot, index, isSaid) => {
    const { look, xs, points } = read(plot);
    if (!look || !points[index]) return;
    at = index;
    const [, title, ...lines] = points[index];
    const tip = plot.querySelector('.chart-tip');
    const cursor = plot.querySelector('.cursor');
    tip.replaceChildren();
    const head = document.createElement('strong');
    head.textContent = title;
    tip.append(head, ...lines.map((line) => Object.assign(document.createElement('div'), { textContent: line })));
    tip.hidden = false;
    cursor.hidden = false;
    const left = (xs[index] / 100) * look.offsetWidth;
    cursor.style.left = left + 'px';
    cursor.style.height = look.offsetHeight + 'px';
    const room = look.offsetWidth - tip.offsetWidth;
    tip.style.left = Math.max(0, Math.min(room, left > look.offsetWidth / 2 ? left - tip.offsetWidth - 12 : left + 12)) + 'px';
    if (isSaid) document.getElementById('announce').textContent = [title, ...lines].join(', ');
  };
  const hide = (plot) => {
    plot.querySelector('.chart-tip').hidden = true;
    plot.querySelector('.cursor').hidden = true;
    at = -1;
  };
  const open = (plot) => {
    const point = read(plot).points[at];
    if (point) location.href = '/runs/' + encodeURIComponent(point[0]);
  };
  document.addEventListener('pointermove', (event) => {
    const plot = plotOf(event);
    if (plot) show(plot, nearest(plot, event.clientX), false);
    else for (const one of document.querySelectorAll('.plot:not(:focus)')) if (at >= 0) hide(one);
  });
  document.addEventListener('click', (event) => {
    const plot = plotOf(event);
    if (!plot) return;
    show(plot, nearest(plot, event.clientX), false);
    if (event.pointerType !== 'touch') open(plot);
  });
  document.addEventListener('focusin', (event) => {
    const plot = plotOf(event);
    if (plot && plot.matches(':focus-visible')) show(plot, read(plot).points.length - 1, true);
  });
  document.addEventListener('focusout', (event) => {
    const plot = plotOf(event);
    if (plot) hide(plot);
  });
  document.addEventListener('keydown', (event) => {
    const plot = plotOf(event);
    if (!plot) return;
    const last = read(plot).points.length - 1;
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
    if (event.key === 'Enter') open(plot);
    else if (event.key === 'Escape') hide(plot);
    else if (event.key in moves) show(plot, Math.max(0, Math.min(last, moves[event.key])), true);
    else return;
    event.preventDefault();
  });
})();
`;
