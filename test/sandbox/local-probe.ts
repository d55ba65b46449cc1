/**
 * A separate process that creates a local sandbox with a real server in it, so that tests can run it as another user or kill it. `local-probe.ts SEAL
 * RUN_ID [DATA_ROOT]` prints the sandbox as a JSON line once the server answers; then it answers each JSON line on stdin, `{ sql }` or `{ argv }`, with
 * one line. The end of stdin disposes of the sandbox.
 */
import { createInterface } from 'node:readline';
import pg from 'pg';
import { ALL_ENGINES } from '../../src/engines/registry.ts';
import type { Seal } from '../../src/sandbox/local/holder.ts';
import { createLocalRuntime } from '../../src/sandbox/local/runtime.ts';
import { currentOwner } from '../../src/support/owner.ts';

const [seal = 'own-root', runId = 'probe', dataRoot = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const runtime = createLocalRuntime({ engines: ALL_ENGINES, seals: [seal as Seal], ...(dataRoot ? { dataRoot } : {}) });
const box = await runtime.start(
  {
    runId,
    drill: 'probe',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 600_000),
    image: 'ignored',
    server: { engine: 'postgres', major: '18' },
    memoryBytes: 2 ** 30,
    cpus: 1,
    pids: 100,
    serverUser: 'postgres',
    storage: 'volume',
  },
  never,
);
const { data, run, scratch } = box.paths;
const must = async (argv: readonly string[]) => {
  const { exitCode, stdout, stderr } = await box.exec(argv, { signal: never });
  if (exitCode !== 0) throw new Error(`${argv[0]}: ${stdout}${stderr}`);
};
await must(['initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync']);
await must(['pg_ctl', 'start', '-w', '-D', data, '-l', `${scratch}/log`, '-o', `-k ${run} -c listen_addresses=''`]);
const client = new pg.Client({ host: run, user: 'postgres', database: 'postgres' });
await client.connect();
say({ id: box.id, isolation: box.isolation, provenance: box.provenance, uid: process.getuid?.() });

for await (const line of createInterface({ input: process.stdin })) {
  const { sql, argv } = JSON.parse(line) as { sql?: string; argv?: string[] };
  if (argv) say(await box.exec(argv, { signal: never }));
  if (sql)
    say(
      await client.query(sql).then(
        ({ rows }) => ({ rows }),
        (error: Error) => ({ error: error.message }),
      ),
    );
}
await client.end();
await box.dispose();

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
