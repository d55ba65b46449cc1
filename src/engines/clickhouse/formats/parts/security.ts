const USER = String.raw`(?:\x60(?:[^\x60\\]|\\.|\x60\x60)*\x60|[\w.%-]+)`;

/** Clause before a view's query that determines on whose behalf it runs. Source: ClickHouse, src/Parsers/ASTSQLSecurity.cpp. */
export const SECURITY = new RegExp(
  String.raw`(?:\sDEFINER\s*=\s*(${USER}(?:@${USER})?)\s+SQL\s+SECURITY\s+DEFINER|\sSQL\s+SECURITY\s+NONE)(?=\s+AS\s)`,
);
/** What a definition specified that a sandbox cannot provide. */
export type LostSecurity = 'definer' | 'none';

/** Exists in every sandbox. */
const OWN_USER = 'default';

/**
 * The view then runs as the user who queries it: in a sandbox that is a single user, with all rights except access management, which `NONE` needs. RESTORE
 * creates a view whose definer is unknown, and each query on it fails (code 192); measured with 26.7.
 * @param body the text after the name of a view in its definition.
 */
export function withoutSecurity(body: string): { readonly body: string; readonly lost: LostSecurity | undefined } {
  const found = SECURITY.exec(body);
  if (!found || found[1] === OWN_USER) return { body, lost: undefined };
  const rest = body.slice(0, found.index) + body.slice(found.index + found[0].length);
  return { body: rest, lost: found[1] === undefined ? 'none' : 'definer' };
}
