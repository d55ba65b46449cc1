import type { Drill } from '../config/drill-file.ts';
import { describeOutcome } from '../record/history-view.ts';
import type { AlertRecord } from '../record/notification-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import { BUDGET_SUBJECT } from '../status/budget-month.ts';
import { POOL_SUBJECT } from '../status/pool-service.ts';
import { PROOF_SUBJECT, proofAlertOf } from '../status/proof-alert.ts';
import { PROVIDER_SUBJECT } from '../status/provider-standing.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import { type Quiet, quietOf } from '../status/silenced.ts';
import { runToTell, type Standing } from '../status/standing.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import { formatAge, formatBytes, formatDuration } from '../support/quantities.ts';
import type { StandingState } from '../support/vocabulary.ts';
import { nameStage } from '../support/vocabulary.ts';
import type { Notification, NotificationKind } from './notification.ts';
import { printableNotification } from './notification-text.ts';

export interface NotificationSubject {
  /** From its current file; undefined: unknown, because the file has never been valid. */
  readonly drill: Pick<Drill, 'runbook' | 'objectives'> | undefined;
  readonly standing: Standing;
  /** Its newest run. */
  readonly run: RunRecord | undefined;
  /** Why alerts or reminders about it are held back; undefined: they are not. */
  readonly quiet?: Quiet | undefined;
  /** Replaces the composed texts, for a subject that is not a drill. */
  readonly told?: Pick<Notification, 'headline' | 'facts' | 'nextStep'>;
}

export interface ComposeContext {
  readonly id: string;
  readonly now: Date;
  /** Without a trailing slash; undefined: no links to runs. */
  readonly publicUrl: string | undefined;
  /** What the previous alert said. */
  readonly before?: Pick<AlertRecord, 'state' | 'since'> | undefined;
}

export function toDrillSubject(one: DrillStanding): NotificationSubject {
  return { drill: one.drill, standing: one.standing, run: runToTell(one), quiet: quietOf(one) };
}

/**
 * Subjects for the proofs of drills that ask for them. An acknowledged problem of a drill does not cover its proof; a silenced or snoozed drill is quiet about
 * both.
 */
export function toProofSubjects(known: readonly DrillStanding[], now: Date): readonly NotificationSubject[] {
  return known.flatMap((one) => {
    const standing = proofAlertOf(one, now);
    const quiet = quietOf(one);
    const isSilent = quiet?.kind === 'silenced' || quiet?.kind === 'snoozed';
    return standing ? [{ drill: one.drill, standing, run: undefined, ...(isSilent && { quiet }) }] : [];
  });
}

/** Composes an alert about a drill: what, since when, recovery time against target, the reason, the next step, where to look. */
export function composeNotification(
  kind: Extract<NotificationKind, 'problem' | 'changed' | 'reminder' | 'resolved'>,
  subject: NotificationSubject,
  context: ComposeContext,
): Notification {
  const { standing, drill, run } = subject;
  const { drill: name, owner, tier, state, since } = standing;
  // The run that the state is about. If the newest run is another one, only its figures are included, not its reasons.
  const cause = run && run.id === standing.runId ? run : undefined;
  const isOver = kind === 'resolved';
  if (subject.told) return composeTold(kind, subject.told, standing, context);
  return printableNotification({
    id: context.id,
    kind,
    at: context.now.toISOString(),
    drill: { name, owner, tier },
    state,
    headline: composeHeadline(kind, standing, cause, context.before?.state),
    since: since?.toISOString(),
    facts: [...composeFacts(subject, cause), ...(isOver ? describeTrouble(context) : [])],
    nextStep: isOver ? undefined : findNextStep(standing, cause),
    links: composeLinks(run, drill?.runbook, context.publicUrl),
    rows: [],
  });
}

function composeTold(
  kind: NotificationKind,
  { headline, facts, nextStep }: NonNullable<NotificationSubject['told']>,
  { drill, state, since }: Standing,
  { id, now, publicUrl, before }: ComposeContext,
): Notification {
  const isOver = kind === 'resolved';
  return printableNotification({
    id,
    kind,
    at: now.toISOString(),
    drill: { name: nameOf(drill), owner: undefined, tier: undefined },
    state,
    headline: kind === 'reminder' ? `STILL ${headline}` : headline,
    since: since?.toISOString(),
    facts: [...facts, ...(isOver && before ? describeTrouble({ id, now, publicUrl, before }) : [])],
    nextStep,
    links: publicUrl === undefined ? [] : [{ label: 'Overview', url: publicUrl }],
    rows: [],
  });
}

/** Composes the notification that a drill with an open incident was removed. */
export function composeGone(name: string, { id, now }: ComposeContext): Notification {
  return printableNotification({
    id,
    kind: 'resolved',
    at: now.toISOString(),
    drill: { name, owner: undefined, tier: undefined },
    state: undefined,
    headline: `OVER ${nameOf(name)}: ${explainGone(name)}`,
    since: undefined,
    facts: [],
    nextStep: undefined,
    links: [],
    rows: [],
  });
}

function composeHeadline(
  kind: NotificationKind,
  { drill, state, sentence }: Standing,
  cause: RunRecord | undefined,
  before: StandingState | undefined,
): string {
  const name = nameOf(drill);
  if (drill.startsWith(PROOF_SUBJECT)) return `${proofWord(kind, state)} ${name}: ${sentence}`;
  if (kind === 'resolved' && state !== 'passed') return `OVER ${name}: no longer ${before ?? 'a problem'}; ${sentence}`;
  if (kind === 'resolved') return `PASSED ${name}: ${describeRecovered(cause) ?? sentence}`;
  const why = cause ? describeOutcome(cause) : '';
  return `${kind === 'reminder' ? 'STILL ' : ''}${state.toUpperCase()} ${name}: ${why === '' ? sentence : why}`;
}

/** When a drill changes, its proof alert ends without a proof, because a changed drill gets a grace period. */
function proofWord(kind: NotificationKind, state: StandingState): string {
  if (kind === 'resolved') return state === 'passed' ? 'PROVEN' : 'OVER';
  return kind === 'reminder' ? 'STILL UNPROVEN' : 'UNPROVEN';
}

function explainGone(subject: string): string {
  if (subject.startsWith('file:')) return 'the file was fixed or removed';
  if (subject.startsWith(PROVIDER_SUBJECT)) return 'it had no requests for 30 days';
  if (subject.startsWith(POOL_SUBJECT)) return 'no drill uses this pool any longer';
  if (subject.startsWith(BUDGET_SUBJECT)) return '`limits.costPerMonth` was removed from the settings';
  return subject.startsWith('discover:') ? 'discovery no longer reads it' : 'its drill file was removed';
}

/** A broken file is named by its path, a proof by its drill. */
function nameOf(subject: string): string {
  return subject.replace(/^(?:file|proof|discover|provider|pool|budget):/, '');
}

function describeRecovered(run: RunRecord | undefined): string | undefined {
  if (run?.recoveryTimeMs === undefined) return undefined;
  const warnings = run.warnings.length > 0 ? `, but ${run.warnings.join('; ')}` : '';
  return `recovered in ${formatDuration(run.recoveryTimeMs)} (RTO ${formatDuration(run.objectives.rtoMs)})${warnings}`;
}

function composeFacts(
  { standing, drill, run }: NotificationSubject,
  cause: RunRecord | undefined,
): Notification['facts'] {
  if (standing.drill.startsWith(PROOF_SUBJECT)) return [{ label: 'Proof', text: standing.sentence }];
  const objectives = run?.objectives ?? drill?.objectives;
  const facts: [string, string | undefined][] = [
    ['State', standing.sentence],
    ['Recovery time', objectives && describeRecoveryTime(run?.recoveryTimeMs, objectives.rtoMs)],
    ['Backup age', run?.dataLossMs === undefined ? undefined : describeDataAge(run.dataLossMs, run.objectives.rpoMs)],
    ['Backup', run?.backup && describeBackup(run.backup)],
    ['Failed in', cause?.error?.stage && nameStage(cause.error.stage)],
    ['Run', run && `${run.id}, ${run.triggeredBy}`],
    ['Runbook', isAddress(drill?.runbook) ? undefined : drill?.runbook],
  ];
  return facts.flatMap(([label, text]) => (text === undefined ? [] : [{ label, text }]));
}

/** How long the problem lasted. */
function describeTrouble({ before, now }: ComposeContext): Notification['facts'] {
  if (!before) return [];
  const lasted = formatAge(Math.max(0, now.getTime() - before.since.getTime()));
  return [{ label: 'Before', text: `${before.state} for ${lasted}` }];
}

function describeRecoveryTime(recoveryTimeMs: number | undefined, rtoMs: number): string {
  const target = `target ${formatDuration(rtoMs)}`;
  if (recoveryTimeMs === undefined) return `not known, ${target}`;
  const overMs = recoveryTimeMs - rtoMs;
  const over = overMs > 0 ? ` (${formatDuration(overMs)} over)` : '';
  return `${formatDuration(recoveryTimeMs)}, ${target}${over}`;
}

function describeDataAge(dataLossMs: number, rpoMs: number | undefined): string {
  return `${formatAge(dataLossMs)}${rpoMs === undefined ? '' : `, at most ${formatDuration(rpoMs)}`}`;
}

/** Shows the end of a long key, because keys differ at the end. */
function describeBackup({ key, sizeBytes, takenAt }: NonNullable<RunRecord['backup']>): string {
  const shown = key.length > 200 ? `…${key.slice(-199)}` : key;
  return `${toPrintable(shown, 200)} (${formatBytes(sizeBytes)}, taken ${formatInstant(takenAt)})`;
}

/** @param name of the drill, or the path of a file that was never valid. */
const NEXT_STEPS: Partial<Record<StandingState, (name: string, subject: string) => string>> = {
  broken: (name, subject) => {
    const command = subject === name ? 'firedrill validate' : `firedrill validate ${name}`;
    return `Fix the drill file; \`${command}\` shows every problem in it.`;
  },
  never: (name) => `Run it once with \`firedrill run ${name}\`, and check that \`firedrill serve\` is running.`,
  'no-new-backup': () => 'Check the backup job: there is no recent enough backup.',
  overdue: () => 'Check that `firedrill serve` is running, and what the drill waits for: `firedrill list`.',
  interrupted: (name) =>
    `Find out why Firedrill ended, then run the drill again with \`firedrill run ${name}\`. There is no verdict on the backup.`,
};

function findNextStep({ drill, state }: Standing, cause: RunRecord | undefined): string | undefined {
  if (drill.startsWith(PROOF_SUBJECT))
    return `Run \`firedrill prove ${nameOf(drill)}\`; it names the checks that would catch what slipped through.`;
  const own = cause?.reasons.find(({ hint }) => hint !== undefined)?.hint ?? cause?.error?.hint;
  return own ?? NEXT_STEPS[state]?.(nameOf(drill), drill);
}

function composeLinks(
  run: RunRecord | undefined,
  runbook: string | undefined,
  publicUrl: string | undefined,
): Notification['links'] {
  return [
    ...(run && publicUrl !== undefined
      ? [{ label: 'Run', url: `${publicUrl}/runs/${encodeURIComponent(run.id)}` }]
      : []),
    ...(isAddress(runbook) ? [{ label: 'Runbook', url: runbook }] : []),
  ];
}

function isAddress(runbook: string | undefined): runbook is string {
  return runbook !== undefined && /^https?:\/\//.test(runbook);
}
