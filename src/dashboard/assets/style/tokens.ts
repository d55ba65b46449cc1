import {
  LINES,
  PHASE_COLOURS,
  STAGE_COLOURS,
  STATES,
  SURFACES,
  TEXTS,
  toVariables,
} from '../../../support/design-tokens.ts';

/**
 * Custom properties that all other styles are based on. `data-scheme` on the root is the reader's choice; without it, the system's applies. Print is light.
 */
export const TOKENS_CSS = `
:root {
  color-scheme: light dark;
  ${[SURFACES, LINES, TEXTS, STATES, STAGE_COLOURS, PHASE_COLOURS].map(toVariables).join('\n  ')}
  --brand: light-dark(#d9480f, #ff8a4c);

  /* Type: a step is about 1.2 times the one below. */
  --text-xs: .75rem;
  --text-s: .8125rem;
  --text-m: .875rem;
  --text-l: 1rem;
  --text-xl: 1.25rem;
  --text-2xl: 1.625rem;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;

  /* Space: multiples of 4 px. */
  --space-1: .25rem;
  --space-2: .5rem;
  --space-3: .75rem;
  --space-4: 1rem;
  --space-5: 1.5rem;
  --space-6: 2rem;
  --space-7: 3rem;
  --edge: clamp(1rem, 3vw, 2rem);

  --radius-s: 4px;
  --radius: 6px;
  --radius-l: 10px;
  --shadow: 0 1px 2px light-dark(rgb(20 24 29 / 6%), rgb(0 0 0 / 40%));
  --shadow-l: 0 6px 24px light-dark(rgb(20 24 29 / 14%), rgb(0 0 0 / 60%));
}
:root[data-scheme=light] { color-scheme: light; }
:root[data-scheme=dark] { color-scheme: dark; }
@media print { :root, :root[data-scheme] { color-scheme: light; --canvas: #fff; } }
`;
