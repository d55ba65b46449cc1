import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupContent } from '../../src/backup/content.ts';
import { openDirectorySource } from '../../src/backup/drivers/directory/directory-source.ts';
import { openContent } from '../../src/backup/reading/open-content.ts';
import { locateBackup } from '../../src/backup/selection/locate-backup.ts';
import type { BootOptions, LoadOptions, LoadOutcome, Server } from '../../src/engines/engine.ts';
import type { Engine } from '../../src/engines/engine-descriptor.ts';
import type { CheckSession } from '../../src/engines/sql-access.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { requireSqlAccess } from '../../src/verify/require-sql-access.ts';
import { inspectLogical } from '../engines/logical.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';

export interface EngineUnderTest {
  readonly name: string;
  readonly engine: Engine;
  /** Release series of the server in its sandboxes, which its dumps claim to be from. */
  readonly major: string;
  startSandbox(): Promise<Sandbox>;
  boot(sandbox: Sandbox, options: BootOptions): Promise<Server>;
  /** Statements as this engine's dump tool would write them, without the final line. */
  dumpOf(statements: readonly string[]): string;
  readonly lastLine: string;
  /** A client command that could run a program. */
  readonly clientCommand: string;
  /** Runs one query with this engine's client program, and prints the bare value. */
  query(sql: string): readonly string[];
  /** The shell command that runs a query over TCP, followed by the query; has the placeholders of a check of kind `http`. */
  readonly networkClient: string;
}

const never = new AbortController().signal;
const MEMORY_BYTES = 1024 * 2 ** 20;
const ROWS = 5000;

/** SQL that every engine understands. */
const SCHEMA = [
  'CREATE TABLE customer (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(100), credit DECIMAL(20,4), joined DATE)',
  'CREATE TABLE line (id INTEGER NOT NULL PRIMARY KEY, customer BIGINT NOT NULL)',
];
const CUSTOMERS =
  "INSERT INTO customer VALUES (9007199254740993,'Zoë; -- ''x''',12345678901234.5678,'2026-02-28'),(2,NULL,NULL,NULL)";
const LINES = Array.from({ length: ROWS / 100 }, (_, part) => {
  const rows = Array.from({ length: 100 }, (_, row) => `(${part * 100 + row},2)`);
  return `INSERT INTO line VALUES ${rows.join(',')}`;
});
const WHOLE = [...SCHEMA, CUSTOMERS, ...LINES];

/** What every engine must do with plain SQL of its own dump tool, whatever its sandbox. */
export function describeEngineContract(subject: EngineUnderTest): void {
  const { engine, lastLine } = subject;
  const whole = (statements: readonly string[]): string => `${subject.dumpOf(statements)}${lastLine}\n`;

  describe(`${subject.name} keeps the engine's contract`, () => {
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'fd-contract-'));
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    /** Opened as a drill opens it: recognised and decompressed. */
    async function open(bytes: Buffer | string): Promise<BackupContent> {
      const name = `backup-${Math.random().toString(36).slice(2)}`;
      await writeFile(join(directory, name), bytes);
      const source = openDirectorySource(directory);
      const spec = { match: name, select: { by: 'latest' }, takenAt: 'modified', layouts: [] } as const;
      return openContent(source, (await locateBackup(source, spec, new Date(), 'seed', never)).backup, never);
    }
    const inspect = async (bytes: Buffer | string) => {
      const content = await open(bytes);
      try {
        return await engine.inspect(content, never);
      } finally {
        content.close();
      }
    };
    const boot = (sandbox: Sandbox): Promise<Server> =>
      subject.boot(sandbox, {
        durability: 'relaxed',
        memoryBytes: MEMORY_BYTES,
        cpus: 2,
        preload: [],
        settings: {},
        signal: never,
      });

    async function load(sandbox: Sandbox, server: Server, bytes: Buffer | string, options: Partial<LoadOptions> = {}) {
      const content = await open(bytes);
      try {
        const backup = await inspectLogical(engine, content);
        await backup.checkCompatibility(sandbox, never);
        const staged = await backup.stage(sandbox, never);
        const defaults = { jobs: 2, database: undefined, ignoreErrors: [], onProgress: () => undefined, signal: never };
        return await staged.load(server, { ...defaults, ...options });
      } finally {
        content.close();
      }
    }

    it('recognises its own dumps, compressed or not, and describes them', async () => {
      for (const bytes of [whole(WHOLE), gzipSync(whole(WHOLE))]) {
        const { facts, needs } = await inspect(bytes);
        expect({ ...facts, ...needs }).toMatchObject({ engine: engine.type, major: subject.major });
        expect(facts.serverVersion.startsWith(`${subject.major}.`)).toBe(true);
        expect(facts.format).toMatch(/^plain SQL dump/);
      }
    });

    it.each([
      ['an error page', '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>', 'backup-unrecognised'],
      ['text', 'connection to server failed', 'backup-unrecognised'],
      ['another database’s file', 'SQLite format 3\0 and so on', 'format-unsupported'],
      ['something encrypted', 'age-encryption.org/v1\n-> X25519', 'backup-encrypted'],
      ['only zeros', Buffer.alloc(4096), 'backup-empty'],
    ])('refuses %s before starting a sandbox', async (_what, bytes, code) => {
      await expect(inspect(bytes)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
    });

    it('refuses dumps of other engines before starting a sandbox', async () => {
      for (const foreign of Object.entries(FOREIGN).filter(([type]) => type !== engine.type)) {
        const refusal = inspect(foreign[1]).then(
          ({ facts }) => `it took it for one of ${facts.engine}`,
          (error: { code?: string }) => error.code,
        );
        expect(['engine-mismatch', 'version-unsupported']).toContain(await refusal);
      }
    });

    describe('with a server', () => {
      let sandbox: Sandbox;
      let server: Server;
      let outcome: LoadOutcome;
      let session: CheckSession;
      const progress = new Set<string>();
      const ask = (sql: string) => session.query(sql, { timeoutMs: STEP_TIMEOUT_MS, maxRows: 10, signal: never });

      beforeAll(async () => {
        sandbox = await subject.startSandbox();
        server = await boot(sandbox);
        outcome = await load(sandbox, server, gzipSync(whole(WHOLE)), {
          database: 'orders',
          onProgress: ({ doing }) => progress.add(doing),
        });
        await server.seal(never);
        session = await requireSqlAccess(server).openCheckSession(outcome.database, never);
      });
      afterAll(async () => {
        await session?.[Symbol.asyncDispose]();
        await sandbox?.dispose();
      });

      it('restores everything, reports progress, and returns exact values', async () => {
        expect(outcome).toMatchObject({ database: 'orders', errorCount: 0, errors: [], ignoredCount: 0 });
        expect([...progress].some((doing) => /^loading .*line/.test(doing))).toBe(true);
        const { rows } = await ask('SELECT COUNT(*), MIN(id), MAX(id) FROM line');
        expect(rows.flat().map(Number)).toEqual([ROWS, 0, ROWS - 1]);
        const customers = await ask('SELECT id, name, credit, joined FROM customer ORDER BY name IS NULL, id');
        expect(customers.rows.map(([id, ...rest]) => [String(id), ...rest])).toEqual([
          ['9007199254740993', "Zoë; -- 'x'", '12345678901234.5678', '2026-02-28'],
          ['2', null, null, null],
        ]);
      });

      it('runs its client program logged in as the user for checks, and ends with 127 when that is missing', async () => {
        const run = (argv: readonly string[]) => server.runProgram(argv, { database: outcome.database, signal: never });
        expect(await run(subject.query('SELECT COUNT(*) FROM line'))).toMatchObject({
          exitCode: 0,
          stdout: `${ROWS}\n`,
        });
        expect(await run(subject.query('DELETE FROM line'))).toMatchObject({ exitCode: 1 });
        expect(await run(subject.query("SELECT '$HOME; $(id)'"))).toMatchObject({ stdout: '$HOME; $(id)\n' });
        expect(await run(['no-such-program'])).toMatchObject({ exitCode: 127 });
      });

      it('reports what makes up the schema, without objects of the harness', async () => {
        let last: Promise<unknown> = Promise.resolve();
        const catalog = requireSqlAccess(server).openCatalog((sql, maxRows) => {
          const options = { timeoutMs: STEP_TIMEOUT_MS, maxRows, signal: never };
          const asked = last.then(() => session.query(sql, options)); // one session, one query at a time
          last = asked;
          return asked;
        });
        const objects = await catalog.schemaObjects();
        const named = objects.map(({ kind, name }) => `${kind} ${name.replace('public.', '')}`);
        expect(named.filter((name) => /^(table|column|definer|function)/.test(name)).toSorted()).toEqual([
          'column customer.credit',
          'column customer.id',
          'column customer.joined',
          'column customer.name',
          'column line.customer',
          'column line.id',
          'table customer',
          'table line',
        ]);
        const id = objects.find(({ kind, name }) => kind === 'column' && name.endsWith('line.id'));
        expect(id?.definition).toMatch(/^int(eger)? not null$/);
      });

      it('keeps checks read-only, and distinguishes a broken check from wrong data', async () => {
        await expect(ask('DELETE FROM line')).rejects.toMatchObject({ code: 'check-malformed' });
        await expect(ask('SELEKT 1')).rejects.toMatchObject({ code: 'check-malformed' });
        await expect(ask('SELECT * FROM not_restored')).rejects.toMatchObject({ code: 'wrong-data' });
        expect((await ask('SELECT COUNT(*) FROM line')).rows.flat().map(Number)).toEqual([ROWS]);
      });
    });

    describe('with incomplete dumps', () => {
      let sandbox: Sandbox;
      let server: Server;
      beforeAll(async () => {
        sandbox = await subject.startSandbox();
        server = await boot(sandbox);
      });
      afterAll(() => sandbox?.dispose());

      it('counts errors and continues, keeps row data out of them, and counts allowed ones separately', async () => {
        const bad = [
          "INSERT INTO customer VALUES (2,'the secret',NULL,NULL)",
          'CREATE TABLE line (id INTEGER)',
          LINES[0] ?? '',
        ];
        const dump = whole([...WHOLE, ...bad]);
        const outcome = await load(sandbox, server, dump, { database: 'counted', ignoreErrors: [/already exists/i] });
        expect(outcome).toMatchObject({ database: 'counted', errorCount: 2, ignoredCount: 1 });
        expect(outcome.errors).toHaveLength(2);
        for (const line of outcome.errors) expect(line).toMatch(/^line [\d,]+: .*uplicate/);
        expect(outcome.errors.join('\n')).not.toContain('secret');
      });

      it('fails when the dump is cut between statements, in a statement or in a string', async () => {
        const dump = subject.dumpOf(WHOLE);
        for (const cut of [dump, dump.slice(0, -20), dump.slice(0, dump.indexOf('Zoë') + 2)]) {
          const loading = load(sandbox, server, cut, { database: `cut${cut.length}` });
          await expect(loading).rejects.toMatchObject({ code: 'backup-truncated', hint: expect.any(String) });
        }
        const packed = gzipSync(whole(WHOLE));
        const loading = (async () =>
          load(sandbox, server, packed.subarray(0, -packed.length / 4), { database: 'short' }))();
        await expect(loading).rejects.toMatchObject({ code: 'backup-truncated' });
      });

      it('accepts a missing final line, with a warning, when the drill allows it', async () => {
        const dump = subject.dumpOf(WHOLE);
        const outcome = await load(sandbox, server, dump, { database: 'allowed', completionLine: 'optional' });
        expect(outcome).toMatchObject({ errorCount: 0 });
        expect(outcome.warnings.join('\n')).toContain('there is no way to tell whether it is whole');
      });

      it('fails when bits are flipped', async () => {
        const packed = gzipSync(whole(WHOLE));
        const at = packed.length >> 1;
        for (let index = at; index < at + 8; index += 1) packed[index] = (packed[index] ?? 0) ^ 0x55;
        const loading = (async () => load(sandbox, server, packed, { database: 'damaged' }))();
        await expect(loading).rejects.toMatchObject({ code: 'backup-corrupt' });
      });

      it('refuses client commands that could run programs', async () => {
        const dump = whole([...SCHEMA, `${subject.clientCommand}\nSELECT 1`]);
        const loading = load(sandbox, server, dump, { database: 'hostile' });
        await expect(loading).rejects.toMatchObject({
          code: 'format-unsupported',
          message: expect.stringMatching(/^line \d+ /),
        });
      });

      it('stops when its signal aborts, with the reason', async () => {
        const giveUp = new AbortController();
        const loading = load(sandbox, server, whole(WHOLE), {
          database: 'stopped',
          signal: giveUp.signal,
          onProgress: () => giveUp.abort(new Error('the deadline has passed')),
        });
        await expect(loading).rejects.toThrow('the deadline has passed');
      });
    });
  });
}

const FOREIGN: Readonly<Record<string, string>> = {
  postgres:
    '--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 17.11\nCREATE TABLE a (id integer);\n',
  mysql:
    '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n-- Server version\t8.0.36\nCREATE TABLE `a` (`id` int);\n',
  mariadb:
    '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.8.3-MariaDB, for debian-linux-gnu (x86_64)\n-- Server version\t11.8.3-MariaDB\nCREATE TABLE `a` (`id` int);\n',
};
