import { z } from 'zod';
import type { InfoSections } from './info-file.ts';

/** What `backup.info` states about one backup. Source: pgBackRest's src/info/infoBackup.c. */
export interface RecordedBackup {
  /** Major version of the server: `17`. */
  readonly serverVersion: string;
  /** The cluster's system identifier, used to find its log: digits. */
  readonly systemId: string;
  /** The version of pgBackRest that took it. */
  readonly toolVersion: string;
  /** Where recovery starts; undefined if the server was stopped when the backup was taken. */
  readonly start: { readonly segment: string; readonly lsn: string } | undefined;
  /** The last segment needed to make it consistent. */
  readonly stopSegment: string | undefined;
  /** Labels of the backups that contain files of this one, excluding its own. */
  readonly references: readonly string[];
  /** Whether pgBackRest found pages with wrong checksums during the backup. */
  readonly hasBadPages: boolean;
  /** Whether the segments that it needs are among its files. */
  readonly holdsLog: boolean;
  /** Size of the restored data directory; undefined if not stated. */
  readonly restoredBytes: number | undefined;
}

const entrySchema = z.object({
  'backrest-version': z.string(),
  'db-id': z.number(),
  'backup-archive-start': z.string().nullish(),
  'backup-archive-stop': z.string().nullish(),
  'backup-lsn-start': z.string().nullish(),
  'backup-reference': z.array(z.string()).nullish(),
  'backup-error': z.boolean().nullish(),
  'option-archive-copy': z.boolean().nullish(),
  'backup-info-size': z.number().nonnegative().nullish(),
});

const SEGMENT = /^[0-9A-F]{24}$/;
const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

/** The labels of the backups that can be restored, oldest first. */
export function listLabels(info: InfoSections): readonly string[] {
  return [...(info.get('backup:current')?.keys() ?? [])];
}

/** @returns undefined for a backup that is not listed; `unreadable` for one whose entry is incomplete. */
export function findBackup(info: InfoSections, label: string): RecordedBackup | 'unreadable' | undefined {
  const text = info.get('backup:current')?.get(label);
  if (text === undefined) return undefined;
  const parsed = entrySchema.safeParse(parseJson(text));
  if (!parsed.success) return 'unreadable';
  const { data } = parsed;
  const cluster = readCluster(info.get('db:history')?.get(String(data['db-id'])) ?? '', 'db-system-id');
  if (!cluster) return 'unreadable';
  const [segment = '', lsn = '', stop = ''] = [
    data['backup-archive-start'] ?? undefined,
    data['backup-lsn-start'] ?? undefined,
    data['backup-archive-stop'] ?? undefined,
  ];
  return {
    serverVersion: cluster.version,
    systemId: cluster.systemId,
    toolVersion: data['backrest-version'],
    start: SEGMENT.test(segment) && LSN.test(lsn) ? { segment, lsn } : undefined,
    stopSegment: SEGMENT.test(stop) ? stop : undefined,
    references: (data['backup-reference'] ?? []).filter((other) => other !== label),
    hasBadPages: data['backup-error'] === true,
    holdsLog: data['option-archive-copy'] === true,
    restoredBytes: data['backup-info-size'] ?? undefined,
  };
}

/** The directory of a cluster's log: `17-1`. @param info contents of `archive.info`. @returns undefined if it does not list the cluster. */
export function findArchiveId(
  info: InfoSections,
  { systemId, serverVersion }: Pick<RecordedBackup, 'systemId' | 'serverVersion'>,
): string | undefined {
  const found = [...(info.get('db:history') ?? [])].filter(([, text]) => {
    const cluster = readCluster(text, 'db-id');
    return cluster?.systemId === systemId && cluster.version === serverVersion;
  });
  const id = found.at(-1)?.[0];
  return id === undefined || !/^\d+$/.test(id) ? undefined : `${serverVersion}-${id}`;
}

/** The key with which files of the repository are encrypted; undefined if they are not. */
export function cipherPassIn(info: InfoSections): string | undefined {
  const value = parseJson(info.get('cipher')?.get('cipher-pass') ?? '');
  return typeof value === 'string' ? value : undefined;
}

/** The number exceeds what JSON.parse can represent. */
function readCluster(text: string, idKey: string): { version: string; systemId: string } | undefined {
  const systemId = new RegExp(`"${idKey}":(\\d{1,20})[,}]`).exec(text)?.[1];
  const version = /"db-version":"(\d{1,2}(?:\.\d)?)"/.exec(text)?.[1];
  return systemId === undefined || version === undefined ? undefined : { version, systemId };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
