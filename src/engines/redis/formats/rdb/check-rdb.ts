import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { explainKilled } from '../../../../support/tool-killed.ts';
import { findInServerDirs } from '../../../server/program-path.ts';
import type { Product } from '../../product.ts';
import { DUMP_FILE } from '../../server/start-server.ts';

/** What the product's check tool found in the file. */
export interface CheckedRdb {
  readonly keys: number;
  /** Number of those keys that had expired when the tool read them. */
  readonly expired: number;
  /** Whether the file has a checksum: servers can be configured to write none. */
  readonly hasChecksum: boolean;
}

/**
 * Checks the whole file with the product's own tool, in parallel with the server that loads it.
 * @param key of the backup, for messages.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `version-unsupported`, `out-of-memory`.
 */
export async function checkRdb(
  sandbox: Sandbox,
  product: Product,
  key: string,
  signal: AbortSignal,
): Promise<CheckedRdb> {
  const argv = findInServerDirs(sandbox, [product.checkTool, `${sandbox.paths.data}/${DUMP_FILE}`]);
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode === 0) {
    const checked = readReport(stdout);
    if (checked) return checked;
  }
  throw explainReport(key, product, `${stdout}\n${stderr}`, exitCode);
}

/** @returns undefined for a report that does not confirm that the file is intact. */
export function readReport(text: string): CheckedRdb | undefined {
  const keys = /^\[info\] (\d+) keys read$/m.exec(text)?.[1];
  if (keys === undefined || !/RDB looks OK!/.test(text)) return undefined;
  return {
    keys: Number(keys),
    expired: Number(/^\[info\] (\d+) already expired$/m.exec(text)?.[1] ?? 0),
    hasChecksum: /Checksum OK/.test(text),
  };
}

/** Key names in the report are data, so they are omitted. */
export function explainReport(key: string, product: Product, text: string, exitCode: number): DrillError {
  const killed = explainKilled(product.checkTool, exitCode);
  if (killed) return killed;
  const [, offset = '?', problem = ''] = /ERROR DETECTED ---\s*\[offset (\d+)\] (.*)/.exec(text) ?? [];
  const keys = /^\[info\] (\d+) keys read$/m.exec(text)?.[1] ?? '0';
  const where = `at byte ${offset}, after ${keys} keys`;
  const hint = 'Compare its size and checksum with what was written, and take a new backup.';
  const newer = explainNewer(key, product, problem);
  if (newer) return newer;
  if (/Unexpected EOF|Short read/i.test(problem))
    return new DrillError('backup-truncated', `${key} ends too early, ${where}`, { hint });
  if (/checksum|CRC/i.test(problem))
    return new DrillError('backup-corrupt', `${key} does not match its own checksum: its bytes were changed`, { hint });
  const said = problem === '' ? `\`${product.checkTool}\` ended with exit code ${exitCode}` : toPrintable(problem, 200);
  return new DrillError('backup-corrupt', `${key} is damaged ${where}: ${said}`, { hint });
}

/** @param key what holds the RDB, for messages. @returns undefined unless the tool says that it does not know the RDB's version. */
export function explainNewer(key: string, product: Product, text: string): DrillError | undefined {
  const version = /handle RDB format version (\d+)/.exec(text)?.[1];
  if (version === undefined) return undefined;
  const needed = product.readsFrom(Number(version));
  return new DrillError(
    'version-unsupported',
    `${key} is an RDB of version ${version}, which the sandbox's ${product.title} does not read`,
    {
      hint: `Name an image of ${product.title} ${needed ?? 'of the version that wrote it'}${needed === undefined ? '' : ' or later'} in \`engine.image\`.`,
    },
  );
}
