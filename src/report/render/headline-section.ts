import { type Child, html, type Markup } from '../../support/html.ts';
import { endOf, isOver } from '../known-then.ts';
import type { Report } from '../report.ts';
import type { Attainment, Measure } from '../report-attainment.ts';
import { type ReportView, section } from './view.ts';
import { formatShare, formatTargetShare, plural } from './vocabulary.ts';

/** 1: the headline, a few numbers, and everything that needs attention. */
export function headlineSection({ report }: ReportView): Markup {
  const { headline, audit } = report;
  const statements = headline.statements.map(({ text }) => html`<li>${text}</li>`);
  const list = html`<h3>What needs attention</h3><ul class="r-list">${statements}</ul>`;
  return section(
    'r-headline',
    'Can we recover?',
    html`<p class="r-lead r-${headline.tone}"><strong>${WORDS[headline.tone]}</strong> ${headline.text}</p>
<dl class="r-tiles">${tiles(report)}</dl>
${statements.length > 0 && list}
${audit.teardown.notConfirmed > 0 && html`<p class="r-warning">${plural(audit.teardown.notConfirmed, 'sandbox')} ${audit.teardown.notConfirmed === 1 ? 'was' : 'were'} not seen removed: see the evidence.</p>`}`,
  );
}

/** Not every reader can tell the colours apart, so each has a word. */
const WORDS = { good: 'Good.', warn: 'Attention.', bad: 'Not proven.' } as const;

function tiles({ headline, drillCount, attainment, incidents, runCount, madeAt, period }: Report): Child {
  const then = { asOf: madeAt, period };
  const open = incidents.filter(
    ({ resolved, kind }) => kind === 'failed' && (!resolved || resolved.at >= endOf(then)),
  ).length;
  return [
    tile(
      'proven recoverable',
      `${headline.provenCount} of ${drillCount}`,
      drillCount > 0 && headline.provenCount === drillCount,
    ),
    shareTile('within RTO', attainment, ({ rto }) => rto),
    shareTile('within RPO', attainment, ({ rpo }) => rpo),
    shareTile('with right data', attainment, ({ data }) => data),
    tile(
      isOver(then) ? 'failing at its end' : 'failing now',
      String(open),
      open === 0 && runCount === 0 ? undefined : open === 0,
    ),
    tile('runs in the period', String(runCount), undefined),
  ];
}

function shareTile(
  name: string,
  { all, targetShare }: Attainment,
  pick: (cell: Attainment['all']['total']) => Measure,
): Markup {
  const { share } = pick(all.total);
  return tile(`${name} (target ${formatTargetShare(targetShare)})`, formatShare(share), share && share >= targetShare);
}

function tile(name: string, value: string, isGood: boolean | number | undefined): Markup {
  const tone = typeof isGood === 'boolean' && html` class="${isGood ? 'r-good' : 'r-bad'}"`;
  return html`<div${tone}><dt>${name}</dt><dd>${value}</dd></div>`;
}
