export { HomeSkeleton as default } from "@/components/member/home-skeleton";
