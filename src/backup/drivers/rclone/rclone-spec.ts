export interface RcloneSpec {
  readonly type: 'rclone';
  /** Name of a remote in rclone's configuration or environment. */
  readonly remote: string;
  /** Without a trailing slash; empty: the remote's root. */
  readonly path: string;
  /** Its configuration file: the absolute path, and the path as written in the drill file; undefined: rclone's default. */
  readonly config?: { readonly path: string; readonly written: string } | undefined;
}

/** `rclone:REMOTE:PATH` */
export function describePlace({ remote, path }: Pick<RcloneSpec, 'remote' | 'path'>): string {
  return `rclone:${remote}:${path}`;
}
