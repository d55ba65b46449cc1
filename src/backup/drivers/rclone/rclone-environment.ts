/** Variables that any program needs: locations of programs, files and time zones, and network settings. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|XDG_\w+|SSH_AUTH_SOCK|(HTTP|HTTPS|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR))$/i;

/**
 * rclone's own variables, and those in which its backends look for credentials (`env_auth`). Source: rclone's documentation, the pages of `s3`, `google cloud
 * storage`, `azureblob`, `swift`, `oracleobjectstorage` and `hdfs`.
 */
const OF_STORES =
  /^(RCLONE|AWS|GOOGLE|GCE|CLOUDSDK|AZURE|IDENTITY|MSI|OS|ST|OCI|KRB5)_|^(IDENTITY_HEADER|MSI_SECRET|KRB5CCNAME)$/;

/** Variables that would change what rclone prints, or where. */
const NOT_PASSED_ON =
  /^RCLONE_(VERBOSE|QUIET|LOG_|USE_JSON_LOG|SYSLOG|PROGRESS|STATS|DRY_RUN|INTERACTIVE|DUMP|ASK_PASSWORD)/;

const SECRET = /(PASS|SECRET|TOKEN|KEY|CREDENTIALS|SAS_URL|IDENTITY_HEADER)/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables passed to rclone: only those that it needs, so that no unrelated secret reaches it or the programs it starts.
 * @param configFile overrides `RCLONE_CONFIG`.
 */
export function rcloneEnvironment(env: Environment, configFile: string | undefined): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || NOT_PASSED_ON.test(name)) continue;
    if (NEEDED.test(name) || OF_STORES.test(name)) passed[name] = value;
  }
  return configFile === undefined ? passed : { ...passed, RCLONE_CONFIG: configFile };
}

/** @returns the text without the values of secret variables, and without URL signatures. */
export function withoutSecrets(text: string, env: Environment): string {
  let clean = text;
  for (const [name, value] of Object.entries(env)) {
    if (OF_STORES.test(name) && SECRET.test(name) && value && value.length >= 4) clean = clean.replaceAll(value, '***');
  }
  return clean.replace(/(https?:\/\/)[^\s/@"']+@/g, '$1***@').replace(/(https?:\/\/[^\s?"']+)\?[^\s"']+/g, '$1?***');
}
