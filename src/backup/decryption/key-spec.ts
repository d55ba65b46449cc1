/** Where to read a key, as configured in the drill file; never the key itself. */
export type KeySpec =
  /** The name of an environment variable. */
  | { readonly env: string }
  /** A path, relative to the drill file; `${NAME}` is replaced. */
  | { readonly file: string }
  /** A program and its arguments, never empty; it prints the key. */
  | { readonly command: readonly string[] };
