import type { BackupContent } from '../../backup/content.ts';
import type { EngineBackup } from '../engine.ts';
import { refuseUnreadable } from '../foreign-content.ts';
import { foreignDirectory } from '../other-product.ts';
import type { Flavor } from './flavor.ts';
import { mydumperBackup } from './formats/mydumper/mydumper-backup.ts';
import { refuseShellDump } from './formats/mysql-shell/mysql-shell-dump.ts';
import { plainBackup } from './formats/plain-sql/plain-backup.ts';
import { loadTraitsOf } from './loading/load-traits.ts';
import { looksLikeSql, unrecognised } from './recognise.ts';

/** Recognises a backup by its content and reads its header. Throws as the engine's contract says. */
export async function inspectBackup(
  content: BackupContent,
  flavor: Flavor,
  signal: AbortSignal,
): Promise<EngineBackup> {
  signal.throwIfAborted();
  if (content.kind === 'directory') {
    const foreign = foreignDirectory(content.backup.key, content.members.keys(), flavor.type);
    if (foreign) throw foreign;
    await refuseShellDump(content, signal);
    return mydumperBackup(content, flavor, signal);
  }
  const { head } = content;
  const { key } = content.backup;
  refuseUnreadable(key, head, loadTraitsOf(flavor).dumpProgram);
  if (!looksLikeSql(head)) throw unrecognised(key, head, flavor);
  return plainBackup(content, flavor);
}
