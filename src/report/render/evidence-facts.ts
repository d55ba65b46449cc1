import { describeReason } from '../../record/history-view.ts';
import { describeArchive, describeReplay } from '../../record/replay-view.ts';
import { describeProtection, describeReadings } from '../../record/source-view.ts';
import { describeAccess } from '../../support/identity-words.ts';
import { formatDuration } from '../../support/quantities.ts';
import { nameStage } from '../../support/vocabulary.ts';
import type { Evidence } from '../report.ts';
import { formatMs, formatSize, nameTier } from './vocabulary.ts';

/** A part of a fact: text, a code to copy, an instant, or a problem to highlight. */
export type Piece = string | { readonly code: string } | { readonly at: Date } | { readonly bad: string };

export interface EvidenceFact {
  readonly term: string;
  readonly pieces: readonly Piece[];
}

/** The facts about a run for auditors, the same in each format, grouped by topic; unknown values are left out. */
export function evidenceFacts(run: Evidence): readonly (readonly EvidenceFact[])[] {
  const groups = [origin(run), objectives(run), timeline(run), backup(run), sandbox(run), programs(run)];
  return groups
    .map((facts) => facts.map(([term, ...pieces]) => ({ term, pieces: pieces.filter(isSaid) })))
    .map((facts) => facts.filter(({ pieces }) => pieces.length > 0))
    .filter((facts) => facts.length > 0);
}

type Fact = readonly [term: string, ...pieces: readonly (Piece | undefined | false)[]];

function isSaid(piece: Piece | undefined | false): piece is Piece {
  return piece !== undefined && piece !== false && piece !== '';
}

function origin({ startedAt, endedAt, triggeredBy, trigger, owner, tier }: Evidence): readonly Fact[] {
  return [
    ['Began', { at: startedAt }],
    ['Ended', endedAt && { at: endedAt }],
    ['Triggered by', `${triggeredBy}${trigger.attempt > 1 ? ', second attempt' : ''}`],
    ['Due', trigger.dueAt && { at: trigger.dueAt }],
    ['Owner, tier', [owner, nameTier(tier)].filter(Boolean).join(', ')],
  ];
}

function objectives({ objectives: { rtoMs, rpoMs, counts }, recoveryTimeMs, dataLossMs }: Evidence): readonly Fact[] {
  return [
    ['RTO at the time', `${formatDuration(rtoMs)}, over ${counts.map(nameStage).join(', ')}`],
    ['Recovery time', formatMs(recoveryTimeMs)],
    ['RPO at the time', rpoMs === undefined ? 'none' : formatDuration(rpoMs)],
    ['Backup age', dataLossMs === undefined ? '–' : `${formatDuration(dataLossMs)} old`],
  ];
}

function timeline({ stages, reasons, error, warnings, accepted }: Evidence): readonly Fact[] {
  const timed = stages.map(({ name, durationMs, outcome }) => {
    return `${nameStage(name)} ${formatDuration(durationMs)}${outcome === 'ok' ? '' : ` (${outcome})`}`;
  });
  return [
    ['Stages', timed.join(', ')],
    ['Why', reasons.map(({ reason, sentence }) => `${reason}: ${sentence}`).join('; ')],
    ['Error', error && `${error.code}: ${error.message}`],
    ['Warnings', warnings.join('; ')],
    ['Accepted', ...(accepted ? [`by ${accepted.by}, `, { at: accepted.at }, `: ${describeReason(accepted)}`] : [])],
  ];
}

function backup({ backup: taken, identity, protection, reading, replay }: Evidence): readonly Fact[] {
  if (!taken) return [];
  const { source, key, sizeBytes, takenAt, format, serverVersion, dumpedBy, etag, selection } = taken;
  const version = [format, serverVersion && `server ${serverVersion}`, dumpedBy].filter(Boolean).join(', ');
  return [
    ['Backup', `${source} `, { code: key }, `, ${formatSize(sizeBytes)}, taken `, { at: takenAt }],
    ['Backup version', version],
    etag === undefined
      ? ['Backup checksum', 'none from the source']
      : ['Backup checksum', { code: etag }, ' (from the source)'],
    ['Selected', selection],
    ['Protection', protection && describeProtection(protection)],
    ['Recovered', replay && describeReplay(replay)],
    ['Log archive', replay?.archive && describeArchive(replay.archive)],
    ['Read', reading && describeReadings(reading)],
    ['Identity', identity && describeAccess(identity)],
  ];
}

const KEPT = 'kept on request for inspection, so not removed by the run';

function sandbox(run: Evidence): readonly Fact[] {
  const { sandbox, restoreErrorCount, restoreErrors } = run;
  const errors: Fact = [
    'Restore errors',
    restoreErrorCount > 0 && `${restoreErrorCount}: ${restoreErrors.slice(0, 3).join('; ')}`,
  ];
  if (!sandbox) return [errors];
  const { runtime, containerEngine, image, imageId, serverVersion, isolation, removed, kept } = sandbox;
  return [
    ['Sandbox', `${runtime}, ${image} `, { code: imageId }, serverVersion !== undefined && `, server ${serverVersion}`],
    ['Container engine', containerEngine],
    ['Isolation', isolation],
    ['Cleanup', removed ? 'confirmed' : kept ? KEPT : { bad: 'not confirmed' }],
    errors,
  ];
}

function programs({ drillFile, definitionHash, host, firedrillVersion }: Evidence): readonly Fact[] {
  return [
    ['Definition', `${drillFile}, SHA-256 `, { code: definitionHash }],
    ['Ran on', `${host}, Firedrill ${firedrillVersion}`],
  ];
}
