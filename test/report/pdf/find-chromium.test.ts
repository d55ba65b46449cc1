import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { canPrint, findChromium, requireChromium } from '../../../src/report/pdf/find-chromium.ts';

const directory = mkdtempSync(join(tmpdir(), 'firedrill-find-'));
afterAll(() => rmSync(directory, { recursive: true }));
const bin = join(directory, 'bin');
mkdirSync(join(bin, 'chromium'), { recursive: true }); // a directory of that name is not a program
const chrome = join(bin, 'google-chrome');
writeFileSync(chrome, '');
chmodSync(chrome, 0o755);

test('finds a Chromium on the PATH, or the one named by the variable', () => {
  expect(findChromium({ PATH: `relative:${bin}` })).toBe(chrome);
  expect(findChromium({ PATH: '', FIREDRILL_CHROMIUM: chrome })).toBe(chrome);
  expect(findChromium({ PATH: bin, FIREDRILL_CHROMIUM: join(bin, 'gone') })).toBeUndefined();
  expect(findChromium({ PATH: directory })).toBeUndefined();
});

test.each([
  [{ PATH: '/nowhere' }, 'a PDF is printed by Chromium or Chrome, and neither was found'],
  [{ PATH: bin, FIREDRILL_CHROMIUM: '/nowhere/chrome' }, 'FIREDRILL_CHROMIUM is not a program'],
])('says what is missing with %j', (env, message) => {
  expect(() => requireChromium(env)).toThrow(expect.objectContaining({ code: 'tool-missing', message }));
});

test('prints as root only if the sandbox of Chromium is explicitly turned off', () => {
  expect(canPrint({ PATH: bin }, false)).toBe(true);
  expect(canPrint({ PATH: bin }, true)).toBe(false);
  expect(canPrint({ PATH: bin, FIREDRILL_CHROMIUM_SANDBOX: 'off' }, true)).toBe(true);
  expect(canPrint({ PATH: '/nowhere', FIREDRILL_CHROMIUM_SANDBOX: 'off' }, true)).toBe(false);
});
