/** What programs in a sandbox may connect to; otherwise nothing. */
export interface NetworkAccess {
  readonly allow: readonly NetworkTarget[];
  /** The reason, for the plan and the evidence. */
  readonly reason: string;
}

export interface NetworkTarget {
  /** A host name; the sandbox's own hosts file resolves it. */
  readonly host: string;
  readonly port: number;
}

/** `vault.example.com:8200, kms.example.com:443 (the restore asks for its key)`. */
export function describeNetworkAccess({ allow, reason }: NetworkAccess): string {
  return `${allow.map(nameTarget).join(', ')} (${reason})`;
}

export function nameTarget({ host, port }: NetworkTarget): string {
  return `${host}:${port}`;
}
