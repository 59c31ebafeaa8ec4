/**
 * Builds the message of one change. It contains the object before and after the change. Its attributes have the names of the
 * mirror's columns, which are Clerk's names. See docs/change-feed.md.
 */
import type { AnyEffect } from "../effect";
import type { EffectTable } from "../object";
import type { FeedKind } from "./endpoints";
import type { Message } from "./send";

const kindOf: Record<EffectTable, FeedKind> = {
  users: "user",
  organizations: "organization",
  memberships: "membership",
  invitations: "invitation",
};

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Returns whether an attribute is sent. Private metadata is sent only to an endpoint that was added with `--private-metadata`,
 * and is null unless it is mirrored.
 */
const isSent = (name: string, sendsPrivateMetadata: boolean) =>
  sendsPrivateMetadata || name !== "private_metadata";

export function messageOf(effect: AnyEffect, sendsPrivateMetadata: boolean): Message {
  const versionOf = (version: object | null) =>
    version &&
    Object.fromEntries(
      Object.entries(version).flatMap(([attribute, value]) => {
        const name = snakeCase(attribute);
        return isSent(name, sendsPrivateMetadata) ? [[name, value]] : [];
      }),
    );
  const { current, previous } = effect;
  const body = {
    type: `${kindOf[effect.table]}.${effect.change}`,
    timestamp: effect.occurredAt,
    cause: effect.cause,
    data: {
      id: (current ?? previous)?.id,
      current: versionOf(current),
      previous: versionOf(previous),
      changed: effect.changed.map(snakeCase).filter((name) => isSent(name, sendsPrivateMetadata)),
    },
  };
  // The id must have no dot: in the signed text, dots separate id, timestamp and body.
  return { id: effect.key.replaceAll(".", "_"), body: JSON.stringify(body) };
}
