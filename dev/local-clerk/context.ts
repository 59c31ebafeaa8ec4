// What every part of the local Clerk is handed: one instance's state, keys, time and voice.

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
  clock: Clock;
  /** As the instance is set up; `settings` is what the browser that asks finds of it. */
  instanceSettings: Settings;
  readonly settings: Settings;
  webhooks: WebhookSender;
  handshakes: Handshakes;
  faults: Faults;
  rounds: OauthRounds;
  /** The origin of the app, the only one that may call the Frontend API. */
  appOrigin: string;
  /** Where a browser finds the Frontend API: the app's own proxy. */
  proxyUrl: string;
  log(line: string): void;
  onEvent?: (type: string, body: string) => void;
};
