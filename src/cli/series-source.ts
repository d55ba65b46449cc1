/** What a glob has beside letters: these stand for something else, or protect such a one. */
const SPECIAL = /[\\*?[\](){}!+@|]/;

/**
 * Moves the folders that a glob names literally into the source, so that a drill lists no more than it has to:
 * `s3://acme/` and `prod/orders-*.dump` are `s3://acme/prod/` and `orders-*.dump`.
 */
export function narrowSource(url: string, match: string): { readonly url: string; readonly match: string } {
  const literal = match.slice(0, SPECIAL.exec(match)?.index ?? match.length);
  const folder = literal.slice(0, literal.lastIndexOf('/') + 1);
  if (folder === '') return { url, match };
  const joint = /[/:]$/.test(url) ? '' : '/';
  return { url: `${url}${joint}${folder}`, match: match.slice(folder.length) };
}
