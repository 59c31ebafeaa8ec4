import { notFound } from "next/navigation";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

/** Handles every unknown URL below /admin, so that the console shows its own 404 page. */
export default async function UnknownPage(): Promise<never> {
  await requireAdmin(paths.console);
  notFound();
}
