/** A colour in the light and in the dark scheme. */
export type SchemePair = readonly [light: string, dark: string];

/**
 * The colours of pages and reports: the single source for both. Text has a contrast of at least 4.5:1 on every surface, and everything else that carries
 * meaning 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); a test enforces this.
 */
export const SURFACES = {
  canvas: ['#f7f8fa', '#0e1013'],
  surface: ['#ffffff', '#15181c'],
  raised: ['#ffffff', '#1b1f24'],
  sunken: ['#f0f2f5', '#1f242a'],
} as const satisfies Record<string, SchemePair>;

/** `line` only separates; `outline` is the edge of a control. */
export const LINES = {
  line: ['#e4e7ec', '#262c33'],
  'line-strong': ['#cdd3db', '#3a424b'],
  outline: ['#808894', '#707a86'],
} as const satisfies Record<string, SchemePair>;

/** `ink` for primary text, `soft` for secondary text, `link` for links. */
export const TEXTS = {
  ink: ['#14181d', '#eceef1'],
  soft: ['#57606b', '#a3acb7'],
  link: ['#2450b8', '#93b4ff'],
} as const satisfies Record<string, SchemePair>;

/** Colours of a state: its text, the surface behind it and its mark in charts. A state also has a word or a shape, never a colour alone. */
export const STATES = {
  good: ['#14693a', '#74d69a'],
  'good-back': ['#e4f4ea', '#13301f'],
  'good-fill': ['#2a9457', '#45b674'],
  bad: ['#b1221b', '#ff9d96'],
  'bad-back': ['#fdeae8', '#3d1a1a'],
  'bad-fill': ['#d6403a', '#e9645e'],
  warn: ['#805000', '#f0c06a'],
  'warn-back': ['#fcf0d8', '#362910'],
  'warn-fill': ['#b8780c', '#dba040'],
  busy: ['#1d55bb', '#93bbff'],
  'busy-back': ['#e6effd', '#152b4b'],
  'busy-fill': ['#2f6fe0', '#5e98f7'],
} as const satisfies Record<string, SchemePair>;

/** One colour for each stage, the same in waterfalls, charts, legends and reports. */
export const STAGE_COLOURS = {
  locate: ['#7c3aed', '#b79cff'],
  plan: ['#a03c85', '#e29fd0'],
  'image-pull': ['#6b6a70', '#a9a8ae'],
  provision: ['#64748b', '#94a3b8'],
  restore: ['#2563eb', '#6aa5ff'],
  verify: ['#0b7a70', '#33d0bd'],
  teardown: ['#8a6236', '#cfa374'],
} as const satisfies Record<string, SchemePair>;

/** Phases are parts of a stage. */
export const PHASE_COLOURS = {
  fetch: ['#0879a8', '#5cc4ee'],
  unpack: ['#3d7f8f', '#86c4d1'],
  boot: ['#5e6f87', '#a2b0c4'],
  load: ['#2563eb', '#6aa5ff'],
  index: ['#4f52d9', '#a0a3ff'],
  replay: ['#8540c9', '#cd9bff'],
  seal: ['#1e4a8a', '#86aee6'],
  amcheck: ['#4a7c2f', '#9ccf7e'],
  checksums: ['#7a6a1f', '#d3c06a'],
} as const satisfies Record<string, SchemePair>;

/** `--name: light-dark(light, dark)` for each colour; the page's `color-scheme` selects one. */
export function toVariables(colours: Readonly<Record<string, SchemePair>>): string {
  return Object.entries(colours)
    .map(([name, [light, dark]]) => `--${name}: light-dark(${light}, ${dark});`)
    .join('\n  ');
}
