import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { CrumbName } from "./breadcrumbs";

/** A 404 page inside the console: what was not found, the possible reason, and a link to continue. */
export function NotFoundState(props: { title: string; action: ReactNode; children: ReactNode }) {
  const { title, action, children } = props;
  return (
    <div className="flex flex-col gap-4">
      <CrumbName name="Not found" />
      <h1 className="text-lg">{title}</h1>
      <EmptyState action={action}>{children}</EmptyState>
    </div>
  );
}
