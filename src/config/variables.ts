export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${NAME}` and `${NAME:-default}` from the environment. An empty variable counts as unset, as with `:-` in a shell.
 * @returns the text, or the names of the variables that are missing.
 */
export function expandVariables(
  text: string,
  env: Environment,
): { readonly text: string } | { readonly missing: readonly string[] } {
  const missing: string[] = [];
  const expanded = text.replaceAll(
    /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => {
      const value = env[name] || fallback;
      if (value === undefined) missing.push(name);
      return value ?? '';
    },
  );
  return missing.length > 0 ? { missing } : { text: expanded };
}
