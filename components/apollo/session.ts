/**
 * The browser's session as Apollo's links see it: a token when Clerk has one, and what to do until it has. Refreshes once for
 * everybody who was refused at the same time. Offline is a state that is waited out, not an error.
 */
import { ClerkOfflineError } from "@clerk/nextjs/errors";
import { singleFlight } from "@/lib/coalesce";

type GetToken = (options?: { skipCache?: boolean }) => Promise<string | null>;

/** Clerk is not loaded yet, or between two sessions; asked again, and shown to nobody unless it lasts. */
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

  /** `online` resolves when there is a network again. */
  constructor(online: () => Promise<void>, wait = pause) {
    this.#online = online;
    this.#pause = wait;
  }

  /**
   * Called when Clerk is loaded, and again whenever what it says is another. While Clerk changes the session or the active
   * organization, its `getToken` gives null for a moment: to somebody signed in that is "not yet", not "signed out".
   */
  setTokenSource(getToken: GetToken, isSignedIn: boolean): void {
    this.#getToken = async (options) => {
      const token = await getToken(options);
      if (token === null && isSignedIn) throw new AuthTokenNotReady();
      return token;
    };
  }

  /** How often the person or the active organization has changed. */
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

  /** The token, or null when nobody is signed in. Waits for Clerk and for the network. */
  token(options?: { skipCache?: boolean }): Promise<string | null> {
    return this.#ask(options, RETRIES);
  }

  async #ask(options: { skipCache?: boolean } | undefined, left: number): Promise<string | null> {
    try {
      return await this.#getToken(options);
    } catch (error) {
      if (error instanceof AuthTokenNotReady && left > 0) {
        await this.#pause(RETRY_MS);
        return this.#ask(options, left - 1);
      }
      if (!ClerkOfflineError.is(error)) throw error;
      await this.#online();
      return this.#ask(options, left);
    }
  }

  /** A token that is newer than the one that was refused; one question to Clerk for all who ask at once. */
  readonly refreshToken = singleFlight(() => this.token({ skipCache: true }));

  whenOnline(): Promise<void> {
    return this.#online();
  }
}

/** Resolves at once, unless the browser says that it is offline; then when it says that it is online. */
export function browserOnline(): Promise<void> {
  if (typeof navigator === "undefined" || navigator.onLine) return Promise.resolve();
  return new Promise((resolve) =>
    window.addEventListener("online", () => resolve(), { once: true }),
  );
}

/**
 * The session of this page, beside its one client: React may render the provider more than once before it stays, and what
 * the first rendering held is then gone. On the server nobody ever sets it.
 */
export const browserSession = new Session(browserOnline);
