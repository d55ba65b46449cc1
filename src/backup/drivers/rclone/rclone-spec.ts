export interface RcloneSpec {
  readonly type: 'rclone';
  /** Name of a remote in rclone's configuration or environment. */
  readonly remote: string;
  /** Without a slash at the end; empty: the remote's root. */
  readonly path: string;
}
