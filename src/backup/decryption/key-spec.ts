/** Where a key is read, as the drill file writes it; never the key itself. */
export type KeySpec =
  /** The name of an environment variable. */
  | { readonly env: string }
  /** A path, relative to the drill file; `${NAME}` is replaced. */
  | { readonly file: string }
  /** A program and its arguments, never empty; the key is what it prints. */
  | { readonly command: readonly string[] };
