import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { asDrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import { Access, type AccessMode } from './access/access.ts';
import {
  type DashboardEnv,
  provesByForm,
  type Refusals,
  requireIdentity,
  requireOperator,
  requireOwnRequest,
} from './access/guard.ts';
import { limitBody } from './access/read-body.ts';
import { createApi } from './api/api.ts';
import { type AssetUrls, createAssets } from './assets/assets.ts';
import type { DashboardDeps } from './deps.ts';
import type { View } from './layout.ts';
import { LiveFeed } from './live.ts';
import { messagePage } from './pages/simple-pages.ts';
import { PerMinuteCache } from './per-minute-cache.ts';
import { addActionRoutes } from './routes/actions.ts';
import { addPageRoutes, type SharedPages } from './routes/pages.ts';
import { addSignInRoutes, addSignOutRoute, toSignIn } from './routes/sign-in.ts';
import { Trends } from './trends.ts';
import { VersionedCache } from './versioned-cache.ts';

export interface Dashboard {
  /** Answers requests. `env.incoming.socket.remoteAddress` is whom they come from: without it, nobody is taken to be on this machine. */
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
  /** Who may use it at the moment; `describeMode` says it in words. */
  mode(): Promise<AccessMode>;
  /** Ends the streams of those who follow, which would hold up the server's end. */
  close(): void;
}

const MAX_BODY_BYTES = 16 * 1024;
/** Of so many what their pages show of the past is kept, some 60 kB each. */
const MOST_DRILLS = 500;
/** Some 2 MB each. */
const MOST_REPORTS = 4;

/** Pages and API over what is passed in. It holds no state but who follows it and who failed to sign in. */
export function createDashboard(deps: DashboardDeps): Dashboard {
  const access = new Access(deps);
  const feed = new LiveFeed(deps.control, deps.clock);
  const trends = new Trends(deps);
  const shared: SharedPages = {
    lists: new PerMinuteCache(),
    rows: new PerMinuteCache(),
    tables: new PerMinuteCache(),
    pasts: new VersionedCache(MOST_DRILLS),
    trends,
    reports: new VersionedCache(MOST_REPORTS),
  };
  const assets = createAssets();
  const makeView = (context: Context<DashboardEnv>): View => viewOf(deps, assets.urls, context);
  const refusals: Refusals = {
    unknown: (context, waitMs) => toSignIn(context, waitMs),
    forbidden: (context, why) => context.html(messagePage(makeView(context), 'Not allowed', `Refused: ${why}.`), 403),
  };

  const app = new Hono<DashboardEnv>();
  app.use(headers(), notKept(), compress(), limitBody(MAX_BODY_BYTES));
  app.get('/assets/:file', (context) => {
    const asset = assets.find(context.req.param('file'));
    if (!asset) return context.text('there is no such file\n', 404);
    const headers = { 'Content-Type': asset.contentType, 'Cache-Control': 'public, max-age=31536000, immutable' };
    return context.body(asset.text, 200, headers);
  });
  app.route('/api/v1', createApi(deps, access));
  addSignInRoutes(app, deps, access, makeView);

  app.use(requireIdentity(access, refusals));
  app.get('/live', (context) =>
    feed.follow(context, async () => (await access.identify(context))?.name === context.get('identity').name),
  );
  addPageRoutes(app, deps, makeView, shared);
  app.post('*', requireOwnRequest(deps, refusals, provesByForm));
  addSignOutRoute(app, access);
  app.post('*', requireOperator(refusals));
  addActionRoutes(app, deps, makeView);
  app.notFound((context) => context.html(messagePage(makeView(context), 'Not found', 'There is no such page.'), 404));
  app.onError((thrown, context) => {
    if (thrown instanceof HTTPException) return thrown.getResponse();
    const error = asDrillError(thrown);
    if (error.code === 'run-not-found')
      return context.html(messagePage(makeView(context), 'Not found', 'There is no such run.'), 404);
    deps.onError(thrown);
    const words = error.code === 'internal' ? 'The log says why.' : `${error.code}: ${deps.redact(error.message)}`;
    return context.html(messagePage(makeView(context), 'It failed', words), 500);
  });
  return {
    fetch: (request, env) => app.fetch(request, env as object),
    mode: () => access.mode(),
    close: () => {
      feed.close();
      trends.close();
    },
  };
}

/** Nothing from elsewhere, no script and no style but from our own files; and nobody may put a page of ours into theirs. */
function headers() {
  const own = ["'self'"];
  const none = ["'none'"];
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: own,
      styleSrc: own,
      imgSrc: ["'self'", 'data:'],
      connectSrc: own,
      formAction: own,
      frameAncestors: none,
      baseUri: none,
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin', // with none at all, browsers call the origin of our own forms `null`
    strictTransportSecurity: false, // it speaks no TLS, and whoever puts it behind some says so there
  });
}

/** Pages show what somebody may see now: nothing keeps them, unless an answer says otherwise. */
function notKept() {
  return async (context: Context, next: () => Promise<void>) => {
    await next();
    if (!context.res.headers.get('Cache-Control')?.includes('immutable'))
      context.res.headers.set('Cache-Control', 'no-store');
  };
}

function viewOf(deps: DashboardDeps, assets: AssetUrls, context: Context<DashboardEnv>): View {
  const url = new URL(context.req.url);
  return {
    now: deps.clock.now(),
    identity: context.get('identity') as View['identity'],
    assets,
    version: deps.version,
    here: `${url.pathname}${url.search}`,
    show: (text, maxLength) => toPrintable(deps.redact(text), maxLength),
  };
}
