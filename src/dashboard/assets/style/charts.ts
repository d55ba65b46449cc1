import { PHASES, STAGES } from '../../../support/vocabulary.ts';

/** The small SVG charts in pages: bars, sparklines, waterfalls, strips. A shape gets its colour from its class, since the policy allows no inline style. */
export const CHARTS_CSS = `
.recovery { display: block; min-width: 8rem; }
svg.bar { width: 100%; max-width: 14rem; height: 6px; margin-top: var(--space-1); border-radius: 3px; }
svg.finish-bar { max-width: none; height: 14px; border-radius: 4px; margin: var(--space-2) 0; }
.finish-bar .range { fill: var(--busy-back); }
.finish-bar .likely { fill: var(--busy-fill); }
.fall { width: 100%; height: 12px; margin-top: .3rem; border-radius: 3px; }
.strip { max-width: 100%; height: 12px; margin-top: .3rem; }
.spark { width: 120px; height: 24px; }
.spark polyline { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.track { fill: var(--sunken); }
.fill.good { fill: var(--good-fill); }
.fill.bad { fill: var(--bad-fill); }
.fill.warn { fill: var(--warn-fill); }
.fill.busy { fill: var(--busy-fill); }
rect.target { fill: var(--ink); }
.finish-bar line.target { stroke: var(--ink); stroke-width: 2; stroke-dasharray: none; vector-effect: non-scaling-stroke; }
line.target { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 2; }
.cross { fill: none; stroke: var(--bad-fill); stroke-width: 2; }
.none { fill: var(--soft); }
${[...STAGES, ...PHASES].map((name) => `.stage.${name} { fill: var(--${name}); } .key.${name} { background: var(--${name}); }`).join('\n')}
.key { display: inline-block; width: .65rem; height: .65rem; margin-right: .4em; border-radius: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); margin: var(--space-2) 0; padding: 0; list-style: none; color: var(--soft); font-size: var(--text-s); }
`;
