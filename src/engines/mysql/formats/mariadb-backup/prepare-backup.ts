import { Readable } from 'node:stream';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../../support/free-up-space.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { isKilled } from '../../../../support/tool-killed.ts';
import { explainLog } from '../../recovery/explain-start.ts';
import type { UnpackProgress } from '../../recovery/physical-backup.ts';
import { RecoveryLog } from '../../recovery/recovery-log.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { INFO_FILES } from '../../xbstream/backup-info.ts';
import type { BackupTools } from './backup-tools.ts';

interface PrepareOptions {
  readonly key: string;
  /** File layout, by server setting. */
  readonly settings: Readonly<Record<string, string>>;
  /** How the tool finds the keys of encrypted files, by server setting; undefined: nothing is encrypted. */
  readonly keys?: Readonly<Record<string, string>> | undefined;
  /** Directory of an increment; undefined: the full backup itself is prepared. */
  readonly increment: string | undefined;
  readonly onDoing: UnpackProgress;
  readonly signal: AbortSignal;
}

const MIB = 2 ** 20;

/**
 * Applies the log of a backup, or an increment, in the data directory. Only the backup's data files are read: none of its configuration or plug-ins.
 * @throws DrillError `backup-corrupt`, `backup-truncated`, `backup-incomplete`, `image-incomplete`, `disk-full`, `out-of-memory`.
 */
export async function prepareBackup(
  { key, settings, keys, increment, onDoing, signal }: PrepareOptions,
  { program }: BackupTools,
  { sandbox, boot, tools }: RecoverySite,
): Promise<void> {
  const log = new RecoveryLog('preparing');
  const said: string[] = [];
  if (keys) await sandbox.writeFiles(sandbox.paths.data, keySettings({ ...settings, ...keys }), signal);
  const argv = [
    ...[
      program,
      keys ? `--defaults-file=${sandbox.paths.data}/${INFO_FILES.settings[0]}` : '--no-defaults',
      '--prepare',
      `--target-dir=${sandbox.paths.data}`,
    ],
    ...(increment === undefined ? [] : [`--incremental-dir=${increment}`]),
    `--use-memory=${Math.max(96, Math.round(boot.memoryBytes / MIB / 2))}M`,
    '--skip-innodb-use-native-aio',
    ...(keys && tools.plugins !== undefined ? [`--plugin-dir=${tools.plugins}`] : []),
    ...Object.entries(settings).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`),
  ];
  const onStderrLine = (line: string) => {
    const before = log.doing;
    log.readLine(line);
    if (!/\[Note\]/.test(line)) said.push(line);
    if (said.length > 40) said.shift();
    if (log.doing !== before) onDoing(log.doing, undefined, 'replay');
  };
  const { exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C', TZ: 'UTC' }, onStderrLine });
  if (exitCode === 0) return;
  throw explainPreparing(key, exitCode, said, log.lines);
}

/** The tool takes the settings of a key plug-in from a defaults file only; this one contains nothing else. */
async function* keySettings({
  plugin_load_add: plugin,
  ...settings
}: Readonly<Record<string, string>>): AsyncGenerator<SandboxFile> {
  const lines = Object.entries({ ...settings, plugin_load: plugin }).map(([name, value]) => `${name}=${value}\n`);
  const content = Buffer.from(`[mysqld]\n${lines.join('')}`);
  yield { name: INFO_FILES.settings[0], sizeBytes: content.length, content: Readable.from([content]) };
}

/** @param errors from the server's log. Source of the tool's own messages: MariaDB's extra/mariabackup/xtrabackup.cc. */
export function explainPreparing(
  key: string,
  exitCode: number,
  said: readonly string[],
  errors: readonly string[],
): DrillError {
  const text = said.join('\n');
  const details = said.slice(-8).map((line) => toPrintable(line, 300));
  if (/no space left|Errcode: 28\b|errno: 28\b|error number 28\b/i.test(text)) {
    return new DrillError('disk-full', `the sandbox is full: ${key} could not be prepared`, {
      hint: FREE_UP_SPACE,
      details,
    });
  }
  if (isKilled(exitCode) || /Cannot allocate memory|Out of memory/i.test(text)) {
    return new DrillError(
      'out-of-memory',
      `mariadb-backup was killed while it prepared ${key}, most likely for lack of memory`,
      {
        hint: 'Raise `sandbox.memory` in the drill.',
        details,
      },
    );
  }
  if (/not to be proper for the target|applying incremental backup needs a prepared target/i.test(text)) {
    return new DrillError('backup-incomplete', `${key} does not continue from the backup that it is applied to`, {
      hint: 'Keep each backup until the last one that builds on it has expired, all under `backup.source`, and take a full backup now.',
      details,
    });
  }
  const pages = /[^\n]*uses page size (\d+), but the innodb_page_size[^\n]* is (\d+)/.exec(
    [...errors, ...said].join('\n'),
  );
  if (pages) {
    return new DrillError(
      'backup-corrupt',
      `${key} has pages of ${pages[1]} bytes, and its backup-my.cnf says ${pages[2]}: they are not from the same backup`,
      { hint: 'Drill an older backup with `--backup`, and find out what writes to this one.', details },
    );
  }
  const known = explainLog(`${key} cannot be prepared`, [...errors, ...said]);
  if (known) return known;
  const last =
    said.findLast((line) => /error|fatal|cannot|failed/i.test(line)) ?? said.at(-1) ?? `exit code ${exitCode}`;
  return new DrillError('backup-corrupt', `${key} cannot be prepared: ${toPrintable(withoutTime(last), 300)}`, {
    hint: 'Drill an older backup with `--backup`, and take a new one.',
    details,
  });
}

/** `[00] FATAL ERROR: 2026-11-28 21:47:46 Can't rename …` */
function withoutTime(line: string): string {
  return line.replace(/^\[\d+\]\s*/, '').replace(/\d{4}-\d\d-\d\d +\d+:\d\d:\d\d (?:\d+ )?/, '');
}
