import type { SourceFiles } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import type { RepositoryAccess } from '../../../format.ts';

/** How pgBackRest gets at the repository. */
export type ChosenAccess = { readonly how: string } & (
  | { readonly kind: 'staged' }
  | {
      readonly kind: 'gateway';
      readonly streamPart: NonNullable<SourceFiles['streamPart']>;
      /** Where the gateway listens: on this host, and in the sandbox. */
      readonly socket: { readonly here: string; readonly inside: string };
    }
);

export interface AccessNeeds {
  readonly source: SourceFiles;
  readonly sandbox: Sandbox;
  /** As the drill says; undefined: whichever fits. */
  readonly asked: RepositoryAccess | undefined;
  /** What would be copied, and what it gives; undefined: not known. */
  readonly storedBytes: number;
  readonly restoredBytes: number | undefined;
  /** What of the log is fetched beside it before the server runs. */
  readonly logBytes: number;
}

/**
 * Staged, which is several times as fast, unless it, the restored data and the log beside it do not fit the sandbox together, or the drill says so.
 * @throws DrillError `sandbox-refused` for a gateway that the drill asks for and that cannot be had here.
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

/** @returns why there can be none, to follow a colon. */
function findGateway({ source: { streamPart, description }, sandbox }: AccessNeeds) {
  if (!streamPart) return `${description} does not give parts of a file at the price of their bytes`;
  if (sandbox.isolation.network === 'open') return 'the sandbox is not isolated from the network of this host';
  const inside = `${sandbox.paths.run}/repository`;
  const connection = sandbox.connect(inside);
  if (connection.kind === 'stream') return 'the engine is on another machine, which shares no directory with this one';
  return { kind: 'gateway', streamPart, socket: { here: connection.path, inside } } as const;
}

/** Of the file system that holds the sandbox’s data. @returns undefined where `df` does not say. */
async function readFreeBytes(sandbox: Sandbox, signal: AbortSignal): Promise<number | undefined> {
  const argv = ['sh', '-c', 'exec df -Pk "$1"', 'df', sandbox.paths.data];
  const { exitCode, stdout } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  return exitCode === 0 ? freeBytesIn(stdout) : undefined;
}

/** The fourth column of the last line of `df -P -k`, as POSIX has it. The name in the first one may hold spaces. */
export function freeBytesIn(output: string): number | undefined {
  const found = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s+\//.exec(output.trim().split('\n').at(-1) ?? '')?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}
