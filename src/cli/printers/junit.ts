import type { RunRecord } from '../../record/run-record.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatDuration } from '../../support/quantities.ts';

/** A drill whose run could not be recorded, and why. */
export interface Unrecorded {
  readonly drill: string;
  readonly code: string;
  readonly message: string;
}

interface TestCase {
  readonly name: string;
  readonly durationMs: number;
  readonly outcome: Outcome;
}

type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly message: string }
  /** `failure`: recovery does not work; `error`: the drill itself failed, and nothing is known about recovery. */
  | { readonly kind: 'failure' | 'error'; readonly type: string; readonly message: string; readonly text: string };

const PASSED: Outcome = { kind: 'passed' };

/**
 * Runs as JUnit XML for CI servers: a suite per drill, with a case for the restore, one per check, one for the recovery time and, if there is an RPO, one for
 * the age of the data. A verdict produces failures, a status errors. Based on https://github.com/testmoapp/junitxml.
 */
export function toJunit(runs: readonly RunRecord[], unrecorded: readonly Unrecorded[]): string {
  const suites = [...runs.map(suiteOfRun), ...unrecorded.map(suiteOfUnrecorded)];
  const cases = suites.flatMap((suite) => suite.cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="firedrill" ${countsOf(cases)}>`,
    ...suites.flatMap(formatSuite),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

interface Suite {
  readonly name: string;
  readonly startedAt: Date | undefined;
  readonly properties: readonly (readonly [name: string, value: string | undefined])[];
  readonly cases: readonly TestCase[];
}

function suiteOfRun(run: RunRecord): Suite {
  const { backup, sandbox } = run;
  return {
    name: run.drill,
    startedAt: run.startedAt,
    properties: [
      ['run', run.id],
      ['verdict', run.verdict ?? run.status],
      ['owner', run.owner],
      ['tier', run.tier === undefined ? undefined : String(run.tier)],
      ['backup', backup?.key],
      ['backup.takenAt', backup?.takenAt.toISOString()],
      ['image', sandbox?.image],
      ['firedrill', run.firedrillVersion],
    ],
    cases: [restoreCase(run), ...run.checks.map(checkCase), recoveryTimeCase(run), ...dataAgeCases(run)],
  };
}

/** Shows everything that prevented a run from being judged by its checks and times. */
function restoreCase(run: RunRecord): TestCase {
  const name = 'backup restores';
  const durationMs = run.stages.find((stage) => stage.name === 'restore')?.durationMs ?? 0;
  if (run.status !== 'completed') {
    const { code, message, hint, details } = run.error ?? {
      code: run.status,
      message: run.status,
      hint: '',
      details: [],
    };
    return { name, durationMs, outcome: { kind: 'error', type: code, message, text: join([...details, hint]) } };
  }
  const hasFailedCheck = run.checks.some(({ passed }) => !passed);
  const own = run.reasons.filter(({ reason }) => {
    if (reason === 'too-slow') return false;
    if (reason === 'stale-backup') return run.objectives.rpoMs === undefined;
    return reason !== 'wrong-data' || !hasFailedCheck;
  });
  const [first] = own;
  if (!first) return { name, durationMs, outcome: PASSED };
  const message = own.map(({ sentence }) => sentence).join('; ');
  const text = join([...own.map(({ hint }) => hint), ...run.restoreErrors]);
  return { name, durationMs, outcome: { kind: 'failure', type: first.reason, message, text } };
}

function checkCase({
  name,
  passed,
  expected,
  actual,
  durationMs,
  details = [],
}: RunRecord['checks'][number]): TestCase {
  const message = `expected ${expected}, actual ${actual}`;
  const outcome: Outcome = passed ? PASSED : { kind: 'failure', type: 'wrong-data', message, text: details.join('\n') };
  return { name: `check: ${name}`, durationMs, outcome };
}

function recoveryTimeCase({ objectives, recoveryTimeMs, reasons }: RunRecord): TestCase {
  const name = `recovery time within ${formatDuration(objectives.rtoMs)}`;
  const slow = reasons.find(({ reason }) => reason === 'too-slow');
  if (slow) return { name, durationMs: recoveryTimeMs ?? 0, outcome: failureOf(slow) };
  if (recoveryTimeMs === undefined) return { name, durationMs: 0, outcome: skipped('recovery was not timed') };
  return { name, durationMs: recoveryTimeMs, outcome: PASSED };
}

function dataAgeCases({ objectives, dataLossMs, reasons }: RunRecord): readonly TestCase[] {
  if (objectives.rpoMs === undefined) return [];
  const name = `data not older than ${formatDuration(objectives.rpoMs)}`;
  const stale = reasons.find(({ reason }) => reason === 'stale-backup');
  if (stale) return [{ name, durationMs: 0, outcome: failureOf(stale) }];
  return [{ name, durationMs: 0, outcome: dataLossMs === undefined ? skipped('no backup was chosen') : PASSED }];
}

function failureOf({ reason, sentence, hint }: RunRecord['reasons'][number]): Outcome {
  return { kind: 'failure', type: reason, message: sentence, text: hint ?? '' };
}

function skipped(message: string): Outcome {
  return { kind: 'skipped', message };
}

function suiteOfUnrecorded({ drill, code, message }: Unrecorded): Suite {
  const outcome: Outcome = { kind: 'error', type: code, message, text: '' };
  const cases = [{ name: 'the run is recorded', durationMs: 0, outcome }];
  return { name: drill, startedAt: undefined, properties: [], cases };
}

function formatSuite({ name, startedAt, properties, cases }: Suite): string[] {
  const at = startedAt ? ` timestamp="${startedAt.toISOString().slice(0, 19)}"` : '';
  const known = properties.flatMap(([key, value]) => {
    return value === undefined ? [] : [`      <property name="${key}" value="${escapeXml(value)}"/>`];
  });
  return [
    `  <testsuite name="${escapeXml(name)}" ${countsOf(cases)}${at}>`,
    ...(known.length === 0 ? [] : ['    <properties>', ...known, '    </properties>']),
    ...cases.flatMap((one) => formatCase(name, one)),
    '  </testsuite>',
  ];
}

function formatCase(suite: string, { name, durationMs, outcome }: TestCase): string[] {
  const head = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}" time="${seconds(durationMs)}"`;
  if (outcome.kind === 'passed') return [`${head}/>`];
  const message = `message="${escapeXml(outcome.message)}"`;
  if (outcome.kind === 'skipped') return [`${head}>`, `      <skipped ${message}/>`, '    </testcase>'];
  const { kind, type, text } = outcome;
  return [
    `${head}>`,
    `      <${kind} type="${escapeXml(type)}" ${message}>${escapeLines(text)}</${kind}>`,
    '    </testcase>',
  ];
}

/** A suite's `time` is the sum of its cases, as CI servers expect. Cases overlap, so it is not the duration of the run. */
function countsOf(cases: readonly TestCase[]): string {
  const count = (kind: Outcome['kind']) => cases.filter(({ outcome }) => outcome.kind === kind).length;
  const totalMs = cases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(totalMs)}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function join(lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined && line !== '').join('\n');
}

function escapeLines(text: string): string {
  return text.split('\n').map(escapeXml).join('\n');
}

/** XML 1.0 cannot represent most control characters, nor U+FFFE and U+FFFF: they are shown in the form `\u0000`. */
function escapeXml(text: string): string {
  return toPrintable(text, 4000)
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
