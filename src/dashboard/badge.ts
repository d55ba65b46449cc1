import type { DrillStanding } from '../status/read-standings.ts';
import { html, type Markup } from '../support/html.ts';

/** State of a badge: recovery was proven by the last verdict and is up to date; it failed; it was never proven; or the proof is not recent. */
export type BadgeState = 'proven' | 'failing' | 'never' | 'outdated';

type Judged = Pick<DrillStanding, 'isOverdue' | 'lastVerdict'> & {
  readonly standing: Pick<DrillStanding['standing'], 'state' | 'isFailing'>;
};

export function badgeStateOf({ standing, isOverdue, lastVerdict }: Judged): BadgeState {
  if (standing.isFailing) return 'failing';
  if (lastVerdict?.verdict !== 'passed') return 'never';
  const { state } = standing;
  return !isOverdue && (state === 'passed' || state === 'running') ? 'proven' : 'outdated';
}

const WORDS: Readonly<Record<BadgeState, string>> = {
  proven: 'proven',
  failing: 'failing',
  never: 'never proven',
  outdated: 'out of date',
};

/** White text on each has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3). */
const COLOURS: Readonly<Record<BadgeState, string>> = {
  proven: '#1a7f3c',
  failing: '#c62828',
  never: '#5b6673',
  outdated: '#8a5a00',
};

const LABEL_COLOUR = '#3b434c';
/** Width of a digit in 11 px Verdana, the widest of the requested fonts. */
const CHARACTER_PX = 7;
const PAD_PX = 6;
const HEIGHT_PX = 20;

/** A small image for a README: the drill's name and its recovery state. */
export function drawBadge(drill: string, state: BadgeState): Markup {
  const words = WORDS[state];
  const left = drill.length * CHARACTER_PX + 2 * PAD_PX;
  const right = words.length * CHARACTER_PX + 2 * PAD_PX;
  const width = left + right;
  const text = (x: number, inside: string) =>
    html`<text x="${x}" y="14" fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">${inside}</text>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT_PX}" viewBox="0 0 ${width} ${HEIGHT_PX}" role="img" aria-label="recovery of ${drill}: ${words}"><title>recovery of ${drill}: ${words}</title><clipPath id="r"><rect width="${width}" height="${HEIGHT_PX}" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="${HEIGHT_PX}" fill="${LABEL_COLOUR}"/><rect x="${left}" width="${right}" height="${HEIGHT_PX}" fill="${COLOURS[state]}"/></g>${text(left / 2, drill)}${text(left + right / 2, words)}</svg>`;
}
