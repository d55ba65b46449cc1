import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { untilAborted } from '../../support/until-aborted.ts';
import { startPull } from './follow-pull.ts';

interface Call {
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
  /** The end of the request, once there is one. */
  ended?: Promise<void>;
}

type Pull = (image: string, options: object) => Promise<Readable>;

/**
 * testcontainers knows this user's credentials, but waits forever for an answer that broke off, and ignores the reason for which a pull failed. This follows
 * the requests that it makes.
 */
export class FollowedPulls {
  private readonly calls = new AsyncLocalStorage<Call>();
  private readonly followed = new WeakSet<Dockerode>();

  /**
   * Waits for a pull that testcontainers makes with this client. Throws like `startPull`, or what testcontainers throws.
   * @param pull may go on unobserved after a failure.
   */
  async wait(docker: Dockerode, pull: () => Promise<void>, signal: AbortSignal): Promise<void> {
    this.follow(docker);
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    const call: Call = { signal, fail };
    const pulled = this.calls.run(call, pull).then(() => call.ended);
    await untilAborted(Promise.race([pulled, failed]), signal);
  }

  /** Once for each client, since testcontainers has one for this process. */
  private follow(docker: Dockerode): void {
    if (this.followed.has(docker)) return;
    this.followed.add(docker);
    const original = docker.pull.bind(docker);
    const request: Pull = async (image, options) => (await original(image, options)) as Readable;
    const pull: Pull = async (image, options) => {
      const call = this.calls.getStore();
      if (!call) return request(image, options);
      const { answer, ended } = await startPull((more) => request(image, { ...options, ...more }), call.signal);
      call.ended = ended;
      ended.catch(call.fail);
      return answer;
    };
    Object.assign(docker, { pull });
  }
}
