// Something happened: the envelope that Clerk's webhooks have, put in the queue in the same change as
// its cause.

import { currentScope } from "./request-scope";
import type { World } from "./world";

export type EventType =
  | "email.created"
  | `organization.${"created" | "updated" | "deleted"}`
  | `organizationInvitation.${"created" | "accepted" | "revoked"}`
  | `organizationMembership.${"created" | "updated" | "deleted"}`
  | `session.${"created" | "ended" | "removed" | "revoked"}`
  | `user.${"created" | "updated" | "deleted"}`;

export function emit(world: World, type: EventType, data: object): void {
  const scope = currentScope();
  const body = {
    data,
    event_attributes: {
      http_request: { client_ip: scope?.clientIp ?? "", user_agent: scope?.userAgent ?? "" },
    },
    instance_id: world.keys.instanceId,
    object: "event",
    timestamp: world.clock.now(),
    type,
  };
  world.webhooks.enqueue(type, JSON.stringify(body));
}
