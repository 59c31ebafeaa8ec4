import type { ReactNode } from "react";
import { Avatar } from "@/components/ui/avatar";
import { CrumbName } from "./breadcrumbs";

/** The top of a detail page: picture, name and state badges. */
export function DetailHeading(props: {
  name: string;
  imageUrl: string | null;
  shape: "person" | "organization";
  children?: ReactNode;
}) {
  const { name, imageUrl, shape, children } = props;
  return (
    <div className="flex items-center gap-3">
      <CrumbName name={name} />
      <Avatar name={name} imageUrl={imageUrl} shape={shape} size="medium" />
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="text-lg wrap-anywhere">
          <bdi>{name}</bdi>
        </h1>
        {children}
      </div>
    </div>
  );
}
