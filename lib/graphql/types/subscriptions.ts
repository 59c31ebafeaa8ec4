/**
 * What can be watched. An event says what changed and is answered as a query is, by whoever the viewer is by then.
 * `refetch` is true when something may have been missed: then ask again for everything that is shown.
 */

import { notDeleted } from "../../db";
import type { Viewer } from "../../identity/viewer";
import { Mailbox } from "../../live/mailbox";
import type { LiveMessage } from "../../live/message";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { deliverySelect, ReceivedDelivery } from "./delivery";
import { Organization, refuseFormerMember } from "./organization";
import { Viewer as ViewerType } from "./viewer";

type Named = Exclude<LiveMessage, { gap: true } | { flush: true }>;

/** A gap and a flush name nothing. */
const isNamed = (message: LiveMessage): message is Named => "ids" in message;

/** Opens a mailbox that takes what `concerns` the viewer, as they are by then. A flush of `tables` concerns everybody. */
function openMailbox(
  { authentication, latestViewer }: Context,
  tables: string[],
  concerns: (message: Named, viewer: Viewer) => boolean,
): Mailbox {
  return new Mailbox((message) => {
    if ("gap" in message) return true;
    if (!tables.includes(message.table)) return false;
    const viewer = latestViewer ? latestViewer() : authentication.viewer;
    return !isNamed(message) || (viewer !== null && concerns(message, viewer));
  });
}

const matchesFilter = (ids: string[], id: string | null | undefined) =>
  id == null || ids.includes(id);

/** Of these organizations, those the person belongs to, also when they have not come yet. */
function ownOrganizations(
  { memberships, stubOrganizationIds }: Viewer["user"],
  ids: string[],
): string[] {
  const own = new Set(stubOrganizationIds);
  for (const { organizationId } of memberships) own.add(organizationId);
  return ids.filter((id) => own.has(id));
}

/** Of these organizations, those the viewer may hear of. */
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
  // One that was just left is named too, so that it can be taken off the screen; it is not shown.
  return isOwnMembership(message, viewer) ? named : visibleTo(viewer, named);
}

const OrganizationChanged = builder.objectRef<LiveMessage>("OrganizationChanged").implement({
  description: "What changed of organizations that the viewer may see.",
  authScopes: { viewer: true },
  fields: (t) => ({
    organizationIds: t.idList({
      nullable: false,
      resolve: (message, _args, context) => organizationIds(message, context),
    }),
    organizations: t.prismaField({
      type: [Organization],
      nullable: false,
      description: "Those of them that are still there for the viewer, as they are now.",
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
        "Of what: users, organizations, memberships or deliveries; null when it is not known.",
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

for (const told of [ViewerChanged, OrganizationChanged, MirrorChanged, DeliveryReceived]) {
  builder.objectField(told, "refetch", (t) =>
    t.boolean({
      nullable: false,
      description: "Something may have been missed: ask again for everything that is shown.",
      resolve: (message) => !isNamed(message),
    }),
  );
}

builder.subscriptionFields((t) => ({
  viewerChanged: t.field({
    type: ViewerChanged,
    nullable: false,
    description: "The viewer, an organization of theirs, or who belongs to it, changed.",
    authScopes: { viewer: true },
    subscribe: (_root, _args, context) =>
      openMailbox(
        context,
        ["users", "memberships", "organizations", "sessions"],
        (message, viewer) => {
          const { claims, user } = viewer;
          const isOurs = (ids: string[]) => ownOrganizations(user, ids).length > 0;
          if (message.table === "organizations") return isOurs(message.ids);
          if (message.table === "sessions") return message.ids.includes(claims.sessionId);
          return message.table === "memberships"
            ? isOwnMembership(message, viewer) || isOurs(message.organizations)
            : message.ids.includes(user.id);
        },
      ),
    resolve: (message) => message,
  }),
  organizationChanged: t.field({
    type: OrganizationChanged,
    nullable: false,
    description:
      "Organizations of the viewer; of the instance, for platform admins. `id` narrows it to one.",
    authScopes: { viewer: true },
    args: { id: t.arg.id() },
    subscribe: (_root, { id }, context) => {
      refuseFormerMember(context, id);
      return openMailbox(context, ["organizations", "memberships"], (message, viewer) =>
        message.table === "memberships"
          ? isOwnMembership(message, viewer) && matchesFilter(message.organizations, id)
          : visibleTo(viewer, message.ids).some((heard) => matchesFilter([heard], id)),
      );
    },
    resolve: (message) => message,
  }),
  membershipsChanged: t.field({
    type: OrganizationChanged,
    nullable: false,
    description:
      "Who belongs to the viewer's organizations changed; `organizationId` narrows it to one.",
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
            : visibleTo(viewer, message.organizations).some((heard) =>
                matchesFilter([heard], organizationId),
              )),
      );
    },
    resolve: (message) => message,
  }),
  mirrorChanged: t.field({
    type: MirrorChanged,
    nullable: false,
    description: "Anything the console shows, whether Clerk told it or a reconciliation found it.",
    authScopes: { admin: true },
    subscribe: (_root, _args, context) =>
      openMailbox(context, ["users", "organizations", "memberships", "deliveries"], () => true),
    resolve: (message) => message,
  }),
  deliveryReceived: t.field({
    type: DeliveryReceived,
    nullable: false,
    description: "The inbox, as it fills.",
    authScopes: { admin: true },
    subscribe: (_root, _args, context) => openMailbox(context, ["deliveries"], () => true),
    resolve: (message) => message,
  }),
}));
