import { type Browser, chromium } from 'playwright-core';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';

/** Debian's browser, without background activity of its own. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    timeout: STEP_TIMEOUT_MS,
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('context', (context) => context.setDefaultTimeout(STEP_TIMEOUT_MS));
  return browser;
}
