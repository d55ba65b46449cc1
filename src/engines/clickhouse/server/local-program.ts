import { Readable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import { boundedOutput } from './bounded-output.ts';
import { knownOptions } from './known-options.ts';
import { OLDEST_LOCAL } from './oldest-local.ts';
import type { ClickHouseProgram, Query } from './program.ts';
import { programError } from './server-errors.ts';
import { writeConfig } from './write-config.ts';

const PROGRAM = 'clickhouse-local';
const NOT_FOUND = 127;

/**
 * ClickHouse without a server: each query is a process on the same data directory, which it locks, so queries run one after another. It has no port and no
 * account.
 */
export class LocalProgram implements ClickHouseProgram {
  readonly sandbox: Sandbox;
  readonly checksParts = true;
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  private readonly configFile: string;
  private known = 'unknown';
  private settings: ReadonlySet<string> = new Set();
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.path = `${sandbox.paths.data}/clickhouse`;
    this.configFile = `${sandbox.paths.data}/config/config.xml`;
    this.env = { CLICKHOUSE_PATH: this.path, CLICKHOUSE_CONFIG: this.configFile };
  }

  /** Backups can be restored only from the sandbox's scratch. @throws DrillError `tool-missing`. */
  static async open(sandbox: Sandbox, signal: AbortSignal): Promise<LocalProgram> {
    const program = new LocalProgram(sandbox);
    await writeConfig(sandbox, { 'config.xml': configOf(sandbox) }, signal);
    const [version = '', ...names] = (
      await program.ask('SELECT version(); SELECT name FROM system.settings', { signal })
    )
      .trim()
      .split('\n');
    program.known = version;
    program.settings = new Set(names);
    return program;
  }

  get version(): string {
    return this.known;
  }

  ask(sql: string, query: Query): Promise<string> {
    const run = this.turn.then(() => this.run(sql, query));
    this.turn = run.catch(() => undefined);
    return run;
  }

  argv(options: Query['options'] = {}): readonly string[] {
    const settings = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    return [PROGRAM, `--path=${this.path}`, `--config-file=${this.configFile}`, ...settings];
  }

  private async run(sql: string, { options = {}, signal }: Query): Promise<string> {
    signal.throwIfAborted();
    const { output, text } = boundedOutput();
    const { exitCode, stderr } = await this.sandbox.exec(
      findInServerDirs(this.sandbox, this.argv(knownOptions(options, this.settings))),
      {
        stdin: Readable.from([Buffer.from(sql)]),
        stdout: output,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        signal,
      },
    );
    if (exitCode === 0) return text();
    if (exitCode === NOT_FOUND && !stderr.includes('DB::')) {
      throw new DrillError('tool-missing', `the sandbox has no ${PROGRAM}`, {
        hint: `Name an image with ClickHouse ${OLDEST_LOCAL} or later in \`engine.image\`, such as clickhouse/clickhouse-server.`,
      });
    }
    throw programError(stderr, exitCode);
  }
}

/** Rows that a TTL would expire stay: the restored copy must not change between two checks. */
function configOf({ paths }: Pick<Sandbox, 'paths'>): string {
  return `<clickhouse>
  <backups><allowed_path>${paths.scratch}/</allowed_path></backups>
  <dictionaries_lazy_load>true</dictionaries_lazy_load>
  <merge_tree><max_number_of_merges_with_ttl_in_pool>0</max_number_of_merges_with_ttl_in_pool></merge_tree>
</clickhouse>
`;
}
