export interface EmailSpec {
  readonly type: 'email';
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

/** A single address: `ops@example.com`, or a name followed by the address in angle brackets. */
export function isMailAddress(text: string): boolean {
  const address = /^[^<>\r\n]*<([^<>]*)>$/.exec(text)?.[1] ?? text;
  return /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$/.test(address.trim());
}
