/** The schema, whole: every noun registers itself with the builder. */
import { builder } from "./builder";
import "./membership";
import "./organization";
import "./user";
import "./viewer";

export const schema = builder.toSchema();
