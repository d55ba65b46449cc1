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
import { Outlooks } from './outlooks.ts';
import { messagePage } from './pages/simple-pages.ts';
import { PerMinuteCache } from './per-minute-cache.ts';
import { readRunning } from './read-running.ts';
import { addActionRoutes } from './routes/actions.ts';
import { addBadgeRoute } from './routes/badge.ts';
import { addPageRoutes, type SharedPages } from './routes/pages.ts';
import { addSchemeRoute } from './routes/scheme.ts';
import { addSignInRoutes, addSignOutRoute, toSignIn } from './routes/sign-in.ts';
import { addSilenceActions, addSilencePage } from './routes/silences.ts';
import { readScheme } from './scheme.ts';
import { Trends } from './trends.ts';
import { VersionedCache } from './versioned-cache.ts';

export interface Dashboard {
  /** Handles requests. `env.incoming.socket.remoteAddress` is the client's address: without it, no client counts as local. */
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
  /** The current access mode; `describeMode` gives it as a sentence. */
  mode(): Promise<AccessMode>;
  /** Closes the live streams, which would otherwise keep the server from closing. */
  close(): void;
}

const MAX_BODY_BYTES = 16 * 1024;
/** The largest number of drills whose history is cached, some 60 kB each. */
const MAX_DRILLS = 500;
/** The largest number of reports cached, some 2 MB each. */
const MAX_REPORTS = 4;

/** Serves the pages and the API from its dependencies. Apart from caches, its only state is the live streams and the failed sign-ins. */
export function createDashboard(deps: DashboardDeps): Dashboard {
  const access = new Access(deps);
  const feed = new LiveFeed(deps.control, deps.clock);
  const trends = new Trends(deps);
  const outlooks = new Outlooks(deps, (standing) => trends.keyOf(standing));
  const shared: SharedPages = {
    rows: new PerMinuteCache(),
    tables: new PerMinuteCache(),
    pasts: new VersionedCache(MAX_DRILLS),
    trends,
    outlooks,
    reports: new VersionedCache(MAX_REPORTS),
  };
  const assets = createAssets();
  const makeView = (context: Context<DashboardEnv>): View => viewOf(deps, assets.urls, context);
  const refusals: Refusals = {
    unknown: (context, waitMs) => toSignIn(context, waitMs),
    forbidden: (context, why) => context.html(messagePage(makeView(context), 'Not allowed', `Refused: ${why}.`), 403),
  };

  const app = new Hono<DashboardEnv>();
  addBadgeRoute(app, deps, access);
  app.use(headers(), notKept(), compress(), limitBody(MAX_BODY_BYTES));
  app.get('/assets/:file', (context) => {
    const asset = assets.find(context.req.param('file'));
    if (!asset) return context.text('no such file\n', 404);
    const headers = { 'Content-Type': asset.contentType, 'Cache-Control': 'public, max-age=31536000, immutable' };
    return context.body(asset.text, 200, headers);
  });
  app.route('/api/v1', createApi(deps, access));
  addSchemeRoute(app, deps);
  addSignInRoutes(app, deps, access, makeView);

  app.use(requireIdentity(access, refusals), readRunning(deps));
  app.get('/live', (context) =>
    feed.follow(context, async () => (await access.identify(context))?.name === context.get('identity').name),
  );
  addPageRoutes(app, deps, makeView, shared);
  addSilencePage(app, deps, makeView);
  app.post('*', requireOwnRequest(deps, refusals, provesByForm));
  addSignOutRoute(app, access);
  app.post('*', requireOperator(refusals));
  addActionRoutes(app, deps, makeView);
  addSilenceActions(app, deps, makeView);
  app.notFound((context) =>
    context.html(messagePage(makeView(context), 'Not found', 'This page does not exist.'), 404),
  );
  app.onError((thrown, context) => {
    if (thrown instanceof HTTPException) return thrown.getResponse();
    const error = asDrillError(thrown);
    if (error.code === 'run-not-found')
      return context.html(messagePage(makeView(context), 'Not found', 'No such run.'), 404);
    deps.onError(thrown);
    const words =
      error.code === 'internal' ? 'The server log has the details.' : `${error.code}: ${deps.redact(error.message)}`;
    return context.html(messagePage(makeView(context), 'Something went wrong', words), 500);
  });
  return {
    fetch: (request, env) => app.fetch(request, env as object),
    mode: () => access.mode(),
    close: () => {
      feed.close();
      trends.close();
      outlooks.close();
    },
  };
}

/** No resources from other hosts, scripts and styles only from our own files, and no framing by other sites. */
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
    referrerPolicy: 'same-origin', // with no referrer at all, browsers send the origin of our own forms as `null`
    strictTransportSecurity: false, // this server has no TLS; a TLS proxy in front sets the header itself
  });
}

/** Pages depend on the current user's permissions, so they are not cached unless a response says otherwise. */
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
    scheme: readScheme(context),
    here: `${url.pathname}${url.search}`,
    hasRunners: deps.store().isShared,
    show: (text, maxLength) => toPrintable(deps.redact(text), maxLength),
  };
}
