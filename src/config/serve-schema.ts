import { z } from 'zod';
import { parseDurationMs, parseSizeBytes } from '../support/quantities.ts';
import { cpuLimit, duration, mapping, memorySize, wholeNumber } from './fields.ts';

const LISTEN_HELP = 'an address and a port such as 127.0.0.1:8377';
const MINUTE_MS = 60_000;

const listen = z.string({ error: `must be ${LISTEN_HELP}` }).superRefine((text, context) => {
  if (text !== 'off' && parseListen(text) === undefined)
    context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is not ${LISTEN_HELP}, nor off` });
});

/** `serve:` in firedrill.yaml: how `firedrill serve` runs the drills. */
export const serveSchema = mapping({
  listen: listen
    .default('127.0.0.1:8377')
    .describe(
      'Address that serves the pages, `/healthz`, `/readyz` and `/metrics`: `127.0.0.1:8377`, `[::1]:8377`, `0.0.0.0:8377`; `off` to not listen. Anyone who can reach it can read names and verdicts of drills from `/metrics`; for the pages, see `access`.',
    ),
  sandboxes: wholeNumber(1, 1000)
    .default(2)
    .describe('How many runs may be in progress at once, including those started by hand on the same store.'),
  memory: memorySize()
    .optional()
    .describe('Memory limit of all sandboxes together. Default: the memory of the engine’s machine.'),
  cpus: cpuLimit()
    .optional()
    .describe('CPU limit of all sandboxes together. Default: the CPUs of the engine’s machine.'),
  stopGrace: duration()
    .default('10s')
    .describe(
      'On shutdown the scheduler starts no more runs and waits this long for those in progress; then it cancels them, removes their sandboxes and records them as interrupted. A second signal cancels them at once.',
    ),
  lookAtBackups: duration()
    .default('1h')
    .describe(
      'How often to check for new backups of drills with an RPO, so that a missing backup alerts before the next drill. Drills that run on new backups have their own `poll`.',
    ),
});

export type ServeFile = z.output<typeof serveSchema>;

/** The roles that a process can be restricted to (`firedrill serve --only`), besides runners. */
export const SERVE_PARTS = ['scheduler', 'pages'] as const;
export type ServePart = (typeof SERVE_PARTS)[number];

/** How `firedrill serve` runs the drills. */
export interface ServeSettings {
  /** undefined: no listener. */
  readonly listen: ListenAddress | undefined;
  readonly sandboxes: number;
  /** undefined: the capacity of the engine's machine. */
  readonly memoryBytes: number | undefined;
  readonly cpus: number | undefined;
  readonly stopGraceMs: number;
  readonly pollBackupsMs: number;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8377`, `[::1]:8377`, `localhost:0`. @returns undefined for anything else. */
function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** The schema has already validated the texts. */
export function resolveServe(file: ServeFile): ServeSettings {
  return {
    listen: parseListen(file.listen),
    sandboxes: file.sandboxes,
    memoryBytes: file.memory === undefined ? undefined : parseSizeBytes(file.memory),
    cpus: file.cpus,
    stopGraceMs: parseDurationMs(file.stopGrace) ?? 10_000,
    pollBackupsMs: parseDurationMs(file.lookAtBackups) ?? 60 * MINUTE_MS,
  };
}
