// The dependencies of one running local Clerk. Its functions take this context as their first argument.

import type { Clock } from "./clock";
import type { Keys } from "./instance/keys";
import type { Settings } from "./instance/settings";
import type { Handshakes } from "./sessions/handshakes";
import type { OauthRounds } from "./sessions/oauth-rounds";
import type { Faults } from "./simulation/faults";
import type { State } from "./store/state";
import type { WebhookSender } from "./webhooks/sender";

export type ClerkContext = {
  state: State;
  keys: Keys;
  /** Whether this is a development instance, which identifies a browser by `__clerk_db_jwt` instead of the `__client` cookie. */
  isDevelopment: boolean;
  clock: Clock;
  instanceSettings: Settings;
  /** The instance's settings, overridden by the settings header of the current request. */
  readonly settings: Settings;
  webhooks: WebhookSender;
  handshakes: Handshakes;
  faults: Faults;
  rounds: OauthRounds;
  /** The app's origin. The Frontend API refuses every other origin. */
  appOrigin: string;
  /** The URL at which browsers reach the Frontend API, by default through the app's proxy. */
  proxyUrl: string;
  log(line: string): void;
  onEvent?: (type: string, body: string) => void;
};
