import type { DrillError } from '../../../../support/errors.ts';
import { explainTool, type ToolFault } from '../../repository/run-tool.ts';

export interface ResticSaid {
  /** Texts of its messages of type `error`. */
  readonly errors: string[];
  /** All output except its progress; bounded. */
  text: string;
}

/** Whether it concerns something only root may do: it loses no data of the backup. */
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
  return explainTool(FAULTS, { tool: 'restic', fail, exitCode, text, lines });
}

const CHECK = 'Run `restic check --read-data` on the repository, check its storage, and take a new backup.';

const FAULTS: readonly ToolFault[] = [
  {
    pattern: /no space left/i,
    code: 'disk-full',
    says: ': the sandbox is full',
    hint: 'Free up space on the disk that holds the engine’s volumes: it needs room for the repository and the restored data.',
  },
  {
    pattern:
      /ciphertext verification|hash (?:does not match|mismatch)|unexpected EOF|wrong data|invalid data|failed to decrypt|not restorable|checksum|zstd|decompress|invalid character|MAC/i,
    code: 'backup-corrupt',
    says: ': a file of it is damaged',
    hint: CHECK,
  },
  {
    pattern: /no such file or directory|does not exist|not found in the index|not found in repository/i,
    code: 'backup-truncated',
    says: ': a file of it is missing',
    hint: CHECK,
  },
  {
    pattern: /unsupported repository version|unknown flag|unsupported version/i,
    code: 'version-unsupported',
    says: ' by the restic in the image',
    hint: 'Install a newer restic (0.17 or later) in `engine.image`.',
  },
];
