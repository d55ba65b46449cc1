import { ChecksumWatch } from '../backup/checksums/checksum-watch.ts';
import { findChecksums } from '../backup/checksums/find-checksums.ts';
import type { BackupContent, ListedFile, TransferMeter } from '../backup/content.ts';
import type { KeyRing } from '../backup/layer.ts';
import type { BackupNeighbours } from '../backup/neighbours.ts';
import { neighboursOf } from '../backup/reading/neighbours.ts';
import { openContent } from '../backup/reading/open-content.ts';
import { countReads } from '../backup/reading/ranged-read.ts';
import { withSourceFiles } from '../backup/reading/source-files.ts';
import type { Chosen } from '../backup/selection/choice-rule.ts';
import { locateBackup } from '../backup/selection/locate-backup.ts';
import type { Backup, BackupSource, StoredObject } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { OpenBackup } from '../engines/format.ts';
import { checkBudget, findPrice, priceReading } from '../plan/reading-cost.ts';
import { DrillError } from '../support/errors.ts';
import { formatCount } from '../support/quantities.ts';
import type { Price, Reading } from '../support/reading.ts';
import { nameBackup } from '../support/vocabulary.ts';

import type { ChosenBackup, StageContext } from './contract.ts';

export interface LocateInput {
  readonly drill: Pick<Drill, 'backup' | 'budget' | 'engine'>;
  readonly source: BackupSource;
  /** The keys that the drill names. */
  readonly keys: KeyRing;
  readonly engine: Engine;
  /** Read prices, by source. */
  readonly prices: readonly Price[];
  /** Seed for a random choice: the run's id. */
  readonly seed: string;
  /** Receives the opened backup before its header is read, and must close it. */
  readonly onOpened: (content: BackupContent) => void;
  /** Counts reads other than the opened backup. Default: not counted. */
  readonly beside?: TransferMeter;
}

/** The backup, how it was chosen, and when the newest one was taken; see `Chosen` in backup/. */
export interface Located extends Pick<Chosen, 'selection' | 'newestTakenAt'> {
  /** Includes all objects that a restore reads, and their total size. */
  readonly backup: Backup;
  /** What will be read. */
  readonly reading: Reading;
  readonly content: BackupContent;
  /** The backup as its format sees it, with its header already read. */
  readonly openBackup: OpenBackup;
  /** Files stored next to the backup. */
  readonly neighbours: BackupNeighbours;
  /** Compares the backup with the checksums stored next to it, while it is read. */
  readonly checksums: ChecksumWatch;
}

/** Lists the source, chooses the backup, opens it and reads its header. Reads only; throws the source's and the engine's DrillErrors. */
export async function locate(
  { drill, source, keys, engine, prices, seed, onOpened, beside = { bytesRead: 0 } }: LocateInput,
  { signal, clock, emit }: Pick<StageContext, 'signal' | 'clock' | 'emit'>,
): Promise<Located> {
  const onListed = (count: number) =>
    emit({ type: 'activity', doing: `listing: ${formatCount(count)} files`, share: undefined, leftMs: undefined });
  const spec = { ...drill.backup, layouts: engine.layouts, onListed };
  const found = await locateBackup(source, spec, clock.now(), seed, signal);
  const { selection, newestTakenAt } = found;
  let { backup } = found;
  emit({ type: 'backup-chosen', backup: describeChosen(found) });
  for (const message of found.warnings) emit({ type: 'warning', message });
  const checked = new Set<StoredObject>();
  let reading = await planObjects(backup.objects);
  const checksums = await findOwnChecksums();
  const { layouts } = engine;
  const archives = { member: drill.backup.member, layouts, isFormat: (first: Buffer) => engine.isTarFormat(first) };
  const own = await openContent(source, backup, signal, keys, archives, checksums);
  const content = withSourceFiles(own, { source, listed: found.listed, keys, layouts, beside, checksums });
  onOpened(content);
  const openBackup = await engine.inspect(content, signal, drill.engine.options);
  if (openBackup.lostNewer !== undefined) {
    if (drill.backup.select.by === 'latest') throw lostNewest(openBackup.lostNewer);
    emit({ type: 'warning', message: openBackup.lostNewer });
  }
  if (openBackup.readFiles) {
    backup = withObjects(backup, openBackup.readFiles, found.listed);
    emit({ type: 'backup-chosen', backup: describeChosen({ ...found, backup }) });
    reading = await planObjects(backup.objects);
  }
  const { format, serverVersion, dumpedBy } = openBackup.facts;
  emit({ type: 'backup-read', facts: { format, serverVersion, dumpedBy } });
  const neighbours = neighboursOf({ source, backup, objects: found.neighbours, keys, meter: beside });
  return { backup, selection, newestTakenAt, reading, content, openBackup, neighbours, checksums };

  async function findOwnChecksums(): Promise<ChecksumWatch> {
    const { expected, warnings } = await findChecksums({ source, backup, beside: found.neighbours }, beside, signal);
    for (const message of warnings) emit({ type: 'warning', message });
    return new ChecksumWatch(nameBackup(backup.key), expected);
  }

  async function planObjects(objects: readonly StoredObject[]): Promise<Reading> {
    const reading = planReading(source, objects, prices);
    emit({ type: 'reading-planned', reading });
    checkBudget(drill.budget, reading, source.description);
    const unchecked = objects.filter((object) => !checked.has(object));
    for (const message of (await source.checkReadable?.(unchecked, signal)) ?? []) emit({ type: 'warning', message });
    for (const object of unchecked) checked.add(object);
    return reading;
  }
}

function withObjects(backup: Backup, files: readonly ListedFile[], listed: readonly StoredObject[]): Backup {
  const keys = new Set(files.map(({ key }) => key));
  const objects = listed.filter(({ key }) => keys.has(key));
  return { ...backup, objects, sizeBytes: objects.reduce((sum, object) => sum + object.sizeBytes, 0) };
}

function lostNewest(message: string): DrillError {
  return new DrillError('backup-truncated', message, {
    hint: 'The newest usable backup is older than it seems. Find out what deleted it, and take a new backup.',
  });
}

function planReading(source: BackupSource, objects: readonly StoredObject[], prices: readonly Price[]): Reading {
  const sent = source.requestCount?.();
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  const reads = objects.reduce((sum, object) => sum + countReads(source, object), 0);
  return priceReading(sizeBytes, sent === undefined ? undefined : sent + reads, findPrice(prices, source.description));
}

function describeChosen({ backup, selection, newestTakenAt }: Chosen): ChosenBackup {
  const { key, sizeBytes, takenAt } = backup;
  const etag = backup.kind === 'object' && backup.objects.length === 1 ? backup.objects[0]?.etag : undefined;
  return { key: nameBackup(key), sizeBytes, takenAt, etag, selection, newestTakenAt };
}
