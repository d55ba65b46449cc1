import { expect, it } from 'vitest';
import { ReadAhead, WaitingBytes } from '../../../src/engines/sql-dump/read-ahead.ts';

async function readAll(waiting: WaitingBytes): Promise<string> {
  let text = '';
  while (!waiting.isEmpty) text += (await waiting.read()).toString();
  return text;
}

it('returns bytes in the order in which they were written, also between writes', async () => {
  using waiting = new WaitingBytes(new ReadAhead(2 ** 20));
  expect(waiting.write(Buffer.from('one '))).toBe(true);
  expect(await readAll(waiting)).toBe('one ');
  waiting.write(Buffer.from('two '));
  waiting.write(Buffer.alloc(600_000, '.'));
  expect(await readAll(waiting)).toBe(`two ${'.'.repeat(600_000)}`);
});

it('refuses bytes that do not fit, and all later ones', () => {
  using waiting = new WaitingBytes(new ReadAhead(10));
  expect(waiting.write(Buffer.alloc(8))).toBe(true);
  expect(waiting.write(Buffer.alloc(3))).toBe(false);
  expect(waiting.write(Buffer.alloc(1))).toBe(false);
});

it('shares its capacity among tables, and regains it when one is done', () => {
  const room = new ReadAhead(10);
  const first = new WaitingBytes(room);
  expect(first.write(Buffer.alloc(8))).toBe(true);
  using second = new WaitingBytes(room);
  using third = new WaitingBytes(room);
  expect(second.write(Buffer.alloc(8))).toBe(false);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(third.write(Buffer.alloc(10))).toBe(true);
});

it('accepts no bytes once it is disposed of', () => {
  const waiting = new WaitingBytes(new ReadAhead(10));
  waiting[Symbol.dispose]();
  expect(waiting.write(Buffer.alloc(1))).toBe(false);
});
