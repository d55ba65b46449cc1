import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { BackupContent } from '../../src/backup/content.ts';
import { type EngineType, engineOf } from '../../src/engines/registry.ts';
import { bytesContent, directoryContent } from '../support/fake-content.ts';

async function codeOf(drill: EngineType, content: BackupContent): Promise<string> {
  return engineOf(drill)
    .inspect(content, new AbortController().signal)
    .then(
      () => 'read',
      (error: { code: string }) => error.code,
    );
}

async function contentOf(files: Readonly<Record<string, string>>): Promise<BackupContent> {
  const packing = pack();
  for (const [name, text] of Object.entries(files)) packing.entry({ name }, text);
  packing.finalize();
  return bytesContent(await buffer(packing), 'shop.tar');
}

const sql = (text: string): BackupContent => bytesContent(Buffer.from(text), 'shop.sql');

describe('a MySQL dump in a Postgres drill belongs to another product', () => {
  it.each([
    '-- Adminer 4.8.1 MySQL 10.11.6-MariaDB dump\n\nSET NAMES utf8;\n',
    '-- AdminerEvo 4.8.4 MariaDB 11.8.2 dump\n\nSET NAMES utf8;\n',
    '-- phpMyAdmin SQL Dump\n-- version 5.2.1\n\nSET SQL_MODE = "";\n/*!40101 SET NAMES utf8mb4 */;\n',
    '/*\n Navicat Premium Dump SQL\n\n Source Server Type    : MySQL\n*/\n\nSET NAMES utf8mb4;\n',
    'DROP TABLE IF EXISTS `orders`;\nCREATE TABLE `orders` (`id` int);\n',
    'INSERT INTO `orders` VALUES (1);\n',
  ])('%j', async (text) => {
    expect(await codeOf('postgres', sql(text))).toBe('engine-mismatch');
  });

  it('a mydumper directory', async () => {
    const files = { metadata: 'Finished dump at: 2026-11-28 02:00:00\n', 'shop.a-schema.sql.gz': 'x' };
    expect(await codeOf('postgres', directoryContent(files))).toBe('engine-mismatch');
  });
});

describe('a Postgres dump in a MySQL or MariaDB drill belongs to another product', () => {
  const members = { 'toc.dat': 'PGDMP', '3431.dat': '1\n', 'blob_4711.dat': 'x', 'blobs.toc': '4711 blob_4711.dat\n' };
  const packed = { 'n/blob_4711.dat.gz': 'x', 'n/3431.dat.gz': 'x', 'n/toc.dat': 'PGDMP' };
  const backups: readonly (readonly [string, BackupContent | Promise<BackupContent>])[] = [
    ['plain SQL', sql('--\n-- PostgreSQL database dump\n--\n\nSET x = 1;\n')],
    ['SQL of Adminer', sql('-- Adminer 4.8.1 PostgreSQL 15.4 dump\n\nDROP TABLE IF EXISTS "a";\n')],
    ['a directory', directoryContent(members)],
    ['a tar', contentOf(members)],
    ['a tar of a directory', contentOf(packed)],
  ];

  it.each(backups)('%s', async (_what, given) => {
    const content = await given;
    expect(await codeOf('mysql', content)).toBe('engine-mismatch');
    expect(await codeOf('mariadb', content)).toBe('engine-mismatch');
  });

  it('unless it is a tar that contains more than such a dump', async () => {
    const content = await contentOf({ ...packed, 'n/README': 'by cron' });
    expect(await codeOf('mysql', content)).toBe('format-unsupported');
  });
});
