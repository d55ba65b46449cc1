import { html, type Markup, trusted } from '../support/html.ts';

/**
 * Runbooks as HTML: headings, paragraphs, lists, code, tables, bold and links; whatever else is written stays as it is written. No HTML of the text gets
 * through, and links lead to web addresses, to places in the page and to what `linkTo` knows; pictures are not loaded.
 * @param linkTo makes an address of a link such as `errored.md#disk-full`; undefined: the link becomes text.
 * @param levelsDown how far headings go down below those that the page has of its own.
 */
export function renderMarkdown(text: string, linkTo: (target: string) => string | undefined, levelsDown = 2): Markup {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  return html`${new Blocks(lines, linkTo, levelsDown, 0).read()}`;
}

const FENCE = /^\s*(`{3,}|~{3,})/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)([-*+]|\d{1,4}[.)])\s+(.*)$/;
/** No line that somebody wrote: it is shown as it is, and no expression is tried on it. */
const MAX_LINE = 2000;
const MAX_DEPTH = 8;
/** What is marked within a line, each with a bound, so that hostile texts take time in proportion to their length. */
const MARKS =
  /((?<!`)`{1,2}[^`]{1,500}`{1,2}|!?\[[^\]\n]{0,300}\]\([^()\s]{0,500}\)|\*\*[^*]{1,500}\*\*|(?<![\w*])\*[^\s*][^*]{0,300}\*(?![\w*])|<https?:\/\/[^\s<>]{1,500}>)/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;

class Blocks {
  readonly #lines: readonly string[];
  readonly #linkTo: (target: string) => string | undefined;
  readonly #levelsDown: number;
  readonly #depth: number;
  #at = 0;

  constructor(
    lines: readonly string[],
    linkTo: (target: string) => string | undefined,
    levelsDown: number,
    depth: number,
  ) {
    this.#levelsDown = levelsDown;
    this.#depth = depth;
    this.#lines = lines;
    this.#linkTo = linkTo;
  }

  read(): Markup[] {
    const blocks: Markup[] = [];
    while (this.#at < this.#lines.length) {
      const block = this.#block();
      if (block) blocks.push(block);
    }
    return blocks;
  }

  #block(): Markup | undefined {
    const line = this.#line();
    if (line.length > MAX_LINE) return this.#skip(html`<p>${line}</p>`);
    const fence = FENCE.exec(line)?.[1];
    if (fence) return this.#code(fence);
    const [, hashes, title] = HEADING.exec(line) ?? [];
    if (hashes !== undefined && title !== undefined) return this.#heading(hashes.length, title);
    if (RULE.test(line)) return this.#skip(html`<hr>`);
    if (/^\s*\|.*\|\s*$/.test(line)) return this.#table();
    if (ITEM.test(line) && this.#depth < MAX_DEPTH) return this.#list();
    return line.trim() === '' ? this.#skip(undefined) : this.#paragraph();
  }

  #line(): string {
    return this.#lines[this.#at] ?? '';
  }

  #skip<T>(block: T): T {
    this.#at += 1;
    return block;
  }

  #code(fence: string): Markup {
    const code: string[] = [];
    this.#at += 1;
    while (this.#at < this.#lines.length && !this.#line().trimStart().startsWith(fence))
      code.push(this.#skip(this.#line()));
    this.#at += 1;
    return html`<pre tabindex="0"><code>${code.join('\n')}</code></pre>`;
  }

  #heading(level: number, title: string): Markup {
    const tag = trusted(`h${Math.min(6, level + this.#levelsDown)}`);
    return this.#skip(html`<${tag} id="${anchorOf(title)}">${this.#inline(title)}</${tag}>`);
  }

  #table(): Markup {
    const rows: string[][] = [];
    while (/^\s*\|.*\|\s*$/.test(this.#line()))
      rows.push(
        this.#skip(this.#line())
          .trim()
          .slice(1, -1)
          .split(/(?<!\\)\|/),
      );
    const [head = [], rule, ...body] = rows;
    if (!rule?.every((cell) => /^\s*:?-+:?\s*$/.test(cell)))
      return html`<pre tabindex="0"><code>${rows.map((row) => row.join('|')).join('\n')}</code></pre>`;
    const cells = (row: string[]) => row.map((cell) => this.#inline(cell.trim().replaceAll('\\|', '|')));
    return html`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${cells(head).map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${cells(row).map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
  }

  #list(): Markup {
    const [, indent = '', sign = ''] = ITEM.exec(this.#line()) ?? [];
    const items: Markup[] = [];
    while (this.#at < this.#lines.length) {
      const found = ITEM.exec(this.#line());
      if (!found || (found[1] ?? '').length !== indent.length) break;
      items.push(this.#item(found[3] ?? '', indent.length));
    }
    const start = Number.parseInt(sign, 10);
    if (Number.isNaN(start)) return html`<ul>${items}</ul>`;
    return html`<ol${start !== 1 && html` start="${start}"`}>${items}</ol>`;
  }

  /** What is further in than the sign belongs to the item: text that goes on, lists and code. */
  #item(first: string, indent: number): Markup {
    const inner = [first];
    this.#at += 1;
    while (this.#at < this.#lines.length) {
      const line = this.#line();
      const depth = line.length - line.trimStart().length;
      if (line.trim() === '' ? !/^\s+\S/.test(this.#lines[this.#at + 1] ?? '') : depth <= indent) break;
      inner.push(this.#skip(line.slice(Math.min(depth, indent + 2))));
    }
    while (this.#line().trim() === '' && ITEM.test(this.#lines[this.#at + 1] ?? '')) this.#at += 1;
    return html`<li>${new Blocks(inner, this.#linkTo, this.#levelsDown, this.#depth + 1).read()}</li>`;
  }

  #paragraph(): Markup {
    const lines = [this.#skip(this.#line())];
    const ends = (line: string) =>
      line.trim() === '' || line.length > MAX_LINE || [FENCE, HEADING, ITEM, RULE].some((sign) => sign.test(line));
    while (this.#at < this.#lines.length && !ends(this.#line())) lines.push(this.#skip(this.#line()));
    return html`<p>${this.#inline(lines.map((line) => line.trim()).join('\n'))}</p>`;
  }

  /** Code first: nothing in it means anything. */
  #inline(text: string): Markup {
    const parts = text.split(MARKS);
    return html`${parts.map((part, index) => (index % 2 === 0 ? part : this.#mark(part)))}`;
  }

  #mark(part: string): Markup {
    if (part.startsWith('`')) return html`<code>${part.replace(/^`+|`+$/g, '')}</code>`;
    if (part.startsWith('**')) return html`<strong>${this.#inline(part.slice(2, -2))}</strong>`;
    if (part.startsWith('*')) return html`<em>${part.slice(1, -1)}</em>`;
    const [, label, target] = /^!?\[([^\]]*)\]\(([^)]*)\)$/.exec(part) ?? [
      undefined,
      part.slice(1, -1),
      part.slice(1, -1),
    ];
    const shown = label === target ? label : this.#inline(label ?? '');
    if (part.startsWith('!') || target === undefined) return html`${shown}`;
    if (/^https?:\/\/[^\s/]/.test(target)) return html`<a href="${target}" rel="noreferrer noopener">${shown}</a>`;
    const known = this.#linkTo(target);
    return known === undefined ? html`${shown}` : html`<a href="${known}">${shown}</a>`;
  }
}

/** As other readers of Markdown name headings, so that links between pages meet them. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
