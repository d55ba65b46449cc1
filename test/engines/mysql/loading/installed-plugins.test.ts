import { describe, expect, it } from 'vitest';
import { mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { pluginFindings, pluginsIn } from '../../../../src/engines/mysql/loading/installed-plugins.ts';
import { encryptionWarning } from '../../../../src/engines/mysql/loading/table-encryption.ts';
import { removedFunction } from '../../../../src/engines/mysql/server/removed-functions.ts';
import { standInsFor } from '../../../../src/engines/mysql/server/stand-ins.ts';
import { classify } from '../../../../src/engines/mysql/sql/statement-kind.ts';

describe('a plug-in that a statement would load into the server', () => {
  it.each([
    ["INSTALL PLUGIN `server_audit` SONAME 'server_audit.so'", 'the plug-in server_audit', 'server_audit'],
    ["/*M!100401 INSTALL PLUGIN IF NOT EXISTS audit SONAME 'a.dll' */", 'the plug-in audit', 'a'],
    ["INSTALL PLUGIN `audit` /*M!100401 IF NOT EXISTS */ SONAME 'a.so'", 'the plug-in audit', 'a'],
    ["INSTALL SONAME 'ha_spider'", 'the plug-in library ha_spider', 'ha_spider'],
    ["INSTALL COMPONENT 'file://component_validate_password'", 'the component component_validate_password', undefined],
    ["CREATE AGGREGATE FUNCTION `avgcost` RETURNS REAL SONAME 'udf.so'", 'the loadable function avgcost', 'udf'],
  ])('is named: %s', (sql, what, library) => {
    expect(classify(sql).kind).toBe('plugin');
    expect(pluginsIn(sql)).toEqual([expect.objectContaining({ what, ...(library && { library }) })]);
  });

  it('is found among several, or not at all', () => {
    expect(pluginsIn('INSTALL COMPONENT \'file://a\', "file://b"').map(({ library }) => library)).toEqual(['a', 'b']);
    expect(pluginsIn('UNINSTALL PLUGIN audit')).toEqual([]);
  });
});

describe('pluginFindings', () => {
  const server = { pluginLibraries: async () => new Set(['server_audit']) };
  const find = (sql: string, isActive = false) =>
    pluginFindings({ bytes: Buffer.from(sql), line: 7 }, server, { ask: async () => (isActive ? [['1']] : []) });

  it.each([
    ["INSTALL SONAME 'server_audit'", 'program-left-out', 'line 7: the plug-in library server_audit is left out'],
    ["INSTALL SONAME 'ha_spider.so'", 'plugin-missing', 'line 7: this server lacks the plug-in library ha_spider'],
    ["CREATE FUNCTION f RETURNS INT SONAME 'f.so'", 'plugin-missing', 'this server lacks the loadable function f'],
  ])('checks whether the image has it: %s', async (sql, kind, text) => {
    expect(await find(sql)).toEqual([expect.objectContaining({ kind, text: expect.stringContaining(text) })]);
  });

  it('ignores plug-ins that are already loaded', async () => {
    expect(await find("INSTALL PLUGIN unix_socket SONAME 'auth_socket.so'", true)).toEqual([]);
  });
});

describe('a table that only names its encryption key', () => {
  it.each([
    ['CREATE TABLE t (a INT) `ENCRYPTION_KEY_ID`=2', true],
    ["CREATE TABLE t (a INT) ENCRYPTION_KEY_ID='2'", true],
    ['CREATE TABLE t (a INT) `encrypted`=YES `encryption_key_id`=2', false],
    ['CREATE TABLE t (a INT) ENCRYPTED=NO ENCRYPTION_KEY_ID=1', false],
    ["CREATE TABLE t (a INT) COMMENT='ENCRYPTION_KEY_ID=2'", false],
    ['CREATE TABLE t (encryption_key_id INT)', false],
    ['ALTER TABLE t ENCRYPTION_KEY_ID=2', false],
  ])('is stored unencrypted, with a warning: %s', (sql, isTold) => {
    expect(encryptionWarning(classify(sql), sql) !== undefined).toBe(isTold);
  });
});

describe('a stored function with the name of a removed built-in function', () => {
  const functions = [{ name: 'md5', signature: 'shop.md5()', removed: 'which MySQL 9.7.4 no longer has' }];

  it.each([
    ["SELECT md5('a')", true],
    ['SELECT `MD5` (a) FROM t', true],
    ["SELECT shop.md5('a')", false],
    ["SELECT 'md5(x)' -- md5(x)", false],
    ['SELECT cmd5(1)', false],
    ['SELECT md5 FROM t', false],
  ])('replaces it in a check: %s', (sql, isReached) => {
    expect(standInsFor(sql, functions)).toHaveLength(isReached ? 1 : 0);
  });

  it('replaces none that the server still has', () => {
    expect(removedFunction('md5', mysqlFlavor.type, '9.5.0')).toBeUndefined();
    expect(removedFunction('MD5', mysqlFlavor.type, '9.6.0')?.since).toBe('9.6');
  });
});
