import MarkdownIt, { type Token } from 'markdown-it';
import { type Markup, trusted } from '../support/html.ts';

export interface MarkdownOptions {
  /** The URL for a link such as `errored.md#disk-full`; undefined: the link becomes text. */
  readonly addressOf: (target: string) => string | undefined;
  /** How many levels headings are moved down, to fit below the page's own. */
  readonly levelsDown: number;
}

/**
 * Runbook Markdown as HTML. HTML in the text is shown as text, images are replaced by their description, and links lead only to web addresses and to
 * targets that `addressOf` knows.
 */
export function renderMarkdown(text: string, { addressOf, levelsDown }: MarkdownOptions): Markup {
  const markdown = new MarkdownIt({ html: false });
  const { rules } = markdown.renderer;
  const { escapeHtml } = markdown.utils;
  rules['fence'] = (tokens, index) => codeBlock(escapeHtml(tokens[index]?.content ?? ''));
  rules['code_block'] = rules['fence'];
  rules['image'] = (tokens, index) => escapeHtml(tokens[index]?.content ?? '');
  rules['table_open'] = () => '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  const tokens = markdown.parse(text, {});
  for (const [index, token] of tokens.entries()) prepareBlock(token, tokens[index + 1], levelsDown);
  for (const { children } of tokens) if (children) resolveLinks(children, addressOf);
  return trusted(markdown.renderer.render(tokens, markdown.options));
}

/** The section below a heading, without the heading itself; undefined: no heading except possibly the page's title has this anchor. */
export function findSection(text: string, anchor: string): string | undefined {
  const headings = findHeadings(text);
  const found = headings.findIndex(({ anchor: one, level }) => one === anchor && level > 1);
  const heading = headings[found];
  if (!heading) return undefined;
  const next = headings.slice(found + 1).find(({ level }) => level <= heading.level);
  return text.split('\n').slice(heading.endLine, next?.startLine).join('\n');
}

interface Heading {
  readonly anchor: string;
  readonly level: number;
  readonly startLine: number;
  /** The first line after the section. */
  readonly endLine: number;
}

function findHeadings(text: string): readonly Heading[] {
  const tokens = new MarkdownIt({ html: false }).parse(text, {});
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open' || token.level > 0 || !token.map) return [];
    const [startLine, endLine] = token.map;
    return [{ anchor: anchorOf(tokens[index + 1]?.content ?? ''), level: levelOf(token), startLine, endLine }];
  });
}

/** A code block that can be scrolled by keyboard. */
function codeBlock(escaped: string): string {
  return `<pre tabindex="0"><code>${escaped}</code></pre>\n`;
}

function prepareBlock(token: Token, next: Token | undefined, levelsDown: number): void {
  if (token.type === 'heading_open') token.attrSet('id', anchorOf(next?.content ?? ''));
  if (token.type === 'heading_open' || token.type === 'heading_close') {
    token.tag = `h${Math.min(6, levelOf(token) + levelsDown)}`;
  }
  if (token.type === 'th_open') token.attrs = [['scope', 'col']];
  if (token.type === 'td_open') token.attrs = null; // alignment is an inline style, which the pages' policy forbids
}

function levelOf(heading: Token): number {
  return Number(heading.tag.slice(1));
}

function resolveLinks(tokens: Token[], addressOf: MarkdownOptions['addressOf']): void {
  let isText = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const target = String(token.attrGet('href'));
      const isWeb = /^https?:\/\/[^\s/]/.test(target);
      const address = isWeb ? target : addressOf(target);
      isText = address === undefined;
      token.attrs = address === undefined ? null : [['href', address]];
      if (isWeb) token.attrSet('rel', 'noreferrer noopener');
      token.hidden = isText;
    }
    if (token.type === 'link_close') token.hidden = isText;
  }
}

/** Makes anchors like other Markdown renderers, so that links between pages work. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
