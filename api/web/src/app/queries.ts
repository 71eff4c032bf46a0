import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/problem";

/** What was read from the api. Live events say when it is out of date, so nothing is polled. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      networkMode: "always",
      retry: (failures, error) => failures < 4 && error instanceof ApiError && error.isTransient,
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 8_000),
    },
  },
});
