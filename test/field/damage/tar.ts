const BLOCK = 512;

export interface TarMember {
  readonly header: Buffer;
  readonly name: string;
  readonly body: Buffer;
}

/** Reads the members of an intact ustar, in order. */
export function readTar(tar: Buffer): readonly TarMember[] {
  const members: TarMember[] = [];
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + BLOCK);
    const size = Number.parseInt(header.toString('latin1', 124, 136), 8);
    const name = header.toString('latin1', 0, 100).replace(/\0.*/s, '');
    members.push({ header, name, body: tar.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return members;
}

/** Writes them again, with correct sizes and checksums in the headers, and the end of a tar. */
export function writeTar(members: readonly TarMember[]): Buffer {
  const parts = members.flatMap(({ header, body }) => [
    withSize(header, body.length),
    body,
    Buffer.alloc(-body.length & (BLOCK - 1)),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function withSize(header: Buffer, size: number): Buffer {
  const copy = Buffer.from(header);
  copy.write(`${size.toString(8).padStart(11, '0')} `, 124, 'latin1');
  copy.fill(' ', 148, 156);
  const sum = copy.reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}
