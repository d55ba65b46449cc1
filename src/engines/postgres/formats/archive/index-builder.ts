import type pg from 'pg';
import { Lanes } from '../../../sql-dump/lanes.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { fatalLoadError } from '../../../sql-dump/load-failure.ts';
import { prepareBuild } from '../../loading/prepare-build.ts';
import { isDeadlock } from '../../loading/statement-errors.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import { runRaw } from '../../server/wire.ts';
import { type ArchiveBuild, statementsOf } from './archive-builds.ts';
import type { ArchiveToc } from './archive-toc.ts';
import { findingOf } from './restore-output.ts';

/** What pg_restore sets in its own sessions before the settings in the archive. Source: _doSetFixedOutputState in pg_backup_archiver.c. */
const SETTINGS = `SET check_function_bodies = false; SET client_min_messages = warning; SET row_security = off; SET xmloption = content;`;
const SETTING_ENTRIES: readonly string[] = ['ENCODING', 'STDSTRINGS', 'SEARCHPATH'];

/** Including pg_restore's own: less than `max_connections`. */
const MAX_SESSIONS = 40;

/** Rows rarely compress to less than a tenth. */
const RATIO = 10;

interface BuilderParts {
  readonly toc: ArchiveToc;
  readonly builds: readonly ArchiveBuild[];
  /** Bytes of rows in the archive, by entry. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly server: PostgresServer;
  readonly database: string;
  readonly errors: LoadErrors;
  readonly jobs: number;
  readonly signal: AbortSignal;
  onBuild(doing: string, build: ArchiveBuild): void;
  onBuilt(doing: string, build: ArchiveBuild): void;
}

/** Builds indexes and keys on sessions of its own, each as soon as the rows of its table are loaded. Disposing ends the sessions. */
export class IndexBuilder implements AsyncDisposable {
  private readonly parts: BuilderParts;
  private readonly lanes: Lanes<pg.Client>;
  private readonly waiting: Set<ArchiveBuild>;
  /** By the entries with the rows of their tables. */
  private readonly byRows: ReadonlyMap<number, readonly { readonly build: ArchiveBuild }[]>;
  private readonly loaded = new Set<number>();
  private readonly ending = new AbortController();
  private readonly signal: AbortSignal;
  private isLoading = true;
  /** Builds ended by the server in a deadlock with concurrent work, each with its remaining statements. */
  private readonly deadlocked = new Map<ArchiveBuild, readonly Buffer[]>();
  private isAlone = false;
  private failure: unknown;

  constructor(parts: BuilderParts) {
    this.parts = parts;
    this.signal = AbortSignal.any([parts.signal, this.ending.signal]);
    this.waiting = new Set(parts.builds);
    const rows = parts.builds.flatMap((build) => [...build.after].map((id) => ({ id, build })));
    this.byRows = Map.groupBy(rows, ({ id }) => id);
    const sessions = Math.max(1, Math.min(parts.jobs, MAX_SESSIONS - parts.jobs));
    this.lanes = new Lanes(sessions, async () => ({ client: await this.open(), settingsApplied: 0 }));
  }

  /** Records that a table's rows were loaded, or were refused. */
  rowsLoaded(dumpId: number): void {
    this.loaded.add(dumpId);
    for (const { build } of this.byRows.get(dumpId) ?? [])
      if (this.waiting.has(build) && this.isReady(build)) this.submit(build);
  }

  /** Waits for all builds; call when pg_restore has ended. @throws DrillError if one of them ended the load, or for what the image lacks. */
  async finish(): Promise<void> {
    this.isLoading = false;
    for (const build of this.waiting) this.submit(build);
    await this.lanes.drain();
    this.isAlone = true;
    for (const build of this.deadlocked.keys()) {
      this.submit(build);
      await this.lanes.drain();
    }
    if (this.failure) throw this.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.waiting.clear();
    await Promise.all(this.lanes.release().map(({ client }) => this.parts.server.closeSession(client)));
    this.ending.abort(); // ends a session that is still being opened
  }

  private isReady({ after }: ArchiveBuild): boolean {
    return [...after].every((id) => this.loaded.has(id));
  }

  private submit(build: ArchiveBuild): void {
    this.waiting.delete(build);
    const { entry, tables, shared, cost } = build;
    this.lanes.submit({
      tables,
      shared,
      cost: cost * this.bytesBefore(build),
      sizeBytes: entry.defn.length,
      run: ({ client }) => this.run(client, build),
    });
  }

  private bytesBefore({ after }: ArchiveBuild): number {
    return Math.max(0, ...[...after].map((id) => this.parts.sizes.get(id) ?? 0));
  }

  private async run(client: pg.Client, build: ArchiveBuild): Promise<void> {
    if (this.failure) return;
    const { entry, shared, method } = build;
    const { signal } = this;
    const { server, jobs, errors } = this.parts;
    const doing = shared ? 'creating indexes' : 'creating keys';
    this.parts.onBuild(doing, build);
    let left: readonly Buffer[] = [];
    try {
      left = this.deadlocked.get(build) ?? statementsOf(entry.defn);
      const countBuilds = (): number => this.lanes.remaining + (this.isLoading ? jobs : 0);
      await prepareBuild(client, server.options, { method, tableBytes: RATIO * this.bytesBefore(build), countBuilds });
      // each in its own transaction: one that holds a build's lock and waits for an ALTER's stronger lock would deadlock with its neighbours
      for (const statement of left) {
        await runRaw(client, statement);
        left = left.slice(1);
      }
    } catch (error) {
      if (isDeadlock(error) && !this.isAlone) {
        this.deadlocked.set(build, left);
        return;
      }
      const cause = await server.explainLoss(error, signal);
      const { code = '', message } = cause as { readonly code?: string; readonly message: string };
      const isDiskFull = code === '53100' || /No space left on device/.test(message);
      this.failure ??= fatalLoadError({ cause, message, isDiskFull, isRefusal: code !== '' }, signal);
      if (!this.failure) this.failure = errors.report(findingOf(message, entry.defn.split('\n')[0]));
    }
    this.parts.onBuilt(doing, build);
  }

  private async open(): Promise<pg.Client> {
    const { server, database, toc } = this.parts;
    const client = await server.openSession(database, this.signal).catch(async (error: unknown) => {
      throw await server.explainRefusal(error, this.signal);
    });
    const own = toc.entries.filter(({ desc }) => SETTING_ENTRIES.includes(desc)).map(({ defn }) => defn);
    for (const setting of [SETTINGS, ...own])
      await runRaw(client, Buffer.from(setting)).catch((error: unknown) => {
        if (typeof (error as { code?: unknown }).code !== 'string') throw error; // pg_restore reports a refusal itself
      });
    return client;
  }
}
