import { inflateSync } from 'node:zlib';

/**
 * The text of a PDF as Chromium writes it, words separated by one space: enough to see that something is in it.
 * Text consists of glyph numbers of a font, and each font says which characters they are: ISO 32000-1, 9.10.3
 * (ToUnicode).
 */
export function pdfText(pdf: Buffer): string {
  const objects = readObjects(pdf.toString('latin1'));
  const refOf = (text: string, key: string) => new RegExp(`/${key} (\\d+) 0 R`).exec(text)?.[1] ?? '';
  const unicodeOf = (font: string) => readCharacterMap(objects.get(refOf(objects.get(font)?.head ?? '', 'ToUnicode')));
  const pages = [...objects.values()].filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head));
  const texts = pages.map(({ head }) => {
    const resources = /\/Font <<([^>]*)>>/.exec(head)?.[1] ?? '';
    const fonts = new Map(
      [...resources.matchAll(/\/(\S+) (\d+) 0 R/g)].map(([, name = '', ref = '']) => [name, unicodeOf(ref)]),
    );
    return readShownText(objects.get(refOf(head, 'Contents'))?.stream ?? '', fonts);
  });
  return texts.join(' ').replaceAll(/\s+/g, ' ');
}

interface PdfObject {
  readonly head: string;
  readonly stream: string;
}

function readObjects(text: string): ReadonlyMap<string, PdfObject> {
  const found = new Map<string, PdfObject>();
  for (const { 1: number = '', 2: whole = '' } of text.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const at = /\bstream\r?\n/.exec(whole);
    const head = at ? whole.slice(0, at.index) : whole;
    const body = at ? Buffer.from(whole.slice(at.index + at[0].length), 'latin1') : undefined;
    const isText = body !== undefined && /\/Filter \/FlateDecode/.test(head) && !/\/Subtype|\/Length1/.test(head);
    found.set(number, { head, stream: isText ? inflateSync(body).toString('latin1') : '' });
  }
  return found;
}

type CharacterMap = ReadonlyMap<number, string>;

function readCharacterMap(object: PdfObject | undefined): CharacterMap {
  const map = new Map<number, string>();
  const put = (code: number, hex: string, offset: number) => {
    const units = (hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16));
    map.set(code, String.fromCharCode(...units.slice(0, -1), (units.at(-1) ?? 0) + offset));
  };
  const blocks = (kind: string) =>
    [...(object?.stream ?? '').matchAll(new RegExp(`begin${kind}([\\s\\S]*?)end${kind}`, 'g'))].map(
      ([, text = '']) => text,
    );
  for (const [, code = '', hex = ''] of blocks('bfchar')
    .join('')
    .matchAll(/<(\w+)> <(\w+)>/g))
    put(Number.parseInt(code, 16), hex, 0);
  for (const [, from = '', to = '', hex = ''] of blocks('bfrange')
    .join('')
    .matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
    const first = Number.parseInt(from, 16);
    for (let code = first; code <= Number.parseInt(to, 16); code += 1) put(code, hex, code - first);
  }
  return map;
}

function readShownText(content: string, fonts: ReadonlyMap<string, CharacterMap>): string {
  let font: CharacterMap | undefined;
  let text = '';
  for (const [, name, hex] of content.matchAll(/\/(\S+) [\d.]+ Tf|<([0-9a-fA-F]+)>|\bET\b/g)) {
    if (name !== undefined) font = fonts.get(name);
    else if (hex === undefined) text += ' ';
    else for (const code of hex.match(/.{4}/g) ?? []) text += font?.get(Number.parseInt(code, 16)) ?? '';
  }
  return text;
}
