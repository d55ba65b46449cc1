/** Special characters of globs: wildcards and escapes. */
const SPECIAL = /[\\*?[\](){}!+@|]/;

/**
 * Moves the folders that a glob names literally into the source, so that a drill lists no more than necessary:
 * `s3://acme/` and `prod/orders-*.dump` are `s3://acme/prod/` and `orders-*.dump`.
 * @param keptParts how many parts of the path stay in the glob: for a backup in a repository, all below the repository.
 */
export function narrowSource(
  url: string,
  match: string,
  keptParts = 1,
): { readonly url: string; readonly match: string } {
  const literal = match.slice(0, SPECIAL.exec(match)?.index ?? match.length);
  const movable = Math.min(literal.split('/').length - 1, match.split('/').length - keptParts);
  const folder = literal
    .split('/')
    .slice(0, Math.max(0, movable))
    .map((part) => `${part}/`)
    .join('');
  if (folder === '') return { url, match };
  const joint = /[/:]$/.test(url) ? '' : '/';
  return { url: `${url}${joint}${folder}`, match: match.slice(folder.length) };
}
