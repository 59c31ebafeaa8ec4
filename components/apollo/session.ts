/**
 * The browser's session for Apollo's links. It returns Clerk's token, and waits until there is one. If several operations are
 * refused at the same time, they share one request for a fresh token. Being offline is not an error: the session waits for the
 * network.
 */
import { ClerkOfflineError } from "@clerk/nextjs/errors";
import { singleFlight } from "@/lib/coalesce";

type GetToken = (options?: { skipCache?: boolean }) => Promise<string | null>;

/** Clerk is not loaded yet or is switching sessions. Thrown to the caller only after {@link RETRIES} retries. */
export class AuthTokenNotReady extends Error {
  override name = "AuthTokenNotReady";
  readonly code = "AUTH_TOKEN_NOT_READY";
}

const RETRIES = 20;
const RETRY_MS = 250;

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export class Session {
  #getToken: GetToken = () => Promise.reject(new AuthTokenNotReady());
  #switches = 0;
  readonly #switchListeners = new Set<() => void>();
  readonly #online: () => Promise<void>;
  readonly #pause: (milliseconds: number) => Promise<void>;

  /** `online` resolves once there is a network. */
  constructor(online: () => Promise<void>, wait = pause) {
    this.#online = online;
    this.#pause = wait;
  }

  /**
   * Call when Clerk is loaded and after each change of its auth state. While Clerk switches the session or the active
   * organization, its `getToken` resolves to null for a moment: for a signed-in user that means "not yet", not "signed out".
   */
  setTokenSource(getToken: GetToken, isSignedIn: boolean): void {
    this.#getToken = async (options) => {
      const token = await getToken(options);
      if (token === null && isSignedIn) throw new AuthTokenNotReady();
      return token;
    };
  }

  /** The number of switches of the user or the active organization so far. */
  get switchCount(): number {
    return this.#switches;
  }

  notifySwitch(): void {
    this.#switches += 1;
    for (const listener of this.#switchListeners) listener();
  }

  /** Calls `listener` after each switch, until the returned function is called. */
  onSwitch(listener: () => void): () => void {
    this.#switchListeners.add(listener);
    return () => this.#switchListeners.delete(listener);
  }

  /** Resolves to the token, or null while signed out. Waits for Clerk and for the network. @throws AuthTokenNotReady */
  token(options?: { skipCache?: boolean }): Promise<string | null> {
    return this.#retrieve(options, RETRIES);
  }

  async #retrieve(
    options: { skipCache?: boolean } | undefined,
    retriesLeft: number,
  ): Promise<string | null> {
    try {
      return await this.#getToken(options);
    } catch (error) {
      if (error instanceof AuthTokenNotReady && retriesLeft > 0) {
        await this.#pause(RETRY_MS);
        return this.#retrieve(options, retriesLeft - 1);
      }
      if (!ClerkOfflineError.is(error)) throw error;
      await this.#online();
      return this.#retrieve(options, retriesLeft);
    }
  }

  /** Fetches a fresh token from Clerk. Parallel callers share one request. */
  readonly refreshToken = singleFlight(() => this.token({ skipCache: true }));

  whenOnline(): Promise<void> {
    return this.#online();
  }
}

/** Resolves at once while the browser is online, or else at its next `online` event. */
function browserOnline(): Promise<void> {
  if (typeof navigator === "undefined" || navigator.onLine) return Promise.resolve();
  return new Promise((resolve) =>
    window.addEventListener("online", () => resolve(), { once: true }),
  );
}

/**
 * The one session of this page. Outside React, because React may render the provider several times before it commits and drops
 * the state of the earlier renderings. On the server it never gets a token source.
 */
export const browserSession = new Session(browserOnline);
