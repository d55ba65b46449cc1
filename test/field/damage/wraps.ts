import { crc32, gzipSync } from 'node:zlib';
import { pack, unpack } from '../recipes/compressors.ts';
import { type Damage, toStoredBytes } from './damage.ts';

/** What is wrapped around a backup, or replaces it. */
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
    ...Object.entries(OTHER_PRODUCTS).map(
      ([what, text]): Damage => ({
        kind: `a dump of ${what} in its place`,
        effect: 'refused',
        apply: (files, recipe, random) =>
          recipe.product === 'postgres' ? toStoredBytes(() => Buffer.from(text))(files, recipe, random) : undefined,
      }),
    ),
    { kind: 'in a zip', effect: 'tolerable', apply: toStoredBytes(zip) },
    inPlaceOf('nothing in gzip', gzipSync('')),
    inPlaceOf(
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n',
    ),
    inPlaceOf('white space', '\n\n   \n\t\n'),
  ];
}

const ROWS = 'CREATE TABLE `t` (`id` int);\nINSERT INTO `t` VALUES (1);\n';

/** Dumps of things that a drill of Postgres does not restore. */
const OTHER_PRODUCTS: Readonly<Record<string, string>> = {
  MySQL: `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: shop\n-- Server version\t8.0.36\n\n${ROWS}-- Dump completed on 2026-01-01  2:00:00\n`,
  MariaDB: `/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n${ROWS}-- Dump completed on 2026-01-01  2:00:00\n`,
  phpMyAdmin: `-- phpMyAdmin SQL Dump\n-- version 5.2.1\n-- Server version: 10.11.6-MariaDB\n\nSET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\n${ROWS}COMMIT;\n`,
  Adminer: `-- Adminer 4.8.1 MySQL 8.0.36 dump\n\nSET NAMES utf8;\nSET time_zone = '+00:00';\n\n${ROWS}-- 2026-01-01 02:00:00\n`,
};

/** One member, stored. Source: PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. */
function zip(bytes: Buffer): Buffer {
  const name = Buffer.from('nightly.sql');
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); // version needed
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(bytes.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, bytes]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]);
}
