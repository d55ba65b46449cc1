/** Which tables are compared. */
export interface TableFilter {
  /** Patterns; undefined: every table. */
  readonly tables?: readonly string[] | undefined;
  readonly exclude: readonly string[];
}

/** @returns whether the filter takes a table. In a pattern `*` stands for anything; one without a dot is about the name without its schema. */
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
