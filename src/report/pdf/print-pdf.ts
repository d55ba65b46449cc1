import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DrillError } from '../../support/errors.ts';
import { isSandboxOff, requireChromium } from './find-chromium.ts';
import { makePrintDirectory, removePrintDirectory, sweepPrintDirectories } from './print-directory.ts';
import { PDF_HINT, runChromium } from './run-chromium.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 120_000;

export interface PrintOptions {
  readonly env: Environment;
  /** Whether we run as root, where Chromium refuses to use its sandbox. */
  readonly isRoot: boolean;
  /** Default: two minutes. */
  readonly timeoutMs?: number;
  /** Ends Chromium. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Prints a self-contained page as PDF in a Chromium that has its own empty profile, no network and none of our environment. Its files are always removed; those
 * of a killed process are removed at the next print.
 * @throws the signal's reason; DrillError `tool-missing` without a Chromium, `pdf-failed` when it does not print.
 */
export async function printPdf(
  page: string,
  { env, isRoot, timeoutMs = TIMEOUT_MS, signal }: PrintOptions,
): Promise<Uint8Array> {
  const program = requireChromium(env);
  const sandboxFlags = chooseSandboxFlags(env, isRoot);
  await sweepPrintDirectories();
  const directory = await makePrintDirectory();
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
    await runChromium(program, argv, { directory, path: env['PATH'], timeoutMs, signal });
    return await readPdf(target ?? '');
  } finally {
    await removePrintDirectory(directory);
  }
}

/**
 * @returns the program that would print here.
 * @throws DrillError `tool-missing` without a Chromium, `pdf-failed` if it would not start.
 */
export function checkPrinting({ env, isRoot }: Pick<PrintOptions, 'env' | 'isRoot'>): string {
  const program = requireChromium(env);
  chooseSandboxFlags(env, isRoot);
  return program;
}

/** The page references no other resource, and its policy allows none; these flags keep Chromium itself off the network, too. */
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

/** Chromium's sandbox stays on. It cannot be used as root, so the user must explicitly allow it to be off. */
function chooseSandboxFlags(env: Environment, isRoot: boolean): readonly string[] {
  if (!isRoot) return [];
  if (isSandboxOff(env)) return ['--no-sandbox'];
  throw new DrillError('pdf-failed', 'Chromium does not run as root with its sandbox on', {
    hint: 'Run firedrill report as another user, or set FIREDRILL_CHROMIUM_SANDBOX=off to print without that sandbox.',
  });
}

async function readPdf(path: string): Promise<Uint8Array> {
  const pdf = await readFile(path).catch(() => undefined);
  if (pdf?.subarray(0, 5).toString('latin1') === '%PDF-') return pdf;
  throw new DrillError('pdf-failed', 'Chromium ended without a PDF', { hint: PDF_HINT });
}
