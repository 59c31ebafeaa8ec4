/** The strings by which the proof recognizes a person: as they are, and hashed. */
import { createHash } from "node:crypto";
import { skeletonOf } from "../../../lib/social/handle";
import type { Canary } from "../../testing/canary-person";

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"];

const hashesOf = (text: string) =>
  ALGORITHMS.flatMap((algorithm) => {
    const digest = createHash(algorithm).update(text).digest();
    return [digest.toString("hex"), digest.toString("base64")];
  });

/** Hashes of the canary's ids, addresses, names, number and image. The ids themselves remain as pseudonyms. */
export function hashedNeedles({ id, addresses, attributes }: Canary): string[] {
  return [id, ...addresses, ...attributes].flatMap(hashesOf);
}

/** Hashes of the reserved handles, which remain for 90 days. */
export const handleNeedles = ({ attributes }: Canary): string[] =>
  attributes
    .filter((each) => /^(finch|warbler)_/.test(each))
    .flatMap((handle) => hashesOf(skeletonOf(handle)));
