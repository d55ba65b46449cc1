import { judgeSummary } from './files-check.ts';
import type { FilesSpec } from './files-spec.ts';

/** What must have been restored for a check to pass: nothing at all, any files, or files with a certain content. */
export type RequiredData = 'nothing' | 'files' | 'content';

/** Whether an empty folder, or one in which a server without data has created its own files, could pass a check. */
export function requiredData(spec: FilesSpec): RequiredData {
  const { exist, sha256, manifest, sample, sqlite } = spec;
  if (Object.keys(sha256).length > 0 || manifest !== undefined || sqlite?.expect) return 'content';
  if (exist.length > 0 || sample > 0 || sqlite) return 'files';
  const empty = { files: 0, bytes: 0, newest: undefined, drawn: [] };
  return judgeSummary(spec, empty, { takenAt: new Date(0) }).every(({ passed }) => passed) ? 'nothing' : 'files';
}
