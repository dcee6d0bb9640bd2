// What every unpacker is and does, whatever the packing and whoever unpacks.

/** Where unpacked bytes go: `room` gives space, `commit` says how much of it was filled. */
export type InflateTarget = {
  room(): Uint8Array;
  commit(bytes: number): void;
};

/** The packed bytes are damaged, or end too early. What came before was committed. */
export class InflateError extends Error {
  override readonly name = 'InflateError';
  readonly truncated: boolean;

  constructor(message: string, truncated: boolean, options?: ErrorOptions) {
    super(message, options);
    this.truncated = truncated;
  }
}

export type Inflater = {
  /** Unpacks one piece. Pieces must not be pushed before the last push has settled. */
  push(chunk: Uint8Array): void | Promise<void>;
  /** Says that no more comes; fails with `InflateError` where more should have. */
  finish(): void | Promise<void>;
  /** Frees native memory. Call it once, whatever happened. */
  close(): void;
};
