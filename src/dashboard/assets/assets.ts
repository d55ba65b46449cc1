import { createHash } from 'node:crypto';
import { REPORT_CSS } from '../../report/render/style.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import { STYLE } from './style.ts';

/** The URLs of the pages' assets; each name changes with its content, so that browsers may cache it forever. */
export interface AssetUrls {
  readonly style: string;
  readonly script: string;
  readonly redIcon: string;
  readonly greenIcon: string;
  readonly plainIcon: string;
}

export interface Asset {
  readonly contentType: string;
  readonly text: string;
}

/** Static files, built from strings in this program, so that they do not depend on files of the installation. */
export function createAssets(): { readonly urls: AssetUrls; readonly find: (name: string) => Asset | undefined } {
  const files = new Map<string, Asset>();
  const add = (name: string, extension: string, contentType: string, text: string): string => {
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const file = `${name}-${hash}.${extension}`;
    files.set(file, { contentType, text });
    return `/assets/${file}`;
  };
  const urls = {
    style: add('style', 'css', 'text/css; charset=utf-8', STYLE + REPORT_CSS),
    script: add('live', 'js', 'text/javascript; charset=utf-8', LIVE_SCRIPT),
    redIcon: add('red', 'svg', 'image/svg+xml', icon('#c62828', 'M10 10l12 12m0-12l-12 12')),
    greenIcon: add('green', 'svg', 'image/svg+xml', icon('#2e7d32', 'M9 17l5 5l9-11')),
    plainIcon: add('plain', 'svg', 'image/svg+xml', icon('#455a64', 'M11 8v16m0-15h10m-10 7h7')),
  };
  return { urls, find: (name) => files.get(name) };
}

/** A coloured square with a symbol in it, for readers who cannot see the colour. */
function icon(colour: string, path: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${colour}"/><path d="${path}" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}
