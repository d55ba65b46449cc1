/** One stored object, exactly as the store lists it. `etag` pins its content, so that reading a replaced object fails. */
export interface StoredObject {
  /** Full key, prefix included (s3), or path relative to the source (directory). */
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  readonly etag: string;
  /** Storage class, when it is not the store's standard one: `GLACIER`. */
  readonly storageClass?: string;
  /** Names one version where the store keeps several; reads are of that version. */
  readonly versionId?: string;
}
