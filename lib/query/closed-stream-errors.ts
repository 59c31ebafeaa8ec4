/**
 * A person who goes on to another page closes the stream that Apollo's preloading still writes to. Its link
 * (`TeeToReadableStreamLink` of @apollo/client-react-streaming 0.14) throws then, where nobody can catch it but rxjs, which
 * would make of it an exception of the whole process.
 */
import { config } from "rxjs";

const isClosedStream = (error: unknown) =>
  error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_STATE";

export function ignoreClosedStreamErrors(): void {
  config.onUnhandledError = (error: unknown) => {
    if (!isClosedStream(error)) throw error;
  };
}
