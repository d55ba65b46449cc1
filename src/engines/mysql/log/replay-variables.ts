import { quoteName } from '../server/quoting.ts';
import type { RawEvent } from './replay-source.ts';

const INTVAR = 5;
const RAND = 13;
const USER_VARIABLE = 14;
const LAST_INSERT_ID = 1;
const TYPES = { string: 0, real: 1, integer: 2, decimal: 4 } as const;
const IS_UNSIGNED = 1;

/** A collation and its character set, as the server names them. */
export type CollationNames = readonly [collation: string, charset: string];

/**
 * Session state that must be set before a logged statement, as an assignment to follow `SET`. Source: MySQL's libs/mysql/binlog/event/statement_events.h:
 * Intvar_event, Rand_event, User_var_event.
 * @param namesOf the names of a collation by its number. @returns undefined for an event of another type.
 */
export async function settingBefore(
  { type, body }: RawEvent,
  namesOf: (collation: number) => Promise<CollationNames>,
): Promise<string | undefined> {
  if (type === INTVAR)
    return `${body.readUInt8(0) === LAST_INSERT_ID ? 'LAST_INSERT_ID' : 'INSERT_ID'}=${body.readBigUInt64LE(1)}`;
  if (type === RAND) return `RAND_SEED1=${body.readBigUInt64LE(0)}, RAND_SEED2=${body.readBigUInt64LE(8)}`;
  return type === USER_VARIABLE ? userVariable(body, namesOf) : undefined;
}

async function userVariable(body: Buffer, namesOf: (collation: number) => Promise<CollationNames>): Promise<string> {
  const nameLength = body.readUInt32LE(0);
  const name = `@${quoteName(body.toString('utf8', 4, 4 + nameLength))}`;
  const at = 4 + nameLength;
  if (body.readUInt8(at) !== 0) return `${name}:=NULL`;
  const kind = body.readUInt8(at + 1);
  const collation = body.readUInt32LE(at + 2);
  const length = body.readUInt32LE(at + 6);
  const value = body.subarray(at + 10, at + 10 + length);
  const isUnsigned = (body[at + 10 + length] ?? 0) & IS_UNSIGNED;
  switch (kind) {
    case TYPES.real:
      return `${name}:=${floating(value.readDoubleLE(0))}`;
    case TYPES.integer:
      return `${name}:=${isUnsigned ? value.readBigUInt64LE(0) : value.readBigInt64LE(0)}`;
    case TYPES.decimal:
      return `${name}:=${decimal(value)}`;
    default: {
      const [collationName, charset] = await namesOf(collation);
      return `${name}:=_${charset} X'${value.toString('hex')}' COLLATE ${collationName}`;
    }
  }
}

/** With an exponent, because a number without one would be exact. */
function floating(value: number): string {
  const text = String(value);
  return text.includes('e') ? text : `${text}e0`;
}

const DIGITS_PER_WORD = 9;
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** Source: MySQL's strings/decimal.cc, bin2decimal: precision, scale, and digits in groups of nine; the first bit is the sign, inverted. */
function decimal(value: Buffer): string {
  const [precision = 0, scale = 0] = value;
  const bytes = Buffer.from(value.subarray(2));
  const isNegative = ((bytes[0] ?? 0) & 0x80) === 0;
  bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  if (isNegative) for (let at = 0; at < bytes.length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  let at = 0;
  const take = (digits: number): string => {
    const length = BYTES_OF_DIGITS[digits] ?? 0;
    const number = length === 0 ? 0 : bytes.readUIntBE(at, length);
    at += length;
    return digits === 0 ? '' : String(number).padStart(digits, '0');
  };
  const whole = precision - scale;
  let text = take(whole % DIGITS_PER_WORD);
  for (let left = Math.floor(whole / DIGITS_PER_WORD); left > 0; left -= 1) text += take(DIGITS_PER_WORD);
  let fraction = '';
  for (let left = Math.floor(scale / DIGITS_PER_WORD); left > 0; left -= 1) fraction += take(DIGITS_PER_WORD);
  fraction += take(scale % DIGITS_PER_WORD);
  const digits = text.replace(/^0+(?=\d)/, '');
  return `${isNegative ? '-' : ''}${digits === '' ? '0' : digits}${fraction === '' ? '' : `.${fraction}`}`;
}
