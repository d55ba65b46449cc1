/** Query parameters of an address; undefined and empty values are omitted. */
export type AddressQuery = Readonly<Record<string, string | number | undefined>>;

/** A path with a query, sorted by name. @param changes replace values; undefined removes one. */
export function addressOf(path: string, query: AddressQuery, changes: AddressQuery = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...changes }))
    if (value !== undefined && value !== '') params.set(name, String(value));
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}
