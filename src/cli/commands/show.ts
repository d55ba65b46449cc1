import { showPath } from '../../config/show-path.ts';
import type { CheckRecord } from '../../record/check-record.ts';
import { describePhaseBytes, describeReason } from '../../record/history-view.ts';
import { describeArchive, describeReplay } from '../../record/replay-view.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { describeProtection, describeReadings } from '../../record/source-view.ts';
import type { RaceResult } from '../../status/race-result.ts';
import { racedIn, readRacesAround } from '../../status/read-races.ts';
import { describeRunRequests, type RunRequests, readRunRequests } from '../../status/run-requests.ts';
import { checkTexts } from '../../support/check-instants.ts';
import { EXIT } from '../../support/errors.ts';
import { describeAccess } from '../../support/identity-words.ts';
import { formatInstant } from '../../support/instants.ts';
import { toJson } from '../../support/json.ts';
import { formatAge, formatBytes, formatCount, formatDuration } from '../../support/quantities.ts';
import { nameStage } from '../../support/vocabulary.ts';
import { findRun } from '../find-run.ts';
import { type RunLinks, runLinks } from '../hyperlinks.ts';
import { formatProof } from '../proof-text.ts';
import { formatTable, type Paint, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { wrapFor } from '../wrap.ts';

export interface ShowOptions {
  readonly config: string | undefined;
  readonly log: boolean;
  readonly json: boolean;
}

/** `firedrill show RUN`: all details of one run. @param word see {@link findRun}. */
export async function showCommand(tools: Toolbox, word: string, options: ShowOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const run = await findRun(store, word);
  const races = await readRacesAround(store, run.drill, racedIn(run));
  const requests = await readRunRequests(store, run, tools.clock.now());
  const log = options.log ? await store.getLog(run.id) : [];
  if (options.json) {
    const definition = JSON.parse(run.definition) as unknown;
    tools.io.stdout.write(`${toJson({ type: 'run', run: { ...run, definition }, log, races, requests })}\n`);
    return EXIT.passed;
  }
  const paint = painter(tools.io, tools.io.stdout);
  const lines = describeRun(run, { races, requests }, { paint, links: runLinks(tools.io, settings.publicUrl), tools });
  if (options.log)
    lines.push(
      '',
      'log',
      ...log.map((line) => `  ${line.at.toISOString()} ${line.level.padEnd(5)} ${printable(line.message)}`),
    );
  tools.io.stdout.write(`${wrapFor(tools.io.stdout, lines.join('\n'))}\n`);
  return EXIT.passed;
}

interface KnownOfRun {
  readonly races: readonly RaceResult[];
  readonly requests: RunRequests | undefined;
}

interface Drawing {
  readonly paint: Paint;
  readonly links: RunLinks;
  readonly tools: Pick<Toolbox, 'clock' | 'io'>;
}

function describeRun(run: RunRecord, { races, requests }: KnownOfRun, { paint, links, tools }: Drawing): string[] {
  const { clock, io } = tools;
  const now = clock.now();
  const word = run.verdict ?? run.status;
  const colour = word === 'passed' ? 'green' : word === 'failed' ? 'red' : 'yellow';
  const age = formatAge(now.getTime() - run.startedAt.getTime());
  return [
    `${paint(['bold', colour], word)} ${links.drill(paint('bold', printable(run.drill)), run.drill, run.drillFile)}, run ${links.run(run.id, run.id)}`,
    ...labelled([
      ['started', `${formatInstant(run.startedAt)} (${age} ago), ${run.triggeredBy}`],
      ['drill file', showPath(run.drillFile, io.cwd), (text) => links.file(text, run.drillFile)],
      ['definition', run.definitionHash.slice(0, 12)],
      ['recovery', describeRecovery(run)],
      ['backup age', describeDataLoss(run)],
      ...describeIdentity(run),
      ...describeStore(run),
      ...(requests ? [['requests', describeRunRequests(requests)] satisfies [string, string]] : []),
      ...describeBackup(run),
      ...describeAcceptance(run, now),
      ...describeSandbox(run),
      ...races.flatMap(({ sentences }) => sentences.map((sentence) => ['race', sentence] satisfies [string, string])),
      ['firedrill', run.firedrillVersion],
    ]),
    ...section('stages', stageRows(run), paint),
    ...section('checks', checkRows(run), paint),
    ...run.checks.flatMap(describeDetails),
    ...(run.proof ? ['', 'proof', ...formatProof(run, paint).map((line) => `  ${line}`)] : []),
    ...describeWhy(run, paint),
  ];
}

/** A label, its text, and the link target of the text. */
type LabelledRow = readonly [label: string, text: string, link?: (text: string) => string];

function labelled(rows: readonly LabelledRow[]): string[] {
  return rows.map(([label, text, link = (plain) => plain]) => `  ${label.padEnd(10)} ${link(printable(text))}`);
}

function section(title: string, rows: readonly (readonly string[])[], paint: Paint): string[] {
  if (rows.length === 0) return [];
  const table = formatTable(rows, (_row, column, text) => {
    if (column > 0) return text;
    return text.startsWith('✔') ? paint('green', text) : text.startsWith('✖') ? paint('red', text) : text;
  });
  return ['', title, ...table.split('\n').map((line) => `  ${line}`)];
}

function stageRows(run: RunRecord): string[][] {
  const startOf = (at: Date) => `at ${formatDuration(Math.max(0, at.getTime() - run.startedAt.getTime()))}`;
  return run.stages.flatMap((stage) => [
    [
      nameStage(stage.name),
      stage.outcome === 'skipped' ? '–' : formatDuration(stage.durationMs),
      stage.outcome === 'skipped' ? '' : startOf(stage.startedAt),
      stage.outcome,
      run.objectives.counts.includes(stage.name) ? 'in RTO' : '',
    ],
    ...stage.phases.map((phase) => [
      `  ${phase.name}`,
      formatDuration(phase.durationMs),
      phase.startedAt ? startOf(phase.startedAt) : '',
      '',
      describePhaseBytes(phase),
    ]),
  ]);
}

function checkRows(run: RunRecord): string[][] {
  return run.checks.map((check) => {
    const { expected, actual } = checkTexts(check);
    return [
      `${check.passed ? '✔' : '✖'} ${printable(check.name)}`,
      `expected ${printable(expected)}`,
      `got ${printable(actual)}`,
      formatDuration(check.durationMs),
    ];
  });
}

/** Below the table, because there is one per object of the backup. */
function describeDetails({ name, details = [] }: CheckRecord): string[] {
  return details.length === 0 ? [] : ['', printable(name), ...details.map((line) => `  ${printable(line)}`)];
}

function describeAcceptance({ accepted }: RunRecord, now: Date): [string, string][] {
  if (!accepted) return [];
  const age = formatAge(now.getTime() - accepted.at.getTime());
  return [['accepted', `${formatInstant(accepted.at)} (${age} ago), by ${accepted.by}: ${describeReason(accepted)}`]];
}

function describeRecovery({ recoveryTimeMs, objectives }: RunRecord): string {
  const target = `RTO ${formatDuration(objectives.rtoMs)}`;
  if (recoveryTimeMs === undefined) return `not measured: the run ended before that (${target})`;
  return `${formatDuration(recoveryTimeMs)} (${target})`;
}

function describeDataLoss({ dataLossMs, objectives }: RunRecord): string {
  const objective = objectives.rpoMs === undefined ? 'no RPO' : `RPO ${formatDuration(objectives.rpoMs)}`;
  return `${dataLossMs === undefined ? 'unknown' : formatDuration(dataLossMs)} (${objective})`;
}

function describeStore({ protection, reading, replay }: RunRecord): [string, string][] {
  return [
    ...(protection ? [['protection', describeProtection(protection)] satisfies [string, string]] : []),
    ...(replay ? [['recovered', describeReplay(replay)] satisfies [string, string]] : []),
    ...(replay?.archive ? [['log', describeArchive(replay.archive)] satisfies [string, string]] : []),
    ...(reading ? [['reading', describeReadings(reading)] satisfies [string, string]] : []),
  ];
}

function describeIdentity({ identity }: RunRecord): [string, string][] {
  return identity ? [['identity', describeAccess(identity)]] : [];
}

function describeBackup({ backup }: RunRecord): [string, string][] {
  if (!backup) return [];
  const rows: [string, string][] = [
    ['backup', `${backup.key}, ${formatBytes(backup.sizeBytes)}, from ${backup.source}`],
    ['taken', formatInstant(backup.takenAt)],
  ];
  if (backup.format) rows.push(['format', `${backup.format}, by ${backup.dumpedBy ?? 'an unknown tool'}`]);
  if (backup.etag) rows.push(['etag', backup.etag]);
  return rows;
}

function describeSandbox({ sandbox }: RunRecord): [string, string][] {
  if (!sandbox) return [];
  return [
    ['sandbox', `${sandbox.runtime}: ${sandbox.image} (${sandbox.imageId})`],
    ...(sandbox.containerEngine === undefined ? [] : [['engine', sandbox.containerEngine] as [string, string]]),
    ['server', sandbox.serverVersion ?? 'not started'],
    ['isolation', sandbox.isolation],
    ['cleanup', sandbox.removed ? 'confirmed' : 'not confirmed'],
  ];
}

function describeWhy(run: RunRecord, paint: Paint): string[] {
  const lines: string[] = [];
  for (const { reason, sentence, hint } of run.reasons) {
    lines.push('', paint('red', reason), `  ${printable(sentence)}`);
    if (hint) lines.push(`  HINT: ${printable(hint)}`);
  }
  if (run.error && run.reasons.every((reason) => reason.sentence !== run.error?.message)) {
    const where = run.error.stage ? ` in ${nameStage(run.error.stage)}` : '';
    lines.push('', paint('yellow', `${run.error.code}${where}`), `  ${printable(run.error.message)}`);
    if (run.error.hint) lines.push(`  HINT: ${printable(run.error.hint)}`);
  }
  for (const detail of run.error?.details ?? []) lines.push(`  ${printable(detail)}`);
  if (run.restoreErrorCount > 0) {
    lines.push(
      '',
      `restore errors: ${formatCount(run.restoreErrorCount)}`,
      ...run.restoreErrors.map((line) => `  ${printable(line)}`),
    );
  }
  for (const warning of run.warnings) lines.push(paint('yellow', `WARNING: ${printable(warning)}`));
  return lines;
}
