interface Rdb {
  readonly magic: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The bytes of an RDB without keys or a checksum; it begins as servers write it. */
export function makeRdb({ magic = 'REDIS0011', fields = { 'redis-ver': '7.2.4' } }: Partial<Rdb> = {}): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const written = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0xfa]),
    text(name),
    /^\d$/.test(value) ? Buffer.from([0xc0, Number(value)]) : text(value),
  ]);
  return Buffer.concat([Buffer.from(magic), ...written, Buffer.from([0xff]), Buffer.alloc(8)]);
}
