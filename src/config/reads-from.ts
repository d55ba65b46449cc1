import { describeSource } from '../backup/registry.ts';
import type { Drill } from './drill-file.ts';

/** The sources that a drill's runs read from, as named in the record: the backup's and the log's. */
export function readsFrom({ backup }: Pick<Drill, 'backup'>): readonly string[] {
  return [backup.source, ...(backup.log ? [backup.log.source] : [])].map((spec) => describeSource(spec));
}
