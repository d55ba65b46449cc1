import type { Drill } from '../config/drill-file.ts';

/** The drill with another backup, for `--backup`. @param key undefined: as configured in the drill. */
export function withBackup(drill: Drill, key: string | undefined): Drill {
  return key === undefined ? drill : { ...drill, backup: { ...drill.backup, select: { by: 'key', key } } };
}
