import { type Multibyte, multibyteOf } from './multibyte.ts';
import type { TextRules } from './quoted-text.ts';

const MAX_SETTING_LENGTH = 8192;
const DEFAULT_CHARSET = 'utf8mb4';
/** Modes that make "…" a name; the last ones are combinations that include it. */
const QUOTED_NAMES = /\b(?:ANSI_QUOTES|ANSI|ORACLE|MSSQL|DB2|MAXDB|POSTGRESQL)\b/i;

/**
 * Tracks a dump's own `SET` statements for `sql_mode` and `character_set_client`, which decide how backslashes and bytes are read. The server reads text
 * according to them, and dump tools write accordingly: a trigger created under NO_BACKSLASH_ESCAPES comes after a `SET sql_mode` with that mode. User variables
 * that hold them (`@OLD_SQL_MODE`, `@saved_cs_client`) are tracked. The server's default is unknown here and counts as no such mode.
 */
export class TextSettings implements TextRules {
  escapesInString = true;
  escapesInDoubleQuotes = true;
  multibyte: Multibyte | undefined;
  private mode = '';
  private charset = DEFAULT_CHARSET;
  private readonly variables = new Map<string, string>();

  /** @returns whether the rules changed. */
  note(statement: Buffer): boolean {
    const first = statement[0];
    const mayBeSet = first === 83 || first === 115 || first === 47; // S s /
    if (!mayBeSet || statement.length > MAX_SETTING_LENGTH) return false;
    const text = settingIn(statement.toString('latin1'));
    if (text === undefined) return false;
    for (const assignment of splitAtCommas(text)) this.assign(assignment.trim());
    return this.apply();
  }

  private assign(assignment: string): void {
    const charset = /^(?:NAMES|CHARACTER\s+SET|CHARSET)\s+(\S+)/i.exec(assignment)?.[1];
    if (charset) {
      this.setCharset(this.evaluate(charset));
      return;
    }
    const match = ASSIGNMENT.exec(assignment);
    if (!match) return;
    const [, variable, keyword, prefix, name = '', expression = ''] = match;
    const value = this.evaluate(expression.trim());
    if (value === undefined) return;
    if (variable) this.variables.set(variable.toLowerCase(), value);
    else if (!/^(?:session|local)$/i.test(keyword ?? prefix ?? 'session')) return;
    else if (name.toLowerCase() === 'sql_mode') this.mode = /^default$/i.test(value) ? '' : value;
    else if (name.toLowerCase() === 'character_set_client') this.setCharset(value);
  }

  private setCharset(value: string | undefined): void {
    if (value !== undefined) this.charset = /^default$/i.test(value) ? DEFAULT_CHARSET : value;
  }

  /** @returns undefined for expressions that are unrelated to modes and character sets, or cannot be known. */
  private evaluate(expression: string): string | undefined {
    const literal = /^'([^']*)'$|^"([^"]*)"$/.exec(expression);
    if (literal) return literal[1] ?? literal[2];
    if (/^\d+$/.test(expression)) return modesOfNumber(Number(expression));
    const system = /^@@(?:(?:session|local|global)\s*\.\s*)?`?(\w+)`?$/i.exec(expression)?.[1]?.toLowerCase();
    if (system) return system === 'sql_mode' ? this.mode : system === 'character_set_client' ? this.charset : undefined;
    const variable = /^@(\S+)$/.exec(expression)?.[1];
    if (variable) return this.variables.get(variable.toLowerCase());
    const call = /^(IFNULL|COALESCE|CONCAT|REPLACE)\s*\(([\s\S]*)\)$/i.exec(expression);
    if (!call) return /^\w+$/.test(expression) ? expression : undefined;
    return this.evaluateCall(call[1]?.toUpperCase(), splitAtCommas(call[2] ?? ''));
  }

  private evaluateCall(name: string | undefined, parameters: readonly string[]): string | undefined {
    const values = parameters.map((parameter) => this.evaluate(parameter.trim()));
    if (name === 'IFNULL' || name === 'COALESCE') return values.find((value) => value !== undefined);
    if (values.includes(undefined)) return undefined;
    if (name === 'CONCAT') return values.join('');
    const [text = '', from = '', to = ''] = values;
    return from === '' ? text : text.replaceAll(from, to);
  }

  private apply(): boolean {
    const { escapesInString, escapesInDoubleQuotes, multibyte } = this;
    this.escapesInString = !/\bNO_BACKSLASH_ESCAPES\b/i.test(this.mode);
    this.escapesInDoubleQuotes = this.escapesInString && !QUOTED_NAMES.test(this.mode);
    this.multibyte = multibyteOf(this.charset);
    return (
      this.escapesInString !== escapesInString ||
      this.escapesInDoubleQuotes !== escapesInDoubleQuotes ||
      this.multibyte !== multibyte
    );
  }
}

const ASSIGNMENT =
  /^(?:@(?!@)([^\s:=]+)|(?:(SESSION|LOCAL|GLOBAL|PERSIST|PERSIST_ONLY)\s+|@@(?:(SESSION|LOCAL|GLOBAL|PERSIST|PERSIST_ONLY)\s*\.\s*)?)?`?(\w+)`?)\s*:?=\s*([\s\S]*)$/i;

/** @returns what a SET statement assigns, even inside the version comment that mysqldump writes around it. */
function settingIn(statement: string): string | undefined {
  const text = /^\/\*M?!\d*\s*([\s\S]*?)\*\/\s*$/.exec(statement)?.[1] ?? statement;
  return /^SET\s+([\s\S]*?)\s*$/i.exec(text)?.[1];
}

function splitAtCommas(text: string): string[] {
  return text.match(/(?:'[^']*'|"[^"]*"|\((?:[^()]|\([^()]*\))*\)|[^,])+/g) ?? [];
}

/** Source of the bits: the manuals' `sql_mode` as a number, the same in both products. */
function modesOfNumber(bits: number): string {
  const isSet = (bit: number): boolean => Math.floor(bits / 2 ** bit) % 2 === 1;
  return [isSet(2) ? 'ANSI_QUOTES' : '', isSet(20) ? 'NO_BACKSLASH_ESCAPES' : ''].join(',');
}
