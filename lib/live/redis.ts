/** Announced changes by pub/sub of Redis or Valkey. A relay (`relay.ts`) publishes them. */
import { createClient } from "@redis/client";
import { log } from "../log";
import { type Receiver, retryDelay, type Source } from "./source";

export type Redis = ReturnType<typeof openRedis>;

/** How long a connection may take, in ms. */
const CONNECT_TIMEOUT_MS = 2_000;
/** The interval of pings, in ms, by which a connection that is half open is noticed. */
const PING_MS = 1_000;

/**
 * Creates a client that connects again after each loss. A command fails at once while it is not connected. `what` names it in the
 * log, once for each outage.
 */
export function openRedis(url: string, what: string) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: retryDelay },
  });
  let isLost = false;
  client.on("error", (error) => {
    if (!isLost) log.warn(`${what}: Redis is not available`, {}, error);
    isLost = true;
  });
  client.on("ready", () => {
    if (isLost) log.info(`${what}: Redis is available again`);
    isLost = false;
  });
  return client;
}

export class RedisSource implements Source {
  readonly #client: Redis;
  readonly #findSpace: () => Promise<string>;
  #isStopped = false;

  /** `findSpace` resolves to the prefix of this database's channels. */
  constructor(url: string, findSpace: () => Promise<string>) {
    this.#client = openRedis(url, "live updates");
    this.#findSpace = findSpace;
  }

  start(channels: string[], receiver: Receiver): void {
    let isUp = false;
    const down = () => {
      if (isUp && !this.#isStopped) receiver.down();
      isUp = false;
    };
    this.#client.on("reconnecting", down).on("end", down);
    this.#client.on(
      "ready",
      () =>
        void this.#subscribe(channels, receiver).then(
          () => {
            isUp = true;
          },
          () => undefined,
        ),
    );
    // Never rejects: the client tries again, and the event `error` is logged.
    this.#client.connect().catch(() => undefined);
  }

  /** Subscribing twice to a channel would deliver its messages twice, so subscriptions of a lost connection are dropped first. */
  async #subscribe(channels: string[], receiver: Receiver): Promise<void> {
    const space = await this.#findSpace();
    await this.#client.unsubscribe();
    const names = channels.map((channel) => `${space}:${channel}`);
    await this.#client.subscribe(names, (message, name) =>
      receiver.message(name.slice(space.length + 1), message),
    );
    receiver.up();
  }

  stop(): void {
    this.#isStopped = true;
    this.#client.destroy();
  }
}
