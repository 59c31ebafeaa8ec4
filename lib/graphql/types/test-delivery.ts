/** The test tab of the deliveries: sending a sample event, and verifying a pasted delivery. */
import {
  type Explanation,
  explainDelivery,
  mayTestDeliveries,
  sendTestDelivery,
} from "../../sync/inbox/test-delivery";
import { builder } from "../builder";
import { requireSelf } from "../errors";

type Sent = Awaited<ReturnType<typeof sendTestDelivery>>;

const TestDelivery = builder.objectRef<Sent>("TestDelivery").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    svixId: t.id({
      description: "The id of the delivery; null if none was sent.",
      resolve: (sent) => ("svixId" in sent ? sent.svixId : null),
    }),
    status: t.int({
      description: "The status that the endpoint answered.",
      resolve: (sent) => ("status" in sent ? sent.status : null),
    }),
    error: t.string({ resolve: ({ error }) => error }),
  }),
});

const DeliveryVerification = builder.objectRef<Explanation>("DeliveryVerification").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    isVerified: t.exposeBoolean("isVerified", { nullable: false }),
    sentences: t.exposeStringList("sentences", {
      nullable: false,
      description: "What was found, and what to do.",
    }),
  }),
});

builder.queryFields((t) => ({
  mayTestDeliveries: t.boolean({
    nullable: false,
    description: "False with a production instance of Clerk: a test event changes the mirror.",
    authScopes: { admin: true },
    resolve: () => mayTestDeliveries(),
  }),
  deliveryVerification: t.field({
    type: DeliveryVerification,
    nullable: false,
    description: "Whether a secret of this app signed a pasted delivery. Sends and stores nothing.",
    authScopes: { admin: true },
    args: {
      headers: t.arg.string({
        required: true,
        description: "svix-id, svix-timestamp and svix-signature, a line each.",
      }),
      body: t.arg.string({ required: true, description: "Byte for byte." }),
    },
    resolve: (_root, given) => explainDelivery(given),
  }),
}));

builder.mutationField("sendTestDelivery", (t) =>
  t.field({
    type: TestDelivery,
    nullable: false,
    description:
      "Signs an event like Clerk and sends it to this app's webhook endpoint. Only with a development instance. Writes an audit entry.",
    authScopes: { administer: true },
    args: {
      type: t.arg.string({ required: true, description: "Such as user.updated." }),
      data: t.arg.string({ required: true, description: "The text of Clerk's object." }),
    },
    resolve: (_root, { type, data }, context) =>
      sendTestDelivery({ type, data, actorId: requireSelf(context).user.id }),
  }),
);
