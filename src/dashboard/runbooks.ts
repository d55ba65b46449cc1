import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drill } from '../config/drill-file.ts';
import { type ErrorCode, meaningOf } from '../support/errors.ts';
import { html, type Markup } from '../support/html.ts';
import type { RunbookReader } from './deps.ts';
import { renderMarkdown } from './markdown.ts';

const PAGE = /^[a-z0-9-]{1,64}$/;
const MAX_BYTES = 256 * 1024;

/** Reads runbooks from disk. @param directory contains the pages that ship with Firedrill. */
export function createRunbookReader(directory: string): RunbookReader {
  return {
    page: async (page) => (PAGE.test(page) ? readText(join(directory, `${page}.md`)) : undefined),
    ofDrill: async ({ runbook }: Pick<Drill, 'runbook'>) =>
      runbook === undefined || isAddress(runbook) || !/\.(md|markdown|txt)$/i.test(runbook)
        ? undefined
        : readText(runbook),
  };
}

export function isAddress(runbook: string): boolean {
  return /^https?:\/\//.test(runbook);
}

/** Returns undefined if the path is missing or not a file; a very long file is truncated. */
async function readText(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    if (!(await file.stat()).isFile()) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return undefined;
  }
}

/** The page and the heading that explain a code. */
export function pageOf(code: ErrorCode): { readonly page: string; readonly heading: string } {
  const meaning = meaningOf(code);
  return { page: meaning === 'usage' || meaning === 'interrupted' ? 'errored' : meaning, heading: code };
}

/** @param base the page that the text is from, for links without a page. @param levelsDown how many levels its headings are moved down. */
export function renderRunbook(text: string, base: string | undefined, levelsDown = 2): Markup {
  const body = renderMarkdown(text, { addressOf: (target) => addressOf(target, base), levelsDown });
  return html`<div class="prose">${body}</div>`;
}

function addressOf(target: string, base: string | undefined): string | undefined {
  const [, page = base, anchor = ''] = /^(?:(?:\.\/)?([a-z0-9-]{1,64})\.md)?(#[\w-]+)?$/.exec(target) ?? [
    undefined,
    '',
  ];
  if (page === undefined || page === '' || page === 'README') return undefined;
  return `/runbooks/${page}${anchor}`;
}
