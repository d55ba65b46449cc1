import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findSection, renderMarkdown } from '../../src/dashboard/markdown.ts';
import { createRunbookReader, renderRunbook } from '../../src/dashboard/runbooks.ts';

const addressOf = (target: string) => (target === 'a.md' ? '/runbooks/a' : undefined);
const render = (text: string, levelsDown = 2) => String(renderMarkdown(text, { addressOf, levelsDown }));
/** Without the line breaks between blocks. */
const renderBlocks = (text: string, levelsDown?: number) =>
  render(text, levelsDown).replaceAll(/(?<=>)\n|\n(?=<)/g, '');

describe('Markdown', () => {
  it.each([
    ['# One\n## `two`', '<h3 id="one">One</h3><h4 id="two"><code>two</code></h4>'],
    ['one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'],
    ['a **b `c`** *d* `**e**`', '<p>a <strong>b <code>c</code></strong> <em>d</em> <code>**e**</code></p>'],
    ['- a\n- b\n  more', '<ul><li>a</li><li>b\nmore</li></ul>'],
    ['3. a\n4. b', '<ol start="3"><li>a</li><li>b</li></ol>'],
    ['- a\n  - b\n- c', '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>'],
    [
      '```sh\nls *.x\n# no heading\n```\nafter',
      '<pre tabindex="0"><code>ls *.x\n# no heading</code></pre><p>after</p>',
    ],
    ['---', '<hr>'],
    [
      '[a](a.md) [b](b.md) [c](https://x.example/?a=1&b)',
      '<p><a href="/runbooks/a">a</a> b <a href="https://x.example/?a=1&amp;b" rel="noreferrer noopener">c</a></p>',
    ],
    ['![p](https://x.example/p.png)', '<p>p</p>'],
  ])('%j', (text, markup) => {
    expect(renderBlocks(text)).toBe(markup);
  });

  it('nests headings below those of the page', () => {
    expect(renderBlocks('## two\n\n- ### three', 0)).toBe(
      '<h2 id="two">two</h2><ul><li><h3 id="three">three</h3></li></ul>',
    );
  });

  it('makes tables with headings, and reachable by keyboard', () => {
    expect(renderBlocks('| a | b |\n| --- | --: |\n| 1 | `2` |')).toBe(
      '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table></div>',
    );
  });

  it.each([
    '<script>alert(1)</script>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](//attacker.example)',
    '[x][y]\n\n[y]: javascript:alert(1)',
    '[x][y]\n\n[y]: //attacker.example "title"',
    '<javascript:alert(1)>',
    '<somebody@attacker.example>',
    '[x](vbscript:a) [x](file:///etc/passwd) [x](&#106;avascript:alert(1))',
    '[<img src=x onerror=alert(1)>](https://x.example)',
    '[x](https://x.example/"onmouseover=alert(1))',
    '`<b>`',
    '# <b onclick=x>',
    '<https://x.example/"><script>>',
    '```\n</code></pre><script>\n```',
    '| <i> |\n| --- |\n| <u> |',
  ])('lets nothing through: %j', (text) => {
    const markup = render(text).replaceAll(/"[^"]*"/g, '""');
    expect(markup).not.toMatch(/<(script|img|b|i|u)\b|<[^>]*\son\w+=|href=""?(javascript|data|\/\/)/i);
    expect(render(text)).not.toMatch(/href="(?!https?:\/\/|\/runbooks\/)/);
  });

  it('takes linear time on hostile texts', () => {
    for (const text of [
      '['.repeat(100_000),
      '*'.repeat(100_000),
      '`'.repeat(99_999),
      `${'- '.repeat(50_000)}x`,
      '|'.repeat(100_000),
      '[x\n'.repeat(30_000),
      '# '.repeat(50_000),
      `#${' '.repeat(100_000)}x`,
      '<!-- '.repeat(20_000),
    ])
      expect(render(text).length).toBeGreaterThan(0);
  });

  it('renders every shipped runbook, with no markup left over', async () => {
    const directory = new URL('../../runbooks/', import.meta.url);
    for (const name of await readdir(directory)) {
      const markup = String(renderRunbook(await readFile(new URL(name, directory), 'utf8'), name.replace('.md', '')));
      const prose = markup.replaceAll(/<pre[\s\S]*?<\/pre>|<code>[\s\S]*?<\/code>/g, '').replaceAll(/<[^>]*>/g, '');
      expect([name, /\*\*|\]\(|^#+ |```/m.exec(prose)?.[0]]).toEqual([name, undefined]);
    }
  });
});

it.each([
  ['the part below a heading', '# T\n\n## a\n1\n## b\n2', 'a', '1'],
  ['subsections too', '## a\n1\n### c\n2\n## b', 'a', '1\n### c\n2'],
  [
    'a comment in code is not a heading',
    '## `a`\n```sh\n# not a heading\nls\n```\n## b',
    'a',
    '```sh\n# not a heading\nls\n```',
  ],
  ['nothing for the title, which is the whole page', '# A\n1', 'a', undefined],
  ['nothing for an unknown anchor', '## a\n1', 'x', undefined],
])('finds a section: %s', (_, text, anchor, section) => {
  expect(findSection(text, anchor)).toBe(section);
});

it('ignores a runbook that is missing, not a file, or of another type', async () => {
  const reader = createRunbookReader(new URL('../../runbooks/', import.meta.url).pathname);
  const drill = (runbook: string | undefined) => reader.ofDrill({ runbook } as Parameters<typeof reader.ofDrill>[0]);
  expect(await reader.page('wrong-data')).toContain('# Wrong data');
  for (const page of ['nothing', '../README', 'README', '']) expect(await reader.page(page)).toBeUndefined();
  for (const path of [
    undefined,
    'https://wiki.example/x',
    '/etc/passwd',
    '/nothing.md',
    new URL('../../runbooks', import.meta.url).pathname,
  ])
    expect(await drill(path)).toBeUndefined();
});
