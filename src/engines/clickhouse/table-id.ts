/** Tells tables apart, whatever their names hold. */
export function tableId({ database, table }: { readonly database: string; readonly table: string }): string {
  return JSON.stringify([database, table]);
}
