"use client";
/** The picture of an avatar. Removed if it does not load, so that the initials below it show instead of the browser's broken picture. */
import { useState } from "react";

export function AvatarPicture({ url }: { url: string }) {
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  if (failedUrl === url) return null;
  return (
    // biome-ignore lint/performance/noImgElement: small, and on any host that Clerk names
    <img
      // The picture may have failed before this component was hydrated.
      ref={(image) => {
        if (image?.complete && image.naturalWidth === 0) setFailedUrl(url);
      }}
      src={url}
      alt=""
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      className="absolute inset-0 size-full object-cover"
      onError={() => setFailedUrl(url)}
    />
  );
}
