import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  readonly name: string;
  readonly content: Buffer;
  readonly stored?: boolean;
  /** Sizes and checksum follow the content, as written by tools that cannot seek back. */
  readonly descriptor?: 'narrow' | 'wide' | 'unsigned';
  readonly zip64?: boolean;
  readonly flags?: number;
  readonly method?: number;
  /** False values for the headers. */
  readonly claims?: { readonly crc?: number; readonly sizeBytes?: number };
}

/** Writes a zip archive as APPNOTE.TXT describes it. @param listed how many of the members its directory lists. */
export function zipOf(members: readonly ZipMember[], { listed = members.length, comment = '' } = {}): Buffer {
  const written = members.map((member) => ({ member, local: localOf(member) }));
  const central = members.slice(0, listed).map((member) => centralOf(member));
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(listed, 8);
  end.writeUInt16LE(listed, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(Buffer.concat(written.map(({ local }) => local)).length, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...written.map(({ local }) => local), directory, end, Buffer.from(comment)]);
}

function packed({ content, stored }: ZipMember): Buffer {
  return stored ? content : deflateRawSync(content);
}

function localOf(member: ZipMember): Buffer {
  const data = packed(member);
  const crc = member.claims?.crc ?? crc32(member.content);
  const size = member.claims?.sizeBytes ?? member.content.length;
  const header = Buffer.alloc(30);
  header.write('PK\u0003\u0004', 'latin1');
  header.writeUInt16LE(flagsOf(member), 6);
  header.writeUInt16LE(methodOf(member), 8);
  if (!member.descriptor) {
    header.writeUInt32LE(crc, 14);
    header.writeUInt32LE(member.zip64 ? 0xffff_ffff : data.length, 18);
    header.writeUInt32LE(member.zip64 ? 0xffff_ffff : size, 22);
  }
  const extra = member.zip64
    ? Buffer.concat([Buffer.from([1, 0, 16, 0]), wide(size), wide(data.length)])
    : Buffer.alloc(0);
  header.writeUInt16LE(Buffer.byteLength(member.name), 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, Buffer.from(member.name), extra, data, descriptorOf(member, crc, data.length, size)]);
}

function descriptorOf({ descriptor }: ZipMember, crc: number, stored: number, size: number): Buffer {
  if (!descriptor) return Buffer.alloc(0);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc);
  const sizes = [stored, size].map((each) => (descriptor === 'wide' ? wide(each) : wide(each).subarray(0, 4)));
  const signature = Buffer.from(descriptor === 'unsigned' ? '' : 'PK\u0007\u0008', 'latin1');
  return Buffer.concat([signature, sum, ...sizes]);
}

function wide(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function centralOf(member: ZipMember): Buffer {
  const header = Buffer.alloc(46);
  header.write('PK\u0001\u0002', 'latin1');
  header.writeUInt16LE(flagsOf(member), 8);
  header.writeUInt16LE(methodOf(member), 10);
  header.writeUInt32LE(member.claims?.crc ?? crc32(member.content), 16);
  header.writeUInt32LE(packed(member).length, 20);
  header.writeUInt32LE(member.claims?.sizeBytes ?? member.content.length, 24);
  header.writeUInt16LE(Buffer.byteLength(member.name), 28);
  return Buffer.concat([header, Buffer.from(member.name)]);
}

function flagsOf({ flags = 0, descriptor }: ZipMember): number {
  return flags | (descriptor ? 8 : 0);
}

function methodOf({ method, stored }: ZipMember): number {
  return method ?? (stored ? 0 : 8);
}
