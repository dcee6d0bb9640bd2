// The few interfaces between the core and the world. Stations import these, never what stands
// behind them.

/** Where bytes are kept under keys, as in an S3 bucket. */
export type ObjectStore = {
  /** All keys below `prefix`, page after page, in the store's order. Sizes in bytes, as stored. */
  list(bucket: string, prefix: string): AsyncIterable<StoredObject>;
  /** The next level of "folders" below `prefix`, each ending in `/`. */
  listFolders(bucket: string, prefix: string): AsyncIterable<string>;
  /** The bytes of one object, as stored, in order. */
  read(bucket: string, key: string): AsyncIterable<Uint8Array>;
};

export type StoredObject = { readonly key: string; readonly sizeBytes: number };
