import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { Unpacked } from '../../recovery/physical-backup.ts';
import { checkDirectory } from '../../recovery/prepare-directory.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import type { UnpackListener } from '../../recovery/unpack-listener.ts';
import { explainUnpacking, unpackParts } from '../../recovery/unpack-parts.ts';
import { pathsIn, prepareUnpacked } from '../../recovery/unpack-tars.ts';
import { findTools } from '../../server/installed-tools.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';
import { unpackBackup } from './unpack-backup.ts';

/** @throws DrillError `tool-missing` if the sandbox cannot combine backups. */
export async function requireCombine(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const { dir } = (await findTools(sandbox, signal)).server;
  const { exitCode } = await sandbox.exec(['test', '-x', `${dir}/pg_combinebackup`], { signal });
  if (exitCode === 0) return;
  throw new DrillError(
    'tool-missing',
    `${sandbox.provenance.name} lacks pg_combinebackup, which joins incremental backups`,
    {
      hint: 'Use `--runtime docker`, or install the client programs of that major version (Debian: `postgresql-client-17`).',
    },
  );
}

/**
 * Unpacks and verifies each backup of a chain separately, then combines them. They must be verified first: the tool that combines them copies the checksums of
 * files, but does not verify what it reads.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `disk-full`.
 */
export async function combineChain(
  chain: readonly OpenedBaseBackup[],
  site: RecoverySite,
  onDoing: UnpackListener,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { sandbox, tool } = site;
  const root = `${sandbox.paths.scratch}/chain`;
  const final = pathsIn(site);
  const warnings: string[] = [];
  const links: string[] = [];
  let mappings: readonly string[] = [];
  let tablespaces: Awaited<ReturnType<typeof checkDirectory>>['tablespaces'] = [];
  for (const [index, link] of chain.entries()) {
    const { key } = link.content.backup;
    const paths = { data: `${root}/${index}/data`, tablespaces: `${root}/${index}/tablespaces` };
    const parts = link.parts?.filter(({ into }) => into !== 'log');
    const doing = (what: string) => onDoing(`${what} of ${key}`);
    warnings.push(...(await unpackBackup({ ...link, parts }, paths, site, doing, signal)));
    const checked = await checkDirectory({ sandbox, tool, paths, key, onDoing }, signal);
    warnings.push(...checked.warnings);
    tablespaces = checked.tablespaces;
    mappings = tablespaces.map(({ oid }) => `${paths.tablespaces}/${oid}=${final.tablespaces}/${oid}`);
    links.push(paths.data);
  }
  onDoing(`combining ${chain.length} backups`, { step: 'unknown' });
  const { content, parts } = chain.at(-1) ?? { content: undefined, parts: undefined };
  const key = content?.backup.key ?? '';
  const argv = ['sh', '-c', COMBINE, 'combine', `${tool.dir}/pg_combinebackup`, root, final.data];
  const options = mappings.flatMap((mapping) => ['-T', mapping]);
  const { exitCode, stderr } = await sandbox.exec([...argv, ...links, ...options], { signal, env: { LC_ALL: 'C' } });
  if (exitCode !== 0) throw explainCombining(key, stderr, exitCode);
  const log = parts?.filter(({ into }) => into === 'log') ?? [];
  await unpackParts(log, final, { sandbox, onPart: (name) => onDoing(`unpacking ${name}`), signal });
  const prepared = await prepareUnpacked({ key, tablespaces }, site, onDoing, signal);
  return { ...prepared, warnings: [...new Set([...warnings, ...prepared.warnings])] };
}

function explainCombining(key: string, stderr: string, exitCode: number): DrillError {
  if (/no space left/i.test(stderr)) return explainUnpacking(key, stderr, exitCode);
  const lines = stderr.split('\n').filter((line) => line.startsWith('pg_combinebackup: error:'));
  const [first = `exit code ${exitCode}`] = lines.map((line) => line.replace('pg_combinebackup: error: ', ''));
  return new DrillError('backup-corrupt', `${key} cannot be combined with what it builds on: ${toPrintable(first)}`, {
    hint: 'Take a full backup now; then compare the storage of the backups in this chain with what was written.',
    details: lines.slice(0, 5).map((line) => toPrintable(line)),
  });
}

/** The links to tablespaces are created again for the result, which is then checked like any other. */
const COMBINE = `
set -eu
umask 077
tool=$1 root=$2 data=$3
shift 3
"$tool" --no-sync -o "$data" "$@"
rm -rf "$root"
for link in "$data"/pg_tblspc/*; do [ ! -L "$link" ] || rm "$link"; done
`;
