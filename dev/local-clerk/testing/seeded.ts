// The users and organizations of the built-in seed that tests use. Their ids are the same in every local Clerk.

import { derivedId } from "../ids";

const user = (email: string) => ({ email, id: derivedId("user", email) });
const organization = (slug: string) => ({ slug, id: derivedId("org", slug) });

/** Platform admin, in no organization. */
export const ines = user("ines.duarte@example.com");
/** Admin of Northwind Press. */
export const amara = user("amara.okafor@example.com");
/** Member of Northwind Press. */
export const tomasz = user("tomasz.zielinski@example.com");
/** Member of both organizations. */
export const meiLin = user("mei-lin.chen@example.com");
/** Admin of Harbour Cycling Club. */
export const yusuf = user("yusuf.demir@example.com");
/** Member of Harbour Cycling Club. */
export const freya = user("freya.lindqvist@example.com");
/** In no organization. */
export const kofi = user("kofi.mensah@example.com");

export const northwind = organization("northwind-press");
export const harbour = organization("harbour-cycling-club");

/** The number of events that the seed emits: seven users, two organizations, six memberships. */
export const seededEvents = 15;
