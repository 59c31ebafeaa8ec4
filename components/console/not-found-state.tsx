import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { CrumbName } from "./breadcrumbs";

/** A 404 inside the console: what is missing, why that may be, and a way on. */
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
