import { describeCounted } from '../../status/explain-requests.ts';
import { html, type Markup } from '../../support/html.ts';
import { RATE_WORDS } from '../../support/vocabulary.ts';
import type { Report } from '../report.ts';
import type { AffectedRun, ProviderOperation, ProviderReport, UnusualTime } from '../report-providers.ts';
import { escapeMarkdown, table as markdownTable } from './markdown-table.ts';
import { clip } from './summary.ts';
import { instant, type ReportView, runRef, section, table } from './view.ts';
import { formatAt, plural } from './vocabulary.ts';

const MAX_RUNS = 20;

/** `1 operation of https://… fails more often than usual`, for the first page; undefined: everything is as usual now. */
export function describeUnusual({ providers }: Pick<Report, 'providers'>): string | undefined {
  const unusual = providers?.operations.filter(({ state }) => state === 'unusual') ?? [];
  const [first] = unusual;
  if (!first) return undefined;
  const more = unusual.length > 1 ? `, and ${plural(unusual.length - 1, 'more operation')}` : '';
  return `Backup storage fails more often than usual: ${first.endpoint}, ${first.operation}, ${describeCounted(first.last24Hours)} in 24 h${more}.`;
}

/** How backup stores answered. */
export function providerSection(view: ReportView): Markup | undefined {
  const { providers } = view.report;
  if (!providers) return undefined;
  const { operations, unusualPeriods, runs, doubt } = providers;
  const rates = table<ProviderOperation>(
    'Requests to backup storage, retries included',
    [
      { head: 'Store', cell: ({ endpoint }) => endpoint, isRowHead: true },
      { head: 'Operation', cell: ({ operation }) => operation },
      { head: 'State', cell: ({ state }) => RATE_WORDS[state] },
      ...(['Errors, 24 h', 'Usual at most', 'Errors, 30 days'] as const).map((head) => ({
        head,
        cell: (one: ProviderOperation) => RATE_CELLS[head](one),
        isNumber: true,
      })),
    ],
    operations,
  );
  const periods = table<UnusualTime>(
    'Unusual periods',
    [
      { head: 'Store', cell: ({ endpoint }) => endpoint, isRowHead: true },
      { head: 'Operation', cell: ({ operation }) => operation },
      { head: 'From', cell: ({ from }) => instant(view, from) },
      { head: 'To', cell: ({ to }) => instant(view, to) },
      { head: 'Errors', cell: describeCounted, isNumber: true },
    ],
    unusualPeriods,
  );
  const affected = table<AffectedRun>(
    'Backups read while requests were failing',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Backup', cell: nameBackup },
      { head: 'Result', cell: resultOf },
      { head: 'Errors met', cell: ({ errors }) => String(errors), isNumber: true },
      { head: 'Run', cell: ({ id }) => runRef(view, id) },
    ],
    runs.slice(0, MAX_RUNS),
  );
  return section(
    'r-providers',
    'Backup storage',
    html`<p>${describePeriods(providers)}</p>${rates}
${unusualPeriods.length > 0 && periods}
${runs.length > 0 && html`<p>${doubt}</p>${affected}`}${runs.length > MAX_RUNS && html`<p class="r-note">${describeMore(runs.length)}</p>`}`,
  );
}

/** The same as Markdown. */
export function markdownProviders({ providers, period: { zone } }: Report): string[] {
  if (!providers) return [];
  const { operations, unusualPeriods, runs, doubt } = providers;
  const heads = ['Errors, 24 h', 'Usual at most', 'Errors, 30 days'] as const;
  return [
    '## Backup storage',
    escapeMarkdown(describePeriods(providers)),
    markdownTable(
      ['Store', 'Operation', 'State', ...heads],
      operations.map((one) => [
        one.endpoint,
        one.operation,
        RATE_WORDS[one.state],
        ...heads.map((head) => RATE_CELLS[head](one)),
      ]),
    ),
    ...(unusualPeriods.length === 0
      ? []
      : [
          markdownTable(
            ['Store', 'Operation', 'From', 'To', 'Errors'],
            unusualPeriods.map((one) => [
              one.endpoint,
              one.operation,
              formatAt(one.from, zone),
              formatAt(one.to, zone),
              describeCounted(one),
            ]),
          ),
        ]),
    ...(runs.length === 0
      ? []
      : [
          escapeMarkdown(doubt),
          markdownTable(
            ['Drill', 'Backup', 'Result', 'Errors met', 'Run'],
            runs
              .slice(0, MAX_RUNS)
              .map((run) => [run.drill, nameBackup(run), resultOf(run), String(run.errors), run.id]),
          ),
        ]),
    ...(runs.length > MAX_RUNS ? [escapeMarkdown(describeMore(runs.length))] : []),
  ];
}

const RATE_CELLS = {
  'Errors, 24 h': ({ last24Hours }: ProviderOperation) =>
    last24Hours.requests === 0 ? '–' : describeCounted(last24Hours),
  'Usual at most': ({ usualAtMost }: ProviderOperation) => usualAtMost ?? '–',
  'Errors, 30 days': ({ last30Days }: ProviderOperation) => describeCounted(last30Days),
};

function describePeriods({ unusualPeriods, operations }: ProviderReport): string {
  const now = operations.filter(({ state }) => state === 'unusual').length;
  const state = now === 0 ? 'Backup storage answers as usual.' : `${plural(now, 'operation')} with unusual errors now.`;
  const before =
    unusualPeriods.length === 0
      ? 'No unusual period is on record.'
      : `${plural(unusualPeriods.length, 'unusual period')} on record.`;
  return `${state} ${before} Requests are kept for 30 days.`;
}

function nameBackup({ backup }: AffectedRun): string {
  return backup === undefined ? 'none chosen' : clip(backup, 120);
}

function resultOf({ verdict, status, reasons }: AffectedRun): string {
  return verdict === 'failed' ? `failed: ${reasons.join(', ')}` : (verdict ?? status);
}

function describeMore(count: number): string {
  return `The newest ${MAX_RUNS} of ${plural(count, 'run')} with errors.`;
}
