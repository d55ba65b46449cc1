const USER = String.raw`(?:\x60(?:[^\x60\\]|\\.|\x60\x60)*\x60|[\w.%-]+)`;

/** In whose name the query of a view runs, before the query. Source: ClickHouse, src/Parsers/ASTSQLSecurity.cpp. */
export const SECURITY = new RegExp(
  String.raw`(?:\sDEFINER\s*=\s*(${USER}(?:@${USER})?)\s+SQL\s+SECURITY\s+DEFINER|\sSQL\s+SECURITY\s+NONE)(?=\s+AS\s)`,
);
/** What a definition said of it, and a sandbox cannot give. */
export type LostSecurity = 'definer' | 'none';

/** Each sandbox has it. */
const OWN_USER = 'default';

/**
 * A view then runs as who asks: in a sandbox that is one user, with all rights but those to access management, which `NONE` needs. RESTORE makes a view whose
 * definer is unknown, and each query of it fails (code 192); measured with 26.7.
 * @param body what follows the name of a view in its definition.
 */
export function withoutSecurity(body: string): { readonly body: string; readonly lost: LostSecurity | undefined } {
  const found = SECURITY.exec(body);
  if (!found || found[1] === OWN_USER) return { body, lost: undefined };
  const rest = body.slice(0, found.index) + body.slice(found.index + found[0].length);
  return { body: rest, lost: found[1] === undefined ? 'none' : 'definer' };
}
