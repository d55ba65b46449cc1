import { describe, expect, it, vi } from 'vitest';
import { NO_LINKS } from '../../src/cli/hyperlinks.ts';
import { createJsonPrinter } from '../../src/cli/printers/json-printer.ts';
import { createLinesPrinter } from '../../src/cli/printers/lines-printer.ts';
import { createTerminalPrinter } from '../../src/cli/printers/terminal-printer.ts';
import { StatusArea } from '../../src/cli/status-area.ts';
import { LiveRunView } from '../../src/daemon/live-run.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { CanceledByUser, type RunEvent } from '../../src/run/contract.ts';
import { nameStage } from '../../src/support/vocabulary.ts';
import { type FakeDrill, type FakeOptions, fail, hang, makeFakeDrill, useFakeTime } from '../run/fake-drill.ts';

useFakeTime();

interface Recorded {
  readonly run: RunRecord;
  readonly events: readonly RunEvent[];
}

const plain = (_format: unknown, text: string) => text;

/** Runs a drill to the end. @returns its record and all of its events. */
async function recordRun(options: FakeOptions, meanwhile?: (drill: FakeDrill) => Promise<void>): Promise<Recorded> {
  const drill = makeFakeDrill(options);
  const running = drill.run();
  await meanwhile?.(drill);
  return { run: await running, events: drill.events };
}

const RUNS: readonly [string, () => Promise<Recorded>][] = [
  ['that passed', () => recordRun({ outcome: { warnings: ['no statistics'] } })],
  ['that failed', () => recordRun({ answer: 598, outcome: { errorCount: 1, errors: ['ERROR: no table x'] } })],
  ['that errored early', () => recordRun({ hooks: { list: fail('source-denied', 'no right to list') } })],
  [
    'that was canceled',
    () =>
      recordRun({ hooks: { load: hang } }, async (drill) => {
        await drill.reached('load');
        drill.interrupt.abort(new CanceledByUser('bob (web)', 'No verdict.'));
        await vi.advanceTimersByTimeAsync(2000);
      }),
  ],
  [
    'whose sandbox was kept',
    () =>
      recordRun({ keepMs: 60_000 }, async (drill) => {
        await drill.reached('prepareClient');
        await vi.advanceTimersByTimeAsync(60_000);
      }),
  ],
];

describe.each(RUNS)('of a run %s', (_, make) => {
  it('the printed lines show the recorded stages, checks, warnings and verdict', async () => {
    const { run, events } = await make();
    const text = printLines(events);
    expect(stagesIn(text)).toEqual(run.stages.map(({ name }) => nameStage(name)));
    expectEnding(text, { run, events });
  });

  it('the terminal shows them too, with the verdict before how to connect to a kept sandbox', async () => {
    const { run, events } = await make();
    vi.useRealTimers();
    const text = await printTerminal(events);
    expectEnding(text, { run, events });
    if (run.sandbox?.kept) expect(text.indexOf('PASSED orders')).toBeLessThan(text.indexOf('kept until'));
  });

  it('the live page shows the recorded stages and checks', async () => {
    const { run, events } = await make();
    const view = new LiveRunView('by a test');
    for (const event of events) view.take(event);
    expect(view.snapshot()).toMatchObject({
      runId: run.id,
      drill: run.drill,
      startedAt: run.startedAt,
      stages: run.stages,
      checks: run.checks,
      stage: undefined,
      progress: undefined,
    });
    expect(view.snapshot()?.kept !== undefined).toBe(run.sandbox?.kept ?? false);
  });

  it('--json prints the known line types, and the other facts in the run of the last line', async () => {
    const { events } = await make();
    const lines: string[] = [];
    const printer = createJsonPrinter({ write: (text: string) => lines.push(text) });
    for (const event of events) printer.handle(event);
    const told = lines.map((line) => JSON.parse(line) as { readonly type: string; readonly level?: string });
    const known = [
      'run-started',
      'stage-started',
      'backup-chosen',
      'predicted',
      'progress',
      'stage-ended',
      'planned',
      'check',
      'log',
      'kept',
    ];
    expect(told.filter(({ type }) => ![...known, 'run-ended'].includes(type))).toEqual([]);
    const warnings = events.filter(({ type }) => type === 'warning').length;
    expect(told.filter(({ type, level }) => type === 'log' && level === 'warn')).toHaveLength(warnings);
  });
});

it('the terminal ends a run that could not be recorded without a verdict', async () => {
  const { events } = await recordRun({ hooks: { list: fail('source-denied', 'no right to list') } });
  vi.useRealTimers();
  const text = await printTerminal(events.filter(({ type }) => type !== 'run-ended'));
  expect(text).not.toContain('ERRORED');
});

function expectEnding(text: string, { run, events }: Recorded): void {
  const ended = events.find((event) => event.type === 'run-ended');
  expect(text).toContain(ended?.sentence);
  expect(text.match(/[✔✖] .*/g) ?? []).toEqual(
    run.checks.map(
      ({ name, passed, actual, expected }) => `${passed ? '✔' : '✖'} ${name}: ${actual} (expected ${expected})`,
    ),
  );
  for (const warning of run.warnings) expect(text).toContain(`WARNING: ${warning}`);
  for (const error of run.restoreErrors) expect(text).toContain(`restore: ${error}`);
}

function printLines(events: readonly RunEvent[]): string {
  const texts: string[] = [];
  const printer = createLinesPrinter({ write: (text: string) => texts.push(text) }, plain);
  for (const event of events) printer.handle(event);
  return texts.join('');
}

/** @returns what stays on the screen, and what was drawn meanwhile. */
async function printTerminal(events: readonly RunEvent[]): Promise<string> {
  const texts: string[] = [];
  const area = new StatusArea({ write: (text: string) => texts.push(text), columns: 250 }, plain);
  const printer = createTerminalPrinter(area, plain, NO_LINKS);
  for (const event of events) printer.handle(event);
  await printer.settle();
  return texts.join('');
}

/** The stages that have their own line, with a duration or a dash. */
function stagesIn(text: string): string[] {
  return [...text.matchAll(/^ {2}(\S.*?) +(?:–|[\d.]+ (?:ms|s|min)\b.*?)(?: {2}.*)?$/gm)].map(([, name = '']) =>
    name.trim(),
  );
}
