import { createHash, randomBytes, randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import { type ServerLogPatterns, ServerProcess, untilReady } from '../../server/server-process.ts';
import { boundedOutput } from './bounded-output.ts';
import { knownOptions } from './known-options.ts';
import type { ClickHouseProgram, Query } from './program.ts';
import { programError } from './server-errors.ts';
import { writeConfig } from './write-config.ts';

const LOG: ServerLogPatterns = {
  ready: /Ready for connections\./,
  diskFull: /no space left/i,
  outOfMemory: /memory limit.*exceeded|cannot allocate memory/i,
};

/**
 * A server on the sandbox's loopback, for versions whose `clickhouse-local` does not store tables. Its password is random; clients read it from a file of the
 * sandbox.
 */
export class ServerProgram implements ClickHouseProgram {
  readonly sandbox: Sandbox;
  readonly checksParts = false;
  readonly version: string;
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  private readonly clientConfig: string;
  private readonly port: number;
  private readonly server: ServerProcess;
  private settings: ReadonlySet<string> = new Set();

  private constructor(sandbox: Sandbox, version: string, port: number, directory: string) {
    this.sandbox = sandbox;
    this.version = version;
    this.port = port;
    this.path = `${sandbox.paths.data}/clickhouse`;
    this.clientConfig = `${directory}/client.xml`;
    this.env = { CLICKHOUSE_CONFIG: this.clientConfig, CLICKHOUSE_PORT: String(port) };
    const argv = findInServerDirs(sandbox, ['clickhouse-server', `--config-file=${directory}/config.xml`]);
    this.server = new ServerProcess(sandbox, argv, LOG);
  }

  /** @throws DrillError `server-failed`, `disk-full`, `out-of-memory`. */
  static async open(sandbox: Sandbox, version: string, signal: AbortSignal): Promise<ServerProgram> {
    const port = randomInt(20_000, 30_000);
    const password = randomBytes(18).toString('base64url');
    const directory = await writeConfig(sandbox, filesOf(sandbox, { port, password }), signal);
    const program = new ServerProgram(sandbox, version, port, directory);
    try {
      await untilReady(program.server, sandbox, signal);
    } catch (error) {
      const failed = program.server.hasEnded && !signal.aborted;
      await program.server.kill();
      throw failed ? program.server.explain('the server did not start') : error;
    }
    const names = await program.ask('SELECT name FROM system.settings', { signal });
    program.settings = new Set(names.split('\n'));
    return program;
  }

  async ask(sql: string, { options = {}, signal }: Query): Promise<string> {
    signal.throwIfAborted();
    const { output, text } = boundedOutput();
    const argv = findInServerDirs(this.sandbox, [...this.argv(knownOptions(options, this.settings)), '--multiquery']);
    const { exitCode, stderr } = await this.sandbox.exec(argv, {
      stdin: Readable.from([Buffer.from(sql)]),
      stdout: output,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      signal,
    });
    if (exitCode === 0) return text();
    if (this.server.hasEnded) throw this.server.explain('the server went away');
    throw programError(stderr, exitCode);
  }

  argv(options: Query['options'] = {}): readonly string[] {
    const settings = Object.entries(options).map(
      ([name, value]) => `--${name === 'output-format' ? 'format' : name}=${value}`,
    );
    return ['clickhouse-client', `--config-file=${this.clientConfig}`, `--port=${this.port}`, ...settings];
  }
}

function filesOf({ paths }: Sandbox, { port, password }: { readonly port: number; readonly password: string }) {
  const { data } = paths;
  const hash = createHash('sha256').update(password).digest('hex');
  return {
    'config.xml': `<yandex>
  <logger><level>information</level><console>1</console></logger>
  <tcp_port>${port}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>${data}/clickhouse/</path><tmp_path>${data}/tmp/</tmp_path><format_schema_path>${data}/schemas/</format_schema_path>
  <users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>268435456</mark_cache_size><max_concurrent_queries>50</max_concurrent_queries>
</yandex>
`,
    'users.xml': `<yandex>
  <profiles><default/></profiles><quotas><default/></quotas>
  <users><default><password_sha256_hex>${hash}</password_sha256_hex><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></default></users>
</yandex>
`,
    'client.xml': `<config><host>127.0.0.1</host><user>default</user><password>${password}</password></config>
`,
  };
}
