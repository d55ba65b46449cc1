import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/support/errors.ts';
import { REASONS } from '../../src/support/vocabulary.ts';

const directory = fileURLToPath(new URL('../../runbooks', import.meta.url));

async function readPages(): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const name of await readdir(directory)) pages.set(name, await readFile(join(directory, name), 'utf8'));
  return pages;
}

describe('runbooks', () => {
  it('explain every error code exactly once under its own heading, and no unknown codes', async () => {
    const headings = [...(await readPages()).values()].flatMap((text) =>
      [...text.matchAll(/^#{2,3} `(.+)`$/gm)].map(([, code]) => code),
    );
    expect(headings.toSorted()).toEqual(ERROR_CODES.toSorted());
  });

  it('have a page for each reason why a drill fails', async () => {
    const pages = await readPages();
    expect(REASONS.filter((reason) => !pages.has(`${reason}.md`))).toEqual([]);
  });

  it('link only to existing pages and headings', async () => {
    const pages = await readPages();
    const broken: string[] = [];
    for (const [page, text] of pages) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [file = '', anchor] = target.split('#');
        if (file.startsWith('..')) continue;
        const linked = pages.get(file === '' ? page : file);
        if (linked === undefined || (anchor !== undefined && !anchorsOf(linked).has(anchor)))
          broken.push(`${page}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

function anchorsOf(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}
