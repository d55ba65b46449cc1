import { html, type Markup } from '../support/html.ts';
import { pathOfDrill } from './format.ts';

/** How far back a drill's page goes, in days. */
export const DRILL_RANGES = [7, 30, 90, 365] as const;
export type DrillRange = (typeof DRILL_RANGES)[number];
export const DEFAULT_RANGE: DrillRange = 90;

/** @param text `30d`, from the address. @returns undefined if it is not a range. */
export function parseRange(text: string | undefined): DrillRange | undefined {
  if (text === undefined || text === '') return DEFAULT_RANGE;
  return DRILL_RANGES.find((days) => text === `${days}d`);
}

/** Links to the other ranges. */
export function rangeLinks(drill: string, chosen: DrillRange): Markup {
  const links = DRILL_RANGES.map(
    (days) =>
      html`<li><a href="${pathOfDrill(drill)}${days !== DEFAULT_RANGE && `?range=${days}d`}#trend-heading"${days === chosen && html` aria-current="true"`}>${days} days</a></li>`,
  );
  return html`<nav class="ranges" aria-label="Range"><ul>${links}</ul></nav>`;
}
