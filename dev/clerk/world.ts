// What every part of the local Clerk is handed: one instance's state, keys, time and voice.

import type { Clock } from "./clock";
import type { Faults } from "./faults";
import type { Handshakes } from "./handshakes";
import type { Keys } from "./keys";
import type { OauthRounds } from "./oauth";
import type { Settings } from "./settings";
import type { State } from "./state";
import type { WebhookSender } from "./webhooks";

export type World = {
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
