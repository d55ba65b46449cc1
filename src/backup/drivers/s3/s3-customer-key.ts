import { DrillError } from '../../../support/errors.ts';
import { type BackupKey, EncryptedError } from '../../layer.ts';
import type { SourceContext } from '../../source-driver.ts';
import { readFailure } from './s3-failure.ts';
import type { S3Spec } from './s3-spec.ts';

const KEY_BYTES = 32;

/** Request parameters for an object that the store decrypts with the customer's key; empty without such a key. */
export type CustomerKeyFields = { readonly SSECustomerAlgorithm?: 'AES256'; readonly SSECustomerKey?: string };

/** The SSE-C key that a drill names, read along with the first object. */
export class CustomerKey {
  readonly #spec: S3Spec['sseCustomerKey'];
  readonly #readKey: SourceContext['readKey'];
  #key: Promise<BackupKey> | undefined;

  constructor(spec: S3Spec['sseCustomerKey'], readKey: SourceContext['readKey']) {
    this.#spec = spec;
    this.#readKey = readKey;
  }

  /** @throws DrillError `key-missing`, `key-wrong` if it is not a 256-bit key. */
  async fields(signal: AbortSignal): Promise<CustomerKeyFields> {
    if (!this.#spec) return {};
    this.#key ??= this.#readKey(this.#spec.key, this.#spec.directory, signal).catch((error: unknown) => {
      this.#key = undefined; // a read that was given up must not spoil the next
      throw error;
    });
    const { name, text } = await this.#key;
    return { SSECustomerAlgorithm: 'AES256', SSECustomerKey: encodeKey(name, text) };
  }
}

/** @returns the key in base64. */
function encodeKey(name: string, text: string): string {
  const plain = text.trim();
  if (/^[0-9a-f]{64}$/i.test(plain)) return Buffer.from(plain, 'hex').toString('base64');
  if (/^[A-Za-z0-9+/]{43}=$/.test(plain)) return plain;
  if (Buffer.byteLength(text) === KEY_BYTES && !text.includes('\uFFFD')) return Buffer.from(text).toString('base64');
  throw new DrillError(
    'key-wrong',
    `${name} does not hold a key for SSE-C: it must be 32 bytes in base64 or as 64 hexadecimal digits, and has ${text.length} characters`,
    { hint: 'For a file of 32 raw bytes, name the command that encodes it: `{ command: [base64, -w0, PATH] }`.' },
  );
}

/** How a store's refusal relates to SSE-C. Messages as observed from S3, radosgw and MinIO. */
export function explainCustomerKey(error: unknown): 'wanted' | 'wrong' | 'not-applicable' | undefined {
  const { status, message } = readFailure(error);
  if (status !== 400 && status !== 403) return undefined;
  if (/encryption parameters are not applicable/i.test(message)) return 'not-applicable';
  if (/hash of the key did not match|correct secret key|key does not match/i.test(message)) return 'wrong';
  if (
    /stored using a form of server side encryption|provide a valid encryption algorithm|appropriate (?:secret )?key/i.test(
      message,
    )
  )
    return 'wanted';
  return undefined;
}

export function wrongCustomerKey(key: string, cause: unknown): DrillError {
  return new DrillError('key-wrong', `the store refuses to decrypt ${key} with the key in \`sseCustomerKey\``, {
    hint: 'It was stored with another customer-provided key (SSE-C): set `sseCustomerKey` to that key. The store does not keep it.',
    cause,
  });
}

export function missingCustomerKey(key: string, cause: unknown): DrillError {
  return new EncryptedError(key, 'a key that the store does not have (SSE-C)', {
    hint: 'Add the key to the drill: `sseCustomerKey: { env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, …] }`.',
    cause,
  });
}
