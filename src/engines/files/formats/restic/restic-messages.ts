import type { DrillError } from '../../../../support/errors.ts';
import { unrestored } from '../../repository/run-tool.ts';

export interface ResticSaid {
  /** What its messages of the type `error` say. */
  readonly errors: string[];
  /** All that it said besides its progress; bounded. */
  text: string;
}

/** Whether it is about what only root may do: no byte of the backup is lost by it. */
export function isOfNoUser(error: string): boolean {
  return (
    /operation not permitted|permission denied|operation not supported/i.test(error) &&
    /chown|mknod|xattr|setxattr|chmod|lsetxattr/i.test(error)
  );
}

/** Source of the exit codes: restic's doc/075_scripting.rst. @param what did not happen to the repository: `listed`, `restored`. */
export function explainRestic(key: string, what: string, exitCode: number, { text, errors }: ResticSaid): DrillError {
  const lines = (errors.length > 0 ? errors : text.split('\n')).filter((line) => line.trim() !== '');
  const fail = `the restic repository ${key} cannot be ${what}`;
  const check = 'Run `restic check --read-data` on the repository, check its storage, and take a new backup.';
  if (/no space left/i.test(text))
    return unrestored(
      'disk-full',
      `${fail}: the sandbox is full`,
      lines,
      'Free space where the engine keeps its volumes: the repository is needed there beside what it restores.',
    );
  if (
    /ciphertext verification|hash (?:does not match|mismatch)|unexpected EOF|wrong data|invalid data|failed to decrypt|not restorable|checksum|zstd|decompress|invalid character|MAC/i.test(
      text,
    )
  )
    return unrestored('backup-corrupt', `${fail}: a file of it is damaged`, lines, check);
  if (/no such file or directory|does not exist|not found in the index|not found in repository/i.test(text))
    return unrestored('backup-truncated', `${fail}: a file of it is missing`, lines, check);
  if (/unsupported repository version|unknown flag|unsupported version/i.test(text))
    return unrestored(
      'version-unsupported',
      `${fail} by the restic in the image`,
      lines,
      'Install a newer restic (0.17 or later) in `engine.image`.',
    );
  return unrestored(
    'restore-failed',
    `${fail}: restic ended with exit code ${exitCode}`,
    lines,
    'Read its lines below.',
  );
}
