import type { ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { isAtLeast, seriesOf } from '../../../../support/versions.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { type Product, redisProduct, valkeyProduct } from '../../product.ts';
import { type RdbHeader, readRdbHeader } from './rdb-header.ts';
import { provisionRdb } from './restore-rdb.ts';

export function rdbFormat(product: Product): BackupFormat {
  return {
    recognise(content) {
      if (content.kind !== 'object') return undefined;
      const header = readRdbHeader(content.head);
      return header && (async () => open(content, header, product));
    },
  };
}

function open(content: ObjectContent, header: RdbHeader, product: Product): OpenBackup {
  const { key } = content.backup;
  const { rdbVersion, fields } = header;
  if (fields.get('aof-base') === '1' || fields.get('aof-preamble') === '1') {
    throw new DrillError('format-unsupported', `${key} is the first part of an append-only file, not a whole backup`, {
      hint: 'Back up the `dump.rdb` that `BGSAVE` writes: drills do not replay append-only files yet.',
    });
  }
  const writer = writerOf(fields);
  const what = `an RDB of version ${rdbVersion}${writer ? ` by ${writer.product.title} ${writer.version}` : ''}`;
  if (product.isForeignRdb(rdbVersion)) {
    const other = product.type === 'redis' ? valkeyProduct : redisProduct;
    throw new DrillError('engine-mismatch', `${key} is ${what}, which no ${product.title} reads`, {
      hint: `Set \`engine: { type: ${other.type} }\`.`,
    });
  }
  const serverVersion = writer?.version ?? 'unknown';
  return {
    facts: {
      engine: product.type,
      format: `RDB version ${rdbVersion}${describeLayers(content.layers)}`,
      serverVersion,
      dumpedBy: writer ? `${writer.product.title} ${writer.version}` : 'a server of before Redis 3.2',
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs: { major: neededVersion(header, writer, product), extensions: [] },
    provision: (sandbox, options) => provisionRdb({ product, content, what, rdbVersion }, sandbox, options),
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

/** The series that wrote it, as in production; of the other product, the first that reads it. */
function neededVersion({ rdbVersion }: RdbHeader, writer: Writer | undefined, product: Product): string {
  const own = writer?.product === product ? seriesOf(writer.version, 2) : undefined;
  const needed = own ?? product.readsFrom(rdbVersion) ?? product.oldest;
  return isAtLeast(needed, product.oldest) ? needed : product.oldest;
}
