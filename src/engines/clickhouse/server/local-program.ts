import { Readable, Writable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import { ClickHouseError } from './server-errors.ts';

const PROGRAM = 'clickhouse-local';
const NOT_FOUND = 127;
const MAX_OUTPUT_BYTES = 32 * 2 ** 20;

export interface LocalQuery {
  /** Options of the program: `readonly`, settings, `output-format`. */
  readonly options?: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal;
}

/**
 * ClickHouse without a server: each query is a process on the same data directory, which it locks, so they run one after another. It has no port and no
 * account, and reaches what the sandbox reaches: nothing.
 */
export class LocalProgram {
  readonly sandbox: Sandbox;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  /** Where its tables are. */
  get path(): string {
    return `${this.sandbox.paths.data}/clickhouse`;
  }

  get configFile(): string {
    return `${this.sandbox.paths.data}/config/config.xml`;
  }

  /** Backups may be restored from the sandbox's scratch alone. To be called once, first. */
  async configure(signal: AbortSignal): Promise<void> {
    const text = `<clickhouse>
  <backups><allowed_path>${this.sandbox.paths.scratch}/</allowed_path></backups>
  <dictionaries_lazy_load>true</dictionaries_lazy_load>
</clickhouse>
`;
    const file = {
      name: 'config.xml',
      sizeBytes: Buffer.byteLength(text),
      content: Readable.from([Buffer.from(text)]),
    };
    await this.sandbox.writeFiles(`${this.sandbox.paths.data}/config`, Readable.from([file]), signal);
  }

  /**
   * @returns its version: `26.7.2.1`.
   * @throws DrillError `tool-missing`.
   */
  async version(signal: AbortSignal): Promise<string> {
    return (await this.ask('SELECT version()', { signal })).trim();
  }

  /**
   * Runs queries, separated by semicolons, in one process.
   * @returns what they print, at most 32 MiB of it.
   * @throws ClickHouseError for what ClickHouse refuses, DrillError `tool-missing`, or what the sandbox throws.
   */
  ask(sql: string, query: LocalQuery): Promise<string> {
    const run = this.turn.then(() => this.run(sql, query));
    this.turn = run.catch(() => undefined);
    return run;
  }

  /** The argv for people, and for this class. */
  argv(options: LocalQuery['options'] = {}): readonly string[] {
    const settings = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    return [PROGRAM, `--path=${this.path}`, `--config-file=${this.configFile}`, ...settings];
  }

  private async run(sql: string, { options, signal }: LocalQuery): Promise<string> {
    signal.throwIfAborted();
    const { output, text } = bounded();
    const { exitCode, stderr } = await this.sandbox.exec(findInServerDirs(this.sandbox, this.argv(options)), {
      stdin: Readable.from([Buffer.from(sql)]),
      stdout: output,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      signal,
    });
    if (exitCode === 0) return text();
    if (exitCode === NOT_FOUND && !stderr.includes('DB::')) {
      throw new DrillError('tool-missing', `the sandbox has no ${PROGRAM}`, {
        hint: 'Name an image with ClickHouse 22.8 or later in `engine.image`, such as clickhouse/clickhouse-server.',
      });
    }
    throw new ClickHouseError(stderr, exitCode);
  }
}

/** Keeps the first 32 MiB, and takes the rest without keeping it. */
function bounded(): { readonly output: Writable; text(): string } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk.subarray(0, MAX_OUTPUT_BYTES - bytes));
      bytes += chunk.length;
      done();
    },
  });
  return { output, text: () => Buffer.concat(chunks).toString() };
}
