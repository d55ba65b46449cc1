import type { Context } from 'hono';
import { hashSecret, looksLikeToken } from '../../support/access-token.ts';
import type { DashboardDeps } from '../deps.ts';
import { deriveFormKey, type Identity, makeSessionId } from './identity.ts';
import { SignInLimiter } from './limiter.ts';
import { hostnameOf, isLoopback, isWithin, peerOf } from './peers.ts';
import { endCookie, readSessionCookie, setSessionCookie } from './session-cookie.ts';

/** `open`: who reaches the pages uses them; `sign-in`: a token is needed; `nobody`: one would be, and there is none. */
export type AccessMode = 'open' | 'sign-in' | 'nobody';

export type SignIn =
  | { readonly kind: 'in'; readonly name: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitMs: number };

const MINUTE_MS = 60_000;
/** That a proxy passed the request on: then the peer is not who asks. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];
const PROXY_NAME = /^[\w.@+:/\\-]{1,128}$/;

/** Who asks, and who may. */
export class Access {
  readonly #deps: DashboardDeps;
  readonly #limiter: SignInLimiter;
  /** For forms of those who have no session; of this process only. */
  readonly #formSecret = makeSessionId();

  constructor(deps: DashboardDeps) {
    this.#deps = deps;
    this.#limiter = new SignInLimiter({ clock: deps.clock, perPeer: 10, inAll: 100, refillMs: 6000 });
  }

  async mode(): Promise<AccessMode> {
    if (await this.#deps.store().hasTokens()) return 'sign-in';
    if (this.#mayBeOpen()) return 'open';
    return this.#deps.access.proxy || this.#deps.access.loopback === 'sign-in' ? 'sign-in' : 'nobody';
  }

  /** @returns undefined: nobody that is known. Throws what the store throws. */
  async identify(context: Context): Promise<Identity | undefined> {
    const authorization = context.req.header('authorization');
    if (authorization !== undefined) return this.#byBearer(authorization, peerOf(context));
    return this.#byProxy(context) ?? (await this.#bySession(context)) ?? (await this.#byMachine(context));
  }

  /** Whether the peer has failed so often that it has to wait, in milliseconds. */
  waitMs(context: Context): number {
    return this.#limiter.waitMs(peerOf(context));
  }

  /** A token for a session: a new one each time, so that nobody can have planted it before. */
  async signIn(context: Context, token: string): Promise<SignIn> {
    const { clock, access, onAccess } = this.#deps;
    const peer = peerOf(context);
    const store = this.#deps.store();
    const found = looksLikeToken(token) ? await store.findToken(hashSecret(token)) : undefined;
    const now = clock.now();
    const id = makeSessionId();
    const hash = hashSecret(id);
    const expiresAt = new Date(now.getTime() + access.sessionMs);
    // The right token always gets in: wrong ones that others try at the same address must not lock out those who have it.
    const waitMs = found ? 0 : this.#limiter.waitMs(peer);
    if (waitMs > 0) return { kind: 'wait', waitMs };
    if (!found || !(await store.addSession({ hash, tokenId: found.id, createdAt: now, expiresAt }))) {
      this.#limiter.failed(peer);
      onAccess(`sign-in refused from ${peer}`);
      return { kind: 'refused' };
    }
    const before = readSessionCookie(context);
    if (before !== undefined) await store.endSession(hashSecret(before));
    await store.noteUse(found.id, undefined, now);
    setSessionCookie(context, id, access.sessionMs, this.#isSecure(context));
    onAccess(`${found.name} (${found.role}) signed in from ${peer}`);
    return { kind: 'in', name: found.name };
  }

  async signOut(context: Context, { sessionHash, name }: Identity): Promise<void> {
    if (sessionHash !== undefined) await this.#deps.store().endSession(sessionHash);
    endCookie(context, this.#isSecure(context));
    this.#deps.onAccess(`${name} signed out`);
  }

  async #byBearer(authorization: string, peer: string): Promise<Identity | undefined> {
    const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    const found = looksLikeToken(token) ? await this.#deps.store().findToken(hashSecret(token)) : undefined;
    if (!found) {
      this.#limiter.failed(peer); // one that is right is never made to wait: a script with an old token must not lock out its neighbours
      return undefined;
    }
    await this.#noteUse(found.id, undefined, found.lastUsedAt);
    return { name: found.name, role: found.role, by: 'bearer', formKey: this.#formSecret, sessionHash: undefined };
  }

  #byProxy(context: Context): Identity | undefined {
    const { proxy } = this.#deps.access;
    if (!proxy || !isWithin(proxy.from, peerOf(context))) return undefined;
    // Two such headers arrive as one with a comma, which is no name.
    const name = context.req.header(proxy.header);
    if (name === undefined || !PROXY_NAME.test(name)) return undefined;
    const role = proxy.operators.includes(name) ? 'operator' : proxy.role;
    return { name, role, by: 'proxy', formKey: deriveFormKey(this.#formSecret, name), sessionHash: undefined };
  }

  async #bySession(context: Context): Promise<Identity | undefined> {
    const id = readSessionCookie(context);
    if (id === undefined) return undefined;
    const { clock, access } = this.#deps;
    const store = this.#deps.store();
    const hash = hashSecret(id);
    const session = await store.findSession(hash);
    if (!session) return undefined;
    const now = clock.now();
    if (now >= session.expiresAt || now.getTime() - session.lastSeenAt.getTime() > access.idleMs) {
      await store.endSession(hash);
      return undefined;
    }
    const { token } = session;
    await this.#noteUse(token.id, hash, session.lastSeenAt);
    return {
      name: token.name,
      role: token.role,
      by: 'session',
      formKey: deriveFormKey(id, 'session'),
      sessionHash: hash,
    };
  }

  /** Also asked as `localhost`: a name of somebody else's that leads here would let their pages read ours (DNS rebinding). */
  async #byMachine(context: Context): Promise<Identity | undefined> {
    if (!this.#mayBeOpen() || FORWARDED.some((name) => context.req.header(name) !== undefined)) return undefined;
    if (!isLoopback(peerOf(context)) || !isLoopback(hostnameOf(context.req.header('host')) ?? '')) return undefined;
    if (await this.#deps.store().hasTokens()) return undefined;
    const formKey = deriveFormKey(this.#formSecret, 'open');
    return { name: 'local user', role: 'operator', by: 'open', formKey, sessionHash: undefined };
  }

  #mayBeOpen(): boolean {
    const { access, listen, publicUrl } = this.#deps;
    if (access.loopback !== 'open' || access.proxy || !isLoopback(listen.host)) return false;
    return publicUrl === undefined || isLoopback(new URL(publicUrl).hostname);
  }

  /** At most once a minute: reading a page must not mean writing to the store. */
  async #noteUse(tokenId: string, sessionHash: string | undefined, before: Date | undefined): Promise<void> {
    const now = this.#deps.clock.now();
    if (before && now.getTime() - before.getTime() < MINUTE_MS) return;
    try {
      await this.#deps.store().noteUse(tokenId, sessionHash, now);
    } catch (error) {
      this.#deps.onError(error); // a full disk is no reason to keep somebody out who wants to know why
    }
  }

  /** This process speaks no TLS: only where it is reached by its public URL is it known that something before it does. */
  #isSecure(context: Context): boolean {
    const { publicUrl } = this.#deps;
    if (publicUrl === undefined || !publicUrl.startsWith('https:')) return false;
    const origin = context.req.header('origin');
    return origin === new URL(publicUrl).origin || context.req.header('host') === new URL(publicUrl).host;
  }
}

/** What is said when serving begins. */
export function describeMode(mode: AccessMode, url: string): string {
  if (mode === 'open')
    return `pages are at ${url}/, for everybody on this machine; \`firedrill token add NAME --role operator\` turns on sign-in`;
  if (mode === 'sign-in') return `pages are at ${url}/; a sign-in is needed`;
  return `pages at ${url}/ are off: this address can be reached by others, and there is no token to sign in with; make one with \`firedrill token add NAME --role operator\``;
}
