/** Announced changes by LISTEN on a connection of its own, which is also the one that sends heartbeats. */
import pg from "pg";
import { log } from "../log";
import { type Receiver, retryDelay, type Source } from "./source";

export class NotifySource implements Source {
  readonly #connection: pg.ClientConfig;
  #channels: string[] = [];
  #receiver: Receiver | undefined;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isUp = false;
  #isStopped = false;
  #failures = 0;

  constructor(connection: pg.ClientConfig) {
    this.#connection = connection;
  }

  start(channels: string[], receiver: Receiver): void {
    this.#channels = channels;
    this.#receiver = receiver;
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.reconnect();
  }

  /** Runs a statement on the listening connection, if it is up. A failure is ignored: the heartbeat then does not return. */
  run(text: string, values: string[]): void {
    if (this.#isUp) this.#client?.query(text, values).catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionTimeoutMillis: 2_000, ...this.#connection });
    this.#client = client;
    const lose = () => {
      if (this.#client === client) this.reconnect();
    };
    client.on("error", lose).on("end", lose);
    client.on("notification", ({ channel, payload }) => {
      if (this.#client === client) this.#receiver?.message(channel, payload);
    });
    try {
      await client.connect();
      await client.query(this.#channels.map((channel) => `LISTEN ${channel}`).join("; "));
      if (this.#client !== client) return;
      if (this.#failures > 0) log.info("listening to the database again");
      this.#failures = 0;
      this.#isUp = true;
      this.#receiver?.up();
    } catch (error) {
      // Logged once, however long the outage lasts.
      if (this.#failures === 0) {
        log.warn("not listening to the database; caches are bypassed until it is back", {}, error);
      }
      this.#failures += 1;
      lose();
    }
  }

  /** Closes the connection, if there is one, and connects again after a delay, unless stopped. */
  reconnect(): void {
    const client = this.#client;
    this.#client = undefined;
    clearTimeout(this.#timer);
    client?.connection.stream.destroy();
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (this.#isStopped) return;
    // `unref`, because the reconnect timer must not keep a process alive.
    this.#timer = setTimeout(() => void this.#connect(), retryDelay(this.#failures)).unref();
    if (wasUp) this.#receiver?.down();
  }
}
