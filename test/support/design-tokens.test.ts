import { expect, it } from 'vitest';
import {
  LINES,
  PHASE_COLOURS,
  type SchemePair,
  STAGE_COLOURS,
  STATES,
  SURFACES,
  TEXTS,
} from '../../src/support/design-tokens.ts';

const SCHEMES = { light: 0, dark: 1 } as const;
type Colours = Readonly<Record<string, SchemePair>>;

/** Relative luminance as WCAG 2.2 defines it. */
function luminanceOf(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrastOf(a: string, b: string): number {
  const [bright = 0, dim = 0] = [luminanceOf(a), luminanceOf(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

function tooWeak(front: Colours, back: Colours, least: number, scheme: keyof typeof SCHEMES): string[] {
  const at = SCHEMES[scheme];
  return Object.entries(front).flatMap(([name, pair]) =>
    Object.entries(back)
      .filter(([, other]) => contrastOf(pair[at], other[at]) < least)
      .map(([surface, other]) => `${name} on ${surface}: ${contrastOf(pair[at], other[at]).toFixed(2)}`),
  );
}

const pick = (suffix: string) => Object.fromEntries(Object.entries(STATES).filter(([name]) => name.endsWith(suffix)));
const { good, bad, warn, busy } = STATES;

it.each(['light', 'dark'] as const)('text and marks stand out from every surface in the %s scheme', (scheme) => {
  expect([
    ...tooWeak({ ...TEXTS, good, bad, warn, busy }, SURFACES, 4.5, scheme),
    ...tooWeak({ good }, { 'good-back': STATES['good-back'] }, 4.5, scheme),
    ...tooWeak({ bad }, { 'bad-back': STATES['bad-back'] }, 4.5, scheme),
    ...tooWeak({ warn }, { 'warn-back': STATES['warn-back'] }, 4.5, scheme),
    ...tooWeak({ busy }, { 'busy-back': STATES['busy-back'] }, 4.5, scheme),
    ...tooWeak({ ink: TEXTS.ink }, pick('-back'), 4.5, scheme),
    ...tooWeak({ ...pick('-fill'), ...STAGE_COLOURS, ...PHASE_COLOURS, outline: LINES.outline }, SURFACES, 3, scheme),
  ]).toEqual([]);
});
