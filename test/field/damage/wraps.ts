import { gzipSync } from 'node:zlib';
import { pack, unpack } from '../recipes/compressors.ts';
import { type Damage, toStoredBytes } from './damage.ts';

/** What is put around a backup, or in its place. */
export function wrapDamages(): readonly Damage[] {
  const inPlaceOf = (kind: string, text: string | Buffer): Damage => ({
    kind,
    effect: 'refused',
    apply: toStoredBytes(() => Buffer.from(text)),
  });
  return [
    {
      kind: 'encrypted by age',
      effect: 'refused',
      apply: toStoredBytes((bytes, random) =>
        Buffer.concat([Buffer.from('age-encryption.org/v1\n-> X25519 4mE1Vbl0\n'), random.bytes(bytes.length)]),
      ),
    },
    {
      kind: 'encrypted by openssl',
      effect: 'refused',
      apply: toStoredBytes((bytes, random) => Buffer.concat([Buffer.from('Salted__'), random.bytes(bytes.length)])),
    },
    {
      kind: 'encrypted by gpg',
      effect: 'refused',
      apply: toStoredBytes((bytes, random) =>
        Buffer.concat([Buffer.from([0x85, 0x01, 0x0c, 0x03]), random.bytes(bytes.length)]),
      ),
    },
    {
      kind: 'encrypted by gpg, armored',
      effect: 'refused',
      apply: toStoredBytes((bytes) =>
        Buffer.from(`-----BEGIN PGP MESSAGE-----\n\n${bytes.toString('base64')}\n-----END PGP MESSAGE-----\n`),
      ),
    },
    {
      kind: 'in base64',
      effect: 'refused',
      apply: toStoredBytes((bytes) => Buffer.from(bytes.toString('base64').replaceAll(/.{76}/g, '$&\n'))),
    },
    {
      kind: 'compressed twice',
      effect: 'tolerable',
      apply: (files, recipe, random) =>
        recipe.compressor === 'none'
          ? toStoredBytes((bytes) => gzipSync(gzipSync(bytes)))(files, recipe, random)
          : undefined,
    },
    {
      kind: 'compressed three times',
      effect: 'refused',
      apply: toStoredBytes((bytes) => gzipSync(gzipSync(gzipSync(bytes)))),
    },
    {
      kind: 'a cut file in whole gzip',
      effect: 'incomplete',
      apply: toStoredBytes((bytes, random) => gzipSync(bytes.subarray(0, 300 + random.below(bytes.length - 400)))),
    },
    {
      kind: 'one of two gzip members lost its end',
      effect: 'shown',
      apply: (files, recipe, random) => {
        const [only] = files;
        if (!only || recipe.layout !== 'plain' || recipe.compressor !== 'gzip') return undefined;
        const sql = unpack('gzip', only[1]);
        const half = random.below(sql.length);
        const [first, second] = [pack('gzip', sql.subarray(0, half)), pack('gzip', sql.subarray(half))];
        return new Map([[only[0], Buffer.concat([first.subarray(0, -30), second])]]);
      },
    },
    {
      kind: 'only the first gzip member',
      effect: 'incomplete',
      apply: (files, recipe, random) => {
        const [only] = files;
        if (!only || recipe.layout !== 'plain' || recipe.compressor !== 'gzip') return undefined;
        const sql = unpack('gzip', only[1]);
        return new Map([[only[0], pack('gzip', sql.subarray(0, 200 + random.below(sql.length - 400)))]]);
      },
    },
    {
      kind: 'in several gzip members',
      effect: 'tolerable',
      apply: (files, recipe, random) => {
        const [only] = files;
        if (!only || recipe.layout !== 'plain' || recipe.compressor !== 'gzip') return undefined;
        const sql = unpack('gzip', only[1]);
        const half = random.below(sql.length);
        return new Map([
          [only[0], Buffer.concat([pack('gzip', sql.subarray(0, half)), pack('gzip', sql.subarray(half))])],
        ]);
      },
    },
    inPlaceOf('an HTML page in its place', '<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n'),
    inPlaceOf(
      'an XML error in its place',
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>\n',
    ),
    inPlaceOf(
      'an error in its place',
      'pg_dump: error: connection to server at "db" (10.0.0.7), port 5432 failed: FATAL:  password authentication failed for user "backup"\n',
    ),
    inPlaceOf(
      'an error in gzip',
      gzipSync(
        "mysqldump: Got error: 1045: Access denied for user 'backup'@'10.0.0.7' (using password: YES) when trying to connect\n",
      ),
    ),
    inPlaceOf('nothing in gzip', gzipSync('')),
    inPlaceOf(
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n',
    ),
    inPlaceOf('white space', '\n\n   \n\t\n'),
  ];
}
