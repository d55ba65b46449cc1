import { Writable } from 'node:stream';

const MAX_OUTPUT_BYTES = 32 * 2 ** 20;

/** Retains the first 32 MiB, and discards the rest. */
export function boundedOutput(): { readonly output: Writable; text(): string } {
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
