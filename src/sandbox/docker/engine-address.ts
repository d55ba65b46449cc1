/** A parsed engine address. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly isEncrypted: boolean }
  | {
      readonly kind: 'ssh';
      readonly user: string | undefined;
      readonly host: string;
      readonly port: number | undefined;
    };

/** Docker's own ports. The encrypted one implies TLS regardless of the environment. */
const PORT = 2375;
const TLS_PORT = 2376;
const HOST_NAME = /^[\w.:[\]-]+$/;
const USER_NAME = /^[\w.-]+$/;

/**
 * Reads `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376` or `ssh://drill@box2`, in the syntax of `DOCKER_HOST`. A password is refused: addresses are
 * logged and recorded.
 * @param isTlsWanted whether `DOCKER_TLS_VERIFY` is set.
 * @returns undefined for anything else.
 */
export function parseEngineAddress(text: string, isTlsWanted: boolean): EngineAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, username, password, search, hash } = new URL(text);
  if (password || search || hash) return undefined;
  if (protocol === 'unix:')
    return /^unix:\/\/\/./.test(text) ? { kind: 'unix', path: text.slice('unix://'.length) } : undefined; // not percent-encoded
  if (!HOST_NAME.test(hostname) || hostname.startsWith('-') || pathname.length > 1) return undefined;
  const given = port === '' ? undefined : Number(port);
  if (protocol === 'tcp:' && username === '') {
    const isEncrypted = isTlsWanted || given === TLS_PORT;
    return { kind: 'tcp', host: hostname, port: given ?? (isEncrypted ? TLS_PORT : PORT), isEncrypted };
  }
  if (protocol !== 'ssh:' || (username !== '' && (!USER_NAME.test(username) || username.startsWith('-'))))
    return undefined;
  return { kind: 'ssh', user: username || undefined, host: hostname, port: given };
}

/** Whether others on the network can read and tamper with traffic to an engine at this address. */
export function isExposed(uri: string): boolean {
  return /^tcp:/.test(uri) && !/^tcp:\/\/(localhost|127\.[\d.]+|\[::1\])(:|\/|$)/.test(uri);
}
