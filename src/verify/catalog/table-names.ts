import type { Catalog, CatalogColumn, CatalogTable, QualifiedName } from '../../engines/catalog.ts';
import { DrillError } from '../../support/errors.ts';

/** Finds the tables of a database by their names in a drill file: `orders`, `shop.orders`. */
export class TableNames {
  readonly tables: readonly CatalogTable[];
  readonly #searchPath: readonly string[];
  readonly #fold: (name: string) => string;

  private constructor(tables: readonly CatalogTable[], searchPath: readonly string[], ignoresCase: boolean) {
    this.tables = tables;
    this.#searchPath = searchPath;
    this.#fold = ignoresCase ? (name) => name.toLowerCase() : (name) => name;
  }

  static async of(catalog: Pick<Catalog, 'tables' | 'searchPath' | 'ignoresCase'>): Promise<TableNames> {
    return new TableNames(await catalog.tables(), await catalog.searchPath(), await catalog.ignoresCase());
  }

  /**
   * Resolves names as the server does: a bare name in the schemas of the search path; if none has it, in the only schema that does.
   * @throws DrillError `check-malformed` when several schemas have it and none is on the search path.
   */
  find(text: string): CatalogTable | undefined {
    const wanted = this.#fold(text);
    const found = this.tables.filter(
      ({ schema, name }) => this.#fold(name) === wanted || this.#fold(`${schema}.${name}`) === wanted,
    );
    const [first] = this.#searchPath.flatMap((schema) => found.filter((table) => table.schema === schema));
    if (first || found.length < 2) return first ?? found[0];
    const names = found.slice(0, 4).map(({ schema, name }) => `${schema}.${name}`);
    throw new DrillError('check-malformed', `several schemas have a table ${text}: ${names.join(', ')}`, {
      hint: 'Write the schema before the table’s name.',
    });
  }

  /** Tables that a name or a pattern matches. An exact name takes precedence: a table can be called `a*`. */
  findAll(text: string): readonly CatalogTable[] {
    const exact = this.find(text);
    if (exact) return [exact];
    return isPattern(text) ? this.match(text) : [];
  }

  /**
   * Tables that match a pattern, in which `*` matches any characters and `?` a single one. A table with its partitions counts as one. Views, tables of other
   * servers, tables of extensions and tables whose rows the server does not persist are left out.
   */
  match(pattern: string): readonly CatalogTable[] {
    return this.tables.filter((table) => isOwnRows(table) && this.isMatch(pattern, table));
  }

  /** Whether a pattern matches this table, which need not exist. */
  isMatch(pattern: string, { schema, name }: QualifiedName): boolean {
    const expression = toExpression(this.#fold(pattern));
    return expression.test(this.#fold(name)) || expression.test(this.#fold(`${schema}.${name}`));
  }

  /** Human-readable name, with the schema unless that is the first on the search path. */
  show({ schema, name }: QualifiedName): string {
    return schema === this.#searchPath[0] ? name : `${schema}.${name}`;
  }

  /**
   * Finds the column of `TABLE.COLUMN`, even if the names contain dots.
   * @returns what is missing, in words, if there is no such column.
   */
  findColumn(text: string, columns: readonly CatalogColumn[]): { table: CatalogTable; column: CatalogColumn } | string {
    let missing = `the table ${text}`;
    for (let dot = text.indexOf('.'); dot > 0; dot = text.indexOf('.', dot + 1)) {
      const table = this.find(text.slice(0, dot));
      if (!table) {
        if (text.indexOf('.', dot + 1) < 0) missing = `the table ${text.slice(0, dot)}`;
        continue;
      }
      const wanted = text.slice(dot + 1);
      const column = columnOf(table, wanted, columns);
      if (column) return { table, column };
      return `the column ${wanted} of ${this.show(table)}`;
    }
    return missing;
  }
}

/** Message for a name or a pattern that matches no table. */
export function describeMissing(text: string): string {
  return isPattern(text) ? `no table matches ${text}` : `${text} is missing`;
}

export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/** MySQL and MariaDB ignore the case of column names. In Postgres two columns may differ only in case, so an exact match takes precedence. */
export function columnOf(
  table: QualifiedName,
  name: string,
  columns: readonly CatalogColumn[],
): CatalogColumn | undefined {
  const own = columns.filter((column) => isSame(column.table, table));
  return (
    own.find((column) => column.name === name) ?? own.find((column) => column.name.toLowerCase() === name.toLowerCase())
  );
}

export function isSame(a: QualifiedName, b: QualifiedName): boolean {
  return a.schema === b.schema && a.name === b.name;
}

function isOwnRows({ kind, partitionOf, isExtension, transient }: CatalogTable): boolean {
  const holdsRows = kind === 'table' || kind === 'partitioned';
  return holdsRows && partitionOf === undefined && !isExtension && transient === undefined;
}

function toExpression(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
