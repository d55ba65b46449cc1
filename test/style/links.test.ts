import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const PAGES = ['README.md', ...['docs', 'runbooks'].flatMap((folder) => pagesIn(folder))];

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

/** Links to other files of the repository, outside code. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  );
}

/** As GitHub derives them from headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function broken(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  return linksOf(text).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
  });
}

it.each(PAGES.map((page) => [relative('.', page)]))('%s has no broken link', (page) => {
  expect(broken(page)).toEqual([]);
});

it('detects a link to a missing page or heading', () => {
  const text = '[a](./nope.md) [b](https://example.com/x.md) `[c](./code.md)` [d](#there)\n\n## There\n';
  expect(linksOf(text)).toEqual(['./nope.md', '#there']);
  expect(anchorsOf(text)).toEqual(new Set(['there']));
});
