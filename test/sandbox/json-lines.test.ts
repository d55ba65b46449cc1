import { describe, expect, it } from 'vitest';
import { type JsonObject, readJsonLines } from '../../src/sandbox/docker/json-lines.ts';

describe('lines of JSON from an engine', () => {
  function readAll(...pieces: readonly (string | Buffer)[]): readonly JsonObject[] {
    const objects: JsonObject[] = [];
    const read = readJsonLines((object) => objects.push(object));
    for (const piece of pieces) read(Buffer.from(piece));
    return objects;
  }

  it('are joined from pieces, even if split within a character', () => {
    const bytes = Buffer.from('{"status":"été"}\r\n\r\n{"id":1}\n');
    expect(readAll(bytes.subarray(0, 12), bytes.subarray(12))).toEqual([{ status: 'été' }, { id: 1 }]);
  });

  it('are discarded if the connection broke within them', () => {
    expect(readAll('{"id":1}\n{"id":')).toEqual([{ id: 1 }]);
  });

  it.each([
    ['not JSON', '<html>\u001b[2J\n', '<html>\\u001b[2J'],
    ['not an object', 'null\n', 'null'],
    ['an array', '[1]\n', '[1]'],
    ['endless', 'x'.repeat(70_000), `${'x'.repeat(80)}… (70,000 characters)`],
    ['too long', `{"a":"${'x'.repeat(70_000)}"}\n`, `{"a":"${'x'.repeat(74)}… (70,008 characters)`],
  ])('are rejected when one is %s', (_what, text, shown) => {
    expect(() => readAll(text)).toThrow(
      expect.objectContaining({ code: 'engine-unreachable', message: expect.stringContaining(`: ${shown}`) }),
    );
  });
});
