import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { SHARED_HERE, sendPage, sharedPart } from '../../src/dashboard/send-page.ts';
import { html } from '../../src/support/html.ts';

const large = html`<table>${Array.from({ length: 2000 }, (_, row) => html`<tr><td>✖ row ${row}</td></tr>`)}</table>`;

async function answer(acceptEncoding: string | undefined, page: Parameters<typeof sendPage>[1]) {
  const app = new Hono();
  app.get('/', (context) => sendPage(context, page));
  const response = await app.request('/', {
    headers: acceptEncoding === undefined ? {} : { 'Accept-Encoding': acceptEncoding },
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

it('joins precompressed and newly compressed parts into one stream that every client can read', async () => {
  const page = {
    page: html`<p>to alice ✔</p>${SHARED_HERE}<hr>${SHARED_HERE}`,
    shared: [sharedPart(large), sharedPart(html`<b>end</b>`)],
  };
  const whole = `<p>to alice ✔</p>${large}<hr><b>end</b>`;
  const { response, bytes } = await answer('gzip, deflate, br', page);
  expect(response.headers.get('Content-Encoding')).toBe('gzip');
  expect(response.headers.get('Vary')).toContain('Accept-Encoding');
  expect(String(gunzipSync(bytes))).toBe(whole);
  const plain = await answer(undefined, page);
  expect(plain.response.headers.get('Content-Encoding')).toBeNull();
  expect(String(plain.bytes)).toBe(whole);
  expect(plain.response.headers.get('Content-Type')).toBe('text/html; charset=UTF-8');
});

it('compresses a page without such parts as well, and none for a client that refuses compression', async () => {
  expect(String(gunzipSync((await answer('gzip', large)).bytes))).toBe(String(large));
  expect(String((await answer('gzip;q=0', large)).bytes)).toBe(String(large));
  expect(String((await answer('identity', large)).bytes)).toBe(String(large));
});
