import type { ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { isAtLeast, seriesOf } from '../../../../support/versions.ts';
import type { BackupFacts, BackupFormat, OpenBackup } from '../../../format.ts';
import { type Product, redisProduct, valkeyProduct } from '../../product.ts';
import { type RdbHeader, readRdbHeader } from './rdb-header.ts';
import { provisionRdb } from './restore-rdb.ts';

export function rdbFormat(product: Product): BackupFormat {
  return {
    recognise(content) {
      if (content.kind !== 'object') return undefined;
      const header = readRdbHeader(content.head);
      if (header?.fields.get('aof-preamble') === '1') return undefined; // a preamble: the beginning of an append-only file
      return header && (async () => open(content, header, product));
    },
  };
}

function open(content: ObjectContent, header: RdbHeader, product: Product): OpenBackup {
  const { key } = content.backup;
  if (header.fields.get('aof-base') === '1') throw notWhole(key, 'the first part');
  const written = readWriter(key, header, product);
  return {
    facts: factsOf(`RDB version ${header.rdbVersion}${describeLayers(content.layers)}`, written, product),
    needs: { major: written.needed, extensions: [] },
    provision: (sandbox, options) =>
      provisionRdb({ product, content, what: written.what, rdbVersion: header.rdbVersion }, sandbox, options),
  };
}

/** @param part of an append-only file: `the first part`. */
export function notWhole(key: string, part: string): DrillError {
  return new DrillError('format-unsupported', `${key} is ${part} of an append-only file, not a whole backup`, {
    hint: 'Store the folder that it is in, with the file *.manifest, as it is or as one tar, and set `backup.match` to that: `match: appendonlydir/`.',
  });
}

/** What an RDB records about the server that wrote it. */
export interface WrittenRdb {
  /** `an RDB of version 11 by Valkey 8.1.1` */
  readonly what: string;
  readonly serverVersion: string;
  readonly dumpedBy: string;
  /** The series of the drill's product that can restore it. */
  readonly needed: string;
}

/** @throws DrillError `engine-mismatch` for an RDB that no version of the product can read. */
export function readWriter(key: string, header: RdbHeader, product: Product): WrittenRdb {
  const { rdbVersion, fields } = header;
  const writer = writerOf(fields);
  const what = `an RDB of version ${rdbVersion}${writer ? ` by ${writer.product.title} ${writer.version}` : ''}`;
  if (product.isForeignRdb(rdbVersion)) {
    const other = product.type === 'redis' ? valkeyProduct : redisProduct;
    throw new DrillError('engine-mismatch', `${key} is ${what}, which no ${product.title} reads`, {
      hint: `Set \`engine: { type: ${other.type} }\`.`,
    });
  }
  return {
    what,
    serverVersion: writer?.version ?? 'unknown',
    dumpedBy: writer ? `${writer.product.title} ${writer.version}` : 'a server of before Redis 3.2',
    needed: neededVersion(header, writer, product),
  };
}

export function factsOf(
  format: string,
  { serverVersion, dumpedBy }: Pick<WrittenRdb, 'serverVersion' | 'dumpedBy'>,
  product: Product,
): BackupFacts {
  return {
    engine: product.type,
    format,
    serverVersion,
    dumpedBy,
    roles: [],
    database: undefined,
    tableCount: undefined,
  };
}

interface Writer {
  readonly product: Product;
  readonly version: string;
}

function writerOf(fields: RdbHeader['fields']): Writer | undefined {
  for (const product of [valkeyProduct, redisProduct]) {
    const version = fields.get(product.versionField);
    if (version !== undefined && /^\d+\.\d+/.test(version)) return { product, version: toPrintable(version, 40) };
  }
  return undefined;
}

/** The series that wrote it, as in production; for an RDB of the other product, the first series that can read it. */
function neededVersion({ rdbVersion }: RdbHeader, writer: Writer | undefined, product: Product): string {
  const own = writer?.product === product ? seriesOf(writer.version, 2) : undefined;
  const needed = own ?? product.readsFrom(rdbVersion) ?? product.oldest;
  return isAtLeast(needed, product.oldest) ? needed : product.oldest;
}
