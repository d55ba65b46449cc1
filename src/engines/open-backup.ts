import type { BackupContent } from '../backup/content.ts';
import type { DirectoryLayout } from '../backup/directory-layout.ts';
import { DrillError } from '../support/errors.ts';
import type { Engine, EngineDescriptor } from './engine-descriptor.ts';
import type { OpenBackup } from './format.ts';
import { foreignContent, refuseUnreadable } from './recognition/foreign-content.ts';
import { isDataOrTables, namesInTar } from './recognition/tar-names.ts';

/** @param all every engine; their formats recognise backups of other products. */
export function createEngine(descriptor: EngineDescriptor, all: readonly EngineDescriptor[]): Engine {
  return {
    type: descriptor.type,
    title: descriptor.title,
    offers: descriptor.offers,
    serverUser: descriptor.serverUser,
    ...(descriptor.sql && { sql: descriptor.sql }),
    layouts: layoutsOf(descriptor, all),
    isTarFormat: (first) => descriptor.takesAnyContent === true || isTarFormat(first, all),
    imageFor: (major) => descriptor.imageFor(major),
    inspect: (content, signal, options) => openBackup(descriptor, all, content, { signal, options }),
  };
}

function layoutsOf(engine: EngineDescriptor, all: readonly EngineDescriptor[]): readonly DirectoryLayout[] {
  return all.flatMap(({ formats, type }) =>
    formats.flatMap(({ layout = [] }) => layout).filter(({ anyFolder }) => !anyFolder || type === engine.type),
  );
}

function isTarFormat(first: Buffer, all: readonly EngineDescriptor[]): boolean {
  const names = namesInTar(first);
  return isDataOrTables(names) || all.some(({ formats }) => formats.some(({ ownsTar }) => ownsTar?.(names)));
}

async function openBackup(
  engine: EngineDescriptor,
  all: readonly EngineDescriptor[],
  content: BackupContent,
  { signal, options }: { readonly signal: AbortSignal; readonly options: unknown },
): Promise<OpenBackup> {
  signal.throwIfAborted();
  const { key } = content.backup;
  if (!engine.takesAnyContent) {
    if (content.kind === 'object') refuseUnreadable(key, content.head, engine.dumps.program, content.unchecked);
    refuseOtherProduct(engine, all, content);
  }
  for (const descriptor of engine.formats) {
    const open = (await descriptor.load()).recognise(content, options);
    if (open) return open(signal);
  }
  if (content.kind === 'object') throw foreignContent(key, content.head, engine.dumps, content.unchecked);
  throw new DrillError('backup-unrecognised', `${key} is ${engine.dumps.none}`, { hint: engine.dumps.hint });
}

/** The first format that claims the content determines its product. */
function refuseOtherProduct(engine: EngineDescriptor, all: readonly EngineDescriptor[], content: BackupContent): void {
  const claimant = all.flatMap(({ formats }) => formats).find((format) => format.claims(content));
  if (!claimant || engine.formats.some(({ name }) => name === claimant.name)) return;
  throw new DrillError(
    'engine-mismatch',
    `${content.backup.key} is ${claimant.product}, and the drill restores ${engine.type}`,
    {
      hint: 'Set `engine.type` to the product of the backup, or set `backup.match` to select the backups of this database.',
    },
  );
}
