import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { NotVerifiable, PageChecksums } from '../../data-files.ts';
import type { PostgresServer } from './postgres-server.ts';
import { restartServer } from './seal.ts';

/** Runs pg_checksums (manual, "pg_checksums"), which requires a server that was stopped cleanly. */
export async function verifyChecksums(
  server: PostgresServer,
  { signal, run }: { readonly signal: AbortSignal; readonly run: AbortSignal },
): Promise<PageChecksums | NotVerifiable> {
  const { sandbox, tool } = server;
  const program = `${tool.dir}/pg_checksums`;
  const { rows } = await server.withSession('postgres', signal, (admin) =>
    admin.query<{ data_checksums: string }>('SHOW data_checksums'),
  );
  if (rows[0]?.data_checksums !== 'on') return { reason: 'the backed-up server keeps none', hint: undefined };
  const { exitCode: missing } = await sandbox.exec(['test', '-x', program], { signal });
  if (missing !== 0) {
    return {
      reason: `${sandbox.provenance.name} has no pg_checksums`,
      hint: 'Name an image with all programs of the PostgreSQL server in `engine.image`.',
    };
  }
  const report = new ChecksumReport(sandbox.paths.data);
  let failure: unknown;
  const whileStopped = async (): Promise<void> => {
    const argv = [program, '--check', '-D', sandbox.paths.data];
    const onStderrLine = (line: string) => report.readLine(line);
    try {
      report.end(await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' }, onStderrLine }));
    } catch (error) {
      failure = error; // start the server again first
    }
  };
  await restartServer(server, 'serve', run, { whileStopped });
  if (failure !== undefined) throw failure;
  const { found } = report;
  return { ...found, bad: await addNames(server, found.bad, run) };
}

/** Adds the table or index that a page belongs to, if its database can be queried. */
async function addNames(server: PostgresServer, pages: readonly string[], signal: AbortSignal): Promise<string[]> {
  const names = new Map<string, string>();
  const files = new Set(pages.flatMap((page) => FILE.exec(page)?.[0] ?? []));
  for (const [oid, ofDatabase] of Map.groupBy(files, (file) => file.split('/')[1] ?? '')) {
    for (const [file, name] of await namesOf(server, oid, ofDatabase, signal)) names.set(file, name);
  }
  return pages.map((page) => {
    const name = names.get(FILE.exec(page)?.[0] ?? '');
    return name === undefined ? page : `${page} (${toPrintable(name, 200)})`;
  });
}

/** A file of a table or index in the default tablespace, without its segment number and anything after it. */
const FILE = /\bbase\/\d+\/\d+/;

async function namesOf(
  server: PostgresServer,
  databaseOid: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly [file: string, name: string])[]> {
  try {
    const { rows } = await server.withSession('postgres', signal, (admin) =>
      admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE oid = $1', [databaseOid]),
    );
    if (!rows[0]) return [];
    const found = await server.withSession(rows[0].name, signal, (admin) =>
      admin.query<{ file: string; name: string }>(
        `SELECT pg_relation_filepath(c.oid) AS file, n.nspname || '.' || c.relname AS name
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE pg_relation_filepath(c.oid) = ANY ($1)`,
        [files],
      ),
    );
    return found.rows.map(({ file, name }) => [file, name]);
  } catch {
    signal.throwIfAborted();
    return []; // its catalog may be what is damaged; the pages are then named without it
  }
}

const MAX_NAMED = 50;
const BAD = /checksum verification failed in file "(.+)", block (\d+)/;
const CUT = /could not read block (\d+) in file "(.+)": read \d+ of \d+/;

/** Parses the output of pg_checksums. Source: scan_file and main in PostgreSQL's src/bin/pg_checksums/pg_checksums.c. */
export class ChecksumReport {
  readonly #data: string;
  readonly #bad: string[] = [];
  #badCount = 0;
  #pages = 0;
  #lastLine = '';

  /** @param data the directory, which is omitted from names. */
  constructor(data: string) {
    this.#data = `${data}/`;
  }

  get found(): PageChecksums {
    return { pages: this.#pages, bad: this.#bad, badCount: this.#badCount };
  }

  readLine(line: string): void {
    this.#lastLine = line;
    const [, file, block] = BAD.exec(line) ?? [];
    const [, lastBlock, cutFile] = CUT.exec(line) ?? [];
    if (file !== undefined) this.#add(`page ${block} of ${this.#below(file)}`);
    if (cutFile !== undefined) this.#add(`page ${lastBlock} of ${this.#below(cutFile)}, which ends in it`);
  }

  /** @throws DrillError `server-failed` if it could not read the files. */
  end({ exitCode, stdout }: { readonly exitCode: number; readonly stdout: string }): void {
    this.#pages = Number(/^Blocks scanned:\s*(\d+)/m.exec(stdout)?.[1] ?? 0);
    if (exitCode === 0 || this.#badCount > 0) return;
    throw new DrillError(
      'server-failed',
      `pg_checksums ended with exit code ${exitCode}: ${toPrintable(this.#lastLine, 300)}`,
    );
  }

  #add(page: string): void {
    this.#badCount += 1;
    if (this.#bad.length < MAX_NAMED) this.#bad.push(toPrintable(page, 300));
  }

  #below(file: string): string {
    return file.startsWith(this.#data) ? file.slice(this.#data.length) : file;
  }
}
