import { describe, expect, it } from 'vitest';
import { formatManifest, type Manifest, parseManifest } from '../../../src/verify/fingerprint/manifest.ts';

const MANIFEST: Manifest = {
  rules: 'postgres/1',
  database: 'shop',
  serverVersion: '17.11',
  at: '2026-11-28T03:00:00.000Z',
  firedrillVersion: '0.1.0',
  filter: { exclude: ['audit_*'] },
  tables: [
    {
      name: 'public.customer',
      columns: [
        ['id', 'integer'],
        ['émail', 'text'],
      ],
      rows: '3',
      hash: 'ae50e8eb51ad177d7e69ba299e9d154a',
      filled: { émail: '2' },
      key: { column: 'id', min: '-1', max: '9' },
      buckets: { width: '6', count: 2, rows: [[0, '3', 'ae50e8eb51ad177d']] },
    },
    { name: 'public.empty', columns: [['id', 'integer']], rows: '0', hash: '0'.repeat(16), filled: {} },
  ],
};

describe('a manifest', () => {
  const text = formatManifest(MANIFEST);

  it('is read back as written, even after a program has reformatted it', () => {
    expect(parseManifest(text, 'm')).toEqual(MANIFEST);
    expect(parseManifest(JSON.stringify(JSON.parse(text), undefined, 4), 'm')).toEqual(MANIFEST);
  });

  it('has one line per table', () => {
    expect(text.split('\n').filter((line) => line.includes('"name"'))).toHaveLength(2);
  });

  it.each([
    ['cut short', text.slice(0, -40), 'damaged'],
    ['empty', '', 'damaged'],
    ['with another number of rows', text.replace('"rows":"3"', '"rows":"4"'), 'damaged: its own checksum'],
    ['with another hash', text.replace('ae50e8eb51ad177d7e', 'be50e8eb51ad177d7e'), 'damaged: its own checksum'],
    ['without a table', text.replace(/ {4}\{"name":"public.empty.*\n/, '').replace('}},\n', '}}\n'), 'damaged'],
    ['with a number where digits belong', text.replace('"rows":"3"', '"rows":3'), 'damaged: keys'],
    ['of another program', '{"format":"other","version":1}', 'was not written by'],
    ['that is no mapping', '[1]', 'was not written by'],
    ['of a later version', text.replace('"version": 1', '"version": 2'), 'has version 2'],
  ])('%s is refused, without blaming the backup', (_how, changed, why) => {
    expect(changed).not.toBe(text);
    expect(() => parseManifest(changed, 'shop.dump.fingerprint.json')).toThrow(
      expect.objectContaining({
        code: 'manifest-unusable',
        message: expect.stringMatching(new RegExp(`^the manifest shop\\.dump\\.fingerprint\\.json .*${why}`)),
      }),
    );
  });
});
