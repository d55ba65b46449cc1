import type { Drill } from '../config/drill-file.ts';

/** The drill with another backup, as `--backup` has it. @param key undefined: as the drill says. */
export function withBackup(drill: Drill, key: string | undefined): Drill {
  return key === undefined ? drill : { ...drill, backup: { ...drill.backup, select: { by: 'key', key } } };
}
