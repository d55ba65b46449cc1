/**
 * Reads the first bytes of a stream of chunks, and returns them together with the whole stream.
 * @param count how many bytes to read, at most.
 */
export async function peek(
  input: AsyncIterable<Buffer>,
  count: number,
): Promise<{ readonly first: Buffer; readonly whole: AsyncGenerator<Buffer> }> {
  const chunks = input[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let bytes = 0;
  while (bytes < count) {
    const { value, done } = await chunks.next();
    if (done) break;
    read.push(value);
    bytes += value.length;
  }
  const first = Buffer.concat(read);
  return { first, whole: rejoin(first, chunks) };
}

async function* rejoin(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}
