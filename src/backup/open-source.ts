import type { SourceSpec } from '../config/drill-file.ts';
import { openDirectorySource } from './directory-source.ts';
import { openS3Source } from './s3-source.ts';
import type { BackupSource } from './source.ts';

/** The source that a drill names. Nothing is asked of it yet, so nothing can be missing or denied yet. */
export async function openSource(spec: SourceSpec): Promise<BackupSource> {
  return spec.type === 's3' ? openS3Source(spec) : openDirectorySource(spec.path);
}
