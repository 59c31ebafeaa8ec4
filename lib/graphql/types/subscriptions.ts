/**
 * What can be watched. An event says what changed and is answered as a query is, by whoever the viewer is by then.
 * `refetch` is true when something may have been missed: then ask again for everything that is shown.
 */

import { live } from "../../db";
import type { Viewer } from "../../identity/viewer";
import { Mailbox } from "../../live/mailbox";
import type { LiveMessage } from "../../live/message";
import { builder } from "../builder";
import { type Context, mirrorOf } from "../context";
import { ReceivedDelivery, shownOfDelivery } from "./delivery";
import { Organization, refuseLeft } from "./organization";
import { Viewer as ViewerType } from "./viewer";

type Named = Exclude<LiveMessage, { gap: true } | { flush: true }>;

/** A gap and a flush name nothing. */
const isNamed = (message: LiveMessage): message is Named => "ids" in message;

/** Opens a mailbox that takes what `concerns` the viewer, as they are by then. A flush of `tables` concerns everybody. */
function watch(
  { asking, latest }: Context,
  tables: string[],
  concerns: (message: Named, viewer: Viewer) => boolean,
): Mailbox {
  return new Mailbox((message) => {
    if ("gap" in message) return true;
    if (!tables.includes(message.table)) return false;
    const viewer = latest ? latest() : asking.viewer;
    return !isNamed(message) || (viewer !== null && concerns(message, viewer));
  });
}

const touches = (ids: string[], id: string | null | undefined) => id == null || ids.includes(id);

/** Of these organizations, those the person belongs to, also when they have not come yet. */
function ownOf({ memberships, awaitedOrganizationIds }: Viewer["person"], ids: string[]): string[] {
  const own = new Set(awaitedOrganizationIds);
  for (const { organizationId } of memberships) own.add(organizationId);
  return ids.filter((id) => own.has(id));
}

/** Of these organizations, those the viewer may hear of. */
function heardBy(viewer: Viewer, ids: string[]): string[] {
  return viewer.isAdmin ? ids : ownOf(viewer.person, ids);
}

function isOwnMembership(message: Named, viewer: Viewer): boolean {
  return message.table === "memberships" && message.users.includes(viewer.person.id);
}

const ViewerChanged = builder.objectRef<LiveMessage>("ViewerChanged").implement({
  authScopes: { viewer: true },
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      resolve: (_message, _args, { asking }) => asking.viewer,
    }),
  }),
});

function organizationIds(message: LiveMessage, { asking: { viewer } }: Context): string[] {
  if (!isNamed(message) || !viewer) return [];
  const named = message.table === "memberships" ? message.organizations : message.ids;
  // One that was just left is named too, so that it can be taken off the screen; it is not shown.
  return isOwnMembership(message, viewer) ? named : heardBy(viewer, named);
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
        const viewer = context.asking.viewer;
        const ids = viewer ? heardBy(viewer, organizationIds(message, context)) : [];
        return mirrorOf(context).organization.findMany({
          ...select,
          where: { id: { in: ids }, ...live },
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
        mirrorOf(context).delivery.findMany({
          select: shownOfDelivery,
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
      watch(context, ["users", "memberships", "organizations", "sessions"], (message, viewer) => {
        const { claims, person } = viewer;
        const isOurs = (ids: string[]) => ownOf(person, ids).length > 0;
        if (message.table === "organizations") return isOurs(message.ids);
        if (message.table === "sessions") return message.ids.includes(claims.sessionId);
        return message.table === "memberships"
          ? isOwnMembership(message, viewer) || isOurs(message.organizations)
          : message.ids.includes(person.id);
      }),
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
      refuseLeft(context, id);
      return watch(context, ["organizations", "memberships"], (message, viewer) =>
        message.table === "memberships"
          ? isOwnMembership(message, viewer) && touches(message.organizations, id)
          : heardBy(viewer, message.ids).some((heard) => touches([heard], id)),
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
      refuseLeft(context, organizationId);
      return watch(
        context,
        ["memberships"],
        (message, viewer) =>
          message.table === "memberships" &&
          (isOwnMembership(message, viewer)
            ? touches(message.organizations, organizationId)
            : heardBy(viewer, message.organizations).some((heard) =>
                touches([heard], organizationId),
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
      watch(context, ["users", "organizations", "memberships", "deliveries"], () => true),
    resolve: (message) => message,
  }),
  deliveryReceived: t.field({
    type: DeliveryReceived,
    nullable: false,
    description: "The inbox, as it fills.",
    authScopes: { admin: true },
    subscribe: (_root, _args, context) => watch(context, ["deliveries"], () => true),
    resolve: (message) => message,
  }),
}));
