import type { FindingKind } from '../../whose-fault.ts';
import { isStorageEngine } from './storage-engines.ts';

/** A server's refusal, with what is needed to decide whether the backup or the image is at fault. */
export interface Refusal {
  /** The server's message. */
  readonly message: string;
  /** The beginning of the statement, without comments. */
  readonly sql: string;
}

export interface RefusalRule {
  readonly kind: FindingKind;
  readonly numbers: readonly number[];
  /** Omitted when the number alone is enough. */
  readonly when?: (refusal: Refusal) => boolean;
  /** Replaces the kind's own hint. */
  readonly hint?: string;
}

const CHARACTER_SETS =
  'armscii8|ascii|big5|binary|cp1250|cp1251|cp1256|cp1257|cp850|cp852|cp866|cp932|dec8|eucjpms|euckr|gb18030|gb2312|gbk|geostd8|greek|hebrew|hp8|keybcs2|koi8r|koi8u|latin1|latin2|latin5|latin7|macce|macroman|sjis|swe7|tis620|ucs2|ujis|utf16|utf16le|utf32|utf8|utf8mb3|utf8mb4';
const LANGUAGES =
  'general|unicode|unicode_520|swedish|german1|german2|danish|spanish|spanish2|english|polish|czech|slovak|slovenian|croatian|croatian_mysql561|hungarian|romanian|roman|latvian|lithuanian|estonian|icelandic|turkish|persian|esperanto|sinhala|vietnamese|myanmar|thai_520_w2|japanese|korean|chinese|bulgarian|ukrainian|general_mysql500|uca1400(?:_\\w+)?|(?:[a-z]{2}(?:_[a-z]+)?_)?0900|[a-z]{2}_(?:phonebook|trad|pinyin|latn)_0900';
const COLLATION = new RegExp(
  `^(?:(?:${CHARACTER_SETS})_(?:(?:nopad_)?bin|(?:${LANGUAGES})(?:_nopad)?_(?:ai_|as_)?(?:ci|cs|bin|as_cs_ks)(?:_ks)?)|uca1400_\\w+_c[is])$`,
  'i',
);
const DATA_TYPES = /'(?:uuid|inet4|inet6|xmltype|vector|mysql_json)'/i;
const ENCRYPTED = /\bENCRYPT(?:ED|ION)\b[`"]?\s*=?\s*['"]?(?:Y|YES|ON|1)\b/i;
const OPTIONS = /\b(?:ROW_FORMAT|KEY_BLOCK_SIZE|PAGE_COMPRESSED|PAGE_COMPRESSION_LEVEL)\b/i;
const USER = /^(?:CREATE|ALTER)\s+(?:OR\s+REPLACE\s+)?USER\b|^GRANT\b/i;

const quoted = ({ message }: Refusal): string => /'([^']*)'/.exec(message)?.[1] ?? '';
const DUMP_WITHOUT =
  'Drill it on an image whose server is set up as the one that was dumped, or drill a dump without it.';
const STRICT =
  'Set `engine.settings: { innodb_strict_mode: off }` in the drill: the dumped server had it off, or it could not hold such a table.';

/** Errors that another image or setting would avoid. Numbers: the manuals' "Server Error Message Reference" and "MariaDB Error Codes". */
export const IMAGE_LACKS: readonly RefusalRule[] = [
  { kind: 'keyring-missing', numbers: [3185] },
  { kind: 'keyring-missing', numbers: [1005, 1030, 1031, 1478, 1911], when: ({ sql }) => ENCRYPTED.test(sql) },
  { kind: 'directory-missing', numbers: [3121], hint: DUMP_WITHOUT },
  { kind: 'directory-missing', numbers: [3510], hint: DUMP_WITHOUT },
  { kind: 'plugin-missing', numbers: [1128], when: ({ sql }) => /\bWITH\s+PARSER\b/i.test(sql) },
  { kind: 'plugin-missing', numbers: [4161], when: ({ message }) => DATA_TYPES.test(message) },
  { kind: 'storage-engine-missing', numbers: [1286], when: (refusal) => isStorageEngine(quoted(refusal)) },
  {
    // an option of an engine that the server lacks, so it used InnoDB instead
    kind: 'storage-engine-missing',
    numbers: [1911],
    when: ({ sql }) => isStorageEngine(/\bENGINE\s*=\s*(\w+)/i.exec(sql)?.[1] ?? ''),
  },
  { kind: 'collation-missing', numbers: [1273], when: (refusal) => COLLATION.test(quoted(refusal)) },
  {
    kind: 'encoding-missing',
    numbers: [1115],
    when: (refusal) => new RegExp(`^(?:${CHARACTER_SETS})$`, 'i').test(quoted(refusal)),
  },
  {
    kind: 'library-missing',
    numbers: [1298],
    when: (refusal) => isZone(quoted(refusal)),
    hint: 'Install the zone database (tzdata) on this host or in the image: the server’s time zone tables are filled from it.',
  },
  {
    // MySQL 9.6 moved these functions out of the server
    kind: 'library-missing',
    numbers: [1305, 3763],
    when: ({ message }) => /(?:FUNCTION \S+\.|function: `)(?:MD5|SHA1?)\b/i.test(message),
    hint: 'MySQL 9.6 and later have no MD5() and SHA1() of their own: set `engine.version` to the version that was dumped.',
  },
  { kind: 'setting-needed', numbers: [1005, 1031, 1478], when: ({ sql }) => OPTIONS.test(sql), hint: STRICT },
  { kind: 'setting-needed', numbers: [1118], hint: STRICT },
  { kind: 'login-plugin-missing', numbers: [1372, 1524, 1827], when: ({ sql }) => USER.test(sql) },
];

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && /^[A-Z]/i.test(name);
  } catch {
    return false; // no time zone of that name
  }
}
