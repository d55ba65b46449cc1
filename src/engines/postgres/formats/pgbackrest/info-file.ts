import { createHash } from 'node:crypto';

/** The sections of a file such as `backup.info`: keys, and values as JSON. */
export type InfoSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

export type InfoReading =
  | { readonly kind: 'read'; readonly sections: InfoSections }
  /** What is wrong with it; follows its name. */
  | { readonly kind: 'unusable'; readonly why: string };

const CHECKSUM = 'backrest-checksum';
const FORMAT = 5;

/**
 * Reads `backup.info` or `archive.info`. Source: pgBackRest's src/info/info.c, infoLoad: sections in brackets with lines `key=JSON`, and at the end another
 * `[backrest]` with the SHA-1 of everything else, serialized as one JSON mapping of mappings.
 */
export function readInfoFile(text: string): InfoReading {
  if (!text.startsWith('[backrest]\n')) return unusable('does not begin like a pgBackRest info file');
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  let wanted: string | undefined;
  for (const line of text.split('\n')) {
    const section = /^\[([\w:-]+)\]$/.exec(line)?.[1];
    const [, key, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    if (section !== undefined && !sections.has(section)) {
      current = new Map();
      sections.set(section, current);
    } else if (key === CHECKSUM && value !== undefined) wanted = value;
    else if (key !== undefined && value !== undefined) current.set(key, value);
  }
  if (wanted === undefined) return unusable('ends too early: it lacks its checksum');
  if (wanted !== `"${checksumOf(sections)}"`) return unusable('is damaged: its checksum is wrong');
  const format = sections.get('backrest')?.get('backrest-format') ?? '';
  if (format !== String(FORMAT))
    return unusable(`has the repository format ${Number(format)}, and only ${FORMAT} is read`);
  return { kind: 'read', sections };
}

function unusable(why: string): InfoReading {
  return { kind: 'unusable', why };
}

function checksumOf(sections: InfoSections): string {
  const text = [...sections]
    .map(([name, keys]) => `"${name}":{${[...keys].map(([key, value]) => `"${key}":${value}`).join(',')}}`)
    .join(',');
  return createHash('sha1').update(`{${text}}`).digest('hex');
}
