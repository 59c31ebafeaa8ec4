ALTER TABLE "deliveries" VALIDATE CONSTRAINT "deliveries_before_bound";
