import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { explainKilled } from '../../../../support/tool-killed.ts';
import { findInServerDirs } from '../../../server/program-path.ts';
import type { Product } from '../../product.ts';
import { explainNewer } from '../rdb/check-rdb.ts';

export interface CheckedAof {
  /** Number of keys in the dump that it starts with; undefined if it starts with commands. */
  readonly dumpKeys: number | undefined;
}

const HINT = 'Take a new backup of the folder while no rewrite is in progress, see docs/redis.md.';

/**
 * Checks every part with the product's own tool, before a server writes to them.
 * @param manifest path in the sandbox. @param originals names of parts in the backup, if different.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `version-unsupported`, `out-of-memory`.
 */
export async function checkAof(
  sandbox: Sandbox,
  product: Product,
  {
    key,
    manifest,
    originals,
  }: { readonly key: string; readonly manifest: string; readonly originals: ReadonlyMap<string, string> },
  signal: AbortSignal,
): Promise<CheckedAof> {
  const argv = findInServerDirs(sandbox, [product.aofCheckTool, manifest]);
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  const text = `${stdout}\n${stderr}`;
  if (exitCode === 0 && /All AOF files and manifest are valid/.test(text)) {
    const keys = /^\[info\] (\d+) keys read$/m.exec(text)?.[1];
    return { dumpKeys: keys === undefined ? undefined : Number(keys) };
  }
  throw explainReport(key, product, { text, exitCode, originals });
}

export interface AofReport {
  readonly text: string;
  readonly exitCode: number;
  readonly originals?: ReadonlyMap<string, string>;
}

export function explainReport(key: string, product: Product, { text, exitCode, originals }: AofReport): DrillError {
  const killed = explainKilled(product.aofCheckTool, exitCode);
  if (killed) return killed;
  const dump = /ERROR DETECTED ---\s*\[offset (\d+)\] (.*)/.exec(text);
  const newer = explainNewer(`the dump in ${key}`, product, dump?.[2] ?? '');
  if (newer) return newer;
  const [, file = '', size = '0', whole = '0'] =
    /AOF analyzed: filename=(.*), size=(\d+), ok_up_to=(\d+), .*(?!diff=0)(?:diff=\d*[1-9]\d*)$/m.exec(text) ?? [];
  const problem = /^0x\s*[0-9a-f]+: (.*)$/m.exec(text)?.[1] ?? '';
  const name = toPrintable(originals?.get(file) ?? file, 100);
  if (
    /^Expected to read|Reached EOF|Unexpected EOF|end of file/i.test(problem) ||
    /Unexpected EOF|Short read/i.test(text)
  ) {
    const where = file === '' ? '' : `: ${name} has ${size} bytes, and whole commands up to byte ${whole}`;
    return new DrillError('backup-truncated', `${key} ends in the middle of a command${where}`, {
      hint: `A server with \`aof-load-truncated yes\`, the default, would start on it without what follows. ${HINT}`,
    });
  }
  const said = dump ? `${dump[2]} at byte ${dump[1]} of its dump` : problem || `exit code ${exitCode}`;
  const where = file === '' ? '' : `${name}, from byte ${whole}: `;
  return new DrillError(
    'backup-corrupt',
    `${key} is damaged according to \`${product.aofCheckTool}\`: ${where}${toPrintable(said, 200)}`,
    {
      hint: HINT,
    },
  );
}
