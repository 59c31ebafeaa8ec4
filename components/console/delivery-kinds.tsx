import { Tabs } from "@/components/ui/tabs";
import { paths } from "@/lib/paths";

const kinds = [
  { name: "log", label: "Log", href: paths.deliveries },
  { name: "test", label: "Test", href: paths.deliveryTest },
];

/** The list of deliveries, and the page that tests the endpoint. */
export function DeliveryKinds({ current }: { current: "log" | "test" }) {
  return <Tabs label="Parts of the deliveries" tabs={kinds} current={current} />;
}
