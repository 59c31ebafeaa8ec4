import { routeMethods } from "@/lib/route-methods";
import { receiveDelivery } from "@/lib/sync/inbox/receive";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  POST: receiveDelivery,
});
