import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { explainTool, type ToolFault, unrestored } from '../../repository/run-tool.ts';
import { checkIntegrity } from '../../restored/sqlite.ts';
import type { FilesSite, RestoredTree } from '../../site.ts';
import { findHole, type ReplicaPlan } from './plan-restore.ts';

/** Makes Litestream restore one generation, to its end, and SQLite check the result: Litestream itself restores past a gap without an error. */
export async function restoreReplica(
  content: DirectoryContent,
  plan: ReplicaPlan,
  site: FilesSite,
): Promise<RestoredTree> {
  const { sandbox, directory, onDoing, signal } = site;
  const { key } = content.backup;
  const replica = `${sandbox.paths.scratch}/replica`;
  const { generation, segments } = plan;
  const sizes: number[] = [];
  onDoing(`fetching the snapshot and ${formatCount(segments.length)} segments of its log`);
  await sandbox.writeFiles(replica, files(content, plan, sizes, signal), signal);
  const hole = findHole(segments, sizes);
  if (hole) {
    throw new DrillError('backup-truncated', `the Litestream replica ${key} lacks the log before ${hole.name}`, {
      hint: 'Litestream would restore around that without an error, and lose the rows. Find out what deleted it, and begin a new generation.',
    });
  }
  onDoing('restoring with Litestream', 'unknown', 'replay');
  const name = nameOf(key);
  const { exitCode, stdout, stderr } = await sandbox.exec(
    ['sh', '-c', RESTORE, 'restore', directory, name, generation, `file://${replica}`],
    { signal, env: { LC_ALL: 'C', HOME: sandbox.paths.scratch } },
  );
  if (exitCode !== 0) throw explain(key, exitCode, `${stdout}\n${stderr}`);
  onDoing('checking the database', 'unknown', 'verify');
  const damage = await checkIntegrity(sandbox, `${directory}/${name}`, signal);
  if (damage !== undefined)
    throw unrestored(
      'backup-corrupt',
      `the database of ${key} is damaged: ${damage[0] ?? 'SQLite cannot read it'}`,
      damage,
      'Check the live database with `PRAGMA integrity_check`, and begin a new generation.',
    );
  await sandbox.exec(['rm', '-rf', replica], { signal });
  const warnings =
    plan.generations > 1
      ? [`the replica has ${formatCount(plan.generations)} generations; ${generation}, written to last, was restored`]
      : [];
  const log = `${formatCount(segments.length)} ${segments.length === 1 ? 'segment' : 'segments'} of its log`;
  return { warnings, takenAt: plan.until, summary: `the end of generation ${generation}: a snapshot and ${log}` };
}

const RESTORE = 'mkdir -p "$1" && cd "$1" && exec litestream restore -o "./$2" -generation "$3" "$4"';

/** A segment is held in memory while its content is measured; a snapshot is passed through. */
async function* files(
  content: DirectoryContent,
  { snapshot, segments }: ReplicaPlan,
  sizes: number[],
  signal: AbortSignal,
): AsyncGenerator<SandboxFile> {
  const { exactBytes } = content.members.get(snapshot.name) ?? {};
  yield { name: snapshot.name, sizeBytes: exactBytes, content: content.stream(snapshot.name, signal) };
  for (const { name } of segments) {
    const bytes = await buffer(content.stream(name, signal));
    let size = 0;
    for await (const chunk of content.decompress('lz4', Readable.from([bytes]), name)) size += (chunk as Buffer).length;
    sizes.push(size);
    yield { name, sizeBytes: bytes.length, content: Readable.from([bytes]) };
  }
}

/** Litestream usually stores a replica below the name of its database. */
function nameOf(key: string): string {
  const last = key.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return /^[\w][\w.-]*$/.test(last) ? last : 'database.sqlite';
}

function explain(key: string, exitCode: number, output: string): DrillError {
  const lines = output
    .split('\n')
    .filter((line) => /error/i.test(line))
    .map((line) => toPrintable(line, 300));
  const fail = `the Litestream replica ${key} cannot be restored`;
  return explainTool(FAULTS, { tool: 'Litestream', fail, exitCode, text: output, lines });
}

const CHECK = 'Check its storage, and begin a new generation.';

const FAULTS: readonly ToolFault[] = [
  {
    pattern: /no space left|disk is full/i,
    code: 'disk-full',
    says: ': the sandbox is full',
    hint: 'Free up space on the disk that holds the engine’s volumes.',
  },
  { pattern: /unexpected EOF/i, code: 'backup-truncated', says: ': a file of it was cut off', hint: CHECK },
  {
    pattern: /lz4|checksum|invalid frame|malformed|corrupt/i,
    code: 'backup-corrupt',
    says: ': a file of it is damaged',
    hint: CHECK,
  },
];
