/**
 * Forwards the listener's messages. After each message that may change the user's feed, also sends a `flush` for the name `FEED`.
 * Loads the ids of the people whom the user follows at subscription, and again when the user's follows change.
 */
import { database } from "../db";
import { listener } from "../live/listener";
import type { MessageSource } from "../live/mailbox";
import type { LiveMessage } from "../live/message";

export const FEED = "feed";

async function followedBy(userId: string): Promise<ReadonlySet<string>> {
  const { rows } = await database().pool.query<{ id: string }>(
    "SELECT followed_id AS id FROM follows WHERE follower_id = $1 AND is_accepted",
    [userId],
  );
  return new Set(rows.map(({ id }) => id));
}

export class FeedWatch implements MessageSource {
  readonly #userId: string;
  /**
   * The ids of the people whom the user follows. Null while they load, or if they could not be loaded: then every change of
   * wishlist items counts as a change of this feed.
   */
  #followed: ReadonlySet<string> | null = null;
  #loads = 0;

  constructor(userId: string) {
    this.#userId = userId;
  }

  subscribe(notify: (message: LiveMessage) => void): () => void {
    void this.#load();
    return listener().subscribe((message) => {
      notify(message);
      if (this.#isRelevant(message)) notify({ table: FEED, flush: true });
    });
  }

  async #load(): Promise<void> {
    this.#followed = null;
    this.#loads += 1;
    const load = this.#loads;
    // After a failed load, `#followed` is null, and the next change of the user's follows loads again.
    const followed = await followedBy(this.#userId).catch(() => null);
    if (load === this.#loads) this.#followed = followed;
  }

  #isRelevant(message: LiveMessage): boolean {
    if (!("table" in message)) return false;
    if (message.table === "wishlist_items") {
      if (!("users" in message) || !this.#followed) return true;
      return message.users.some((id) => this.#followed?.has(id));
    }
    if (message.table !== "follows") return false;
    if ("users" in message && !message.users.includes(this.#userId)) return false;
    void this.#load();
    return true;
  }
}
