import { z } from 'zod';
import { type NetworkAccess, type NetworkTarget, nameTarget } from '../../support/network-access.ts';
import { parseDurationMs } from '../../support/quantities.ts';
import type { OptionsContext } from '../engine-options.ts';
import { explainPlaceholder } from './placeholders.ts';
import { readsRestored } from './reads-restored.ts';

/** The engine’s own keys, as plain data. */
export interface ExecOptions {
  readonly stage: 'file' | 'unpacked';
  readonly prepare: readonly (readonly string[])[];
  readonly restore: readonly (readonly string[])[];
  readonly server: readonly string[] | undefined;
  readonly ready: readonly string[] | undefined;
  readonly export: readonly string[] | undefined;
  readonly startServer: 'before-restore' | 'after-restore';
  /** Names of the harness's environment variables that every step and check gets. */
  readonly env: readonly string[];
  readonly prepareMs: number;
  readonly readyMs: number;
  readonly exportMs: number;
  readonly exportBytes: number;
  /** undefined: no network. The key is then omitted, so that the drill's hash does not change. */
  readonly network?: NetworkAccess;
}

const argv = z
  .array(
    z.string({ error: 'must be text' }).refine((word) => !word.includes('\0'), { error: 'has a NUL byte' }),
    {
      error: 'must be a list: the program, then each of its arguments',
    },
  )
  .min(1, { error: 'is empty; must be a list: the program, then each of its arguments' })
  .refine(([program]) => program?.trim() !== '', { error: 'must begin with a program' });

const commands = z.union([argv, z.array(argv).min(1)], {
  error: 'must be a list: the program, then each of its arguments; or a list of such lists, which run in order',
});

const limit = (text: string) =>
  z
    .string({ error: 'must be a duration such as 5m' })
    .refine((value) => parseDurationMs(value) !== undefined, { error: 'must be a duration such as 5m' })
    .default(text);

const steps = z.strictObject(
  {
    prepare: commands.optional().describe('Runs before the backup is available, and does not read it.'),
    restore: commands
      .optional()
      .describe(
        'Restores `{backup}` into `{data}` or into the running server. Exit code 1 means that the backup is bad.',
      ),
    server: argv.optional().describe('The server, in the foreground. It runs until the drill ends.'),
    ready: argv.optional().describe('Checks whether the server is ready; repeated until it exits with 0.'),
    export: argv
      .optional()
      .describe('Exports restored data after the restore; its output is written to `{scratch}/export`, for checks.'),
  },
  { error: 'must have keys of: prepare, restore, server, ready, export' },
);

const timeouts = z.strictObject({
  prepare: limit('10m').describe('For each program of `prepare`.'),
  ready: limit('5m').describe('From the start of the server until `ready` exits with 0.'),
  export: limit('30m').describe('For `export`.'),
});

const target = z.string({ error: 'must be HOST:PORT' }).refine((text) => parseTarget(text) !== undefined, {
  error:
    'must be HOST:PORT, such as vault.example.com:8200; IP addresses are not supported, and localhost is the sandbox itself',
});

const allowed = z.strictObject(
  {
    allow: z
      .array(target)
      .min(1, { error: 'is empty; write network: none' })
      .max(16, { error: 'has more than 16 entries' })
      .describe('Addresses that may be reached, each HOST:PORT.'),
    reason: z
      .string({ error: 'must be text' })
      .trim()
      .min(1, { error: 'is empty' })
      .max(200, { error: 'must be at most 200 characters' })
      .describe('Why; the plan and the evidence show it.'),
  },
  { error: 'must have the keys allow and reason' },
);

const BYTES_PER_MIB = 2 ** 20;

export const execKeys = {
  steps: steps
    .optional()
    .describe(
      'Of `exec`: what restores the backup. Each step is a program and its arguments, run in the sandbox without a shell. `{backup}`, `{data}`, `{scratch}` and `{run}` are replaced at the start of an argument or after its `=`.',
    )
    .meta({ examples: [{ restore: ['cp', '{backup}', '{data}/orders.db'] }] }),
  stage: z
    .enum(['file', 'unpacked'], { error: 'must be file or unpacked' })
    .optional()
    .describe(
      'Of `exec`: how the backup gets into the sandbox, decrypted and decompressed. `file` (the default): as one file, `{backup}`. `unpacked`: a tar’s content, in the directory `{backup}`. A backup that is a directory stays one.',
    ),
  startServer: z
    .enum(['before-restore', 'after-restore'], { error: 'must be before-restore or after-restore' })
    .optional()
    .describe('Of `exec`: when `steps.server` starts. Default: `after-restore`, on the data that `restore` wrote.'),
  env: z
    .array(z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' }), {
      error: 'must be a list of names of variables',
    })
    .optional()
    .describe('Of `exec`: environment variables to pass to steps and checks. The only place for secrets.'),
  timeouts: timeouts.optional().describe('Of `exec`: timeouts of steps. `restore` may take until the run’s deadline.'),
  exportLimitMiB: z
    .int({ error: 'must be a whole number of MiB' })
    .min(1, { error: 'must be at least 1' })
    .max(65_536, { error: 'must be at most 65536' })
    .optional()
    .describe('Of `exec`: how much `export` may print, in MiB. Default: 256.'),
  network: z
    .union([z.literal('none'), allowed], { error: 'must be none, or a mapping with allow and reason' })
    .optional()
    .describe(
      'Of `exec`: `none` (the default), or the hosts that its programs may reach. Firedrill relays connections to these hosts only. Requires the docker runtime, and an image with perl or python3.',
    )
    .meta({ examples: ['none', { allow: ['vault.example.com:8200'], reason: 'the restore asks for its key' }] }),
};

const own = z.object(execKeys);

/** An image reference that cannot change: `NAME@sha256:…`, or an image id. */
const PINNED = /(?:^|@)sha256:[0-9a-f]{64}$/;

export function resolveExec(keys: Readonly<Record<string, unknown>>, context: OptionsContext): ExecOptions | undefined {
  const { image, runtime, checks } = context;
  let isFine = true;
  const report = (path: readonly PropertyKey[], message: string): void => {
    isFine = false;
    context.report(path, message);
  };
  const file = own.parse(keys);
  if (image === undefined && runtime !== 'local')
    report(['engine'], 'needs `image`, with its digest, such as registry.example.com/sqlite@sha256:…');
  else if (image !== undefined && !image.includes('${') && !PINNED.test(image))
    report(
      ['engine', 'image'],
      `must end with a digest (@sha256: and 64 digits), not ${JSON.stringify(image)}: a tag can change`,
    );
  if (!file.steps?.restore && !file.steps?.server) {
    report(['engine', 'steps'], 'needs `restore`, or a `server` that reads the backup itself');
    return undefined;
  }
  if (typeof file.network === 'object' && runtime === 'local')
    report(
      ['engine', 'network'],
      'allows hosts, and the local runtime cannot limit a sandbox to them; use docker, or write none',
    );
  const { prepare, restore, server, ready, export: exported } = file.steps;
  if (server && !ready)
    report(['engine', 'steps', 'server'], 'needs `ready`: a server that has started may not answer yet');
  if (ready && !server) report(['engine', 'steps', 'ready'], 'has no `server` to wait for');
  if (file.startServer === 'before-restore' && !(server && restore))
    report(['engine', 'startServer'], 'needs both `server` and `restore`');
  const programs = {
    prepare: listOf(prepare),
    restore: listOf(restore),
    server: listOf(server),
    ready: listOf(ready),
    export: listOf(exported),
  };
  for (const [step, commands] of Object.entries(programs)) {
    const problem = commands.flat().map(explainPlaceholder).find(Boolean);
    if (problem) report(['engine', 'steps', step], problem);
  }
  if (![programs.restore, programs.server].flat(2).some((word) => word.includes('{backup}')))
    report(['engine', 'steps'], 'never names `{backup}`: nothing would be restored');
  for (const { argv: words } of checks) {
    const problem = words?.map(explainPlaceholder).find(Boolean);
    if (problem) report(['checks'], problem);
  }
  const named = Object.values(programs).flat(2);
  if (checks.some(({ needs }) => needs === 'files') && !named.some((word) => word.includes('{data}')))
    report(['checks'], 'of kind `files` read {data}, which no step names');
  if (checks.length > 0 && !checks.some((check) => readsRestored(check, ready)))
    report(
      ['checks'],
      'read no restored data: at least one must have {data}, {scratch} or {run} in its command, or run the program of `ready` and compare its output with `expect`; a check that runs only what `ready` runs passes on an empty server, unless it expects a number above 0 (`min: 1`); a `files` check must need a file to pass, and beside a server `sha256`, `manifest` or `sqlite` with `expect`',
    );
  if (!isFine) return undefined;
  const limits = timeouts.parse(file.timeouts ?? {});
  return {
    stage: file.stage ?? 'file',
    prepare: programs.prepare,
    restore: programs.restore,
    server,
    ready,
    export: exported,
    startServer: file.startServer ?? 'after-restore',
    env: file.env ?? [],
    prepareMs: parseDurationMs(limits.prepare) ?? 0,
    readyMs: parseDurationMs(limits.ready) ?? 0,
    exportMs: parseDurationMs(limits.export) ?? 0,
    exportBytes: (file.exportLimitMiB ?? 256) * BYTES_PER_MIB,
    ...networkOf(file.network),
  };
}

function listOf(given: z.output<typeof commands> | undefined): string[][] {
  if (given === undefined) return [];
  return given.every((one) => typeof one === 'string') ? [given] : given.filter((one) => typeof one !== 'string');
}

function networkOf(given: 'none' | z.output<typeof allowed> | undefined): { readonly network?: NetworkAccess } {
  if (typeof given !== 'object') return {};
  const targets = given.allow.flatMap((text) => parseTarget(text) ?? []);
  return {
    network: { allow: [...new Map(targets.map((one) => [nameTarget(one), one])).values()], reason: given.reason },
  };
}

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** A name whose last part is not a number (RFC 1123), and a port. */
const TARGET = new RegExp(`^((?:${LABEL}\\.)*(?!\\d+:)${LABEL}):(\\d{1,5})$`);

function parseTarget(text: string): NetworkTarget | undefined {
  const [, host = '', digits = ''] = TARGET.exec(text) ?? [];
  const port = Number(digits);
  const isFine = host !== '' && host.length <= 253 && host.toLowerCase() !== 'localhost' && port >= 1 && port <= 65_535;
  return isFine ? { host: host.toLowerCase(), port } : undefined;
}
