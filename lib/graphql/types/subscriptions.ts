/**
 * The subscriptions. An event says what changed; its fields are resolved like a query, with the viewer's access at that time.
 * `refetch` is true when a change may have been missed: the client then reads all its data again.
 */
import { notDeleted } from "../../db";
import type { Viewer } from "../../identity/viewer";
import { listener } from "../../live/listener";
import { Mailbox, type MessageSource } from "../../live/mailbox";
import type { LiveMessage } from "../../live/message";
import { FEED, FeedWatch } from "../../social/feed-watch"; // part of the sample product
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { requireViewerId } from "../errors"; // part of the sample product
import { deliverySelect, ReceivedDelivery } from "./delivery";
import { Organization, refuseFormerMember } from "./organization";
import { isOrganizationAdmin } from "./organization-admin";
import { SYNC_STATE, syncStateWatch } from "./sync-state-watch";
import { Viewer as ViewerType } from "./viewer";

type Named = Extract<LiveMessage, { ids: string[] }>;

/** True for a message that names rows. A gap and a flush have no ids. */
const isNamed = (message: LiveMessage): message is Named => "ids" in message;

/**
 * Opens a mailbox for messages from the sources (default: the listener) that are relevant to the viewer. The viewer found at the
 * last event determines what is relevant. A gap, and a flush of one of `tables`, is relevant to every viewer.
 */
function openMailbox(
  { authentication, latestViewer }: Context,
  tables: string[],
  isRelevant: (message: Named, viewer: Viewer) => boolean,
  ...sources: MessageSource[]
): Mailbox {
  const isWanted = (message: LiveMessage) => {
    if ("gap" in message) return true;
    if (!tables.includes(message.table)) return false;
    const viewer = latestViewer ? latestViewer() : authentication.viewer;
    return !isNamed(message) || (viewer !== null && isRelevant(message, viewer));
  };
  return new Mailbox(isWanted, ...sources);
}

const matchesFilter = (ids: string[], id: string | null | undefined) =>
  id == null || ids.includes(id);

/**
 * Returns those of the ids that are organizations of the user. Includes organizations that are still stub rows, because their own
 * event has not arrived.
 */
function ownOrganizations(
  { memberships, stubOrganizationIds }: Viewer["user"],
  ids: string[],
): string[] {
  const own = new Set(stubOrganizationIds);
  for (const { organizationId } of memberships) own.add(organizationId);
  return ids.filter((id) => own.has(id));
}

/** Returns those of the organization ids whose changes the viewer may receive. */
function visibleTo(viewer: Viewer, ids: string[]): string[] {
  return viewer.isAdmin ? ids : ownOrganizations(viewer.user, ids);
}

function isOwnMembership(message: Named, viewer: Viewer): boolean {
  return message.table === "memberships" && message.users.includes(viewer.user.id);
}

const ViewerChanged = builder.objectRef<LiveMessage>("ViewerChanged").implement({
  authScopes: { viewer: true },
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      resolve: (_message, _args, { authentication }) => authentication.viewer,
    }),
  }),
});

function organizationIds(message: LiveMessage, { authentication: { viewer } }: Context): string[] {
  if (!isNamed(message) || !viewer) return [];
  const named = message.table === "memberships" ? message.organizations : message.ids;
  // Includes an organization that the viewer just left, so that the client can remove it. Its fields stay hidden.
  return isOwnMembership(message, viewer) ? named : visibleTo(viewer, named);
}

const OrganizationChanged = builder.objectRef<LiveMessage>("OrganizationChanged").implement({
  description: "A change of organizations that are visible to the viewer.",
  authScopes: { viewer: true },
  fields: (t) => ({
    organizationIds: t.idList({
      nullable: false,
      resolve: (message, _args, context) => organizationIds(message, context),
    }),
    organizations: t.prismaField({
      type: [Organization],
      nullable: false,
      description:
        "The organizations that are still visible to the viewer, with their current values.",
      resolve: (select, message, _args, context) => {
        const viewer = context.authentication.viewer;
        const ids = viewer ? visibleTo(viewer, organizationIds(message, context)) : [];
        return viewerDbOf(context).organization.findMany({
          ...select,
          where: { id: { in: ids }, ...notDeleted },
        });
      },
    }),
  }),
});

const MirrorChanged = builder.objectRef<LiveMessage>("MirrorChanged").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    table: t.string({
      description:
        "What changed: users, organizations, memberships, deliveries or sync_state; null when it is not known.",
      resolve: (message) => ("table" in message ? message.table : null),
    }),
  }),
});

const DeliveryReceived = builder.objectRef<LiveMessage>("DeliveryReceived").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    deliveries: t.field({
      type: [ReceivedDelivery],
      nullable: false,
      resolve: (message, _args, context) =>
        viewerDbOf(context).delivery.findMany({
          select: deliverySelect,
          where: { svixId: { in: isNamed(message) ? message.ids : [] } },
        }),
    }),
  }),
});

for (const payload of [ViewerChanged, OrganizationChanged, MirrorChanged, DeliveryReceived]) {
  builder.objectField(payload, "refetch", (t) =>
    t.boolean({
      nullable: false,
      description: "A change may have been missed: read all displayed data again.",
      resolve: (message) => !isNamed(message),
    }),
  );
}

builder.subscriptionFields((t) => ({
  viewerChanged: t.field({
    type: ViewerChanged,
    nullable: false,
    description:
      "The viewer, one of their organizations, a membership in one of them, an invitation to them or of an organization that they administer, or their feed changed.",
    authScopes: { viewer: true },
    subscribe: (_root, _args, context) =>
      openMailbox(
        context,
        [
          ...["users", "memberships", "organizations", "invitations", "sessions"],
          FEED, // part of the sample product
        ],
        (message, viewer) => {
          const { claims, user } = viewer;
          const hasOwn = (ids: string[]) => ownOrganizations(user, ids).length > 0;
          if (message.table === "organizations") return hasOwn(message.ids);
          if (message.table === "sessions") return message.ids.includes(claims.sessionId);
          if (message.table === "memberships")
            return isOwnMembership(message, viewer) || hasOwn(message.organizations);
          if (message.table === "invitations")
            return (
              message.users.includes(user.id) ||
              message.organizations.some((id) => isOrganizationAdmin(viewer, id))
            );
          return message.ids.includes(user.id);
        },
        new FeedWatch(requireViewerId(context)), // part of the sample product
      ),
    resolve: (message) => message,
  }),
  organizationChanged: t.field({
    type: OrganizationChanged,
    nullable: false,
    description:
      "An organization of the viewer changed; for platform admins, any organization. `id` limits it to one.",
    authScopes: { viewer: true },
    args: { id: t.arg.id() },
    subscribe: (_root, { id }, context) => {
      refuseFormerMember(context, id);
      return openMailbox(context, ["organizations", "memberships"], (message, viewer) =>
        message.table === "memberships"
          ? isOwnMembership(message, viewer) && matchesFilter(message.organizations, id)
          : visibleTo(viewer, message.ids).some((visible) => matchesFilter([visible], id)),
      );
    },
    resolve: (message) => message,
  }),
  membershipsChanged: t.field({
    type: OrganizationChanged,
    nullable: false,
    description:
      "A membership in an organization of the viewer changed. `organizationId` limits it to one.",
    authScopes: { viewer: true },
    args: { organizationId: t.arg.id() },
    subscribe: (_root, { organizationId }, context) => {
      refuseFormerMember(context, organizationId);
      return openMailbox(
        context,
        ["memberships"],
        (message, viewer) =>
          message.table === "memberships" &&
          (isOwnMembership(message, viewer)
            ? matchesFilter(message.organizations, organizationId)
            : visibleTo(viewer, message.organizations).some((visible) =>
                matchesFilter([visible], organizationId),
              )),
      );
    },
    resolve: (message) => message,
  }),
  mirrorChanged: t.field({
    type: MirrorChanged,
    nullable: false,
    description:
      "A row that the console shows changed, by a webhook or by a reconciliation, or the state of the sync did.",
    authScopes: { admin: true },
    subscribe: (_root, _args, context) =>
      openMailbox(
        context,
        ["users", "organizations", "memberships", "deliveries", SYNC_STATE],
        () => true,
        listener(),
        syncStateWatch,
      ),
    resolve: (message) => message,
  }),
  deliveryReceived: t.field({
    type: DeliveryReceived,
    nullable: false,
    description: "A webhook delivery was recorded.",
    authScopes: { admin: true },
    subscribe: (_root, _args, context) => openMailbox(context, ["deliveries"], () => true),
    resolve: (message) => message,
  }),
}));
