// What all clients of the AWS SDK are told here.

// Standard error is the command's own; without a logger the SDK would write its warnings there.
export const silentLogger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

function ignore(): void {}
