/** Which page an address shows, and whether somebody has to log in first. */

import { type ReactNode, useEffect } from "react";
import { SIGNED_OUT } from "./api";
import { MeProvider } from "./me";
import { AboutPage } from "./pages/AboutPage";
import { ActionsPage } from "./pages/ActionsPage";
import { KeptPage } from "./pages/kept/KeptPage";
import { LoginPage } from "./pages/LoginPage";
import { NotFoundPage } from "./pages/NotFoundPage";
import { OverviewPage } from "./pages/overview/OverviewPage";
import { PluginsPage } from "./pages/PluginsPage";
import { PlanPage } from "./pages/plan/PlanPage";
import { RunPage } from "./pages/runs/RunPage";
import { RunsPage } from "./pages/runs/RunsPage";
import SettingsPage from "./pages/settings/SettingsPage";
import TablePage from "./pages/table/TablePage";
import TenantsPage from "./pages/tenants/TenantsPage";
import { useResource } from "./resource";
import { match, type Params } from "./route";
import { usePlace } from "./router";
import { Shell } from "./shell/Shell";
import type { Me } from "./types";

type Route = readonly [pattern: string, draw: (params: Params) => ReactNode];

const ROUTES: readonly Route[] = [
  ["/", () => <OverviewPage />],
  ["/tables/:id", ({ id = "" }) => <TablePage key={id} id={id} />],
  ["/tables/:id/plan", ({ id = "" }) => <PlanPage key={id} id={id} />],
  ["/tables/:id/tenants", ({ id = "" }) => <TenantsPage key={id} id={id} />],
  ["/tables/:id/settings", ({ id = "" }) => <SettingsPage key={id} id={id} />],
  ["/runs", () => <RunsPage />],
  ["/runs/:run", ({ run = "" }) => <RunPage key={run} run={run} />],
  ["/bin", () => <KeptPage />],
  ["/actions", () => <ActionsPage />],
  ["/plugins", () => <PluginsPage />],
  ["/about", () => <AboutPage />],
  ["/login", () => <LoginPage />],
];

function page(path: string): ReactNode {
  for (const [pattern, draw] of ROUTES) {
    const params = match(pattern, path);
    if (params !== null) return draw(params);
  }
  return <NotFoundPage />;
}

export function App() {
  const { path } = usePlace();
  const me = useResource<Me>("me", {}, { live: false });
  const { refresh } = me;
  const out = me.problem?.status === 401;
  const inside = me.data !== null && !out;
  useEffect(() => {
    // Only while somebody is logged in: the reading of `me` itself is refused otherwise, and
    // would be repeated for ever.
    if (!inside) return undefined;
    window.addEventListener(SIGNED_OUT, refresh);
    return () => window.removeEventListener(SIGNED_OUT, refresh);
  }, [inside, refresh]);
  const known = out ? null : me.data;
  return (
    <MeProvider value={known}>
      <Shell me={known}>
        {out && path !== "/login" ? <LoginPage onDone={refresh} /> : page(path)}
      </Shell>
    </MeProvider>
  );
}
