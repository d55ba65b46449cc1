import { isUncovered } from '../../record/discovery-change.ts';
import type { Tone } from '../../record/history-view.ts';
import { html, type Markup } from '../../support/html.ts';
import { addressOf } from '../address.ts';
import type { CurrentStandings } from '../deps.ts';
import type { OverviewDrill } from './overview-drill.ts';
import { NEEDS, type Need, type OverviewQuery } from './overview-query.ts';

interface Item {
  readonly count: number;
  readonly label: string;
  readonly tone: Tone;
  readonly href: string;
  readonly isCurrent: boolean;
}

/** What needs attention, each as a link to the drills concerned. */
export function attentionStrip(
  drills: readonly OverviewDrill[],
  { discovery, broken }: Pick<CurrentStandings, 'discovery' | 'broken'>,
  query: OverviewQuery,
): Markup {
  const needs = NEEDS.map((need) => {
    const about = drills.filter((one) => one.needs.has(need));
    const known = about.filter(({ row }) => row.acknowledged !== undefined || row.silenced !== undefined).length;
    const suffix = known === 0 ? '' : ` (${known} acknowledged or silenced)`;
    const isCurrent = query.needs === need;
    const href = isCurrent ? addressOf('/', query, { needs: undefined }) : addressOf('/', { needs: need });
    return { count: about.length, label: NEED_WORDS[need] + suffix, tone: TONES[need], href, isCurrent };
  });
  const gaps = discovery?.findings.filter(isUncovered).length ?? 0;
  const items: readonly Item[] = [
    ...needs,
    {
      count: broken.length,
      label: broken.length === 1 ? 'invalid file' : 'invalid files',
      tone: 'bad',
      href: '#broken',
      isCurrent: false,
    },
    { count: gaps, label: 'not covered', tone: 'warn', href: '/coverage', isCurrent: false },
  ];
  const shown = items.filter(({ count, isCurrent }) => count > 0 || isCurrent);
  if (shown.length === 0) return html`<p class="calm"><span aria-hidden="true">✔</span> Nothing needs attention.</p>`;
  return html`<nav aria-label="Needs attention"><ul class="attention">${shown.map(
    ({ count, label, tone, href, isCurrent }) =>
      html`<li><a class="${tone}" href="${href}"${isCurrent && html` aria-current="true"`}><strong>${count}</strong> ${label}</a></li>`,
  )}</ul></nav>`;
}

export const NEED_WORDS: Readonly<Record<Need, string>> = {
  failing: 'failing',
  errored: 'without a result',
  never: 'never proven',
  breach: 'forecast to exceed RTO',
  'recovery-key': 'not proven with recovery key',
  backup: 'without a new backup',
  late: 'running late',
};

const TONES: Readonly<Record<Need, Tone>> = {
  failing: 'bad',
  errored: 'bad',
  never: 'bad',
  breach: 'warn',
  'recovery-key': 'warn',
  backup: 'bad',
  late: 'warn',
};
