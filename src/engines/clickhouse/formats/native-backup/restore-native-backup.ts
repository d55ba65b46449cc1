import { PassThrough, Readable, Transform } from 'node:stream';
import type { BackupContent, DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { readStart } from '../../../../support/read-start.ts';
import { finishRestore } from '../../../finish-restore.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../../format.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import { boundedOutput } from '../../server/bounded-output.ts';
import { LocalProgram } from '../../server/local-program.ts';
import { type BootedProgram, bootProgram } from '../boot-program.ts';
import { unpackDefinitions } from './find-altered-views.ts';
import { type Manifest, readManifest } from './read-manifest.ts';
import { requireTables } from './require-stored.ts';
import { restoreStaged, type Staged } from './restore-staged.ts';

export type NativeBackup =
  | { readonly content: Extract<BackupContent, { kind: 'object' }> }
  | { readonly content: DirectoryContent; readonly manifest: Manifest; readonly bases: readonly DirectoryContent[] };

/** Checks that the sandbox has ClickHouse, and prepares it; the backup is staged and restored in `run`. */
export async function provisionNative(
  backup: NativeBackup,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const booted = await bootProgram(LocalProgram.open, sandbox, options);
  return { run: (run) => restore(backup, booted, run) };
}

/** Never FROM S3: the sandbox has no network access. */
async function restore(
  backup: NativeBackup,
  { program, server }: BootedProgram,
  options: RunOptions,
): Promise<Restored> {
  const { content } = backup;
  const { key } = content.backup;
  const { signal, phases } = options;
  const report = (doing: string, ratio?: number) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio, phase: 'load' });
  phases.enter('fetch');
  const staged = await stage(backup, program.sandbox, signal);
  requireTables(key, staged.manifest);
  phases.enter('load');
  report('restoring');
  const warnings = await restoreStaged(program, staged, { key, signal });
  server.expect(staged.manifest.tables);
  const { databases, tables } = staged.manifest;
  const first = databases.find((name) => tables.some((table) => table.database === name));
  const database = options.database ?? first ?? 'default';
  return finishRestore(server, { database, warnings }, options, () => report('flushing', 1));
}

async function stage(backup: NativeBackup, sandbox: Sandbox, signal: AbortSignal): Promise<Staged> {
  if ('manifest' in backup) {
    const chain = [backup.content, ...backup.bases];
    const readText = async (name: string) => {
      const holder = chain.find(({ members }) => members.has(name));
      return holder && (await readStart(await holder.streamUnwrapped(name, signal), DEFINITION_BYTES)).toString();
    };
    const folders = await stageChain(backup, sandbox, signal);
    return { path: folders[0], folders, manifest: backup.manifest, readText };
  }
  const { content } = backup;
  const { scratch } = sandbox.paths;
  const file = { name: 'backup.tar', sizeBytes: undefined, content: content.stream(signal) };
  await sandbox.writeFiles(scratch, Readable.from([file]), signal);
  const path = `${scratch}/backup.tar`;
  const manifest = await readFromTar(content.backup.key, path, sandbox, signal);
  const folders = await unpackDefinitions(path, manifest, sandbox, signal);
  return { path, folders, manifest, readText: (name) => readMember(path, name, sandbox, signal) };
}

const DEFINITION_BYTES = 2 ** 22;

/** Each backup gets its own folder, and its `.backup` names the folder of the one that it builds on. */
async function stageChain(
  { content, bases }: Extract<NativeBackup, { manifest: Manifest }>,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<readonly [string, ...string[]]> {
  const chain = [content, ...bases];
  const folder = (index: number): string => `${sandbox.paths.scratch}/backup-${index}`;
  for (const [index, each] of chain.entries()) {
    const next = index + 1 < chain.length ? folder(index + 1) : undefined;
    await copyDirectory(next === undefined ? each : rebased(each, next), folder(index), { sandbox, signal });
  }
  return [folder(0), ...bases.map((_, index) => folder(index + 1))];
}

function rebased(content: DirectoryContent, base: string): DirectoryContent {
  const members = new Map(content.members);
  const mark = members.get('.backup');
  if (mark) members.set('.backup', { ...mark, exactBytes: undefined });
  return {
    ...content,
    members,
    stream: (name, signal) => {
      const stream = content.stream(name, signal);
      return name === '.backup' ? (stream.compose(nameBase(base)) as Readable) : stream;
    },
  };
}

const MAX_HEAD_BYTES = 2 ** 16;

/** It is in the head of the file, before the first entry. */
function nameBase(base: string): Transform {
  let head: Buffer | undefined = Buffer.alloc(0);
  const pass = (): Buffer => {
    const text = (head ?? Buffer.alloc(0)).toString('latin1');
    head = undefined;
    const named = text.replace(/<base_backup>[^<]*<\/base_backup>/, () => `<base_backup>File('${base}')</base_backup>`);
    return Buffer.from(named, 'latin1');
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!head) return done(null, chunk);
      head = Buffer.concat([head, chunk]);
      if (head.includes('<contents>') || head.length > MAX_HEAD_BYTES) return done(null, pass());
      done();
    },
    flush(done) {
      done(null, head ? pass() : undefined);
    },
  });
}

/** @returns the text of one file in a tar; undefined: it contains none of this name. */
export async function readMember(
  tar: string,
  name: string,
  sandbox: Pick<Sandbox, 'exec'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { output, text } = boundedOutput();
  const argv = ['tar', '-xOf', tar, name];
  const { exitCode } = await sandbox.exec(argv, { stdout: output, env: { LC_ALL: 'C' }, signal });
  return exitCode === 0 ? text() : undefined;
}

/** The list is the last file of the tar. tar prints it; nothing is unpacked. */
async function readFromTar(key: string, path: string, sandbox: Sandbox, signal: AbortSignal): Promise<Manifest> {
  const stdout = new PassThrough();
  const reading = readManifest(key, stdout);
  reading.catch(() => undefined); // raised below
  const { exitCode, stderr } = await sandbox.exec(['tar', '-xOf', path, '.backup'], {
    stdout,
    env: { LC_ALL: 'C' },
    signal,
  });
  if (exitCode === 0) return reading;
  throw new DrillError(
    'backup-truncated',
    `${key} ends before its list of files (.backup): it was cut off, or is not finished`,
    {
      details: stderr.split('\n').filter(Boolean).slice(-3),
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    },
  );
}
