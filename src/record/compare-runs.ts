import { formatInstant } from '../support/instants.ts';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import { nameStage, STAGES } from '../support/vocabulary.ts';
import type { CheckRecord } from './check-record.ts';
import { describeOutcome, stateOf } from './history-view.ts';
import type { RunRecord, StageRecord } from './run-record.ts';
import type { Store } from './store.ts';

export const COMPARED_SECTIONS = ['run', 'backup', 'stages', 'checks', 'sandbox'] as const;

/** One fact about two runs, side by side. */
export interface ComparedRow {
  readonly section: (typeof COMPARED_SECTIONS)[number];
  readonly label: string;
  /** `–`: not recorded. */
  readonly before: string;
  readonly after: string;
  /** `+2.5 s (+36 %)`, or `changed`; empty: no difference. */
  readonly change: string;
}

type Section = ComparedRow['section'];

/** Everything recorded about the two runs, in section order. Facts that neither has are omitted. */
export function compareRuns(before: RunRecord, after: RunRecord): readonly ComparedRow[] {
  const word = (section: Section, label: string, of: (run: RunRecord) => string | undefined) =>
    compareWords(section, label, of(before), of(after));
  const amount = (
    section: Section,
    label: string,
    of: (run: RunRecord) => number | undefined,
    format: (value: number) => string,
  ) => compareAmounts(section, label, [of(before), of(after)], format);
  return [
    word('run', 'result', stateOf),
    word('run', 'why', (run) => describeOutcome(run) || undefined),
    amount('run', 'recovery', ({ recoveryTimeMs }) => recoveryTimeMs, formatDuration),
    amount('run', 'RTO', ({ objectives }) => objectives.rtoMs, formatDuration),
    word('run', 'definition', ({ definitionHash }) => definitionHash.slice(0, 12)),
    word('run', 'firedrill', ({ firedrillVersion }) => firedrillVersion),
    word('backup', 'key', ({ backup }) => backup?.key),
    word('backup', 'taken', ({ backup }) => backup && formatInstant(backup.takenAt)),
    amount('backup', 'age', ({ dataLossMs }) => dataLossMs, formatDuration),
    amount('backup', 'size', ({ backup }) => backup?.sizeBytes, formatBytes),
    amount('backup', 'read', ({ reading }) => reading?.actual?.bytes, formatBytes),
    word('backup', 'format', ({ backup }) => backup?.format),
    word('backup', 'server', ({ backup }) => backup?.serverVersion),
    word('backup', 'dumped by', ({ backup }) => backup?.dumpedBy),
    ...compareStages(before, after),
    ...compareChecks(before, after),
    word('sandbox', 'runtime', ({ sandbox }) => sandbox?.runtime),
    word('sandbox', 'image', ({ sandbox }) => sandbox?.image),
    word('sandbox', 'image id', ({ sandbox }) => sandbox?.imageId),
    word('sandbox', 'server', ({ sandbox }) => sandbox?.serverVersion),
    amount('sandbox', 'data on disk', ({ sandbox }) => sandbox?.dataBytes, formatBytes),
  ].filter((row) => row.before !== NONE || row.after !== NONE);
}

/** The newest run of the same drill that passed before this one. @returns undefined if none did. */
export async function findLastPass(store: Pick<Store, 'findRuns'>, run: RunRecord): Promise<RunRecord | undefined> {
  const [pass] = await store.findRuns({ drill: run.drill, states: ['passed'], after: run, limit: 1 });
  return pass;
}

const NONE = '–';

function compareStages(before: RunRecord, after: RunRecord): readonly ComparedRow[] {
  return STAGES.flatMap((name) => {
    const [a, b] = [before, after].map(({ stages }) => stages.find((stage) => stage.name === name));
    const phases = [...new Set([a, b].flatMap((stage) => stage?.phases.map((phase) => phase.name) ?? []))];
    return [
      compareAmounts('stages', nameStage(name), [tookOf(a), tookOf(b)], formatDuration),
      ...phases.map((phase) =>
        compareAmounts('stages', `  ${phase}`, [phaseOf(a, phase), phaseOf(b, phase)], formatDuration),
      ),
    ];
  });
}

function tookOf(stage: StageRecord | undefined): number | undefined {
  return stage?.outcome === 'skipped' ? undefined : stage?.durationMs;
}

function phaseOf(stage: StageRecord | undefined, name: string): number | undefined {
  return stage?.phases.find((phase) => phase.name === name)?.durationMs;
}

function compareChecks(before: RunRecord, after: RunRecord): readonly ComparedRow[] {
  const names = [...new Set([before, after].flatMap(({ checks }) => checks.map(({ name }) => name)))];
  return names.map((name) => {
    const [a, b] = [before, after].map(({ checks }) => checks.find((one) => one.name === name));
    const isSameQuestion = !a || !b || a.expected === b.expected;
    const words = (check: CheckRecord | undefined) =>
      check && `${check.passed ? '✔' : '✖'} ${check.actual}${isSameQuestion ? '' : ` (expected ${check.expected})`}`;
    return compareWords('checks', name, words(a), words(b));
  });
}

function compareWords(section: Section, label: string, before: string | undefined, after: string | undefined) {
  return { section, label, before: before ?? NONE, after: after ?? NONE, change: before === after ? '' : 'changed' };
}

function compareAmounts(
  section: Section,
  label: string,
  [before, after]: readonly (number | undefined)[],
  format: (value: number) => string,
): ComparedRow {
  const row = compareWords(
    section,
    label,
    before === undefined ? undefined : format(before),
    after === undefined ? undefined : format(after),
  );
  if (before === undefined || after === undefined || row.change === '') return row;
  return { ...row, change: describeChange(before, after, format) };
}

/** `+2.5 s (+36 %)`; percentages below 0.5, and those of zero, are omitted. */
function describeChange(before: number, after: number, format: (value: number) => string): string {
  const sign = after > before ? '+' : '−';
  const share = before > 0 ? Math.round((Math.abs(after - before) / before) * 100) : 0;
  return `${sign}${format(Math.abs(after - before))}${share > 0 ? ` (${sign}${share} %)` : ''}`;
}
