/** Identifies a table, whatever characters its names contain. */
export function tableId({ database, table }: { readonly database: string; readonly table: string }): string {
  return JSON.stringify([database, table]);
}
