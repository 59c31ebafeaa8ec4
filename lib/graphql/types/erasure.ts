/** Erasures: the receipt that a person reads with the token of their own erasure. */
import { type FoundReceipt, findReceipt } from "../../erasure/receipt";
import { builder } from "../builder";

const ErasureReceipt = builder.objectRef<FoundReceipt>("ErasureReceipt").implement({
  description: "The receipt of an erasure. It has no personal data.",
  authScopes: { anyone: true },
  fields: (t) => ({
    isFinished: t.exposeBoolean("isFinished", {
      nullable: false,
      description: "False until everything is erased.",
    }),
    line: t.exposeString("line", {
      description: "The receipt and its hash as JSON, for verification. Null until it is finished.",
    }),
  }),
});

builder.queryFields((t) => ({
  erasureReceipt: t.field({
    type: ErasureReceipt,
    description: "The receipt for the token that deleteAccount returned. Null if it is unknown.",
    authScopes: { anyone: true },
    args: { token: t.arg.id({ required: true }) },
    resolve: (_root, { token }) => findReceipt(token),
  }),
}));
