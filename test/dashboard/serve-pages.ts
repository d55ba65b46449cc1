import { type HttpListener, listenHttp } from '../../src/daemon/http.ts';
import type { FakeDashboard } from './fake-dashboard.ts';

/** The pages behind the real listener. Leaves no socket open when disposed. */
export async function servePages(dashboard: FakeDashboard): Promise<AsyncDisposable & Pick<HttpListener, 'url'>> {
  const listener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    health: () => ({ ok: true, sentence: 'well' }),
    readiness: async () => ({ ready: true, checks: [] }),
    metrics: async () => ({ contentType: 'text/plain', text: 'firedrill_up 1\n' }),
    onError: (error) => dashboard.errors.push(error),
    pages: dashboard.dashboard,
  });
  return {
    url: listener.url,
    [Symbol.asyncDispose]: async () => {
      dashboard.dashboard.close();
      await listener.close(2000);
    },
  };
}
