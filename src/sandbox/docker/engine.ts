import type Dockerode from 'dockerode';
import { abortAfter } from '../../support/time-limit.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { asEngineError, explainSilence } from './engine-errors.ts';

/** A Docker engine that answered. */
export interface DockerEngine {
  readonly docker: Dockerode;
  /** `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2375`, `ssh://drill@box2`. */
  readonly uri: string;
  /** True when the engine is on this host, so that host directories can be mounted into a sandbox. */
  readonly isLocal: boolean;
  readonly version: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** The `docker` client with the options that make it use this engine. */
  readonly client: readonly string[];
  /** Pulls an image, with this user's credentials for its registry. @param image with a tag or a digest. */
  pull(image: string, signal: AbortSignal): Promise<void>;
}

/** Throws the signal's reason, or a DrillError `engine-unreachable` with a hint. */
export type FindEngine = (signal: AbortSignal) => Promise<DockerEngine>;

/** The part of a request's options that cancels the request itself. */
export interface Abortable {
  readonly abortSignal: AbortSignal;
}

/** Requests for the engine's version and machine. dockerode accepts options for these too, although its types omit them. */
export interface EngineQuestions {
  version(options: Abortable): Promise<Dockerode.DockerVersion>;
  info(options: Abortable): Promise<EngineInfo>;
}

/** The part of Docker Engine API, "Get system information", that is used here. */
export interface EngineInfo {
  readonly MemTotal: number;
  readonly NCPU: number;
  readonly Name?: string;
  readonly DockerRootDir?: string;
  readonly ServerVersion?: string;
}

/**
 * Sends one request to the engine, and cancels it when the signal aborts: an abandoned request would keep this process alive for as long as
 * the engine leaves it open. A response that has already arrived, including a stream, is not canceled.
 */
export async function send<T>(request: (options: Abortable) => Promise<T>, signal: AbortSignal): Promise<T> {
  const givenUp = new AbortController();
  try {
    return await untilAborted(request({ abortSignal: givenUp.signal }), signal);
  } catch (error) {
    givenUp.abort(error);
    throw error;
  }
}

/** Like {@link send}, for queries: rejects with the signal's reason on abort, otherwise throws DrillErrors only. */
export async function ask<T>(
  request: (options: Abortable) => Promise<T>,
  signal: AbortSignal,
  doing: string,
): Promise<T> {
  try {
    return await send(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw asEngineError(error, doing);
  }
}

/** Aborts with `engine-unreachable` when the engine has not completed a normally instant operation in time. @param doing as for {@link ask}. */
export function answerDeadline(timeoutMs: number, doing: string): AbortSignal {
  return abortAfter(timeoutMs, () => explainSilence(timeoutMs, doing));
}
