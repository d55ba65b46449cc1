import { z } from 'zod';
import { versionFromNumber } from '../../major.ts';
import type { BackupLabel } from '../../recovery/backup-label.ts';
import { BACKUP_NAME } from './is-wal-g.ts';

/** What WAL-G records about a backup. Source: WAL-G's internal/databases/postgres/backup_sentinel_dto.go. */
export interface WalGInfo {
  /** Version of the server: `17.12`. */
  readonly version: string;
  readonly label: Pick<BackupLabel, 'startLsn' | 'startSegment' | 'timeline'>;
}

const METADATA = z.object({ start_lsn: z.number().int().positive(), pg_version: z.number().int().positive() });
const SENTINEL = z.object({ DeltaFrom: z.string().optional() });
const FILES = z.object({ TarFileSets: z.record(z.string(), z.unknown()).optional() });

/**
 * @param text of `metadata.json`.
 * @param key of the backup, which is named after the segment at which its recovery starts.
 * @returns undefined for text that is not WAL-G's.
 */
export function readMetadata(text: string, key: string): WalGInfo | undefined {
  const { success, data } = METADATA.safeParse(parseJson(text));
  const startSegment = BACKUP_NAME.exec(key)?.[1];
  const version = success ? versionFromNumber(String(data.pg_version)) : undefined;
  if (!success || startSegment === undefined || version === undefined) return undefined;
  const timeline = Number.parseInt(startSegment.slice(0, 8), 16);
  return { version, label: { startLsn: formatLsn(data.start_lsn), startSegment, timeline } };
}

/** @param text of the sentinel. @returns the backup that it builds on, for a backup with only the changes; undefined for text that is not a sentinel. */
export function readSentinel(text: string): { readonly deltaFrom: string | undefined } | undefined {
  const { success, data } = SENTINEL.safeParse(parseJson(text));
  return success ? { deltaFrom: data.DeltaFrom } : undefined;
}

/** @param text of `files_metadata.json`. @returns the names of the tars that it lists; empty if the job wrote no list. */
export function readTarNames(text: string): readonly string[] {
  const { success, data } = FILES.safeParse(parseJson(text));
  return success ? Object.keys(data.TarFileSets ?? {}) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // rejected by every schema
  }
}

/** WAL-G writes a position as a number of bytes: 33554472 is 0/2000028. */
function formatLsn(bytes: number): string {
  const hex = (part: number) => part.toString(16).toUpperCase();
  return `${hex(Math.floor(bytes / 2 ** 32))}/${hex(bytes % 2 ** 32)}`;
}
