/** The whole schema: each file of `types/` registers its types and fields with the builder. */
import { specifiedDirectives } from "graphql";
import { builder } from "./builder";
import { freshDirective } from "./fresh";
import { requireAuthScopes } from "./limits/default-deny";
import "./types/about";
import "./types/account";
import "./types/app-invitation";
import "./types/archive";
import "./types/audit";
import "./types/act";
import "./types/bulk-act";
import "./types/console-view";
import "./types/country"; // part of the sample product
import "./types/delivery";
import "./types/delivery-detail";
import "./types/effect";
import "./types/erasure";
import "./types/erasure-list";
import "./types/figures";
import "./types/freshness";
import "./types/feed"; // part of the sample product
import "./types/invitation";
import "./types/membership";
import "./types/organization";
import "./types/organization-admin";
import "./types/profile"; // part of the sample product
import "./types/provisioning";
import "./types/subscriptions";
import "./types/sync-run";
import "./types/sync-state";
import "./types/past-object";
import "./types/test-delivery";
import "./types/timeline";
import "./types/user";
import "./types/viewer";
import "./types/wishlist"; // part of the sample product

export const schema = requireAuthScopes(
  builder.toSchema({ directives: [...specifiedDirectives, freshDirective] }),
);
