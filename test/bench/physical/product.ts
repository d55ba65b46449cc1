import type { S3Client } from '@aws-sdk/client-s3';
import type { Radosgw } from '../../support/radosgw.ts';

/** What `npm run bench physical` measures: a file for each product, named in `physical-bench.ts`. */
export interface Product {
  /** For the first line of the report: `base backup and log, to the end of the log`. */
  readonly title: string;
  /** Whether the store is to speak TLS, too: then Firedrill is given that. Default: no. */
  readonly tls?: boolean;
  /** Makes the backup once, and stores it. */
  prepare(bench: Bench): Promise<Contest>;
}

export interface Bench {
  /** On this host; removed at the end. */
  readonly directory: string;
  readonly store: Radosgw;
  readonly client: S3Client;
  /** Exists, and is empty. */
  readonly bucket: string;
  /** What a drill says of the store: `endpoint: '…', region: …`. */
  readonly storeKeys: string;
  /** How a server on this machine reaches the store over TLS, where the product asks for that. */
  readonly tlsPort: number;
  /** The beginning of a shell command that gets an object, up to its key: `${curl}/base/base.tar.zst'`. */
  readonly curl: string;
  /** Of the data: a server of scale 1 has about 1.6 GB. */
  readonly scale: number;
  /** Files of the log. */
  readonly segments: number;
  readonly say: (text: string) => void;
}

/** Two ways to recover one backup, or more of them. */
export interface Contest {
  /** The drill that Firedrill runs. Its checks are shown with their times. */
  readonly drill: string;
  /** The same backup in another way of Firedrill's own, by what that is called: run in turn, too. */
  readonly variants?: Readonly<Record<string, string>>;
  /** The images of the drill, by the name that each stands for. */
  readonly images: Readonly<Record<string, string>>;
  /** The phases of Firedrill's restore that are shown. */
  readonly phases: readonly string[];
  /** What the other way is called: `by hand`. */
  readonly other: string;
  /** Phases of both that are compared by themselves. */
  readonly compared?: readonly string[];
  /** Recovers once in the other way. @returns seconds of its phases, one after the other; the ratio is also given to a restore without the one called `verify`. */
  recover(): Promise<Readonly<Record<string, number>>>;
}
