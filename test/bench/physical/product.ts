import type { S3Client } from '@aws-sdk/client-s3';
import type { Radosgw } from '../../support/radosgw.ts';

/** What `npm run bench physical` measures: one file per product, listed in `physical-bench.ts`. */
export interface Product {
  /** For the first line of the report, such as `base backup and log, to the end of the log`. */
  readonly title: string;
  /** Whether the store should support TLS as well, which Firedrill then uses. Default: no. */
  readonly tls?: boolean;
  /** Creates the backup once, and stores it. */
  prepare(bench: Bench): Promise<Contest>;
}

export interface Bench {
  /** On this host; removed at the end. */
  readonly directory: string;
  readonly store: Radosgw;
  readonly client: S3Client;
  /** Exists and is empty. */
  readonly bucket: string;
  /** The keys that describe the store in a drill: `endpoint: '…', region: …`. */
  readonly storeKeys: string;
  /** The port on which a server on this machine reaches the store over TLS, if the product asks for that. */
  readonly tlsPort: number;
  /** The beginning of a shell command that gets an object, up to its key: `${curl}/base/base.tar.zst'`. */
  readonly curl: string;
  /** Scale of the data: a server of scale 1 has about 1.6 GB. */
  readonly scale: number;
  /** Number of log files. */
  readonly segments: number;
  readonly say: (text: string) => void;
}

/** Two or more ways to recover the same backup. */
export interface Contest {
  /** The drill that Firedrill runs. Its checks are shown with their times. */
  readonly drill: string;
  /** Drills that recover the same backup in other ways of Firedrill, by name: also run in turn. */
  readonly variants?: Readonly<Record<string, string>>;
  /** The images of the drill, by the name that each replaces. */
  readonly images: Readonly<Record<string, string>>;
  /** The phases of Firedrill's restore that are shown. */
  readonly phases: readonly string[];
  /** The name of the other way: `by hand`. */
  readonly other: string;
  /** Phases of both that are compared separately. */
  readonly compared?: readonly string[];
  /** Recovers once in the other way. @returns seconds of its phases, in order; the ratio is also stated for a restore without the phase `verify`. */
  recover(): Promise<Readonly<Record<string, number>>>;
}
