/**
 * The named colours of charts. A chart's marks have the middle tone, which is legible on white and on black, and a class: where {@link CHART_CSS} is
 * loaded, the class applies the colour of the reader's scheme, and the light one on paper. Every colour has a contrast of at least 3:1 against its
 * background (WCAG 2.2, 1.4.11), text 4.5:1 (1.4.3).
 */
export const CHART_COLOURS = {
  locate: { middle: '#8f63e8', light: '#7c3aed', dark: '#b79cff' },
  plan: { middle: '#b0669f', light: '#a03c85', dark: '#e29fd0' },
  'image-pull': { middle: '#87868b', light: '#6b6a70', dark: '#a9a8ae' },
  provision: { middle: '#76859b', light: '#64748b', dark: '#94a3b8' },
  restore: { middle: '#3f7ff0', light: '#2563eb', dark: '#6aa5ff' },
  verify: { middle: '#179c8d', light: '#0b7a70', dark: '#33d0bd' },
  teardown: { middle: '#a0774a', light: '#8a6236', dark: '#cfa374' },
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

/** The style sheet that every page or file with charts includes once. */
export const CHART_CSS = `:root{${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
@media print{:root{${variables('light')}}}
.r-chart{display:block;width:100%;height:auto;font-family:inherit}
${NAMES.map((name) => `.r-f-${name}{fill:var(--r-${name})}.r-s-${name}{stroke:var(--r-${name})}.r-b-${name}{background:var(--r-${name})}`).join('\n')}
`;

function variables(scheme: 'light' | 'dark'): string {
  return NAMES.map((name) => `--r-${name}:${CHART_COLOURS[name][scheme]}`).join(';');
}
