import type { Sandbox } from '../../../sandbox/sandbox.ts';

export interface Query {
  /** Settings and options, named as for `clickhouse-local`: `readonly`, `output-format`. A setting that this version lacks is omitted. */
  readonly options?: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal;
}

/**
 * Answers queries in a sandbox. Every implementation MUST:
 * - store the tables below {@link path}, and have no more network access than the sandbox: none;
 * - run queries of one {@link ask} in order, and stop at the first that fails.
 */
export interface ClickHouseProgram {
  readonly sandbox: Sandbox;
  /** As the program reports it: `26.7.2.1`. */
  readonly version: string;
  /** Where its tables are, below the sandbox’s data. */
  readonly path: string;
  /** Whether `CHECK TABLE` compares parts with their checksums. */
  readonly checksParts: boolean;
  /** Variables with which a drill's programs find the tables. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs queries, separated by semicolons.
   * @returns their output, at most 32 MiB of it.
   * @throws ClickHouseError for what ClickHouse rejects, DrillError `tool-missing`, `server-failed`, or what the sandbox throws.
   */
  ask(sql: string, query: Query): Promise<string>;
  /** For interactive use with `--keep`: without a password. */
  argv(options: Query['options']): readonly string[];
}
