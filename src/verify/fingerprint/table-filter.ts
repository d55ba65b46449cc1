/** Selects the tables to compare. */
export interface TableFilter {
  /** Patterns; undefined: every table. */
  readonly tables?: readonly string[] | undefined;
  readonly exclude: readonly string[];
}

/** @returns whether the filter includes a table. In a pattern `*` matches any text; a pattern without a dot is matched against the name without its schema. */
export function filterTables({ tables, exclude }: TableFilter): (name: string) => boolean {
  const [wanted, left] = [tables?.map(toMatcher), exclude.map(toMatcher)];
  return (name) => (wanted?.some((matches) => matches(name)) ?? true) && !left.some((matches) => matches(name));
}

function toMatcher(pattern: string): (name: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`, 's');
  const hasSchema = pattern.includes('.');
  return (name) => expression.test(name) || (!hasSchema && expression.test(name.slice(name.indexOf('.') + 1)));
}
