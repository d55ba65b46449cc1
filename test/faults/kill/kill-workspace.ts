import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_IMAGES } from '../../support/cli.ts';
import { ownWords } from '../../support/own-words.ts';
import type { KillChild } from './kill-child.ts';
import type { JournalEntry, KillMode } from './kill-points.ts';

/** A finished process that was started in a workspace. */
export interface Ended {
  /** Its pid and start time, as in the names of what it creates. */
  readonly owner: string;
  readonly journal: readonly JournalEntry[];
  /** Undefined if it finished by itself. */
  readonly killedAt: string | undefined;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly killAt?: string;
  readonly mode?: KillMode;
  readonly env?: Readonly<Record<string, string>>;
}

/** The command that is started over and over, the same before and after a kill. */
export type Start = (workspace: KillWorkspace, options: StartOptions) => Promise<Ended>;

export interface KillWorkspace extends AsyncDisposable {
  readonly directory: string;
  /** TMPDIR of its processes, which contains every sandbox. */
  readonly temporary: string;
  readonly storePath: string;
  readonly drill: string;
  /** Label of its containers; undefined if its sandboxes are local. */
  readonly project: string | undefined;
  /** Finished processes, oldest first. */
  readonly owners: readonly string[];
  /** Runs the command line in a separate process, until it ends or is killed. */
  spawn(argv: readonly string[], options: StartOptions): Promise<Ended>;
}

/** Starts `firedrill run`, like most starts here. */
export const startRun: Start = (workspace, options) => workspace.spawn(['run', 'drill.yaml', '--json'], options);

export interface WorkspaceOptions {
  readonly runtime: 'docker' | 'local';
  /** What its processes are. */
  readonly child: KillChild;
  readonly storage?: 'tmpfs';
  /** Below the workspace; if the path is too long for a socket, a sandbox consists of two directories. */
  readonly temporaryName?: string;
}

/** A workspace with its own settings, backup, drill and history. */
export async function makeKillWorkspace(options: WorkspaceOptions): Promise<KillWorkspace> {
  const { runtime, child, storage = 'volume', temporaryName = 'tmp' } = options;
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  await chmod(directory, 0o711); // a server of another user must be able to traverse it
  const temporary = join(directory, temporaryName);
  const mark = randomBytes(4).toString('hex');
  const project = runtime === 'docker' ? `firedrill-kill-${mark}` : undefined;
  for (const name of [temporaryName, 'backups']) await mkdir(join(directory, name), { mode: 0o755 });
  const images = Object.entries(TEST_IMAGES).map(([name, image]) => `  "${name}": ${image}\n`);
  await writeFile(join(directory, 'firedrill.yaml'), `runtime: ${runtime}\nimages:\n${images.join('')}`);
  await writeFile(join(directory, 'backups', 'orders-2026-11-21T0000.sql'), dump());
  const drill = `orders-${mark}`;
  await writeFile(
    join(directory, 'drill.yaml'),
    JSON.stringify({ ...DRILL, name: drill, sandbox: { ...DRILL.sandbox, storage } }),
  );
  const owners: string[] = [];
  return {
    directory,
    temporary,
    drill,
    project,
    owners,
    storePath: join(directory, 'history.db'),
    spawn: async (argv, { killAt, mode, env }) => {
      const ended = await runChild([child.program, ...argv], directory, {
        ...(project === undefined ? {} : { FD_PROJECT: project }),
        ...(killAt === undefined ? {} : { FD_KILL_AT: killAt }),
        ...(mode === undefined ? {} : { FD_KILL_MODE: mode }),
        FD_JOURNAL: join(directory, `journal-${owners.length}`),
        FD_CACHE: child.cache,
        TMPDIR: temporary,
        FIREDRILL_STORE: 'history.db',
        ...env,
      });
      owners.push(ended.owner);
      return ended;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

async function runChild(argv: readonly string[], cwd: string, own: Record<string, string>): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, ...own };
  const child = spawn(process.execPath, argv, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group that can be killed as one
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  child.once('error', reject).once('close', (code, signal) => resolve({ code, signal }));
  const { code, signal } = await promise;
  const journal = readJournal(own['FD_JOURNAL'] ?? '');
  const last = journal.findLast((entry) => entry.kind === 'point');
  return {
    owner: journal.find((entry) => entry.kind === 'owner')?.owner ?? '',
    journal,
    killedAt: signal === 'SIGKILL' ? last?.point : undefined,
    code,
    stdout,
    stderr: ownWords(stderr),
  };
}

function readJournal(file: string): readonly JournalEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as JournalEntry);
}

const ROWS = 20_000;

const DRILL = {
  backup: { source: './backups', match: 'orders-*.sql', takenAt: 'modified' },
  engine: { type: 'postgres' },
  sandbox: { memory: '512m', cpus: 1 },
  objectives: { rto: '30m' },
  checks: [
    { name: 'orders are all there', sql: 'select count(*) from orders', expect: { equals: ROWS } },
    { name: 'the newest is the newest', sql: 'select max(id) from orders', expect: { equals: ROWS } },
  ],
};

/** Small, but in several chunks. */
function dump(): string {
  const rows = Array.from({ length: ROWS }, (_, index) => `${index + 1}\torder ${index + 1}`);
  return [
    '--\n-- PostgreSQL database dump\n--\n',
    '-- Dumped from database version 17.5\n-- Dumped by pg_dump version 17.5\n',
    "SET client_encoding = 'UTF8';",
    'CREATE TABLE public.orders (\n    id integer NOT NULL,\n    name text\n);\n',
    `COPY public.orders (id, name) FROM stdin;\n${rows.join('\n')}\n\\.\n`,
    'ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);\n',
    '--\n-- PostgreSQL database dump complete\n--\n',
  ].join('\n');
}
