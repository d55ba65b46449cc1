import type { Sandbox } from '../../../sandbox/sandbox.ts';

export interface Query {
  /** Settings and options, as `clickhouse-local` calls them: `readonly`, `output-format`. A setting that this version lacks is left out. */
  readonly options?: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal;
}

/**
 * What answers queries in a sandbox. Every implementation MUST:
 * - have the tables below {@link path}, and reach what the sandbox reaches: nothing;
 * - run queries of one {@link ask} in order, and stop at the first that fails.
 */
export interface ClickHouseProgram {
  readonly sandbox: Sandbox;
  /** As it reports it: `26.7.2.1`. */
  readonly version: string;
  /** Where its tables are, below the sandbox’s data. */
  readonly path: string;
  /** Whether `CHECK TABLE` compares parts with their checksums. */
  readonly checksParts: boolean;
  /** The variables by which a program of the drill finds the tables. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs queries, separated by semicolons.
   * @returns what they print, at most 32 MiB of it.
   * @throws ClickHouseError for what ClickHouse refuses, DrillError `tool-missing`, `server-failed`, or what the sandbox throws.
   */
  ask(sql: string, query: Query): Promise<string>;
  /** For people with `--keep`: without a password. */
  argv(options: Query['options']): readonly string[];
}
