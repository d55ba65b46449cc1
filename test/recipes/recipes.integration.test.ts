import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { databasusFile } from '../backup/decryption/databasus/databasus-files.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import type { ShownRun } from '../support/cli-drill.ts';
import { canDumpArchives, dumpArchive } from '../support/dump-archive.ts';
import { hasHostMariadb } from '../support/host-mariadb.ts';

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const SQL = `create table customer (id int primary key, name text not null);
insert into customer values (1, 'Ada'), (2, 'Grace'), (3, 'Edsger');`;
/** As on RDS: roles that the dump names but does not create. */
const RDS_SQL = `create role rds_superuser; create role shop_admin; ${SQL}
alter table customer owner to shop_admin; grant all on customer to rds_superuser;
create view names as select name from customer; alter view names owner to shop_admin;`;
const ID = '550e8400-e29b-41d4-a716-446655440000';
const SECRET = 'databasus-secret-key-of-this-test';
const PASSPHRASE = 'correct horse battery staple';

/** Views and routines of an account that their dump does not contain. */
const DEFINER = 'admin@%: an account that views and routines run as, not in the backup; made without a way to log in';

interface Recipe {
  readonly drill: Record<string, unknown> & { readonly name: string; readonly backup: Record<string, unknown> };
  /** The text of its section. */
  readonly text: string;
}

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let recipes: readonly Recipe[];
let runs: ReadonlyMap<string, ShownRun>;
const env: Record<string, string> = { FIREDRILL_RUNTIME: 'local', BACKUP_PASSPHRASE: PASSPHRASE };
const hasTools = canDumpArchives && hasHostMariadb && process.platform === 'linux';

beforeAll(async () => {
  if (!hasTools) return;
  workspace = await makeWorkspace();
  recipes = readRecipes(await readFile(here('../../docs/recipes.md'), 'utf8'));
  const files = await makeBackups();
  for (const { drill } of recipes) {
    const source = join('backups', drill.name);
    for (const [path, content] of Object.entries(files[drill.name] ?? {})) await put(join(source, path), content);
    await put(`drills/${drill.name}.yaml`, stringify(movedTo(drill, `../${source}`)));
  }
  const { stdout, stderr } = await firedrill(['run', '--all', '--json'], { cwd: workspace.directory, env });
  const ended = stdout.split('\n').filter((line) => line.startsWith('{"type":"run-ended"'));
  runs = new Map(ended.map((line) => [(JSON.parse(line) as { run: ShownRun }).run.drill, JSON.parse(line).run]));
  if (stderr !== '') throw new Error(stderr);
});
afterAll(() => workspace?.[Symbol.asyncDispose]());

/** The drill files on the page, each with its section. */
function readRecipes(page: string): readonly Recipe[] {
  return page.split(/^## /m).flatMap((text) => {
    const [, yaml] = /^```yaml\n([\s\S]*?)^```$/m.exec(text) ?? [];
    return yaml === undefined ? [] : [{ text, drill: parse(yaml) as Recipe['drill'] }];
  });
}

/** The same drill with backups in a directory, and with keys where this test keeps them. */
function movedTo(drill: Recipe['drill'], source: string): Record<string, unknown> {
  const keys = KEYS[drill.name];
  return { ...drill, backup: { ...drill.backup, source, ...(keys ? { keys } : {}) } };
}

const KEYS: Readonly<Record<string, unknown>> = {
  shop: [{ command: ['cat', '../gpg.key'] }],
  'shop-databasus': [{ file: '../secret.key' }],
};

async function put(path: string, content: string | Buffer): Promise<void> {
  const full = join(workspace.directory, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, content);
}

/** A dump that states when it was made, so that its age is compared with the RPO. */
async function readDump(path: string, at: Date): Promise<string> {
  const sql = await readFile(here(path), 'utf8');
  return sql.replace(/(?<=^-- Dump completed on ).*$/m, at.toISOString().slice(0, 19).replace('T', ' '));
}

/** What each recipe leaves in its store, by drill name: made by the programs, or according to their documentation if they are not available. */
async function makeBackups(): Promise<Readonly<Record<string, Readonly<Record<string, string | Buffer>>>>> {
  const hourAgo = new Date(Date.now() - 3_600_000);
  const iso = hourAgo.toISOString();
  const berlin = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Berlin',
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const [day = '', time = ''] = berlin.format(hourAgo).split(' ');
  const local = `${day}_${time.replace(':', 'h')}m`;
  const minute = `${iso.slice(0, 16).replaceAll(':', '')}Z`;
  const [plain, archive] = [await dumpArchive(SQL, []), await dumpArchive(RDS_SQL)];
  const maria = await readDump('files/mariadb-dump.sql', hourAgo);
  const auto = await readDump('files/automysqlbackup.sql', hourAgo);
  await put('secret.key', `${SECRET}\n`);
  return {
    orders: { [`orders-${minute}.sql.zst.age`]: await age(zstdCompressSync(plain)) },
    shop: { [`shop-${iso.slice(0, 10)}.sql.gz.gpg`]: await gpg(gzipSync(maria)) },
    'shop-automysqlbackup': {
      [`daily/shop/shop_${local}.Friday.sql.gz`]: gzipSync(auto),
      'weekly/shop/shop_week.47.2026-11-21_06h25m.sql.gz': gzipSync(auto),
    },
    'shop-postgres-backup-s3': { [`shop_${iso.slice(0, 19)}.dump.gpg`]: await gpgSymmetric(archive) },
    'shop-databasus': {
      [`shop-${iso.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${ID}`]: databasusFile(SECRET, ID, archive),
      [`shop-${iso.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${ID}.metadata`]:
        '{"encryption":"encrypted"}',
    },
    'shop-coolify': { [`team-0/shop-x1/pg-dump-shop-${Math.floor(+hourAgo / 1000)}.dmp`]: archive },
    'shop-rds': { [`shop-${minute}.dump`]: archive },
  };
}

async function age(content: Buffer): Promise<Buffer> {
  const plain = join(workspace.directory, 'plain');
  await writeFile(plain, content);
  const recipients: string[] = [];
  for (const variable of ['ORDERS_AGE_KEY', 'OFFLINE_AGE_KEY']) {
    const { stdout } = await run('age-keygen');
    env[variable] = stdout;
    recipients.push('-r', /public key: (\S+)/.exec(stdout)?.[1] ?? '');
  }
  return (await run('age', [...recipients, plain], { encoding: 'buffer' })).stdout;
}

/** For a new key pair, whose private half is written next to the backups. */
async function gpg(content: Buffer): Promise<Buffer> {
  const home = await gpgHome();
  const base = ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
  await run('gpg', [...base, '--quick-gen-key', 'backup@acme.example', 'future-default', 'default', 'never']);
  const secret = await run('gpg', [...base, '--export-secret-keys', '--armor', 'backup@acme.example']);
  await put('gpg.key', secret.stdout);
  const encrypted = execFileSync(
    'gpg',
    [...base, '--trust-model', 'always', '--encrypt', '--recipient', 'backup@acme.example'],
    { input: content, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  await run('gpgconf', ['--homedir', home, '--kill', 'all']);
  return encrypted;
}

async function gpgSymmetric(content: Buffer): Promise<Buffer> {
  const home = await gpgHome();
  const argv = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', PASSPHRASE, '--symmetric'];
  const encrypted = execFileSync('gpg', argv, { input: content, stdio: ['pipe', 'pipe', 'ignore'] });
  await run('gpgconf', ['--homedir', home, '--kill', 'all']);
  return encrypted;
}

async function gpgHome(): Promise<string> {
  const home = join(workspace.directory, 'gnupg');
  await mkdir(home, { recursive: true, mode: 0o700 });
  return home;
}

describe.skipIf(!hasTools)('the page of recipes', () => {
  it.each<[string, readonly string[]]>([
    ['orders', []],
    ['shop', [DEFINER]],
    ['shop-automysqlbackup', [DEFINER]],
    ['shop-postgres-backup-s3', []],
    ['shop-databasus', []],
    ['shop-coolify', []],
    ['shop-rds', []],
  ])('has a drill %s that passes, with the format that the page states', (name, expected) => {
    const recipe = recipes.find(({ drill }) => drill.name === name);
    const { verdict, error, reasons, warnings, backup } = runs.get(name) ?? {};
    expect({ verdict, error, reasons, warnings }).toEqual({ verdict: 'passed', reasons: [], warnings: expected });
    expect(recipe?.text).toContain(`Firedrill reports \`${backup?.format}\``);
  });

  it('has no other drills', () => {
    expect(recipes.map(({ drill }) => drill.name).sort()).toEqual([...runs.keys()].sort());
  });
});
