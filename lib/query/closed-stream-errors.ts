/**
 * Ignores writes to a closed preload stream. When a user leaves a page, its stream closes while Apollo's preloading still writes to
 * it. The link (`TeeToReadableStreamLink` of @apollo/client-react-streaming 0.14) then throws inside rxjs, which would make it an
 * uncaught exception of the process.
 */
import { config } from "rxjs";

const isClosedStream = (error: unknown) =>
  error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_STATE";

export function ignoreClosedStreamErrors(): void {
  config.onUnhandledError = (error: unknown) => {
    if (!isClosedStream(error)) throw error;
  };
}
