import { paths } from "@/lib/paths";
import { type SubPage, SubPages } from "./sub-pages";

const kinds: SubPage[] = [
  { name: "log", label: "Log", href: paths.deliveries },
  { name: "test", label: "Test", href: paths.deliveryTest },
];

/** The list of deliveries, and the page that tests the endpoint. */
export function DeliveryKinds({ current }: { current: "log" | "test" }) {
  return <SubPages label="Parts of the deliveries" pages={kinds} current={current} />;
}
