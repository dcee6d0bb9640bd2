// The few interfaces between the core and the world. Stations import these, never what stands
// behind them.

/** Where bytes are kept under keys, as in an S3 bucket. */
export type ObjectStore = {
  /** One page of what is below `prefix`; throws PortcullisError `s3/access`. */
  listPage(bucket: string, prefix: string, options: ListOptions): Promise<ListPage>;
  /**
   * The bytes of one object, as stored, in order. Throws PortcullisError `s3/access`; the bytes that
   * came before are good. Leaving the loop early ends the transfer.
   */
  read(bucket: string, key: string): AsyncIterable<Uint8Array>;
};

export type ListOptions = {
  /** Only the next level: keys directly below `prefix`, and the "folders" there. */
  readonly byFolder: boolean;
  /** `nextPage` of the page before; null for the first one. */
  readonly page: string | null;
  readonly signal?: AbortSignal;
};

export type ListPage = {
  /** In the order of their keys. */
  readonly objects: readonly StoredObject[];
  /** Prefixes that end in `/`, in order; empty without `byFolder`. */
  readonly folders: readonly string[];
  /** Where the listing goes on; null on the last page. */
  readonly nextPage: string | null;
};

/** Size in bytes, as stored. */
export type StoredObject = { readonly key: string; readonly sizeBytes: number };
