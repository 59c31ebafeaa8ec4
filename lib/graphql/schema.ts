/** The schema, whole: every noun registers itself with the builder. */
import { builder } from "./builder";
import { requireAuthScopes } from "./limits/default-deny";
import "./types/delivery";
import "./types/membership";
import "./types/organization";
import "./types/provisioning";
import "./types/subscriptions";
import "./types/sync-state";
import "./types/user";
import "./types/viewer";

export const schema = requireAuthScopes(builder.toSchema());
