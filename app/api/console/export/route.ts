import { answerExport } from "@/lib/export/http";
import { routeMethods } from "@/lib/route-methods";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerExport,
  POST: answerExport,
});
