import { QueryClientProvider } from "@tanstack/react-query";
import { LanguageProvider } from "../i18n/LanguageProvider";
import { ErrorBoundary } from "./ErrorBoundary";
import { queries } from "./queries";
import { Routes } from "./Routes";
import { Loading } from "../ui/states";
import { Suspense } from "react";

export function App() {
  return (
    <LanguageProvider>
      <QueryClientProvider client={queries}>
        <ErrorBoundary name="page">
          <Suspense fallback={<Loading />}>
            <Routes />
          </Suspense>
        </ErrorBoundary>
      </QueryClientProvider>
    </LanguageProvider>
  );
}
