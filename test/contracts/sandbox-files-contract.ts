import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { SandboxStarter } from './sandbox-exec-contract.ts';

/** What `writeFiles` of every sandbox must do. */
export function describeSandboxFiles({ start, run }: Omit<SandboxStarter, 'share'>): void {
  const never = new AbortController().signal;

  describe('writeFiles', () => {
    it('writes files of known and unknown size, empty ones and ones in folders, byte for byte', async () => {
      const sandbox = await start();
      const files = [
        { name: 'toc.dat', sizeBytes: 5, content: Readable.from([Buffer.from('hello')]) },
        { name: 'big.bin', sizeBytes: undefined, content: Readable.from(chunks(3)) },
        { name: 'folder/3001.dat.gz', sizeBytes: undefined, content: Readable.from([Buffer.from('in')]) },
        { name: 'empty', sizeBytes: 0, content: Readable.from([]) },
        { name: 'empty-unknown', sizeBytes: undefined, content: Readable.from([]) },
        { name: 'known.bin', sizeBytes: 3 * 2 ** 20, content: Readable.from(chunks(3)) },
      ];
      await sandbox.writeFiles(sandbox.paths.scratch, Readable.from(files), never);
      const listing = await run(
        sandbox,
        'cd "$1" && find . -type f | sort | while read -r f; do echo "$f $(wc -c < "$f")"; done',
        sandbox.paths.scratch,
      );
      expect(listing.stdout.trim().split('\n')).toEqual([
        './big.bin 3145728',
        './empty 0',
        './empty-unknown 0',
        './folder/3001.dat.gz 2',
        './known.bin 3145728',
        './toc.dat 5',
      ]);
      expect(
        (await run(sandbox, 'cd "$1" && cat toc.dat folder/* && cmp big.bin known.bin', sandbox.paths.scratch)).stdout,
      ).toBe('helloin');
    });

    it('refuses names that lead out of the directory, and names with odd characters', async () => {
      const sandbox = await start();
      for (const bad of ['../out', 'a/../../out', '/etc/out', '-rf', 'a/-b', 'a b', 'a;b', '', '.', 'a//b', 'a\nb']) {
        const files = [{ name: bad, sizeBytes: 1, content: Readable.from([Buffer.from('x')]) }];
        const writing = sandbox.writeFiles(sandbox.paths.scratch, Readable.from(files), never);
        await expect(writing, bad).rejects.toThrow(/name/);
        expect((await run(sandbox, 'ls -A "$1"', sandbox.paths.scratch)).stdout, bad).toBe('');
      }
    });

    it('refuses a directory outside data and scratch', async () => {
      const sandbox = await start();
      for (const dir of ['/etc', `${sandbox.paths.data}/../..`, sandbox.paths.run]) {
        await expect(sandbox.writeFiles(dir, Readable.from([]), never)).rejects.toThrow(/director/);
      }
    });

    it('rejects with the error of the content, or when the content is shorter than declared', async () => {
      const sandbox = await start();
      const broken = new Error('the store went away');
      const failing = Readable.from(
        (async function* () {
          yield Buffer.from('x');
          throw broken;
        })(),
      );
      await expect(
        sandbox.writeFiles(
          sandbox.paths.scratch,
          Readable.from([{ name: 'a', sizeBytes: undefined, content: failing }]),
          never,
        ),
      ).rejects.toBe(broken);
      const short = Readable.from([Buffer.from('abc')]);
      await expect(
        sandbox.writeFiles(sandbox.paths.scratch, Readable.from([{ name: 'b', sizeBytes: 10, content: short }]), never),
      ).rejects.toThrow();
    });

    it('rejects with the reason when the signal aborts', async () => {
      const sandbox = await start();
      const abort = new AbortController();
      const reason = new Error('enough');
      const stuck = new Readable({
        read() {
          this.push(Buffer.alloc(1000));
          this._read = () => abort.abort(reason);
        },
      });
      await expect(
        sandbox.writeFiles(
          sandbox.paths.scratch,
          Readable.from([{ name: 'a', sizeBytes: undefined, content: stuck }]),
          abort.signal,
        ),
      ).rejects.toBe(reason);
    });
  });
}

/** Fresh megabytes of random-looking bytes, one at a time. */
function* chunks(count: number, onChunk: () => void = () => undefined): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    onChunk();
    yield Buffer.alloc(2 ** 20, `${index} firedrill `);
  }
}
