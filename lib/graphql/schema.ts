/** The schema, whole: every noun registers itself with the builder. */
import { builder } from "./builder";
import { refuseUnruled } from "./rules";
import "./delivery";
import "./membership";
import "./organization";
import "./provisioning";
import "./subscriptions";
import "./sync-state";
import "./user";
import "./viewer";

export const schema = refuseUnruled(builder.toSchema());
