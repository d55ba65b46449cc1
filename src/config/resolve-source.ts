import { dirname, isAbsolute, resolve } from 'node:path';
import type { SourceSpec } from './drill-file.ts';
import type { DrillFile } from './drill-schema.ts';
import { CREDENTIAL_KEYS, type References } from './references.ts';

type BackupFile = DrillFile['backup'];
type Report = (path: readonly PropertyKey[], message: string) => void;
type S3Key = 'endpoint' | 'region' | 'forcePathStyle' | 'profile' | 'accessKeyId' | 'secretAccessKey';

const S3_KEYS: readonly S3Key[] = ['endpoint', 'region', 'forcePathStyle', 'profile', 'accessKeyId', 'secretAccessKey'];

/**
 * The backup source as the drill names it, variables replaced.
 * @returns undefined when something was reported, here or where the variables were read.
 */
export function resolveSource(
  backup: BackupFile,
  references: References,
  drillFile: string,
  report: Report,
): SourceSpec | undefined {
  const nested = typeof backup.source === 'string' ? undefined : backup.source;
  const urlPath = nested ? ['backup', 'source', 'url'] : ['backup', 'source'];
  const url = references.texts.get(urlPath.join('.'));
  const pathOf = (key: S3Key) => (nested && key in nested ? ['backup', 'source', key] : ['backup', key]);
  for (const key of S3_KEYS) {
    if (nested && key in nested && key in backup)
      report(['backup', key], 'is set both here and in backup.source; keep one');
  }
  if (url === undefined) return undefined;
  const given = S3_KEYS.filter((key) => key in backup || (nested && key in nested));
  if (!url.startsWith('s3://')) {
    for (const key of given) report(pathOf(key), 'is for s3:// sources only, and this source is a directory');
    return resolveDirectory(url, urlPath, drillFile, report);
  }
  const text = (key: S3Key) => references.texts.get(pathOf(key).join('.'));
  const endpoint = text('endpoint');
  const problem = endpoint === undefined ? undefined : explainEndpoint(endpoint);
  if (problem) report(pathOf('endpoint'), problem);
  const accessKeyId = text('accessKeyId');
  const secretAccessKey = text('secretAccessKey');
  const keys = given.filter((key) => CREDENTIAL_KEYS.includes(key));
  const [unpaired] = keys;
  if (keys.length === 1 && unpaired) {
    report(
      pathOf(unpaired),
      `must be set together with ${unpaired === 'accessKeyId' ? 'secretAccessKey' : 'accessKeyId'}; leave both out to use the SDK’s own credential chain`,
    );
  }
  const location = parseS3(url, urlPath, report);
  return (
    location && {
      type: 's3',
      ...location,
      endpoint,
      region: text('region'),
      forcePathStyle: nested?.forcePathStyle ?? backup.forcePathStyle,
      profile: text('profile'),
      credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    }
  );
}

function resolveDirectory(
  url: string,
  path: readonly string[],
  drillFile: string,
  report: Report,
): SourceSpec | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1];
  const expected = 'must be s3://BUCKET/PREFIX/ or a directory such as ./backups';
  if (scheme !== undefined) {
    const advice = /^https?$/i.test(scheme) ? '; the URL of an S3-compatible store goes into backup.endpoint' : '';
    report(path, `${expected}; ${scheme}:// is not known${advice}`);
    return undefined;
  }
  if (url.startsWith('~')) {
    report(path, `"~" is not replaced; write $\{HOME}${url.slice(1)}`);
    return undefined;
  }
  if (!isAbsolute(url) && !/^\.\.?(\/|$)/.test(url)) {
    report(path, `${expected}; a directory begins with ./ or ../ or /`);
    return undefined;
  }
  return { type: 'directory', path: resolve(dirname(drillFile), url), written: url };
}

function parseS3(url: string, path: readonly string[], report: Report): { bucket: string; prefix: string } | undefined {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(url) ?? [];
  if (bucket.includes('@') || bucket.includes(':')) {
    report(
      path,
      'must not hold credentials or a port; name the bucket only, and use backup.accessKeyId, backup.secretAccessKey and backup.endpoint',
    );
    return undefined;
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket)) {
    report(path, `has no valid bucket name; must be s3://BUCKET/PREFIX/, not ${JSON.stringify(url)}`);
    return undefined;
  }
  return { bucket, prefix: rest === '' || rest.endsWith('/') ? rest : `${rest}/` };
}

function explainEndpoint(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return `must be a URL such as https://s3.example.com, not ${JSON.stringify(endpoint)}`;
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '')
    return 'must not hold credentials; use backup.accessKeyId and backup.secretAccessKey';
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `must begin with https:// or http://, not ${JSON.stringify(endpoint)}`;
  return undefined;
}
