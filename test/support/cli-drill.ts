import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { StageName } from '../../src/support/vocabulary.ts';
import { type CliOptions, type CliResult, firedrill, makeWorkspace } from './cli.ts';

/** A run as printed by `history --json` and `show --json`: instants are text. */
export type ShownRun = Omit<RunRecord, 'startedAt' | 'endedAt'> & {
  readonly startedAt: string;
  readonly endedAt?: string;
};

export interface Drilled extends CliResult {
  readonly run: ShownRun;
  /** `✔ locate`, one word for each stage of the timeline: its name and how it ended. */
  readonly timeline: readonly string[];
  readonly log: readonly { readonly level: string; readonly message: string }[];
}

export interface DrillWorkspace extends AsyncDisposable {
  readonly directory: string;
  write(name: string, content: string | Buffer): Promise<string>;
  /** Writes `drill.yaml`: a drill of `./backups` with one check that passes on {@link plainDump}, and these changes (JSON is YAML). */
  writeDrill(changes?: Record<string, unknown>): Promise<void>;
  firedrill(argv: readonly string[], options?: Partial<CliOptions>): Promise<CliResult>;
  /** `firedrill run drill.yaml`, which must record exactly one complete run and leave nothing behind. */
  drill(argv?: readonly string[], options?: Partial<CliOptions>): Promise<Drilled>;
}

/** A directory with a drill in it, for driving the command line with real drivers. */
export async function makeDrillWorkspace(env: Record<string, string> = {}): Promise<DrillWorkspace> {
  const { directory, [Symbol.asyncDispose]: dispose } = await makeWorkspace();
  await chmod(directory, 0o711);
  await mkdir(join(directory, 'backups'));
  const write = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  };
  const run = (argv: readonly string[], options: Partial<CliOptions> = {}) =>
    firedrill(argv, { cwd: directory, ...options, env: { FIREDRILL_RUNTIME: 'local', ...env, ...options.env } });
  return {
    directory,
    write,
    writeDrill: async (changes = {}) => {
      await write('drill.yaml', JSON.stringify({ ...DRILL, ...changes }));
    },
    firedrill: run,
    drill: async (argv = [], options = {}) => {
      const before = await leftBehind();
      const result = await run(['run', 'drill.yaml', ...argv], options);
      const left = (await leftBehind()).filter((name) => !before.includes(name));
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
      return { ...result, ...(await readOnlyRun(run, result)) };
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Whether a chunk of the output of `run` is the line of a stage that succeeded. A long stage first prints lines with `…`. */
export function saysEnded(text: string, stage: StageName): boolean {
  return new RegExp(`^ {2}${stage} +\\d+(?:\\.\\d+)? (?:ms|s|min)\\b`).test(text) && !text.includes('errored');
}

export const DRILL = {
  name: 'orders',
  backup: { source: './backups', match: 'orders*' },
  engine: { type: 'postgres' },
  objectives: { rto: '30m' },
  checks: [{ name: 'customers are all there', sql: 'select count(*) from customer', expect: { equals: 3 } }],
};

/** A small database in the plain format of pg_dump 18; `body` goes between the table and the last line. */
export function plainDump(body = ''): string {
  return `--
-- PostgreSQL database dump
--

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.customer (
    id integer NOT NULL,
    name text NOT NULL
);

COPY public.customer (id, name) FROM stdin;
1\tAda
2\tGrace
3\tEdsger
\\.

ALTER TABLE ONLY public.customer ADD CONSTRAINT customer_pkey PRIMARY KEY (id);

${body}
--
-- PostgreSQL database dump complete
--

`;
}

async function readOnlyRun(
  run: (argv: readonly string[]) => Promise<CliResult>,
  result: CliResult,
): Promise<Pick<Drilled, 'run' | 'timeline' | 'log'>> {
  const history = await run(['history', '--json']);
  const rows = history.stdout.split('\n').filter(Boolean);
  const [row] = rows.map((text) => JSON.parse(text) as ShownRun & { type: string });
  if (!row || rows.length !== 1) {
    throw new Error(`${rows.length} runs on record instead of 1 after ${JSON.stringify(result)}, ${history.stderr}`);
  }
  const shown = await run(['show', row.id, '--log', '--json']);
  const { run: whole, log } = JSON.parse(shown.stdout) as { run: ShownRun; log: Drilled['log'] };
  const { type, ...listed } = row;
  if (type !== 'run' || JSON.stringify(listed) !== JSON.stringify(whole)) throw new Error('history and show differ');
  if (whole.endedAt === undefined || whole.status === 'running') throw new Error('the run was never ended');
  return { run: whole, timeline: whole.stages.map(({ name, outcome }) => `${name} ${outcome}`), log };
}

/** Directories of local sandboxes of this process; those of other test files are not considered. */
async function leftBehind(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`fdlocal-${process.pid}-`));
}
