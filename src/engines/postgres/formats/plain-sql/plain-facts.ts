import { versionIn } from '../../../../support/versions.ts';
import type { PostgresFacts } from '../../loading/check-compatibility.ts';
import { majorOf } from '../../major.ts';
import { extensionOf, isOwnRole, readIdentifier, rolesNeededBy } from '../../server/dump-names.ts';
import { readPsqlCommand } from './psql-commands.ts';
import { SqlSplitter } from './sql-splitter.ts';

export interface PlainFacts extends PostgresFacts {
  /** A pg_dumpall dump: several databases, with roles. */
  readonly isCluster: boolean;
  /** Its text is not in any known encoding, so only a database without an encoding accepts it. */
  readonly isAsciiOnly: boolean;
}

/** The server version for SQL that does not name one: any supported version loads it. */
const UNKNOWN_MAJOR = '17';

/** Reads facts from the first megabyte of a plain dump: versions, extensions, roles, the database. */
export function factsOfPlain(head: Buffer, format: string): PlainFacts {
  const text = head.toString('latin1');
  const serverVersion = versionIn(/^-- Dumped from database version (.*)$/m.exec(text)?.[1] ?? '');
  const dumpVersion = versionIn(/^-- Dumped by pg_dump version (.*)$/m.exec(text)?.[1] ?? '');
  const isCluster = /^-- PostgreSQL database cluster dump\r?$/m.test(text);
  const names = namesIn(head);
  return {
    engine: 'postgres',
    format: isCluster ? format.replace('plain SQL dump', 'plain SQL dump of a cluster') : format,
    serverVersion: serverVersion ?? 'unknown',
    dumpedBy: dumpVersion ? `${isCluster ? 'pg_dumpall' : 'pg_dump'} ${dumpVersion}` : 'unknown',
    roles: [...names.roles].filter(isOwnRole).sort(),
    database: names.database,
    tableCount: undefined,
    needs: {
      major: serverVersion ? majorOf(serverVersion) : UNKNOWN_MAJOR,
      extensions: [...names.extensions].sort(),
    },
    isCluster,
    isAsciiOnly: /^SET client_encoding = 'SQL_ASCII'/im.test(text),
  };
}

function namesIn(head: Buffer): { extensions: Set<string>; roles: Set<string>; database: string | undefined } {
  const extensions = new Set<string>();
  const roles = new Set<string>();
  let database: string | undefined;
  for (const item of new SqlSplitter().push(head)) {
    if (item.kind === 'meta') {
      const command = readPsqlCommand(item.text);
      const name = command.kind === 'connect' ? command.database : undefined;
      if (name && !['template1', 'template0', 'postgres'].includes(name)) database ??= name;
    }
    if (item.kind !== 'statement' || item.bytes.length > 10_000) continue;
    const text = item.bytes.toString('utf8');
    const extension = extensionOf(text);
    if (extension) extensions.add(extension);
    for (const role of rolesNeededBy(text)) roles.add(role);
    const created = /^CREATE\s+ROLE\s+/i.exec(text)?.[0];
    const role = created ? readIdentifier(text, created.length)?.name : undefined;
    if (role) roles.add(role);
  }
  return { extensions, roles, database };
}
