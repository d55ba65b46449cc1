import { createHash } from 'node:crypto';
import { REPORT_CSS } from '../../report/render/style.ts';
import { STATES } from '../../support/design-tokens.ts';
import { CHART_SCRIPT } from './chart-script.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import { LOG_SCRIPT } from './log-script.ts';
import { FLAME } from './mark.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { STYLE } from './style/style.ts';

/** The URLs of the pages' assets; each name changes with its content, so that browsers may cache it forever. */
export interface AssetUrls {
  readonly style: string;
  readonly script: string;
  readonly redIcon: string;
  readonly greenIcon: string;
  readonly plainIcon: string;
  readonly busyIcon: string;
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
    script: add('live', 'js', 'text/javascript; charset=utf-8', PAGE_SCRIPT + CHART_SCRIPT + LOG_SCRIPT + LIVE_SCRIPT),
    redIcon: add(
      'red',
      'svg',
      'image/svg+xml',
      icon(STATES['bad-fill'][0], `<path d="M10 10l12 12m0-12l-12 12" ${STROKE}/>`),
    ),
    greenIcon: add(
      'green',
      'svg',
      'image/svg+xml',
      icon(STATES['good-fill'][0], `<path d="M9 17l5 5l9-11" ${STROKE}/>`),
    ),
    busyIcon: add(
      'busy',
      'svg',
      'image/svg+xml',
      icon(STATES['busy-fill'][0], '<path d="M12 8.5v15L24 16z" fill="#fff"/>'),
    ),
    plainIcon: add('plain', 'svg', 'image/svg+xml', icon('#d9480f', `<g transform="translate(4 4)">${FLAME}</g>`)),
  };
  return { urls, find: (name) => files.get(name) };
}

const STROKE = 'fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"';

/** A coloured square with a symbol in it, for readers who cannot see the colour. */
function icon(colour: string, symbol: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${colour}"/>${symbol}</svg>`;
}
