import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../src/record/run-record.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { TEST_IMAGES } from './cli.ts';
import { findLeftovers } from './leak-check.ts';
import { type CliProcess, spawnCli } from './spawn-cli.ts';

export type HeldStage = 'locate' | 'restore' | 'verify';

export interface DrillOptions {
  /** The stage that never ends by itself: a store that does not answer, a statement or a check that sleeps. */
  readonly heldIn?: HeldStage;
  /** `objectives`, as YAML. */
  readonly objectives?: string;
  /** Its backups do not exist: a run fails at once, and needs no sandbox. */
  readonly isMissing?: boolean;
  /** More lines of the file. */
  readonly more?: readonly string[];
}

/** Settings, backups, drills, history and temporary files of its own, removed when it is disposed. */
export interface ProcessWorkspace extends AsyncDisposable {
  readonly directory: string;
  readonly temporary: string;
  /** Suffix of the name of every drill, which identifies their leftovers. */
  readonly mark: string;
  /** Also replaces a drill atomically, as an editor does. @returns the drill's file. Its full name is `<name>-<mark>`. */
  addDrill(name: string, options?: DrillOptions): Promise<string>;
  cli(...argv: string[]): CliProcess;
  /** Resolves when a drill that is held in `locate` has sent a request to its store. */
  readonly asked: Promise<unknown>;
  runs(): Promise<readonly RunRecord[]>;
  logOf(runId: string): Promise<readonly string[]>;
  leftovers(): Promise<readonly string[]>;
}

/** @param cache where compiled code is cached across processes; default: a directory of its own. */
export async function makeProcessWorkspace(runtime: 'docker' | 'local', cache?: string): Promise<ProcessWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  await chmod(directory, 0o711); // a server of another user needs access to it
  const temporary = join(directory, 'tmp');
  const mark = randomBytes(4).toString('hex');
  const drills: string[] = [];
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  for (const name of ['tmp', 'drills', 'backups']) await mkdir(join(directory, name), { mode: 0o755 });
  const images = Object.entries(TEST_IMAGES).map(([name, image]) => `  "${name}": ${image}\n`);
  await writeFile(join(directory, 'firedrill.yaml'), `runtime: ${runtime}\nimages:\n${images.join('')}`);
  for (const kind of ['quick', 'restore']) {
    await writeFile(join(directory, 'backups', `${kind}-2026-11-21T0000.sql`), dump(kind === 'restore'));
  }

  const withStore = async <T>(use: (store: Store) => Promise<T>) => {
    await using store = await openSqliteStore(join(directory, 'history.db'));
    return await use(store);
  };
  const runs = () => withStore((store) => store.findRuns({ limit: 20 }));
  return {
    directory,
    temporary,
    mark,
    asked: once(silent, 'request'),
    addDrill: async (name, { heldIn, objectives = '{ rto: 30m }', isMissing = false, more = [] } = {}) => {
      drills.push(`${name}-${mark}`);
      const source =
        heldIn === 'locate' ? `{ url: "s3://backups/", endpoint: "${endpoint}", forcePathStyle: true }` : '../backups';
      const checks = [
        '  - { name: rows are there, sql: select count(*) from t, expect: { equals: 2 } }',
        ...(heldIn === 'verify'
          ? ['  - { name: never ends, sql: select pg_sleep(600), timeout: 10m, expect: notEmpty }']
          : []),
      ];
      const kind = isMissing ? 'missing' : heldIn === 'restore' ? 'restore' : 'quick';
      const file = join(directory, 'drills', `${name}.yaml`);
      const text = [
        `name: ${name}-${mark}`,
        `backup: { source: ${source}, match: "${kind}-*.sql", takenAt: modified }`,
        'engine: { type: postgres }',
        'sandbox: { memory: 512m, cpus: 1 }',
        `objectives: ${objectives}`,
        'checks:',
        ...checks,
        ...more,
      ];
      await writeFile(`${file}.new`, `${text.join('\n')}\n`);
      await rename(`${file}.new`, file);
      return file;
    },
    cli: (...argv) =>
      spawnCli(argv, {
        cwd: directory,
        env: {
          TMPDIR: temporary,
          FIREDRILL_STORE: 'history.db',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_REGION: 'us-east-1',
          ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache }),
        },
      }),
    runs,
    logOf: (runId) => withStore(async (store) => (await store.getLog(runId)).map(({ message }) => message)),
    leftovers: async () =>
      findLeftovers({
        temporary,
        runIds: (await runs()).map(({ id }) => id),
        drills,
        docker: runtime === 'docker',
      }),
    [Symbol.asyncDispose]: async () => {
      silent.closeAllConnections();
      silent.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The smallest dump that gives a restore something to do. */
function dump(endless: boolean): string {
  return [
    '--\n-- PostgreSQL database dump\n--\n',
    '-- Dumped from database version 17.5\n-- Dumped by pg_dump version 17.5\n',
    "SET client_encoding = 'UTF8';",
    'CREATE TABLE public.t (\n    id integer NOT NULL\n);\n',
    'COPY public.t (id) FROM stdin;\n1\n2\n\\.\n',
    ...(endless ? ['SELECT pg_sleep(600);\n'] : []),
    '--\n-- PostgreSQL database dump complete\n--\n',
  ].join('\n');
}
