import type { SourceFiles } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import type { RepositoryAccess } from '../../../format.ts';

/** How pgBackRest accesses the repository. */
export type ChosenAccess = { readonly how: string } & (
  | { readonly kind: 'staged' }
  | {
      readonly kind: 'gateway';
      readonly streamPart: NonNullable<SourceFiles['streamPart']>;
      /** Where the gateway listens: the socket's path on this host, and in the sandbox. */
      readonly socket: { readonly here: string; readonly inside: string };
    }
);

export interface AccessNeeds {
  readonly source: SourceFiles;
  readonly sandbox: Sandbox;
  /** The drill's choice; undefined for whichever fits. */
  readonly asked: RepositoryAccess | undefined;
  /** Size of what would be copied, and of the restored data; undefined if unknown. */
  readonly storedBytes: number;
  readonly restoredBytes: number | undefined;
  /** How much of the log is fetched in addition before the server runs. */
  readonly logBytes: number;
}

/**
 * Staged, which is several times as fast, unless the repository, the restored data and the log do not fit into the sandbox together, or the drill chooses
 * otherwise.
 * @throws DrillError `sandbox-refused` for a gateway that the drill asks for but that is not available here.
 */
export async function chooseAccess(needs: AccessNeeds, signal: AbortSignal): Promise<ChosenAccess> {
  const { sandbox, asked, storedBytes, restoredBytes, logBytes } = needs;
  const staged = { kind: 'staged', how: 'repository staged in the sandbox' } as const;
  if (asked === 'staged') return staged;
  const gateway = findGateway(needs);
  if (asked === 'gateway') {
    if (typeof gateway !== 'string') return { ...gateway, how: `${GATEWAY}, as the drill says` };
    throw new DrillError('sandbox-refused', `the repository cannot be read through a gateway: ${gateway}`, {
      hint: 'Remove `restore.repository`, or set it to `staged`, and make sure that the sandbox has room for the backup twice.',
    });
  }
  const freeBytes = restoredBytes === undefined ? undefined : await readFreeBytes(sandbox, signal);
  if (typeof gateway === 'string' || restoredBytes === undefined || freeBytes === undefined) return staged;
  if (storedBytes + restoredBytes + logBytes <= freeBytes) return staged;
  const sizes = `${formatBytes(storedBytes)} staged, ${formatBytes(restoredBytes)} restored and ${formatBytes(logBytes)} of log`;
  return { ...gateway, how: `${GATEWAY}: ${sizes} do not fit ${formatBytes(freeBytes)} of disk` };
}

const GATEWAY = 'repository read through a read-only gateway';

/** @returns why there cannot be one; follows a colon. */
function findGateway({ source: { streamPart, description }, sandbox }: AccessNeeds) {
  if (!streamPart) return `${description} cannot serve a part of a file without reading more than that part`;
  if (sandbox.isolation.network === 'open') return 'the sandbox is not isolated from the network of this host';
  const inside = `${sandbox.paths.run}/repository`;
  const connection = sandbox.connect(inside);
  if (connection.kind === 'stream') return 'the engine is on another machine, which shares no directory with this one';
  return { kind: 'gateway', streamPart, socket: { here: connection.path, inside } } as const;
}

/** Free space of the file system with the sandbox’s data. @returns undefined if `df` does not report it. */
async function readFreeBytes(sandbox: Sandbox, signal: AbortSignal): Promise<number | undefined> {
  const argv = ['sh', '-c', 'exec df -Pk "$1"', 'df', sandbox.paths.data];
  const { exitCode, stdout } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  return exitCode === 0 ? freeBytesIn(stdout) : undefined;
}

/** The fourth column of the last line of `df -P -k`, as defined by POSIX. The name in the first column may contain spaces. */
export function freeBytesIn(output: string): number | undefined {
  const found = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s+\//.exec(output.trim().split('\n').at(-1) ?? '')?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}
