import { html, type Markup } from '../../support/html.ts';
import type { Report } from '../report.ts';
import { failingNow } from './summary.ts';

/** The parts of a report in order: their anchors and titles, the same in every format. */
export const PARTS = [
  ['r-headline', 'Can we recover?'],
  ['r-attainment', 'Runs meeting objectives'],
  ['r-incidents', 'Failures'],
  ['r-acknowledgements', 'Acknowledged and silenced'],
  ['r-coverage', 'What is not covered'],
  ['r-providers', 'Backup storage'],
  ['r-trends', 'Recovery times'],
  ['r-audit', 'Evidence'],
] as const;

/** Links to the parts; next to the report if there is room, otherwise above it. */
export function contents(report: Report): Markup {
  const counts: Partial<Record<(typeof PARTS)[number][0], number>> = {
    'r-incidents': failingNow(report).length,
    'r-acknowledgements': report.acknowledgements.filter(({ ended }) => !ended).length,
    'r-coverage': report.coverage.gaps.length,
    'r-providers': report.providers?.operations.filter(({ state }) => state === 'unusual').length ?? 0,
  };
  const links = PARTS.filter(([id]) => id !== 'r-providers' || report.providers).map(([id, title]) => {
    const count = counts[id] ?? 0;
    return html`<li><a href="#${id}">${title}${count > 0 && html` <span class="r-count">${count}</span>`}</a></li>`;
  });
  return html`<nav class="r-contents" aria-label="Contents of the report"><ol>${links}</ol></nav>`;
}
