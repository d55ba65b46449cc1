import { Readable } from 'node:stream';
import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { BackupKey, KeyRing } from '../../../../src/backup/layer.ts';

export const CHUNK = 2 ** 16 + 16;

export interface Pair {
  readonly identity: string;
  readonly recipient: string;
}

export async function newPair(): Promise<Pair> {
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export async function ageFor(recipients: readonly string[], content: Buffer): Promise<Buffer> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(content));
}

/** With a work factor that takes milliseconds. */
export async function ageWith(passphrase: string, content: Buffer, workFactor = 4): Promise<Buffer> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(workFactor);
  encrypter.setPassphrase(passphrase);
  return Buffer.from(await encrypter.encrypt(content));
}

export function armored(file: Buffer): Buffer {
  return Buffer.from(armor.encode(file));
}

/** Where the chunks of the payload begin: after the header and its nonce. */
export function payloadAt(file: Buffer): number {
  return file.indexOf('\n', file.indexOf('\n--- ') + 1) + 1 + 16;
}

export function ringOf(...texts: readonly string[]): KeyRing {
  const keys: BackupKey[] = texts.map((text, index) => ({ name: `the variable KEY_${index}`, text }));
  return { isEmpty: keys.length === 0, read: async () => keys, noteUse: () => undefined };
}

/** Splits the bytes into chunks of one size, as a store would deliver them. */
export function inPieces(bytes: Buffer, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces, { objectMode: false });
}
