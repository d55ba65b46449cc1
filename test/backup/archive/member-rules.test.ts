import { describe, expect, it } from 'vitest';
import { MemberList, memberErrors } from '../../../src/backup/archive/member-errors.ts';
import { mayBeDump } from '../../../src/backup/archive/member-rules.ts';

const isDump = (name: string, content: string): boolean => mayBeDump(name, Buffer.from(content, 'latin1'));

describe('a member of an archive', () => {
  it.each([
    ['logo', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
    ['filestore/ab/ab12', '\xff\xd8\xff\xe0\0\x10JFIF\0'],
    ['filestore/cd/cd34', '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'],
    ['film', '\0\0\0\x20ftypisom\0\0'],
    ['001.bundle', '# v2 git bundle\n\0\0'],
    ['app.css', '/*! normalize.css v8.0.1 | MIT License */\nhtml{}'],
    ['filestore/ef/ef56', '/*! jQuery v3.7.1 */\n!function(e,t){}'],
  ])('is not a dump when it is media or a text that begins with a licence: %s', (name, content) => {
    expect(isDump(name, content)).toBe(false);
  });

  it.each([
    ['shop', '/*!40101 SET NAMES utf8mb4 */;\n'],
    ['shop', '/*M!999999\\- enable the sandbox mode */\n'],
    ['shop', '/*! export of the shop */\nCREATE TABLE a (id int);\n'],
    ['shop.dump', '\x89PNG\r\n'],
    ['shop', 'PGDMP\x01\x10\0'],
  ])('counts as a dump by its content or by its name: %s', (name, content) => {
    expect(isDump(name, content)).toBe(true);
  });

  it('is suggested when it is the only one of several with the name of a dump', () => {
    const list = new MemberList();
    for (let at = 0; at < 20; at += 1) list.add(`filestore/${at}`);
    list.add('dump.sql');
    const { message, hint } = memberErrors({ key: 'shop.zip', archive: 'zip' }).several(list);
    expect(message).toContain('21 files');
    expect(hint).toContain('`backup.member: dump.sql`');
  });
});
