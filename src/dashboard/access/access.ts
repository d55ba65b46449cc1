import type { Context } from 'hono';
import { hashSecret, looksLikeToken } from '../../support/access-token.ts';
import type { DashboardDeps } from '../deps.ts';
import { deriveFormKey, type Identity, makeSessionId } from './identity.ts';
import { SignInLimiter } from './limiter.ts';
import { hostnameOf, isLoopback, isWithin, peerOf } from './peers.ts';
import { endCookie, readSessionCookie, setSessionCookie } from './session-cookie.ts';

/** `open`: no sign-in; `sign-in`: a token is required; `nobody`: a token is required, but none exists. */
export type AccessMode = 'open' | 'sign-in' | 'nobody';

export type SignIn =
  | { readonly kind: 'in'; readonly name: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitMs: number };

const MINUTE_MS = 60_000;
/** Headers that indicate that a proxy forwarded the request, so the peer is not the client. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];
const PROXY_NAME = /^[\w.@+:/\\-]{1,128}$/;

/** Identifies the user of a request and controls who may sign in. */
export class Access {
  readonly #deps: DashboardDeps;
  readonly #limiter: SignInLimiter;
  /** Key for the forms of users without a session; valid in this process only. */
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

  /** @returns undefined if the user is unknown. @throws the store's errors. */
  async identify(context: Context): Promise<Identity | undefined> {
    const authorization = context.req.header('authorization');
    if (authorization !== undefined) return this.#byBearer(authorization, peerOf(context));
    return this.#byProxy(context) ?? (await this.#bySession(context)) ?? (await this.#byMachine(context));
  }

  /** How long the peer must wait after too many failed sign-ins, in milliseconds; 0: no wait. */
  waitMs(context: Context): number {
    return this.#limiter.waitMs(peerOf(context));
  }

  /** Exchanges a token for a session. The session is new each time, so that it cannot have been planted in advance. */
  async signIn(context: Context, token: string): Promise<SignIn> {
    const { clock, access, onAccess } = this.#deps;
    const peer = peerOf(context);
    const store = this.#deps.store();
    const found = looksLikeToken(token) ? await store.findToken(hashSecret(token)) : undefined;
    const now = clock.now();
    const id = makeSessionId();
    const hash = hashSecret(id);
    const expiresAt = new Date(now.getTime() + access.sessionMs);
    // A valid token is always accepted: failed attempts by others at the same address must not lock out its owner.
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
      this.#limiter.failed(peer); // a valid token is never delayed: a script with an old token must not lock out others at its address
      return undefined;
    }
    await this.#noteUse(found.id, undefined, found.lastUsedAt);
    return { name: found.name, role: found.role, by: 'bearer', formKey: this.#formSecret, sessionHash: undefined };
  }

  #byProxy(context: Context): Identity | undefined {
    const { proxy } = this.#deps.access;
    if (!proxy || !isWithin(proxy.from, peerOf(context))) return undefined;
    // A repeated header arrives as one value with a comma, which is not a valid name.
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

  /** The request must also name `localhost` as its host: a foreign name that resolves to this address would let its pages read ours (DNS rebinding). */
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

  /** At most once a minute, so that reading pages does not write to the store each time. */
  async #noteUse(tokenId: string, sessionHash: string | undefined, before: Date | undefined): Promise<void> {
    const now = this.#deps.clock.now();
    if (before && now.getTime() - before.getTime() < MINUTE_MS) return;
    try {
      await this.#deps.store().noteUse(tokenId, sessionHash, now);
    } catch (error) {
      this.#deps.onError(error); // a full disk must not lock out the person who wants to find out why
    }
  }

  /** This process does not serve TLS: it assumes a TLS proxy in front only if it is reached through its public URL. */
  #isSecure(context: Context): boolean {
    const { publicUrl } = this.#deps;
    if (publicUrl === undefined || !publicUrl.startsWith('https:')) return false;
    const origin = context.req.header('origin');
    return origin === new URL(publicUrl).origin || context.req.header('host') === new URL(publicUrl).host;
  }
}

/** The access mode as a sentence, for the server's startup. */
export function describeMode(mode: AccessMode, url: string): string {
  if (mode === 'open')
    return `dashboard at ${url}/, open to every user of this machine; \`firedrill token add NAME --role operator\` turns on sign-in`;
  if (mode === 'sign-in') return `dashboard at ${url}/; sign-in required`;
  return `dashboard at ${url}/ is off: other machines can reach it, and there is no token to sign in with; add one with \`firedrill token add NAME --role operator\``;
}
