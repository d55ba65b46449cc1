export interface RcloneSpec {
  readonly type: 'rclone';
  /** Name of a remote in rclone's configuration or environment. */
  readonly remote: string;
  /** Without a slash at the end; empty: the remote's root. */
  readonly path: string;
  /** Its configuration file: absolute, and as written in the drill file; undefined: the one that rclone finds. */
  readonly config?: { readonly path: string; readonly written: string } | undefined;
}

/** `rclone:REMOTE:PATH` */
export function describePlace({ remote, path }: Pick<RcloneSpec, 'remote' | 'path'>): string {
  return `rclone:${remote}:${path}`;
}
