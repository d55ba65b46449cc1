import { type SchemePair, STAGE_COLOURS } from '../../support/design-tokens.ts';

/**
 * The named colours of charts. A chart's marks have the middle tone, which is legible on white and on black, and a class: where {@link CHART_CSS} is
 * loaded, the class applies the colour of the reader's scheme, and the light one on paper. Every colour has a contrast of at least 3:1 against its
 * background (WCAG 2.2, 1.4.11), text 4.5:1 (1.4.3).
 */
export const CHART_COLOURS = {
  locate: { middle: '#8f63e8', ...schemes(STAGE_COLOURS.locate) },
  plan: { middle: '#b0669f', ...schemes(STAGE_COLOURS.plan) },
  'image-pull': { middle: '#87868b', ...schemes(STAGE_COLOURS['image-pull']) },
  provision: { middle: '#76859b', ...schemes(STAGE_COLOURS.provision) },
  restore: { middle: '#3f7ff0', ...schemes(STAGE_COLOURS.restore) },
  verify: { middle: '#179c8d', ...schemes(STAGE_COLOURS.verify) },
  teardown: { middle: '#a0774a', ...schemes(STAGE_COLOURS.teardown) },
  target: { middle: '#7d7d86', light: '#1b1f24', dark: '#f2f4f7' },
  bad: { middle: '#dd4b45', light: '#c62828', dark: '#ff8a80' },
  slow: { middle: '#c67a12', light: '#a35200', dark: '#f5b54a' },
  unknown: { middle: '#808a97', light: '#5b6673', dark: '#a7b1bd' },
  good: { middle: '#2f9b57', light: '#1a7f3c', dark: '#56d17f' },
  size: { middle: '#b15fae', light: '#9b3d97', dark: '#e08fdc' },
  forecast: { middle: '#3f7ff1', light: '#2563eb', dark: '#6aa5ff' },
  text: { middle: '#75808d', light: '#46515e', dark: '#b9c3ce' },
  grid: { middle: '#8b95a1', light: '#dfe4ea', dark: '#343c47' },
} as const satisfies Record<string, { middle: string; light: string; dark: string }>;

export type ChartColour = keyof typeof CHART_COLOURS;

/** The colour value for an ECharts option or a shape. */
export function colour(name: ChartColour): string {
  return CHART_COLOURS[name].middle;
}

const NAMES = Object.keys(CHART_COLOURS) as ChartColour[];

/** @returns the name for a colour value that {@link colour} returned. */
export function nameOfColour(text: string): ChartColour | undefined {
  return NAMES.find((name) => CHART_COLOURS[name].middle === text);
}

const VARIABLES = NAMES.map(
  (name) => `--r-${name}:light-dark(${CHART_COLOURS[name].light},${CHART_COLOURS[name].dark})`,
).join(';');

/** The style sheet that every page or file with charts includes once. */
export const CHART_CSS = `:root{color-scheme:light dark;${VARIABLES}}
@media print{:root{color-scheme:light}}
.r-chart{display:block;width:100%;height:auto;font-family:inherit}
.r-chart text.r-f-target{paint-order:stroke;stroke:light-dark(#fff,#15181c);stroke-width:4px;stroke-linejoin:round}
${NAMES.map((name) => `.r-f-${name}{fill:var(--r-${name})}.r-s-${name}{stroke:var(--r-${name})}.r-b-${name}{background:var(--r-${name})}`).join('\n')}
`;

function schemes([light, dark]: SchemePair): { readonly light: string; readonly dark: string } {
  return { light, dark };
}
