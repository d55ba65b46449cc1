import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeDrillWorkspace } from '../support/cli-drill.ts';
import { canDumpArchives, dumpArchive } from '../support/dump-archive.ts';
import { startObjectStore } from '../support/object-store.ts';
import { readCommandLines } from './command-lines.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
/** Matches a server password, made of 24 random bytes. Ids and digests are longer. */
const PASSWORD = /(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])/;

describe.skipIf(!canDumpArchives || process.platform !== 'linux')('a drill of an archive from an object store', () => {
  it('shows neither the store\u2019s secret nor the server\u2019s password in outputs, records or command lines', async () => {
    await using store = await startObjectStore();
    await using workspace = await makeDrillWorkspace({ S3_KEY: 'AKIDEXAMPLE', S3_SECRET: SECRET });
    await store.createBucket('acme');
    const sql = 'CREATE TABLE customer AS SELECT id, md5(id::text) AS name FROM generate_series(1, 3) id';
    await store.put('acme', 'orders.dump', await dumpArchive(sql));
    await workspace.writeDrill({
      backup: {
        source: 's3://acme/',
        endpoint: store.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        accessKeyId: '${S3_KEY}',
        secretAccessKey: '${S3_SECRET}',
        match: 'orders*',
      },
    });
    const commandLines = new CommandLines();
    const { stdout, stderr } = await workspace.firedrill(['run', 'drill.yaml', '--json'], {
      onStdout: (text) => commandLines.look(text),
    });
    await commandLines.end();
    expect(stdout).toContain('"verdict":"passed"');
    expect([...commandLines.seen].join()).toContain('/pg_restore --verbose');
    const { run, log } = await shown();
    for (const text of [stdout, stderr, run, log, ...commandLines.seen]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toMatch(PASSWORD);
    }
    const kept = join(workspace.directory, '.firedrill');
    for (const name of await readdir(kept)) {
      const bytes = await readFile(join(kept, name), 'latin1');
      expect(bytes).not.toContain(SECRET);
      expect(bytes).not.toMatch(PASSWORD);
    }

    async function shown(): Promise<{ run: string; log: string }> {
      const history = await workspace.firedrill(['history', '--json']);
      const { id } = JSON.parse(history.stdout) as { id: string };
      const log = await workspace.firedrill(['logs', id]);
      return { run: history.stdout, log: log.stdout };
    }
  });
});

/** Reads the command lines at each line of output, and continuously during the restore, whose programs may end before the next line. */
class CommandLines {
  readonly seen = new Set<string>();
  #isRestoring = false;
  #restored = Promise.resolve();

  look(output: string): void {
    this.#lookOnce();
    if (/"stage":"restore"/.test(output) && !this.#isRestoring) {
      this.#isRestoring = true;
      this.#restored = this.#lookUntilRestored();
    }
    if (/"stage":"verify"/.test(output)) this.#isRestoring = false;
  }

  async end(): Promise<void> {
    this.#isRestoring = false;
    await this.#restored;
  }

  async #lookUntilRestored(): Promise<void> {
    while (this.#isRestoring) {
      this.#lookOnce();
      await setImmediate();
    }
  }

  #lookOnce(): void {
    for (const line of readCommandLines().split('\n')) this.seen.add(line);
  }
}
