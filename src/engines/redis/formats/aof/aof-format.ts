import type { BackupContent, DirectoryContent, ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { readStart } from '../../../../support/read-start.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';
import type { Product } from '../../product.ts';
import { factsOf, notWhole, readWriter, type WrittenRdb } from '../rdb/rdb-format.ts';
import { readRdbHeader } from '../rdb/rdb-header.ts';
import { hasParts, isAofTar, isSingleAof, partOf } from './is-aof.ts';
import { type AofManifest, partsOf, readManifest } from './manifest.ts';
import { type AofBackup, provisionAof } from './restore-aof.ts';

export function aofFormat(product: Product): BackupFormat {
  return {
    recognise(content: BackupContent) {
      if (content.kind === 'directory') {
        return hasParts(content.members.keys()) ? (signal) => openFolder(content, product, signal) : undefined;
      }
      if (isAofTar(namesInTar(content.head))) return async () => openTar(content, product);
      return isSingleAof(content.head) ? async () => openSingle(content, product) : undefined;
    },
  };
}

/** Needs the first series with multi-part files, which also reads all earlier files. */
function unknownWriter(product: Product): WrittenRdb {
  const what = 'an append-only file';
  return { what, serverVersion: 'unknown', dumpedBy: 'appendonly', needed: product.oldest };
}

function openSingle(content: ObjectContent, product: Product): OpenBackup {
  const { key } = content.backup;
  const part = partOf(key);
  if (part !== undefined) throw notWhole(key, part);
  const header = readRdbHeader(content.head);
  const written = header ? readWriter(key, header, product) : unknownWriter(product);
  const format = `append-only file${header ? ', a dump and commands' : ''}${describeLayers(content.layers)}`;
  return opened(format, written, { product, content });
}

function openTar(content: ObjectContent, product: Product): OpenBackup {
  return opened(`append-only files in a tar${describeLayers(content.layers)}`, unknownWriter(product), {
    product,
    content,
    isTar: true,
  });
}

async function openFolder(content: DirectoryContent, product: Product, signal: AbortSignal): Promise<OpenBackup> {
  const { key } = content.backup;
  const names = [...content.members.keys()].filter((name) => name.endsWith('.manifest'));
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    throw new DrillError(
      'backup-truncated',
      `${key} has ${names.length} files that end with .manifest; an append-only file has one`,
      {
        hint: 'Copy the folder `appendonlydir` as a whole, and nothing else.',
      },
    );
  }
  const manifest = readManifest(
    key,
    (await readStart(await content.streamUnwrapped(name, signal), MANIFEST_BYTES)).toString(),
  );
  requireParts(key, manifest, new Set(content.members.keys()));
  const { base } = manifest;
  const header = base && readRdbHeader(await readStart(await content.streamUnwrapped(base.name, signal), HEAD_BYTES));
  const written = header ? readWriter(key, header, product) : unknownWriter(product);
  return opened(`append-only files, ${partsOf(manifest).length} parts`, written, { product, content, manifest });
}

/** @throws DrillError `backup-truncated`. */
function requireParts(key: string, manifest: AofManifest, names: ReadonlySet<string>): void {
  const missing = partsOf(manifest).filter(({ name }) => !names.has(name));
  if (missing.length === 0) return;
  throw new DrillError(
    'backup-truncated',
    `${key} lacks ${missing.map(({ name }) => name).join(', ')}, which its manifest lists`,
    {
      hint: 'Copy the folder as a whole, while no rewrite is in progress: the server deletes files once a rewrite ends.',
    },
  );
}

const HEAD_BYTES = 1024;
/** One line per part; anything longer is not made of lines, or lists thousands of parts. */
const MANIFEST_BYTES = 2 ** 20;

function opened(format: string, written: WrittenRdb, backup: AofBackup): OpenBackup {
  return {
    facts: factsOf(format, written, backup.product),
    needs: { major: written.needed, extensions: [] },
    provision: (sandbox, { signal }) => provisionAof(backup, sandbox, signal),
  };
}
