import { describeSource } from '../backup/registry.ts';
import type { Drill } from './drill-file.ts';

/** The sources that runs of a drill read from, as they are named in the record: that of the backup, and that of the log. */
export function readsFrom({ backup }: Pick<Drill, 'backup'>): readonly string[] {
  return [backup.source, ...(backup.log ? [backup.log.source] : [])].map((spec) => describeSource(spec));
}
