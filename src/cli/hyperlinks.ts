import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Hyperlinks, Io } from './io.ts';

/** Source: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda (OSC 8). */
export function createHyperlinks(): Hyperlinks {
  const id = `fd${randomBytes(8).toString('hex')}`;
  return {
    pattern: new RegExp(`\u001b\\]8;(?:id=${id};[!-~]{1,2000}|;)\u001b\\\\`),
    link: (text, url) =>
      url === undefined || !/^[!-~]{1,2000}$/.test(url)
        ? text
        : `\u001b]8;id=${id};${url}\u001b\\${text}\u001b]8;;\u001b\\`,
  };
}

/**
 * Whether the terminal supports links (OSC 8). FORCE_HYPERLINK and NO_HYPERLINK decide; otherwise only known terminals count, because others print the address
 * or worse.
 */
export function hasHyperlinks(env: Io['env'], isTTY: boolean): boolean {
  const { FORCE_HYPERLINK, NO_HYPERLINK } = env;
  if (FORCE_HYPERLINK !== undefined && FORCE_HYPERLINK !== '') return FORCE_HYPERLINK !== '0';
  if (NO_HYPERLINK || !isTTY || env['CI'] || env['TERM'] === 'dumb') return false;
  const program = env['TERM_PROGRAM'] ?? '';
  const version = versionOf(env['TERM_PROGRAM_VERSION']);
  if (/^(?:screen|tmux)/.test(env['TERM'] ?? '')) return program === 'tmux' && version >= 3.4;
  if (env['WT_SESSION'] || env['KONSOLE_VERSION'] || env['DOMTERM']) return true;
  if (/^(?:xterm-kitty|xterm-ghostty|alacritty|foot|contour|wezterm)/.test(env['TERM'] ?? '')) return true;
  if (program === 'iTerm.app') return version >= 3.1;
  if (['WezTerm', 'vscode', 'ghostty', 'Hyper', 'rio', 'Tabby'].includes(program)) return true;
  return Number(env['VTE_VERSION'] ?? 0) >= 5000;
}

/** Links for a run, if the terminal supports them. */
export interface RunLinks {
  /** To the page of the run. */
  run(text: string, runId: string): string;
  /** To the page of the drill or, without pages, to its file. @param file undefined: unknown. */
  drill(text: string, name: string, file: string | undefined): string;
  /** To a file on this machine. */
  file(text: string, path: string): string;
}

export const NO_LINKS: RunLinks = { run: (text) => text, drill: (text) => text, file: (text) => text };

/** @param publicUrl of the pages; undefined: no pages. */
export function runLinks({ links, cwd }: Pick<Io, 'links' | 'cwd'>, publicUrl: string | undefined): RunLinks {
  if (!links) return NO_LINKS;
  const page = (path: string, id: string) =>
    publicUrl === undefined ? undefined : `${publicUrl}/${path}/${encodeURIComponent(id)}`;
  const fileUrl = (path: string) => pathToFileURL(resolve(cwd, path)).href;
  return {
    run: (text, runId) => links.link(text, page('runs', runId)),
    drill: (text, name, file) =>
      links.link(text, page('drills', name) ?? (file === undefined ? undefined : fileUrl(file))),
    file: (text, path) => links.link(text, fileUrl(path)),
  };
}

function versionOf(text = ''): number {
  return Number(/^\d+(?:\.\d+)?/.exec(text)?.[0] ?? 0);
}
