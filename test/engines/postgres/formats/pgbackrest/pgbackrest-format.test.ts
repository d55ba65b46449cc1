import { describe, expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../../src/backup/content.ts';
import { pgbackrestFormat } from '../../../../../src/engines/postgres/formats/pgbackrest/pgbackrest-format.ts';
import { DIFF, encrypt, type Files, FULL, keyRing, openIn, repository } from './fake-repository.ts';

const never = new AbortController().signal;
const inspect = async (content: DirectoryContent) => {
  const open = pgbackrestFormat.recognise(content);
  if (!open) throw new Error('not recognised');
  return open(never);
};
const without = (files: Files, pattern: RegExp): Files =>
  Object.fromEntries(Object.entries(files).filter(([key]) => !pattern.test(key)));
const corrupt = (files: Files, pattern: RegExp): Files =>
  Object.fromEntries(
    Object.entries(files).map(([key, content]) => [
      key,
      pattern.test(key) ? Buffer.from(content).fill('#', 40, 60) : content,
    ]),
  );

describe('a backup in a pgBackRest repository', () => {
  it('states its facts, and includes its log', async () => {
    const opened = await inspect(openIn(repository(), DIFF));
    expect(opened).toMatchObject({
      facts: { format: 'pgBackRest differential', serverVersion: '17', dumpedBy: 'pgBackRest 2.55.1' },
      needs: { major: '17', match: 'exact' },
      replaysLog: true,
      bringsLog: true,
    });
    expect(opened.readFiles?.map(({ key }) => key).sort()).toEqual(
      Object.keys(repository())
        .filter((key) => /\.info|^backup\//.test(key))
        .sort(),
    );
  });

  it.each(['', 'pg/', 'backup/a/backup/'])('is found when the repository is at %j', async (root) => {
    await expect(inspect(openIn(repository(), FULL, { root }))).resolves.toMatchObject({
      facts: { format: 'pgBackRest full' },
    });
  });

  it('is opened with the repository’s passphrase, whichever of several keys that is', async () => {
    const keys = keyRing('other', 'the-passphrase');
    const opened = await inspect(openIn(repository({ cipher: 'the-passphrase' }), DIFF, { keys }));
    expect(opened.facts.format).toBe('pgBackRest differential (encrypted)');
    expect(keys.used.map(({ name }) => name)).toContain('the variable KEY_2');
    expect(keys.used.map(({ name }) => name)).not.toContain('the variable KEY_1');
  });

  it.each([
    ['no key', keyRing(), 'backup-encrypted'],
    ['a wrong key', keyRing('other'), 'key-wrong'],
    ['several wrong keys', keyRing('other', 'another'), 'key-wrong'],
  ])('is not opened with %s, and the error shows none of its bytes', async (_what, keys, code) => {
    const failed = await inspect(openIn(repository({ cipher: 'the-passphrase' }), DIFF, { keys })).catch(
      (error) => error,
    );
    expect(failed).toMatchObject({ code });
    expect(failed.message).toMatch(/^[\x20-\x7e]+$/);
  });

  it.each([
    ['is damaged', (files: Files) => corrupt(files, /backup\.info$/)],
    ['is missing', (files: Files) => without(files, /backup\.info$/)],
    ['is empty', (files: Files) => ({ ...files, 'backup/orders/backup.info': '' })],
    [
      'was cut',
      (files: Files) => ({
        ...files,
        'backup/orders/backup.info': String(files['backup/orders/backup.info']).slice(0, 300),
      }),
    ],
  ])('is opened with the copy of backup.info when that %s', async (_what, change) => {
    await expect(inspect(openIn(change(repository()), DIFF))).resolves.toMatchObject({ needs: { major: '17' } });
  });

  it.each([
    [
      'backup.info is damaged, and its copy too',
      (files: Files) => corrupt(files, /backup\.info/),
      'backup-corrupt',
      /its checksum is wrong/,
    ],
    [
      'backup.info is missing, and its copy too',
      (files: Files) => without(files, /backup\.info/),
      'backup-truncated',
      /lacks backup\/orders\/backup\.info/,
    ],
    [
      'archive.info is missing',
      (files: Files) => without(files, /archive\.info/),
      'backup-truncated',
      /lacks archive\/orders\/archive\.info/,
    ],
    [
      'the backup that it builds on was deleted',
      (files: Files) => without(files, new RegExp(`${FULL}/`)),
      'backup-truncated',
      /builds on 20261128-030000F, which is no longer/,
    ],
    [
      'the first segment of its log was deleted',
      (files: Files) => without(files, /0{7}3-/),
      'log-incomplete',
      /lacks the segment 000000010000000000000003/,
    ],
    [
      'the last segment of its log was deleted',
      (files: Files) => without(files, /0{7}4-/),
      'log-incomplete',
      /lacks the segment 000000010000000000000004/,
    ],
  ])('is refused when %s', async (_what, change, code, message) => {
    await expect(inspect(openIn(change(repository()), DIFF))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('reports that a newer backup is listed but missing', async () => {
    const files = without(repository(), new RegExp(`${DIFF}/backup.manifest`));
    await expect(inspect(openIn(files, FULL))).resolves.toMatchObject({
      lostNewer: `backup.info of orders lists ${DIFF}, which is newer than ${FULL}, and the repository lacks its backup.manifest`,
    });
    expect((await inspect(openIn(repository(), FULL))).lostNewer).toBeUndefined();
  });

  it('needs no archived segments that it includes itself', async () => {
    const files = without(repository({ diff: { 'option-archive-copy': true } }), /17-1/);
    await expect(inspect(openIn(files, DIFF))).resolves.toBeDefined();
  });

  it('is refused when it has expired, was taken offline, or belongs to a cluster that the archive does not know', async () => {
    const other = `${FULL}_20261128-050000I`;
    const files = { ...repository(), [`backup/orders/${other}/backup.manifest`]: '' };
    await expect(inspect(openIn(files, other))).rejects.toMatchObject({
      code: 'backup-missing',
      message: `${other} is not listed in the backup.info of orders: it was not finished, or has expired`,
      hint: expect.stringContaining(DIFF),
    });
    const offline = repository({ diff: { 'backup-archive-start': null, 'backup-lsn-start': null } });
    await expect(inspect(openIn(offline, DIFF))).rejects.toMatchObject({ code: 'format-unsupported' });
    // as numbers, both would be equal
    const foreign = repository({ system: '7713289335607107774' });
    await expect(inspect(openIn(foreign, DIFF))).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringContaining('system 7713289335607107773'),
    });
  });

  it('is refused with the correct start of the source when the source begins inside the repository', async () => {
    const content = openIn(repository(), DIFF);
    const moved = { ...content, backup: { ...content.backup, key: `orders/${DIFF}/` } };
    await expect(inspect(moved)).rejects.toMatchObject({
      code: 'format-unsupported',
      hint: expect.stringContaining('`backup.match` to backup/STANZA/*'),
    });
  });

  it('is recognised by its path alone when the rest of the source is unavailable, but not restored', async () => {
    const { inSource: _, ...alone } = openIn(repository(), DIFF);
    const opened = await inspect(alone);
    expect(opened.facts).toMatchObject({ engine: 'postgres', format: 'pgBackRest differential' });
    await expect(opened.provision({} as never, {} as never)).rejects.toMatchObject({ code: 'format-unsupported' });
  });

  it('in another repository format is refused', async () => {
    const files = repository();
    for (const [key, text] of Object.entries(files))
      if (/backup\.info/.test(key)) files[key] = String(text).replace('backrest-format=5', 'backrest-format=6');
    await expect(inspect(openIn(files, DIFF))).rejects.toMatchObject({ code: 'backup-corrupt' });
  });

  it('is corrupt when the key in archive.info does not open backup.info, and the error shows none of its bytes', async () => {
    const files = repository({ cipher: 'p' });
    for (const key of Object.keys(files))
      if (/backup\.info/.test(key)) files[key] = encrypt(Buffer.from('[other]'), 'p');
    await expect(inspect(openIn(files, DIFF, { keys: keyRing('p') }))).rejects.toMatchObject({
      code: 'backup-corrupt',
      message: expect.stringMatching(/^backup\/orders\/backup\.info does not decrypt/),
    });
  });
});
