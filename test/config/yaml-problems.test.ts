import { describe, expect, it } from 'vitest';
import { drillText, problemsOf } from './loading.ts';

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
for (let level = 1; level < 9; level += 1) {
  const [before, here] = ['abcdefghi'[level - 1], 'abcdefghi'[level]];
  bomb.push(`${here}: &${here} [${Array(10).fill(`*${before}`).join(', ')}]`);
}

describe('invalid YAML', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', ' is empty; `firedrill init` writes a first one'],
    ['a file of comments', '# name: orders\n', ' is empty; `firedrill init` writes a first one'],
    ['a list', '- name: orders\n', '1:1: must be a mapping of keys, not a list'],
    ['a single value', '\n  orders\n', '2:3: must be a mapping of keys, not a single value'],
    [
      'a tab as indentation',
      'name: orders\nengine:\n\ttype: postgres\n',
      '3:1: a tab is used as indentation; YAML takes spaces only',
    ],
    ['two documents', 'name: a\n---\nname: b\n', '2:1: a second YAML document starts here; a file holds exactly one'],
    ['an unknown tag', 'name: !env NAME\n', '1:7: the tag !env is not known here; leave it out'],
    ['an unknown alias', 'name: orders\nowner: *team\n', '2:8: no anchor "&team" precedes this alias'],
    [
      'a colon in unquoted text',
      'name: orders: nightly\n',
      '1:7: there is a second ": " on this line; quote text that contains ": "',
    ],
    [
      'a reserved character',
      'name: @orders\n',
      '1:7: Plain value cannot start with reserved character @; put quotes around the text',
    ],
    ['an unclosed quote', 'name: "orders\n', '2:1: is not valid YAML here: Missing closing "quote'],
    ['a mapping as a key', '{ a: 1 }: 2\n', '1:1: a key must be plain text, not a list or a mapping'],
    [
      'another YAML version',
      '%YAML 1.1\n---\nname: yes\n',
      '1:1: YAML 1.1 reads some values differently; leave the %YAML line out for 1.2',
    ],
    ['an alias bomb', bomb.join('\n'), ' repeats its anchors more than 100 times; write the values out'],
    ['UTF-16', Buffer.from('\uFEFFname: orders\n', 'utf16le'), ' is not UTF-8 text; save it as UTF-8'],
    ['bytes that are not text', Buffer.from([0x6e, 0xff, 0xfe, 0x0a]), ' is not UTF-8 text; save it as UTF-8'],
    ['a file too large for a drill', 'a'.repeat(1024 * 1024 + 1), ' has 1048577 bytes; at most 1048576 are read'],
  ])('%s gets a clear error', async (_, content, message) => {
    expect((await problemsOf({ 'd.yaml': content }))[0]).toBe(`d.yaml:${message}`);
  });

  it('endless nesting gets a clear error', async () => {
    const [line] = await problemsOf({ 'd.yaml': '['.repeat(20_000) });
    expect(line).toMatch(/^d\.yaml(:1:\d+)?: is nested too deeply$/);
  });

  it('names both places of a duplicate key', async () => {
    expect(await problemsOf({ 'd.yaml': `${drillText()}name: again\n` })).toEqual([
      'd.yaml:6:1: "name" appears twice; it is first given on line 1',
    ]);
  });

  it('accepts a byte order mark', async () => {
    expect(await problemsOf({ 'd.yaml': `\uFEFF${drillText()}` })).toEqual([]);
  });

  it('accepts Windows line endings, and counts lines and columns as an editor does', async () => {
    const text = drillText({ description: 'description: "für Ää"', tier: 'tier: x' }).replaceAll('\n', '\r\n');
    expect(await problemsOf({ 'd.yaml': text })).toEqual([
      'd.yaml:7:1: tier: must be a whole number from 0 to 9, not "x"',
    ]);
  });

  it('locates a problem in a value that an alias repeats', async () => {
    const text = drillText({ objectives: 'objectives: &o { rto: 15m, rtp: 1h }', sandbox: 'sandbox: *o' });
    expect((await problemsOf({ 'd.yaml': text })).map((line) => line.split(' (allowed')[0])).toEqual([
      'd.yaml:4:18: sandbox: "rto" is not known here; it belongs under "objectives"',
      'd.yaml:4:28: sandbox: "rtp" is not known here',
      'd.yaml:4:28: objectives: "rtp" is not known here; did you mean "rto"?',
    ]);
  });

  it('treats __proto__ as an ordinary unknown key', async () => {
    const [line, ...more] = await problemsOf({ 'd.yaml': drillText({ proto: '__proto__: { tier: 1 }' }) });
    expect(line).toMatch(/^d\.yaml:6:1: "__proto__" is not known here /);
    expect(more).toEqual([]);
  });
});
