import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { isSandboxOff, requireChromium } from './find-chromium.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT = 1_000_000;
const run = promisify(execFile);

export interface PrintOptions {
  readonly env: Environment;
  /** Whether we are root, for whom Chromium refuses its own sandbox. */
  readonly isRoot: boolean;
  /** Default: two minutes. */
  readonly timeoutMs?: number;
}

/**
 * Prints a self-contained page as PDF: in a Chromium with an empty profile of its own, without network and without our environment. Its files are removed
 * whatever happens.
 * @throws DrillError `tool-missing` without a Chromium, `pdf-failed` when it does not print.
 */
export async function printPdf(
  page: string,
  { env, isRoot, timeoutMs = TIMEOUT_MS }: PrintOptions,
): Promise<Uint8Array> {
  const program = requireChromium(env);
  const sandboxFlags = chooseSandboxFlags(env, isRoot);
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-pdf-'));
  try {
    const [source, target, profile] = ['report.html', 'report.pdf', 'profile'].map((name) => join(directory, name));
    await writeFile(source ?? '', page, { mode: 0o600 });
    await mkdir(profile ?? '', { mode: 0o700 });
    const argv = [
      ...FLAGS,
      ...sandboxFlags,
      `--user-data-dir=${profile}`,
      `--print-to-pdf=${target}`,
      pathToFileURL(source ?? '').href,
    ];
    await print(program, argv, { directory, timeoutMs, path: env['PATH'] });
    return await readPdf(target ?? '');
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The page names no other resource, and its policy allows none; these keep Chromium itself off the network, too. */
const FLAGS = [
  '--headless',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  '--mute-audio',
  '--password-store=basic',
  '--use-mock-keychain',
  '--proxy-server=127.0.0.1:9',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--no-pdf-header-footer',
];

/** Chromium's sandbox stays on; as root it cannot, so somebody has to say that it may be off. */
function chooseSandboxFlags(env: Environment, isRoot: boolean): readonly string[] {
  if (!isRoot) return [];
  if (isSandboxOff(env)) return ['--no-sandbox'];
  throw new DrillError('pdf-failed', 'Chromium does not run as root with its sandbox on', {
    hint: 'Run firedrill report as another user, or set FIREDRILL_CHROMIUM_SANDBOX=off to print without that sandbox.',
  });
}

async function print(
  program: string,
  argv: readonly string[],
  {
    directory,
    timeoutMs,
    path,
  }: { readonly directory: string; readonly timeoutMs: number; readonly path: string | undefined },
): Promise<void> {
  const env = {
    PATH: path ?? '',
    HOME: directory,
    TMPDIR: directory,
    XDG_CONFIG_HOME: directory,
    XDG_CACHE_HOME: directory,
    LANG: 'C.UTF-8',
  };
  const limits = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: MAX_OUTPUT };
  try {
    await run(program, argv, { cwd: directory, env, ...limits });
  } catch (error) {
    const { killed, stderr = '', code } = error as { killed?: boolean; stderr?: string; code?: unknown };
    const last = stderr.trim().split('\n').at(-1) ?? '';
    throw new DrillError(
      'pdf-failed',
      killed
        ? `Chromium did not print within ${timeoutMs / 1000} s`
        : `Chromium ended with ${String(code)}: ${toPrintable(last, 300)}`,
      { hint: HINT, cause: error },
    );
  }
}

const HINT = 'Use --format html and print it from a browser, or set FIREDRILL_CHROMIUM to another Chromium.';

async function readPdf(path: string): Promise<Uint8Array> {
  const pdf = await readFile(path).catch(() => undefined);
  if (pdf?.subarray(0, 5).toString('latin1') === '%PDF-') return pdf;
  throw new DrillError('pdf-failed', 'Chromium ended without a PDF', { hint: HINT });
}
